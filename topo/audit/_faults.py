"""What happened to the cables that are not where the plan has them.

Wrong cables and missing links form chains: a wrong cable leads from a port of one missing link to a port of another. A
closed chain of two is a swap, a longer one a rotation; open chains hold cables in wrong ports and links that are gone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from topo.audit._names import NO_PORT, UNKNOWN
from topo.checks.model import Finding
from topo.errors import nearest
from topo.fabric import Fabric
from topo.fabric.model import IntArray
from topo.importers.as_built import Seen
from topo.placement import Places
from topo.placement.cables.labels import cable_labels, port_labels
from topo.units import amount, verb


@dataclass(frozen=True)
class Found:
    """A cable that was found, with the rows of its devices and ports (negative where the plan knows none)."""

    seen: Seen
    device_a: int
    device_b: int
    a: int
    b: int


HINTS = 20
"""So many unknown devices are told which known name is nearest."""


class Fault(NamedTuple):
    """A finding with what it changes: the plan's links (rows) that are not there, and cables that are there instead."""

    finding: Finding
    links: tuple[int, ...] = ()
    cables: tuple[Found, ...] = ()


@dataclass(frozen=True)
class Differences:
    """Wrong cables, missing links (rows), and the speed found on each right link that shows one."""

    fabric: Fabric
    places: Places | None
    wrong: Sequence[Found]
    missing: IntArray
    gbps: Mapping[int, float]
    numbers: IntArray | None = None
    """Shape (links,): the number of the cable of each link, where the plan has them."""

    @cached_property
    def labels(self) -> dict[int, str]:
        """Number and label at end a of each missing link's cable, the near end first."""
        return dict(zip(self.missing.tolist(), self._labels(self.missing), strict=True))

    def port(self, port: int) -> str:
        """`device:port`, with rack and unit where they are known."""
        import numpy as np

        rows = np.array([port])
        name = port_labels(self.fabric, rows)[0]
        if self.places is None:
            return name
        device = int(self.fabric.ports.device[port])
        return f"{name} (rack {self.places.racks.name[self.places.rack[device]]}, unit {self.places.ru[device]})"

    def label(self, link: int) -> str:
        """Number and label at end a of any link's cable."""
        import numpy as np

        return self.labels.get(link) or self._labels(np.array([link]))[0]

    def _labels(self, links: IntArray) -> list[str]:
        return cable_labels(self.fabric, links, self.places, self.numbers)

    def ends(self, link: int) -> tuple[int, int]:
        """The ports of a link."""
        return int(self.fabric.links.a[link]), int(self.fabric.links.b[link])


def explain(about: Differences) -> list[Fault]:
    """Faults, worst first: swaps and rotations, cables in wrong places, unknown devices, missing, extra, speeds."""
    link_of = about.fabric.link_of_port
    gone = set(about.missing.tolist())
    chained: list[Found] = []
    faults: list[Fault] = []
    busy: dict[int, Found] = {}
    strangers = 0
    for cable in about.wrong:
        double = [p for p in (cable.a, cable.b) if p >= 0 and p in busy]
        for port in (cable.a, cable.b):
            if port >= 0:
                busy.setdefault(port, cable)
        if double or any(p >= 0 and link_of[p] >= 0 and int(link_of[p]) not in gone for p in (cable.a, cable.b)):
            faults.append(Fault(_twice(about, cable, double, gone)))
        elif cable.a < 0 or cable.b < 0:
            strangers += 1
            faults.append(_unknown(about, cable, gone, strangers <= HINTS))
        else:
            chained.append(cable)
    excused = {
        int(link_of[p]) for c in about.wrong if min(c.a, c.b) < 0 for p in (c.a, c.b) if p >= 0 and link_of[p] >= 0
    }
    return [*_chains(about, chained, gone, excused), *faults, *map(Fault, _speeds(about))]


def _chains(about: Differences, cables: Sequence[Found], gone: set[int], excused: set[int]) -> list[Fault]:
    link_of = about.fabric.link_of_port
    at: dict[int, list[int]] = defaultdict(list)
    for row, cable in enumerate(cables):
        for port in (cable.a, cable.b):
            if link_of[port] >= 0:
                at[int(link_of[port])].append(row)
    faults, extra = [], []
    done: set[int] = set()
    blamed: set[int] = set(excused)
    for start in range(len(cables)):
        if start in done:
            continue
        links, rows = _component(cables, at, link_of, start)
        done |= rows
        own = [cables[r] for r in sorted(rows)]
        if not links:
            extra += own
        elif len(rows) == len(links) and all(len(at[link]) == 2 for link in links):
            faults.append(Fault(_cycle(about, sorted(links), own), tuple(sorted(links)), tuple(own)))
            blamed |= links
        else:
            result, owned = _path(about, own)
            faults += result
            blamed |= owned
    faults += [Fault(_missing(about, link), (link,)) for link in sorted(gone - blamed)]
    return faults + [Fault(_extra(about, cable)) for cable in extra]


