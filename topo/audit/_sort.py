"""Sorts cables that were found into right ones and wrong ones."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from topo.audit._faults import Found
from topo.audit._likely import known_by_address, with_likely_ports
from topo.audit._names import NO_PORT, UNKNOWN, PortNames
from topo.checks.model import Finding
from topo.fabric import Fabric
from topo.fabric.model import IntArray
from topo.importers.as_built import AsBuilt, Seen
from topo.placement.cables.labels import port_labels
from topo.units import amount, noun, verb

EXAMPLES = 8
"""Ports that a finding names: a line or two, the count stands before them."""


@dataclass
class Sorted:
    """`right`: link row -> the cable that was found for it. `wrong`: cables that are not where the plan has them.
    `gbps`: the speed found on right links that show one. `nameless`: port row -> what a device without a name of its
    own, or with one that another has as well, is plugged into."""

    right: dict[int, Found] = field(default_factory=dict)
    wrong: list[Found] = field(default_factory=list)
    gbps: dict[int, float] = field(default_factory=dict)
    nameless: dict[int, Seen] = field(default_factory=dict)
    notes: list[Finding] = field(default_factory=list)


def sort_out(fabric: Fabric, names: PortNames, files: Sequence[AsBuilt]) -> Sorted:
    """What each cable of the files is."""
    result = Sorted()
    partner = np.full(len(fabric.ports), -1, dtype=np.int64)
    partner[fabric.links.a], partner[fabric.links.b] = fabric.links.b, fabric.links.a
    doubtful: list[Found] = []
    unsure: list[Found] = []
    management: list[Found] = []
    other_names: list[tuple[str, int]] = []
    heard: dict[int, set[int]] = defaultdict(set)
    for file in files:
        for cable in _resolved(names, file, known_by_address(names, file)):
            if cable.seen.doubt:
                doubtful.append(cable)
                continue
            if _nameless(cable, file, result):
                continue
            link = _link(fabric, partner, cable)
            if link >= 0:
                _right(result, link, cable, file, other_names, heard)
            elif cable.device_a >= 0 and cable.device_b >= 0 and max(cable.a, cable.b) < 0:
                unsure.append(cable)
            elif _of_management(cable):
                management.append(cable)
            elif not _inside(names, cable, file):
                result.wrong.append(cable)
    _by_devices(fabric, unsure, result)
    _alternatives(fabric, partner, doubtful, result)
    _twins(fabric, partner, result)
    result.wrong[:] = with_likely_ports(fabric, result.wrong, set(result.right))
    _notes(fabric, result, other_names, _one_end(fabric, names, files, heard))
    if management:
        ends = [f"{c.seen.a_device}:{c.seen.a_port} to {c.seen.b_device}:{c.seen.b_port}" for c in management[:3]]
        text = (
            f"{amount(len(management), 'cable')} at management ports lead to devices that no plan has, and are "
            "not judged: "
        )
        result.notes.append(Finding("management-port", "note", text + "; ".join(ends)))
    return result


def _resolved(names: PortNames, file: AsBuilt, more: Sequence[Seen]) -> Iterable[Found]:
    """The cables, and some more, with their ports, each pair of ports once. A chip's ports are no ports of the planned
    switch."""
    known: set[tuple[int, int]] = set()
    for cable in (*file.cables, *more):
        device_a, device_b, a, b = names.ends(cable)
        if file.chassis:
            device_a, a = _of_chassis(names, file, cable.a_device, device_a, a)
            device_b, b = _of_chassis(names, file, cable.b_device, device_b, b)
        if a >= 0 and b >= 0:
            pair = (a, b) if a < b else (b, a)
            if pair in known:
                continue
            known.add(pair)
        yield Found(cable, device_a, device_b, a, b)


def _of_chassis(names: PortNames, file: AsBuilt, device: str, row: int, port: int) -> tuple[int, int]:
    if row != UNKNOWN or device not in file.chassis:
        return row, port
    row = names.device(file.chassis[device])
    return row, NO_PORT if row >= 0 else UNKNOWN


def _inside(names: PortNames, cable: Found, file: AsBuilt) -> bool:
    """A link between chips of one chassis."""
    chassis = file.chassis
    near, far = chassis.get(cable.seen.a_device), chassis.get(cable.seen.b_device)
    return near is not None and near == far


_MANAGEMENT = re.compile(
    r"(?i)(mgmt-?\d*|ma\d+|management\d+(/\d+)?|eth0|fxp\d|em\d|me\d|vme|oob\d*|ipmi\d*|bmc\d*|i?lom?\d*|idrac\d*|re\d:mgmt-\d)$"
)
"""What vendors call the ports of a device's own management."""


def _of_management(cable: Found) -> bool:
    """A cable of another network: from a management port that the plan does not know to a device that it does not know
    either."""
    seen = cable.seen
    return any(
        port == NO_PORT and other == UNKNOWN and bool(_MANAGEMENT.match(name))
        for port, other, name in ((cable.a, cable.device_b, seen.a_port), (cable.b, cable.device_a, seen.b_port))
    )


def _nameless(cable: Found, file: AsBuilt, result: Sorted) -> bool:
    """A cable between a planned port and a device that tells no name."""
    for device, port, other in (
        (cable.seen.b_device, cable.a, cable.device_b),
        (cable.seen.a_device, cable.b, cable.device_a),
    ):
        if other == UNKNOWN and device in file.unnamed:
            if port >= 0:
                result.nameless.setdefault(port, cable.seen)
            return port >= 0
    return False


