"""The two registries of this layer."""

from __future__ import annotations

from typing import Any

from topo.checks.model import RequirementKind, WiringCheck
from topo.registry import Registry

wiring_checks: Registry[WiringCheck] = Registry("check", "topo.checks.wiring")
requirement_kinds: Registry[RequirementKind[Any]] = Registry("requirement", "topo.checks.requirements")