def _component(
    cables: Sequence[Found], at: Mapping[int, list[int]], link_of: IntArray, start: int
) -> tuple[set[int], set[int]]:
    """The links and cables of a chain."""
    links: set[int] = set()
    rows, todo = {start}, [start]
    while todo:
        cable = cables[todo.pop()]
        for port in (cable.a, cable.b):
            link = int(link_of[port])
            if link >= 0 and link not in links:
                links.add(link)
                new = [r for r in at[link] if r not in rows]
                rows.update(new)
                todo += new
    return links, rows


def _cycle(about: Differences, links: Sequence[int], cables: Sequence[Found]) -> Finding:
    what = "swapped" if len(links) == 2 else "rotated"
    labels = [about.labels[link] for link in links]
    ends = "; ".join(f"{about.port(c.a)} goes to {about.port(c.b)}" for c in cables[:8])
    more = f"; and {len(cables) - 8:,} more" if len(cables) > 8 else ""
    head = (
        f"two cables are swapped: {' and '.join(labels)}"
        if len(links) == 2
        else f"{amount(len(links), 'cable')} {verb(len(links), 'are')} rotated: {', '.join(labels[:8])}"
    )
    message = f"{head}. {ends}{more}.{_effect(about, cables)}"
    hint = "exchange the plugs at " + _ports(about, _meeting(about, links, cables))
    return Finding(what, "error", message, tuple(_ports(about, [p]) for c in cables for p in (c.a, c.b)), hint)


def _meeting(about: Differences, links: Sequence[int], cables: Sequence[Found]) -> list[int]:
    """The ends to exchange: the upper ends, unless all of them are right already."""
    return [about.ends(link)[1] for link in links]


def _path(about: Differences, cables: Sequence[Found]) -> tuple[list[Fault], set[int]]:
    """An open chain: each cable belongs to a link of which it has an end; links without a cable are left missing."""
    link_of = about.fabric.link_of_port
    options = [[int(link_of[p]) for p in (c.a, c.b) if link_of[p] >= 0] for c in cables]
    owner = _owners(options)
    of_row = {row: link for link, row in owner.items()}
    faults = []
    for row, cable in enumerate(cables):
        link = of_row.get(row, options[row][0])
        faults.append(Fault(_misplaced(about, cable, link), (link,), (cable,)))
    return faults, set(owner)


def _owners(options: Sequence[Sequence[int]]) -> dict[int, int]:
    """A link for each cable of an open chain, where there is one: cables with a single choice choose first."""
    at: dict[int, list[int]] = defaultdict(list)
    for row, links in enumerate(options):
        for link in links:
            at[link].append(row)
    owner: dict[int, int] = {}
    served: set[int] = set()
    todo = sorted(range(len(options)), key=lambda r: -len(options[r]))
    while todo:
        row = todo.pop()
        free = [link for link in options[row] if link not in owner]
        if row in served or not free:
            continue
        owner[free[0]] = row
        served.add(row)
        todo += [r for r in at[free[0]] if r not in served]
    return owner


def _misplaced(about: Differences, cable: Found, link: int) -> Finding:
    a, b = about.ends(link)
    right = a if a in (cable.a, cable.b) else b
    wrong = cable.b if cable.a == right else cable.a
    wanted = b if right == a else a
    device = about.fabric.ports.device
    code = "wrong-port" if device[wrong] == device[wanted] else "wrong-device"
    message = (
        f"cable {about.label(link)}: {about.port(right)} goes to {about.port(wrong)} instead of "
        f"{about.port(wanted)}.{_effect(about, [cable])}"
    )
    return Finding(code, "error", message, (_ports(about, [wrong]), _ports(about, [wanted])), "move the plug")


def _effect(about: Differences, cables: Iterable[Found]) -> str:
    """What wrong cables do to rails and planes."""
    fabric = about.fabric
    said = set()
    for cable in cables:
        ports = sorted((cable.a, cable.b), key=lambda p: int(fabric.devices.tier[fabric.ports.device[p]]))
        link = int(fabric.link_of_port[ports[0]])
        low, high = (int(fabric.ports.device[p]) for p in ports)
        plane, rail = (int(c[link]) if link >= 0 else -1 for c in (fabric.links.plane, fabric.links.rail))
        if not fabric.is_host[low]:
            plane, rail = int(fabric.devices.plane[low]), int(fabric.devices.rail[low])
        for what, own, other in (
            ("plane", plane, int(fabric.devices.plane[high])),
            ("rail", rail, int(fabric.devices.rail[high])),
        ):
            if own >= 0 and other >= 0 and own != other:
                said.add(f"{what} {own} now meets {what} {other}")
    return f" Effect: {', '.join(sorted(said))}." if said else ""


