"""The registry of traffic patterns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from topo.registry import Registry

if TYPE_CHECKING:
    from topo.analysis.traffic.value import Traffic

traffics: Registry[Traffic[Any]] = Registry("traffic", "topo.analysis.traffic.patterns")
