"""Compares the cables of a plan with those that were found, and says what happened to each one that differs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from topo.audit._effect import BisectionEffect, rewired, with_effects
from topo.audit._faults import Differences, Found, explain
from topo.audit._names import NO_PORT, UNKNOWN, PortNames
from topo.checks.model import Finding
from topo.fabric import Fabric
from topo.fabric.model import IntArray
from topo.importers.as_built import AsBuilt
from topo.placement import Places


@dataclass(frozen=True)
class Audit:
    """What an audit found. `counts`: links planned, found right, and findings by code. `fabric` is the plan's fabric
    wired as found (without the cables that are missing or lead to unknown devices), for analyses of what stands there.
    `unseen`: networks of which the file shows no switch; their links are not counted as missing. `bisection`: what all
    faults together cost, for each network that the file shows and that has tiers."""

    findings: tuple[Finding, ...]
    counts: dict[str, int]
    fabric: Fabric
    unseen: tuple[str, ...]
    bisection: tuple[BisectionEffect, ...] = ()


def audit(fabric: Fabric, as_built: AsBuilt, places: Places | None = None) -> Audit:
    """Every difference between a fabric and what was found, swaps explained as swaps."""
    names = PortNames(fabric)
    found = _found(names, as_built)
    expected = _expected(fabric, names, as_built)
    unseen = tuple(n for i, n in enumerate(fabric.networks) if not expected[fabric.links.network == i].any())
    link_of = fabric.link_of_port
    partner = np.full(len(fabric.ports), -1, dtype=np.int64)
    partner[fabric.links.a], partner[fabric.links.b] = fabric.links.b, fabric.links.a
    right: dict[int, Found] = {}
    wrong: list[Found] = []
    for cable in found:
        if cable.a >= 0 and cable.b >= 0 and partner[cable.a] == cable.b:
            right.setdefault(int(link_of[cable.a]), cable)
        elif not _same_device(fabric, partner, cable):
            wrong.append(cable)
        else:
            known = cable.a if cable.a >= 0 else cable.b
            right.setdefault(int(link_of[known]), cable)
    seen = np.zeros(len(fabric.links), dtype=np.bool_)
    seen[list(right)] = True
    missing = np.flatnonzero(expected & ~seen)
    speeds = {} if as_built.simulated else {link: c.seen.gbps for link, c in right.items() if c.seen.gbps}
    faults = explain(Differences(fabric, places, wrong, missing, speeds))
    built = rewired(fabric, np.flatnonzero(~seen).tolist(), wrong)
    shown = [i for i, n in enumerate(fabric.networks) if n not in unseen]
    findings, effects = with_effects(fabric, built, faults, shown)
    counts = {"planned": int(expected.sum()), "right": int((seen & expected).sum())}
    for finding in findings:
        counts[finding.code] = counts.get(finding.code, 0) + 1
    return Audit(tuple(findings), counts, built, unseen, effects)


def _found(names: PortNames, as_built: AsBuilt) -> list[Found]:
    """The cables with their ports, each pair of ports once."""
    known: set[tuple[int, int]] = set()
    found = []
    for cable in as_built.cables:
        device_a, device_b, a, b = names.ends(cable)
        if a >= 0 and b >= 0:
            pair = (a, b) if a < b else (b, a)
            if pair in known:
                continue
            known.add(pair)
        found.append(Found(cable, device_a, device_b, a, b))
    return found


def _expected(fabric: Fabric, names: PortNames, as_built: AsBuilt) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Active links of the networks of which the file shows a switch."""
    shown = np.zeros(len(fabric.devices), dtype=np.bool_)
    rows = [names.device(d) for d in as_built.devices]
    shown[[r for r in rows if r >= 0]] = True
    networks = np.unique(fabric.devices.network[shown & ~fabric.is_host])
    return np.asarray(np.isin(fabric.links.network, networks) & fabric.links.active)


def _same_device(fabric: Fabric, partner: IntArray, cable: Found) -> bool:
    """A cable of which one port is not named, between a known port and the device that its plan names."""
    for port, other, other_device, name in (
        (cable.a, cable.b, cable.device_b, cable.seen.b_port),
        (cable.b, cable.a, cable.device_a, cable.seen.a_port),
    ):
        if port >= 0 and other == NO_PORT and not name and partner[port] >= 0:
            return bool(fabric.ports.device[partner[port]] == other_device)
    return False


__all__ = ["UNKNOWN", "Audit", "audit"]
