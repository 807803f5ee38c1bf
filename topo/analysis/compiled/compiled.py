"""The decorator of compiled functions. Import this module only inside functions: numba takes long to load."""

from __future__ import annotations

import contextlib
import os
import pickle
from collections.abc import Callable
from typing import Any, TypeVar, cast

from topo.isolated import import_numba

import_numba()
from numba import njit  # noqa: E402

from topo.analysis.compiled.uncached import can_keep, warn_uncached  # noqa: E402

F = TypeVar("F", bound=Callable[..., object])

_DAMAGED = (OSError, EOFError, pickle.PickleError, ValueError, TypeError, LookupError, AttributeError, ImportError)
"""What reading a cut-off or overwritten cache file raises."""


def compiled(function: F) -> F:
    """The function compiled to machine code on first use, kept on disk for the next process; it releases the GIL."""
    return _kept(function)


def compiled_fast(function: F) -> F:
    """As `compiled`; sums may be taken in any order, so that several stand in one instruction."""
    return _kept(function, fastmath={"reassoc", "contract", "nsz"})


def _kept(function: F, **options: Any) -> F:
    """Compiled and kept on disk where there is a place for it; where there is none that is said, once."""
    if not can_keep(os.path.dirname(function.__code__.co_filename)):
        return _uncached(function, **options)
    try:
        result: Any = njit(cache=True, nogil=True, **options)(function)
    except RuntimeError:
        return _uncached(function, **options)
    if hasattr(result, "_cache"):  # not where NUMBA_DISABLE_JIT leaves the function as it is
        result._cache = _Cache(result._cache)
    return cast(F, result)


def _uncached(function: F, **options: Any) -> F:
    warn_uncached()
    return cast(F, njit(nogil=True, **options)(function))


class _Cache:
    """numba's cache of one function; what is damaged or cannot be written counts as not there."""

    def __init__(self, inner: Any) -> None:
        self.inner = inner

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    def load_overload(self, *args: Any) -> Any:
        """What is kept, or None."""
        try:
            return self.inner.load_overload(*args)
        except _DAMAGED:
            return None

    def save_overload(self, *args: Any) -> None:
        """Keeps it; an index that cannot be read is begun anew."""
        try:
            self.inner.save_overload(*args)
        except _DAMAGED:
            with contextlib.suppress(*_DAMAGED):
                self.inner.flush()
                self.inner.save_overload(*args)
