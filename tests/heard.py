"""SIGINT in the programs that tests start."""

from __future__ import annotations

import signal


def interrupts() -> None:
    """The `preexec_fn` of a program that a test interrupts: it hears SIGINT, also where the tests run in a background
    job or under nohup, which ignore it, as would every program that they start."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
