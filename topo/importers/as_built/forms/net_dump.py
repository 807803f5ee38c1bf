"""ibdiagnet's `ibdiagnet2.net_dump`: every port of every switch with its neighbour."""

from __future__ import annotations

import re

from topo.importers.as_built.infiniband import ADAPTER, SWITCH, Subnet, Wire, described, guid, lane_gbps
from topo.importers.as_built.model import AsBuilt
from topo.importers.as_built.reader import Reader, checked, readers
from topo.importers.as_built.source import Source

_HEAD = re.compile(r'"([^"]*)",\s*[^,]*,\s*(0x[0-9a-fA-F]+),\s*LID\s+(\d+)')


def _fits(source: Source) -> bool:
    return "Neighbor Guid" in source.head and "PhysSta" in source.head


def _read(source: Source) -> AsBuilt:
    subnet = Subnet(source.name, "net-dump")
    key = ""
    for number, line in source.lines():
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        head = _HEAD.match(text)
        if head:
            key = guid(head[2])
            subnet.node(
                key, SWITCH, checked(head[1], "device", source.name, number) if head[1].strip() else "", 0, number
            )
            continue
        cells = [c.strip() for c in text.split('"')[0].split(":")]
        if len(cells) < 8 or not key or not cells[1].isdigit():
            raise source.wrong("is no port line of ibdiagnet's net_dump, or is cut off", number, line)
        _port(source, subnet, key, cells, text, number)
    return subnet.as_built()


def _port(source: Source, subnet: Subnet, key: str, cells: list[str], text: str, number: int) -> None:
    label, port, state = cells[0], int(cells[1][:6]), cells[2].upper()
    name = text.split('"')[1] if '"' in text else ""
    far_at = next((i for i, c in enumerate(cells) if c.lower().startswith("0x")), -1)
    if state == "DOWN" or far_at < 0 or len(cells) <= far_at + 1 or not cells[far_at + 1]:
        subnet.down.append((key, port, f"{cells[2]} {cells[3]}".strip(), number))
        return
    far = guid(cells[far_at])
    far_port = cells[far_at + 1].rpartition("/")[2]
    if not far_port.isdigit():
        raise source.wrong("names no port of the neighbour", number, text)
    width = cells[5].lower().removesuffix("x")
    gbps = int(width) * lane_gbps(cells[6]) if width.isdigit() and len(width) < 4 else 0.0
    kind = SWITCH if name.startswith("MF0;") or not described(ADAPTER, name)[1] else ADAPTER
    subnet.node(far, kind, checked(name, "device", source.name, number) if name.strip() else "")
    subnet.wires.append(Wire(key, port, far, int(far_port[:6]), gbps, number, label if label != str(port) else ""))


readers.add("net-dump", Reader("ibdiagnet's net_dump", _fits, _read))
