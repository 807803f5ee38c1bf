"""The registry of routings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from topo.registry import Registry

if TYPE_CHECKING:
    from topo.analysis.routing.value import Routing

routings: Registry[Routing[Any]] = Registry("routing", "topo.analysis.routing.rules")
