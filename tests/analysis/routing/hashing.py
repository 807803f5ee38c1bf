"""The documented hash of ECMP in plain Python."""

from __future__ import annotations

G = 0x9E3779B97F4A7C15
MASK = (1 << 64) - 1


def mix(x: int) -> int:
    """The finaliser of SplitMix64."""
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9 & MASK
    x = (x ^ (x >> 27)) * 0x94D049BB133111EB & MASK
    return x ^ (x >> 31)


def word(seed: int, n: int, kind: int) -> int:
    """The 32-bit word of the n-th of a kind: 1 sources, 2 destinations, 3 switches."""
    return mix((mix((seed * G + kind) & MASK) + (n + 1) * G) & MASK) >> 32


def top(x: int) -> int:
    """20 bits of a mixed 32-bit word."""
    x = (x ^ (x >> 16)) * 0x85EBCA6B % 2**32
    x = (x ^ (x >> 13)) * 0xC2B2AE35 % 2**32
    return x // 2**12
