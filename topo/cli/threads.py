"""What the threads do that the libraries start which the program loads."""

from __future__ import annotations

import os

BLAS_WAIT = "OPENBLAS_THREAD_TIMEOUT"
"""What NumPy's and SciPy's libraries of dense matrices read when loaded: their threads spin through two to this
power of cycles for work before they sleep; 26 is their default."""
WAIT = "16"
"""About 20 microseconds."""


def sleep_soon() -> None:
    """Has threads that wait for dense matrices to multiply sleep, here and in processes that this one starts, unless
    the user says otherwise: most commands have no such work, and spinning took 0.04 of the 0.6 s of a small one."""
    os.environ.setdefault(BLAS_WAIT, WAIT)
