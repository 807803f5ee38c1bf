"""The registry of renderers."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from topo.registry import Registry
from topo.report.model import Report

Renderer = Callable[[Sequence[Report]], str]

renderers: Registry[Renderer] = Registry("format", "topo.report.formats")
