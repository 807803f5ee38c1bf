"""The program keeps freed memory, and does its work where the C library is another."""

from __future__ import annotations

import ctypes
import sys

import pytest

from topo.cli import memory


class Library:
    """A C library that records what it is told."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self.told: list[tuple[int, int]] = []
        for name in names:
            setattr(self, name, lambda *pair: self.told.append(pair))


@pytest.mark.parametrize(
    ("platform", "names", "told"),
    [
        ("linux", ("mallopt", "gnu_get_libc_version"), 4),
        ("linux", (), 0),
        ("darwin", ("mallopt", "gnu_get_libc_version"), 0),
    ],
)
def test_freed_memory_is_kept_by_the_gnu_library_alone(
    monkeypatch: pytest.MonkeyPatch, platform: str, names: tuple[str, ...], told: int
) -> None:
    library = Library(names)
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setattr(ctypes, "CDLL", lambda name: library)
    memory.keep_freed_memory()
    assert len(library.told) == told
