"""Cables as NetBox has them: a splitter is one cable of a profile, and the cage it is plugged into an interface."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from itertools import groupby, takewhile
from typing import NamedTuple

import numpy as np

from topo.catalog.ports import host_ports
from topo.exporters.netbox import interface_type
from topo.exporters.plan import Plan

BREAKOUT = {2: "breakout-1c2p-2c1p", 4: "breakout-1c4p-4c1p", 6: "breakout-1c6p-6c1p", 8: "breakout-1c8p-8c1p"}
"""By ports of the one connector at side A."""
STRAIGHT = {1: "single-1c1p", 2: "single-1c2p", 4: "single-1c4p", 8: "single-1c8p"}
"""By ports of the one connector at each side."""
VIRTUAL = "virtual"
End = tuple[int, str]
"""A device's row and the name of its interface."""


class Ends(NamedTuple):
    """One cable of NetBox: its rows (several fibres of one link are one cable there), profile, and the ends of both
    sides, A first."""

    cables: list[int]
    profile: str
    a: list[End]
    b: list[End]


@dataclass(frozen=True)
class Cables:
    """How the cables end. `parent`: by port row the interface that is its cage; `cages`: what those are, as (device,
    name, type)."""

    ends: list[Ends]
    parent: dict[int, str]
    cages: list[tuple[int, str, str]]


def cables_of(plan: Plan) -> Cables:
    """A cable of one link is straight; one of several is a breakout where one side is one cage and the other is not,
    straight where both are one cage, and otherwise, or where no profile is as wide, single links without a profile."""
    fabric, pairs = plan.fabric, plan.cabling.cable_links
    ports, active = fabric.ports, fabric.links.active
    device, cage = ports.device.tolist(), ports.cage.tolist()
    port_name = fabric.port_names[ports.name].tolist()
    a, b = fabric.links.a.tolist(), fabric.links.b.tolist()
    result: list[Ends] = []
    first: dict[int, Ends] = {}
    parent: dict[int, str] = {}
    cages: list[tuple[int, str, str]] = []
    names = _CageNames(plan)
    both = zip(pairs.cable.tolist(), pairs.link.tolist(), strict=True)
    for cable, group in groupby(both, key=lambda pair: pair[0]):
        links = [link for _, link in group if active[link]]
        if links and links[0] in first:
            first[links[0]].cables.append(cable)
            continue
        sides = [a[k] for k in links], [b[k] for k in links]
        if links and len({(device[p], cage[p]) for p in sides[0]}) == 1:
            links.sort(key=a.__getitem__)
        else:
            links.sort(key=b.__getitem__)
        sides = [a[k] for k in links], [b[k] for k in links]
        plugs = [{(device[p], cage[p]) for p in side} for side in sides]
        at_cage = [len(plug) == 1 for plug in plugs]
        profile = _profile(len(links), at_cage) if links else ""
        if len(links) < 2 or not profile:
            for link in links:
                near, far = ([(device[p], port_name[p])] for p in (a[link], b[link]))
                first[link] = Ends([cable], STRAIGHT[1] if len(links) == 1 else "", near, far)
                result.append(first[link])
            continue
        ends: list[list[End]] = []
        for side, whole in zip(sides, at_cage, strict=True):
            if not whole:
                ends.append([(device[p], port_name[p]) for p in side])
                continue
            name, kind = names.take(side)
            cages.append((device[side[0]], name, kind))
            parent |= dict.fromkeys(side, name)
            ends.append([(device[side[0]], name)])
        if profile in BREAKOUT.values() and not at_cage[0]:
            ends.reverse()
        one = Ends([cable], profile, *ends)
        first |= dict.fromkeys(links, one)
        result.append(one)
    return Cables(result, parent, cages)


def _profile(links: int, at_cage: list[bool]) -> str:
    """The narrowest profile that has room; empty where there is none."""
    if not any(at_cage):
        return ""
    known = STRAIGHT if all(at_cage) else BREAKOUT
    return next((known[n] for n in sorted(known) if n >= links), "")


class _CageNames:
    """Names for cages as interfaces, once each: what all ports of the plug begin with, or the cage's number."""

    def __init__(self, plan: Plan) -> None:
        self.plan, fabric = plan, plan.fabric
        self.used: defaultdict[int, Counter[str]] = defaultdict(Counter)
        for device, name in zip(
            fabric.ports.device.tolist(), fabric.port_names[fabric.ports.name].tolist(), strict=True
        ):
            self.used[device][name] += 1

    def take(self, ports: list[int]) -> tuple[str, str]:
        """The name and the type of the interface that these ports of one cage are split from."""
        fabric = self.plan.fabric
        device, cage = int(fabric.ports.device[ports[0]]), int(fabric.ports.cage[ports[0]])
        part = fabric.parts[int(fabric.devices.part[device])]
        kind = interface_type(form_of(self.plan, device, cage), float(fabric.ports.gbps[ports].sum()))
        whole = ""
        if not fabric.is_host[device] and self.plan.catalog.path("switch", part):
            groups = self.plan.catalog.switch(part).groups
            patterns = [g.port_name_whole for g in groups if g.first <= cage < g.first + g.cages]
            if patterns and not any(field in patterns[0] for field in ("{number", "{lane0", "{sub")):
                whole = patterns[0].format(cage=cage, cage0=cage - 1)
        used, name = self.used[device], whole or _beginning([str(n) for n in fabric.port_name(np.array(ports))])
        first = name = name if name and not used[name] else f"cage {cage}"
        n = 1
        while used[name]:
            n += 1
            name = f"{first} plug {n}"
        used[name] += 1
        return name, kind


def _beginning(names: list[str]) -> str:
    """What all names begin with, without what sets a part off."""
    alike = takewhile(lambda letters: len(set(letters)) == 1, zip(*names, strict=False))
    return "".join(letters[0] for letters in alike).rstrip("/:._-")


def form_of(plan: Plan, device: int, cage: int) -> str:
    """The form of a device's cage; empty where no part tells it."""
    part = plan.fabric.parts[int(plan.fabric.devices.part[device])]
    if plan.catalog.path("host", part):
        ports = host_ports(plan.catalog.host(part), plan.catalog.nic)
        return next((p.part.cage for p in ports if p.cage == cage), "")
    return plan.catalog.switch(part).form_of(cage) if plan.catalog.path("switch", part) else ""
