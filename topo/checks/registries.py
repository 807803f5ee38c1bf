"""The two registries of this layer."""

from __future__ import annotations

from typing import Any

from topo.checks.model import RequirementKind, WiringCheck
from topo.registry import Registry


class _Keys(Registry[RequirementKind[Any]]):
    """Kinds of requirement are keys of a design file: they keep the underscores of their modules' names."""

    def names(self) -> tuple[str, ...]:
        """Every kind, sorted, without importing the modules behind them."""
        return tuple(sorted({name.replace("-", "_") for name in super().names()}))


wiring_checks: Registry[WiringCheck] = Registry("check", "topo.checks.wiring")
requirement_kinds: Registry[RequirementKind[Any]] = _Keys("requirement", "topo.checks.requirements")
