"""A lock on a folder, gone with the process that holds it however that ends."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from topo.errors import InputError, Problem

WAIT_S = 60.0
"""Writing takes seconds; who holds a lock for longer hangs."""
POLL_S = 0.02
"""A person does not notice it, and a processor neither."""


@contextmanager
def locked(folder: Path, wait_s: float = WAIT_S) -> Iterator[None]:
    """Holds a folder alone among runs of topo; nothing is written into it for that. Waits for another run that holds
    it, and raises InputError where that takes longer than `wait_s`. A file system that knows no locks is not locked."""
    handle = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        until = time.monotonic() + wait_s
        while not _held(handle):
            if time.monotonic() > until:
                hint = "end it, or name another folder"
                message = f"another run of topo has been writing here for {wait_s:.0f} seconds"
                raise InputError(Problem(message, "output", str(folder), hint=hint))
            time.sleep(POLL_S)
        yield
    finally:
        os.close(handle)


def _held(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True
    return True
