"""What the program does with memory: pages that it takes, and those that it no longer needs."""

from __future__ import annotations

import atexit
import gc
import os
import sys

TRIM_THRESHOLD, TOP_PAD, MMAP_MAX, ARENA_MAX = -1, -2, -4, -8
"""Parameters of `mallopt(3)` of the GNU C library."""
NEVER = -1
"""Of a threshold: memory is never given back."""
PAD_BYTES = 1 << 26
"""64 MiB at a time: arrays of this size come and go with every question."""
HUGE_PAGES = "NUMPY_MADVISE_HUGEPAGE"
"""What NumPy reads when it is imported."""

OBJECTS = 100_000
"""That come before circles among them are sought: starting makes about that many and drops none."""


def take_small_pages() -> None:
    """Has NumPy ask for no huge pages, here and in processes that this one starts, unless the user says otherwise.

    The system moves other memory out of the way to make room for a huge page, while the program waits: of a check of a
    million links that took 3 to 4.5 s of system time, 1.2 to 1.9 s without, for up to 0.8 s more in the program itself.
    """
    os.environ.setdefault(HUGE_PAGES, "0")


def collect_rarely() -> None:
    """Has Python look for circles of objects that nobody needs after 100,000 new ones instead of 700. Starting makes
    nothing but objects that stay; to look through them again and again took 0.04 of the 0.6 s of a small command."""
    gc.set_threshold(OBJECTS, *gc.get_threshold()[1:])


def collect_nothing_at_the_end() -> None:
    """Has Python not look for circles once more while the program ends, when all memory is given back anyway: after a
    search of 120,000 candidates was verified that took 0.3 s of 2.8."""
    atexit.register(gc.freeze)


def keep_freed_memory() -> None:
    """Keeps freed arrays for the next ones, where the C library is GNU's; elsewhere nothing changes.

    By default each large array is mapped afresh and unmapped again, and the system clears its pages every time: a check
    of a million links then takes 319,000 page faults instead of 188,000. For the program only, which ends soon: the
    memory of a library's caller is not ours to keep.
    """
    if sys.platform != "linux":
        return
    import ctypes

    library = ctypes.CDLL(None)
    if not hasattr(library, "gnu_get_libc_version"):
        return
    for key, value in ((ARENA_MAX, 1), (MMAP_MAX, 0), (TRIM_THRESHOLD, NEVER), (TOP_PAD, PAD_BYTES)):
        library.mallopt(key, value)
