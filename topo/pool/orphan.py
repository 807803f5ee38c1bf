"""A process that ends with the one that started it, however that ended."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import threading
from multiprocessing.connection import wait

try:
    import fcntl
except ImportError:  # not on this system: the thread alone watches
    fcntl = None  # type: ignore[assignment]


def end_with_parent() -> None:
    """For the start of a process of `multiprocessing`: from now on it ends when its parent does, even by SIGKILL.

    The pipe whose other end the parent holds becomes readable then. Where the system can, it sends a signal, which also
    ends a process that is deep in a library; elsewhere a thread sees it as soon as the interpreter lets it run.
    """
    parent = multiprocessing.parent_process()
    if parent is None:
        return
    sentinel = parent.sentinel
    if fcntl is not None and hasattr(os, "O_ASYNC"):
        with contextlib.suppress(OSError):
            signal.signal(signal.SIGIO, signal.SIG_DFL)  # it ends the process
            fcntl.fcntl(sentinel, fcntl.F_SETOWN, os.getpid())
            fcntl.fcntl(sentinel, fcntl.F_SETFL, fcntl.fcntl(sentinel, fcntl.F_GETFL) | os.O_ASYNC)
    threading.Thread(target=_watch, args=(sentinel,), daemon=True, name="parent").start()


def _watch(sentinel: int) -> None:
    wait([sentinel])
    os._exit(1)
