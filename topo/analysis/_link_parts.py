"""The cables and modules that some links of a fabric need."""

from __future__ import annotations

import numpy as np

from topo.fabric.model import BoolArray
from topo.placement import Cabling


def link_parts(links: BoolArray, cabling: Cabling) -> dict[str, int]:
    """Cables, modules and patch panels by part id for the links of a mask (shape (links,)); under the empty id the
    links that no part joins. A cable, module or panel that these links share with others counts whole."""
    pairs = cabling.cable_links
    cables = np.unique(pairs.cable[links[pairs.link]])
    modules = np.concatenate([cabling.module_at_a[links], cabling.module_at_b[links]])
    modules = np.unique(modules[modules >= 0])
    part = cabling.cables.part[cables]
    unfit = int(cabling.cables.links[cables[part < 0]].sum())
    rows = np.concatenate([part[part >= 0], cabling.modules.part[modules]]).astype(np.int64)
    patching = cabling.patching
    panels = 0
    if patching is not None:
        mine = np.isin(patching.cable, cables)
        rows = np.concatenate([rows, patching.trunk[mine], cabling.cables.part[patching.cable[mine]]])
        panels = len(np.unique(patching.panel[mine]))
    counts = np.bincount(rows, minlength=len(cabling.parts)).tolist()
    found = {name: n for name, n in zip(cabling.parts, counts, strict=True) if n}
    if patching is not None and panels:
        found[patching.part.id] = panels
    return {**found, "": unfit} if unfit else found
