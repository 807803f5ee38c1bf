"""Which port a cable is likely in where the files name its device alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import replace

from topo.audit._faults import Found
from topo.audit._names import NO_PORT, PortNames
from topo.fabric import Fabric
from topo.importers.as_built import AsBuilt, Seen


def known_by_address(names: PortNames, file: AsBuilt) -> list[Seen]:
    """Neighbours that tell no name, but an address or serial number that a table of names gives to a planned device."""
    return [
        Seen(one.device, one.port, one.what, "", 0.0, one.line, a_other=one.other, file=file.path)
        for one in file.loose
        if one.why == "unnamed" and one.what and names.device(one.what) >= 0
    ]


def with_likely_ports(fabric: Fabric, wrong: Sequence[Found], seen: Collection[int]) -> list[Found]:
    """Wrong cables with a port at either end where there is one choice: the only planned port of the named device
    whose own cable is not seen, those first that the plan joins to the device at the cable's other end."""
    open_ = [c for c in wrong if NO_PORT in (c.a, c.b) and max(c.a, c.b) >= 0 and min(c.device_a, c.device_b) >= 0]
    if not open_:
        return list(wrong)
    asking = set(map(id, open_))
    asked = {c.device_a if c.a == NO_PORT else c.device_b for c in open_}
    ports: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for link, (a, b) in enumerate(zip(fabric.link_a.tolist(), fabric.link_b.tolist(), strict=True)):
        if link not in seen and (a in asked or b in asked):
            ports[a].append((int(fabric.links.a[link]), b))
            ports[b].append((int(fabric.links.b[link]), a))
    taken = {p for c in wrong for p in (c.a, c.b) if p >= 0}
    result = []
    for cable in wrong:
        if id(cable) not in asking:
            result.append(cable)
            continue
        near, far = (cable.device_b, cable.device_a) if cable.a == NO_PORT else (cable.device_a, cable.device_b)
        free = [(port, to) for port, to in ports[far] if port not in taken]
        chosen = [port for port, to in free if to == near] or [port for port, _ in free]
        if len(chosen) == 1:
            cable = replace(cable, a=chosen[0]) if cable.a == NO_PORT else replace(cable, b=chosen[0])
            taken.add(chosen[0])
        result.append(cable)
    return result
