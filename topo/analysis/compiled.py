"""The decorator of compiled functions. Import this module only inside functions: numba takes long to load."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, cast

from numba import njit

F = TypeVar("F", bound=Callable[..., object])


def compiled(function: F) -> F:
    """The function compiled to machine code on first use, kept on disk for the next process; it releases the GIL."""
    return cast(F, njit(cache=True, nogil=True)(function))
