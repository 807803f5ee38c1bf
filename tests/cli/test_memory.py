"""The program keeps freed memory, and does its work where the C library is another."""

from __future__ import annotations

import ctypes
import gc
import os
import subprocess
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


@pytest.mark.parametrize(("given", "found"), [(None, "0"), ("1", "1")])
def test_numpy_asks_for_huge_pages_only_where_the_user_says_so(
    monkeypatch: pytest.MonkeyPatch, given: str | None, found: str
) -> None:
    monkeypatch.setenv(memory.HUGE_PAGES, given or "")
    if given is None:
        monkeypatch.delenv(memory.HUGE_PAGES)
    memory.take_small_pages()
    assert os.environ[memory.HUGE_PAGES] == found


def test_the_program_imports_numpy_after_it_has_said_so() -> None:
    read = "import sys; import topo.cli.app; print('numpy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", read], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_circles_of_objects_are_sought_rarely_but_sought() -> None:
    before = gc.get_threshold()
    try:
        memory.collect_rarely()
        assert gc.isenabled()
        assert gc.get_threshold() == (memory.OBJECTS, *before[1:])
    finally:
        gc.set_threshold(*before)


def test_nothing_is_sought_at_the_end() -> None:
    read = (
        "import atexit, gc; atexit.register(lambda: print(gc.get_freeze_count() > 0))\n"
        "from topo.cli import memory; memory.collect_nothing_at_the_end()"
    )
    done = subprocess.run([sys.executable, "-c", read], capture_output=True, text=True, check=True)
    assert done.stdout == "True\n"
