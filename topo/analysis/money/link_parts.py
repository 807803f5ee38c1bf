"""The cables and modules that some links of a fabric need."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from topo.fabric.model import BoolArray, IntArray

if TYPE_CHECKING:
    from topo.placement import Cabling


def link_parts(links: BoolArray, cabling: Cabling, counted: BoolArray | None = None) -> dict[str, int]:
    """Cables, modules and patch panels by part id for the links of a mask (shape (links,)); under the empty id the
    links that no part joins. A cable, module or panel that these links share with others counts whole, but for one that
    they share with links of `counted`."""
    cables, modules, panels, trunks = _pieces(links, cabling)
    if counted is not None:
        before = _pieces(counted, cabling)
        cables, modules, panels, trunks = (
            np.setdiff1d(own, theirs) for own, theirs in zip((cables, modules, panels, trunks), before, strict=True)
        )
    part = cabling.cables.part[cables]
    unfit = int(cabling.cables.links[cables[part < 0]].sum())
    rows = np.concatenate([part[part >= 0], cabling.modules.part[modules]]).astype(np.int64)
    patching = cabling.patching
    if patching is not None:
        own = np.isin(patching.cable, cables)
        trunk = patching.trunk[patching.first & np.isin(patching.trunk_number, trunks)]
        rows = np.concatenate([rows, trunk, cabling.cables.part[patching.cable[own]]])
    counts = np.bincount(rows, minlength=len(cabling.parts)).tolist()
    result = {name: n for name, n in zip(cabling.parts, counts, strict=True) if n}
    if patching is not None and len(panels):
        result[patching.part.id] = len(panels)
    return {**result, "": unfit} if unfit else result


def _pieces(links: BoolArray, cabling: Cabling) -> tuple[IntArray, IntArray, IntArray, IntArray]:
    """Rows of the cables, modules and panels that links use, and the numbers of their trunks."""
    pairs, patching = cabling.cable_links, cabling.patching
    cables = _used(pairs.cable[links[pairs.link]], len(cabling.cables.part))
    modules = np.concatenate([cabling.module_at_a[links], cabling.module_at_b[links]])
    panels = trunks = np.zeros(0, dtype=np.int64)
    if patching is not None:
        own = np.isin(patching.cable, cables)
        panels, trunks = np.unique(patching.panel[own]), np.unique(patching.trunk_number[own])
    return cables, _used(modules[modules >= 0], len(cabling.modules.part)), panels, trunks


def _used(rows: IntArray, size: int) -> IntArray:
    """The rows of a table of a known size, each once, rising."""
    result = np.zeros(size, dtype=np.bool_)
    result[rows] = True
    return np.flatnonzero(result)
