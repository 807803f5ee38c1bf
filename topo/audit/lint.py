"""Checks somebody else's cabling plan without a design: what can be wrong in a table of cables alone."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence

from topo.audit._fit import misfits
from topo.audit._graph import graphs_of, text
from topo.audit._port_words import part_of
from topo.audit._rails import rails
from topo.audit._shape import shape
from topo.audit._speeds import speeds
from topo.audit._spread import spread
from topo.catalog import Catalog
from topo.checks.model import Finding
from topo.importers.as_built import AsBuilt, Seen
from topo.units import amount

_WITH_A_WORD = re.compile(r"[a-z][\w/ -]*\d$")
LISTED = 200
"""At most so many findings of one code."""


def lint_plan(plan: AsBuilt, catalog: Catalog | None = None) -> list[Finding]:
    """Ports and cages used twice; speeds that differ among like cables of one tier pair; cables that skip or stay
    within a tier; uplinks spread unevenly; NICs off their rail; with a catalog, parts that do not fit each other.

    Each network that the plan names is judged by itself. Tiers are counted from the hosts; without host roles in the
    file the devices with fewer cables than all their neighbours are taken for hosts. A network that is no tree is named
    once, in a note. What the reader found worth saying comes last, as notes.
    """
    cables = tuple(c for c in plan.cables if not c.doubt)
    graphs, networks = graphs_of(cables)
    shapes = [shape(graph) for graph in graphs]
    tiers = [f for result in shapes for f in result.findings]
    spreads = [f for graph, result in zip(graphs, shapes, strict=True) for f in spread(graph, result.meshed)]
    slow = [f for graph in graphs for f in speeds(graph)]
    checks = (_ports_twice(cables), _cages_twice(cables), networks, tiers, spreads, rails(graphs), slow)
    fits = misfits(plan.cables, graphs[0].hosts, catalog, text) if catalog else []
    by_code = [[f for f in fits if f.code == code] for code in dict.fromkeys(f.code for f in fits)]
    notes = [Finding(r.code, _SEVERITY.get(r.code, "note"), r.message, r.where) for r in plan.remarks]
    return [finding for result in (*checks, *by_code, notes) for finding in result[:LISTED]]


_SEVERITY = {"name-twice": "warning", "unnamed": "warning", "open-panel": "warning"}


def _ports_twice(cables: Sequence[Seen]) -> list[Finding]:
    at: dict[tuple[str, str], list[Seen]] = defaultdict(list)
    for cable in cables:
        at[cable.a_device, cable.a_id or cable.a_port].append(cable)
        at[cable.b_device, cable.b_id or cable.b_port].append(cable)
    result = []
    for (device, port), used in at.items():
        if port and len(used) > 1:
            name = used[0].a_port if used[0].a_device == device else used[0].b_port
            message = f"{device}:{name} has {amount(len(used), 'cable')}: {'; '.join(text(c) for c in used[:3])}"
            result.append(Finding("port-used-twice", "error", message, (f"{device}:{name}",)))
    return result


def _cages_twice(cables: Sequence[Seen]) -> list[Finding]:
    """A cage as a whole and a part of it (`swp1` and `swp1s0`, `Ethernet1/5` and `Ethernet1/5/1`), or one part under
    two names."""
    at: dict[str, dict[tuple[tuple[int, ...], int], dict[str, Seen]]] = defaultdict(lambda: defaultdict(dict))
    named: dict[str, dict[str, tuple[str, Seen]]] = defaultdict(dict)
    for cable in cables:
        for device, port in ((cable.a_device, cable.a_port), (cable.b_device, cable.b_port)):
            named[device].setdefault(port.lower(), (port, cable))
            place = part_of(port) if port else None
            if place is not None:
                at[device][place].setdefault(port, cable)
    result = []
    for device, places in at.items():
        whole = {cage: ports for (cage, part), ports in places.items() if part == 0}
        for (cage, part), ports in places.items():
            if part and cage in whole:
                both = [*whole[cage].items(), *ports.items()]
                names = " and ".join(f"{device}:{port}" for port, _ in both)
                message = f"{names} are the same cage: {'; '.join(text(c) for _, c in both)}"
                result.append(Finding("port-used-twice", "error", message, tuple(f"{device}:{p}" for p, _ in both)))
    for device, by_name in named.items():
        for low, (port, cable) in by_name.items():
            stem = low.rpartition("/")[0]
            if stem in by_name and _WITH_A_WORD.match(stem):
                other, there = by_name[stem]
                message = f"{device}:{other} and {device}:{port} are the same cage: {text(there)}; {text(cable)}"
                result.append(Finding("port-used-twice", "error", message, (f"{device}:{other}", f"{device}:{port}")))
    return result