def _twice(about: Differences, cable: Found, double: Sequence[int], gone: set[int]) -> Finding:
    """A wrong cable at a port that another cable uses."""
    link_of = about.fabric.link_of_port
    ports = [*double, *(p for p in (cable.a, cable.b) if p >= 0 and link_of[p] >= 0 and int(link_of[p]) not in gone)]
    where = tuple(_ports(about, [p]) for p in ports)
    names = f"{cable.seen.a_device}:{cable.seen.a_port} to {cable.seen.b_device}:{cable.seen.b_port}"
    message = f"a port has two cables: {where[0]} is used, and the file also has {names}"
    return Finding("port-used-twice", "error", message, where, _line(cable))


def _unknown(about: Differences, cable: Found, gone: set[int], hinted: bool) -> Fault:
    """A cable to a device or a port that the plan does not know."""
    seen, fabric = cable.seen, about.fabric
    names = f"{seen.a_device}:{seen.a_port} to {seen.b_device}:{seen.b_port}"
    known = next((p for p in (cable.a, cable.b) if p >= 0), -1)
    link = int(fabric.link_of_port[known]) if known >= 0 else -1
    expected = ""
    if link in gone:
        a, b = about.ends(link)
        expected = f"; the plan has cable {about.labels[link]} here, to {about.port(b if known == a else a)}"
    where = (_ports(about, [known]),) if known >= 0 else (names,)
    lost = (link,) if link in gone else ()
    if UNKNOWN in (cable.a, cable.b):
        name = seen.a_device if cable.a == UNKNOWN else seen.b_device
        hint = nearest(name, [str(n) for n in fabric.devices.name[:5000]]) if hinted else ""
        text = f"{name} is in no plan: {names}{expected}."
        return Fault(Finding("unknown-device", "error", text, where, hint), lost)
    device, port = (seen.a_device, seen.a_port) if cable.a == NO_PORT else (seen.b_device, seen.b_port)
    planned = int(fabric.ports.device[b if known == a else a]) if link in gone else -1
    if link in gone and not port and planned not in (cable.device_a, cable.device_b):
        text = f"{about.port(known)} goes to {device}, at a port that the file does not name{expected}."
        return Fault(Finding("wrong-device", "error", text, where, _line(cable)), lost)
    text = f"{device} has no port {port}" if port else f"the file names no port of {device}"
    return Fault(Finding("unknown-port", "error", f"{text}: {names}{expected}.", where, _line(cable)), lost)


def _missing(about: Differences, link: int) -> Finding:
    a, b = about.ends(link)
    kind = about.fabric.link_kinds[int(about.fabric.links.kind[link])]
    plane, rail = int(about.fabric.links.plane[link]), int(about.fabric.links.rail[link])
    lost = f" Effect: one {kind} link of plane {plane}" + (f", rail {rail}" if rail >= 0 else "") + " is gone."
    message = f"cable {about.labels[link]} is missing: {about.port(a)} to {about.port(b)}.{lost}"
    return Finding("missing", "error", message, (_ports(about, [a]), _ports(about, [b])))


def _extra(about: Differences, cable: Found) -> Finding:
    message = f"a cable that no plan has: {about.port(cable.a)} to {about.port(cable.b)}.{_effect(about, [cable])}"
    return Finding("extra", "error", message, (_ports(about, [cable.a]), _ports(about, [cable.b])), _line(cable))


def _speeds(about: Differences) -> list[Finding]:
    fabric, result = about.fabric, []
    for link, gbps in sorted(about.gbps.items()):
        planned = float(fabric.links.gbps[link])
        if abs(gbps - planned) > planned * 1e-6:
            a, b = about.ends(link)
            text = f"{about.port(a)} to {about.port(b)} runs at {gbps:,g} Gb/s instead of {planned:,g} Gb/s"
            message = f"cable {about.label(link)}: {text}"
            result.append(Finding("wrong-speed", "error", message, (_ports(about, [a]), _ports(about, [b]))))
    return result


def _ports(about: Differences, ports: Sequence[int]) -> str:
    import numpy as np

    return ", ".join(port_labels(about.fabric, np.array(list(ports), dtype=np.int64)))


def _line(cable: Found) -> str:
    seen = cable.seen
    if seen.file and seen.line:
        return f"see {seen.place()}"
    return f"line {seen.line} of the file" if seen.line else ""
