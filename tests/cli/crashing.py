"""Checkers that fail in the ways a check can fail; on module level, for a process of their own to find them."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

from topo.report.model import Report, Subject


def raises(path: Path) -> Report:
    """Fails on designs called bad."""
    if path.stem == "bad":
        raise ZeroDivisionError("division by zero")
    return Report(Subject(path.stem, str(path)), "held")


def dies(path: Path) -> Report:
    """Ends its whole process on designs called bad, as a crash in compiled code does."""
    if path.stem == "bad":
        os.kill(os.getpid(), signal.SIGKILL)
    return Report(Subject(path.stem, str(path)), "held")


def sleeps(path: Path) -> Report:
    """Says that it is at work and takes for ever."""
    print("working", flush=True)
    time.sleep(600)
    return Report(Subject(path.stem, str(path)), "held")
