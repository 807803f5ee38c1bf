"""What is read off a fabric once and kept as long as the fabric lives."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Hashable
from typing import Any, TypeVar, cast

from topo.fabric.fabric import Fabric

T = TypeVar("T")
_KEPT: dict[int, dict[Hashable, Any]] = {}


def once(fabric: Fabric, what: Hashable, read: Callable[[], T]) -> T:
    """The value of `read`, called where `what` is asked of this fabric for the first time. Nobody may change it."""
    own = id(fabric)
    if own not in _KEPT:
        _KEPT[own] = {}
        weakref.finalize(fabric, _KEPT.pop, own, None).atexit = False
    selected = _KEPT[own]
    if what not in selected:
        selected[what] = read()
    return cast(T, selected[what])
