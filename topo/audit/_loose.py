"""Planned cables of which the files show a port and no more: somebody without a name is there, or the port is down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from topo.audit._faults import Fault
from topo.audit._names import PortNames
from topo.audit._sort import Sorted
from topo.checks.model import Finding
from topo.fabric import Fabric
from topo.fabric.model import BoolArray, IntArray
from topo.importers.as_built import AsBuilt
from topo.placement import Places
from topo.placement.cables.labels import cable_labels, port_labels
from topo.units import amount, verb

EXAMPLES = 10
"""Ports that a finding names: a line or two, the count stands before them."""


@dataclass
class LooseEnds:
    """`unnamed`, `down`: link row -> (port row, what is told of it). `extra`: ports without a plan that somebody
    without a name is at; `strange`: (port, link, words) of adapters where the plan has a switch."""

    unnamed: dict[int, tuple[int, str]] = field(default_factory=dict)
    down: dict[int, tuple[int, str]] = field(default_factory=dict)
    extra: list[tuple[int, str]] = field(default_factory=list)
    strange: list[tuple[int, int, str]] = field(default_factory=list)

    def faults(self, fabric: Fabric, places: Places | None, numbers: IntArray | None = None) -> list[Fault]:
        """The findings: each port that is down, each where nobody should be, and one for all without a name."""
        result = []
        for link, (port, what) in self.down.items():
            cable = cable_labels(fabric, np.array([link]), places, numbers)[0]
            text = f"cable {cable}: port {_port(fabric, port)} is down{f' ({what})' if what else ''}"
            where = tuple(_port(fabric, int(p)) for p in (fabric.links.a[link], fabric.links.b[link]))
            result.append(
                Fault(Finding("port-down", "error", text, where, "is the cable plugged in at both ends?"), (link,))
            )
        for port, link, what in self.strange:
            text = f"{_port(fabric, port)} goes to an adapter without a name{what}; the plan has a switch there: cable "
            text += cable_labels(fabric, np.array([link]), places, numbers)[0]
            result.append(Fault(Finding("unknown-device", "error", text, (_port(fabric, port),)), (link,)))
        for port, what in self.extra:
            text = f"a cable that no plan has: {_port(fabric, port)} to a device without a name{what}"
            result.append(Fault(Finding("extra", "error", text, (_port(fabric, port),))))
        if self.unnamed:
            ports = [_port(fabric, port) for port, _ in self.unnamed.values()]
            text = (
                f"{amount(len(ports), 'neighbour')} {verb(len(ports), 'tell')} no name, and "
                f"{verb(len(ports), 'are')} known by the port: "
            )
            text += ", ".join(ports[:EXAMPLES]) + (", ..." if len(ports) > EXAMPLES else "")
            result.append(Fault(Finding("unnamed-neighbour", "warning", text, tuple(ports[:EXAMPLES]))))
        return result


def loose_ends(
    fabric: Fabric, names: PortNames, files: Sequence[AsBuilt], seen: BoolArray, result: Sorted
) -> LooseEnds:
    """What is known of links that no cable was found for."""
    ends = LooseEnds()
    link_of = fabric.link_of_port
    moved = {p for c in result.wrong for p in (c.a, c.b) if p >= 0}
    for port, cable in result.nameless.items():
        link = int(link_of[port])
        role = cable.b_role if names.device(cable.a_device) == int(fabric.ports.device[port]) else cable.a_role
        told = f" ({cable.place()})" if cable.place() else ""
        if link < 0:
            ends.extra.append((port, told))
        elif role == "host" and not fabric.is_endpoint_link[link]:
            ends.strange.append((port, link, told))
        elif not seen[link]:
            ends.unnamed.setdefault(link, (port, told))
    for file in files:
        for one in file.loose:
            row = names.device(one.device)
            port = max((names.port(row, w) for w in (one.port, *one.other) if w), default=-1) if row >= 0 else -1
            if port < 0 or port in moved:
                continue
            link = int(link_of[port])
            if link < 0 or seen[link]:
                continue
            if one.why == "unnamed" and one.what and names.device(one.what) >= 0:
                continue
            if one.why == "unnamed":
                ends.unnamed.setdefault(link, (port, one.what))
            else:
                ends.down.setdefault(link, (port, one.what))
    for link in ends.unnamed:
        ends.down.pop(link, None)
    return ends


def _port(fabric: Fabric, port: int) -> str:
    return port_labels(fabric, np.array([port]))[0]