def _link(fabric: Fabric, partner: IntArray, cable: Found) -> int:
    """The planned link that a cable is, -1 where it is none: by both ports, or by one where the plan does not know the
    other's name and has the same device there."""
    if cable.a >= 0 and cable.b >= 0:
        return int(fabric.link_of_port[cable.a]) if partner[cable.a] == cable.b else -1
    for port, other, device in ((cable.a, cable.b, cable.device_b), (cable.b, cable.a, cable.device_a)):
        if port >= 0 and other == NO_PORT and partner[port] >= 0 and fabric.ports.device[partner[port]] == device:
            return int(fabric.link_of_port[port])
    return -1


def _right(
    result: Sorted,
    link: int,
    cable: Found,
    file: AsBuilt,
    other_names: list[tuple[str, int]],
    heard: dict[int, set[int]],
) -> None:
    seen = cable.seen
    if link not in result.right:
        result.right[link] = cable
        for device, port, row, known in (
            (seen.a_device, seen.a_port, cable.a, cable.b),
            (seen.b_device, seen.b_port, cable.b, cable.a),
        ):
            if port and row == NO_PORT and device not in file.chassis:
                other_names.append((f"{device} has no port {port}", known))
    if file.reporters is not None or seen.heard == "a":
        heard[link] |= {cable.device_a, cable.device_b} if seen.heard == "ab" else {cable.device_a}
    if seen.gbps and not file.simulated:
        result.gbps.setdefault(link, seen.gbps)


def _one_end(fabric: Fabric, names: PortNames, files: Sequence[AsBuilt], heard: dict[int, set[int]]) -> list[int]:
    """Right links that one end alone reports, though the other reports as well."""
    speakers = {names.device(d) for f in files if f.reporters is not None for d in f.reporters}
    outside = any(f.reporters is None for f in files)
    result = []
    for link, ends in heard.items():
        both = {int(fabric.link_a[link]), int(fabric.link_b[link])}
        if len(ends) == 1 and (both <= speakers or (outside and not ends & speakers)):
            result.append(link)
    return result


def _by_devices(fabric: Fabric, cables: Sequence[Found], result: Sorted) -> None:
    """Cables of which no port is known: as many as the plan has between the two devices are right."""
    if not cables:
        return
    free: dict[tuple[int, int], list[int]] = defaultdict(list)
    for link, pair in enumerate(zip(fabric.link_a.tolist(), fabric.link_b.tolist(), strict=True)):
        if link not in result.right:
            free[min(pair), max(pair)].append(link)
    matched, wrong = 0, []
    for cable in cables:
        pair = (min(cable.device_a, cable.device_b), max(cable.device_a, cable.device_b))
        if free[pair]:
            result.right[free[pair].pop(0)] = cable
            matched += 1
        else:
            wrong.append(cable)
    result.wrong += wrong
    if matched:
        text = (
            f"{amount(matched, 'cable')} {verb(matched, 'are')} known by the devices they join alone: the "
            "files name no port that "
            "the plan has"
        )
        result.notes.append(Finding("no-ports", "note", text))


def _alternatives(fabric: Fabric, partner: IntArray, cables: Sequence[Found], result: Sorted) -> None:
    """Of several neighbours on a port, the planned one; where none is, the first is wrong."""
    groups: dict[tuple[str, str], list[Found]] = defaultdict(list)
    for cable in cables:
        groups[cable.seen.a_device, cable.seen.a_port].append(cable)
    for group in groups.values():
        links = [(link, c) for c in group if (link := _link(fabric, partner, c)) >= 0]
        if links:
            result.right.setdefault(*links[0])
        elif not any(p >= 0 and int(fabric.link_of_port[p]) in result.right for p in (group[0].a,)):
            result.wrong.append(group[0])


def _twins(fabric: Fabric, partner: IntArray, result: Sorted) -> None:
    """A wrong cable whose device calls itself as another does that is where it should be: its name cannot be believed,
    and the port it sits on is all that is known."""
    holders = {}
    for cable in result.right.values():
        for port, id_ in ((cable.a, cable.seen.a_id), (cable.b, cable.seen.b_id)):
            if port >= 0 and id_:
                holders[port] = id_
    left = []
    for cable in result.wrong:
        seen = cable.seen
        for port, id_, other in ((cable.a, seen.a_id, cable.b), (cable.b, seen.b_id, cable.a)):
            twin = port >= 0 and id_ and holders.get(port, id_) != id_
            if twin and fabric.is_host[fabric.ports.device[port]] and other >= 0:
                result.nameless.setdefault(other, seen)
                device = fabric.devices.name[fabric.ports.device[port]]
                text = f"two adapters call themselves as {device} does: {seen.a_device}:{seen.a_port} to "
                text += f"{seen.b_device}:{seen.b_port} is known by its port alone"
                result.notes.append(Finding("name-twice", "warning", text, (str(device),), seen.place()))
                break
        else:
            left.append(cable)
    result.wrong[:] = left


def _notes(fabric: Fabric, result: Sorted, other_names: list[tuple[str, int]], one_end: list[int]) -> None:
    if other_names:
        ports = port_labels(fabric, np.array([port for _, port in other_names[:EXAMPLES]]))
        text = (
            f"{amount(len(other_names), 'cable')} {verb(len(other_names), 'are')} where the plan has "
            f"{noun(len(other_names), 'it', 'them')}, at ports that it has under other names: "
        )
        text += "; ".join(f"{words} (cable at {p})" for (words, _), p in zip(other_names, ports, strict=False))
        result.notes.append(Finding("unknown-port", "note", text, tuple(ports)))
    if one_end:
        ports = port_labels(fabric, fabric.links.a[one_end[:EXAMPLES]])
        text = (
            f"{amount(len(one_end), 'cable')} {verb(len(one_end), 'are')} seen from one end alone, though "
            "both ends tell of theirs: "
            f"{', '.join(ports)}"
        )
        result.notes.append(Finding("one-end", "note", text, tuple(ports)))
