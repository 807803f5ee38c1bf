"""Random words of 32 bits by number, seed and kind: those that the documentation of `ecmp` states."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Words = npt.NDArray[np.uint32]


def words(count: int, seed: int, kind: int) -> Words:
    """Shape (count,): word(n, kind)."""
    golden = 0x9E3779B97F4A7C15
    start = _mixed(np.array([(seed * golden + kind) % 2**64], dtype=np.uint64))
    whole = _mixed(start + np.arange(1, count + 1, dtype=np.uint64) * np.uint64(golden))
    return (whole >> np.uint64(32)).astype(np.uint32)


def _mixed(x: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed: npt.NDArray[np.uint64] = x ^ (x >> np.uint64(31))
    return mixed
