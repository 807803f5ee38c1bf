"""ibdiagnet's `ibdiagnet2.db_csv`: sections of CSV, of which NODES, PORTS and LINKS are read."""

from __future__ import annotations

import csv
from collections.abc import Mapping

from topo.importers.as_built.infiniband import ADAPTER, ROUTER, SWITCH, Subnet, Wire, guid, lane_gbps
from topo.importers.as_built.model import AsBuilt
from topo.importers.as_built.reader import Reader, checked, readers
from topo.importers.as_built.source import Source

_KINDS = {"1": ADAPTER, "2": SWITCH, "3": ROUTER}
_SPEEDS = {"1": 2.5, "2": 5.0, "4": 10.0, "256": 14.0, "512": 25.0, "1024": 50.0, "2048": 100.0, "4096": 200.0}
"""Gb/s of a lane by the bit of LinkSpeedActive and LinkSpeedExtActive (times 256), as InfiniBand's PortInfo has
them."""
_DOWN = {"2": "polling", "3": "disabled", "6": "link error recovery"}
"""Physical states of a port without a link that its tables tell (InfiniBand's PortInfo, PortPhysicalState)."""
_WIDTHS = {"1": 1, "2": 4, "4": 8, "8": 12, "16": 2}
"""Lanes by the bit of LinkWidthActive (InfiniBand's PortInfo)."""


def _fits(source: Source) -> bool:
    return "START_NODES" in source.head or "START_LINKS" in source.head


def _read(source: Source) -> AsBuilt:
    subnet = Subnet(source.name, "db-csv")
    section = ""
    titles: list[str] = []
    speed: dict[tuple[str, str], float] = {}
    for number, line in source.lines():
        text = line.strip()
        if text.startswith("START_"):
            section, titles = text[6:], []
        elif text.startswith("END_"):
            section = ""
        elif section in ("NODES", "PORTS", "LINKS") and text:
            cells = [c.strip().strip('"') for c in next(csv.reader([text]))]
            if not titles:
                titles = [c.lower() for c in cells]
                continue
            if len(cells) < len(titles):
                raise source.wrong("the line is cut off", number, line)
            _row(source, subnet, section, dict(zip(titles, cells, strict=False)), speed, number)
    if not subnet.wires:
        raise source.wrong("holds no links", 1, allowed="sections START_NODES, START_PORTS and START_LINKS")
    for key in {k for w in subnet.wires for k in (w.near, w.far)} - set(subnet.nodes):
        subnet.node(key, SWITCH, "")
    joined = {end for w in subnet.wires for end in ((w.near, w.port), (w.far, w.far_port))}
    subnet.down[:] = [d for d in subnet.down if d[0] in subnet.nodes and d[:2] not in joined]
    subnet.wires[:] = [w._replace(gbps=speed.get((w.near, str(w.port)), 0.0)) for w in subnet.wires]
    return subnet.as_built()


def _row(
    source: Source,
    subnet: Subnet,
    section: str,
    row: Mapping[str, str],
    speed: dict[tuple[str, str], float],
    number: int,
) -> None:
    if section == "NODES":
        text = row.get("nodedesc", "")
        name = checked(text, "device", source.name, number) if text.strip() else ""
        ports = row.get("numports", "0")
        kind = _KINDS.get(row.get("nodetype", ""), SWITCH)
        subnet.node(
            guid(row.get("nodeguid", "")), kind, name, int(ports) if ports.isdigit() and len(ports) < 6 else 0, number
        )
    elif section == "PORTS":
        lanes = _WIDTHS.get(row.get("linkwidthactv", ""), 0)
        extended = row.get("linkspeedactv", row.get("linkspeedactive", ""))
        gbps = _SPEEDS.get(extended, lane_gbps(extended))
        key, port = guid(row.get("nodeguid", "")), row.get("portnum", "")
        speed[key, port] = lanes * gbps
        state = _DOWN.get(row.get("portphystate", row.get("portphyststate", "")))
        if state and port.isdigit() and 0 < len(port) < 6 and port != "0":
            subnet.down.append((key, int(port), state, number))
    else:
        near, far = guid(row.get("nodeguid1", "")), guid(row.get("nodeguid2", ""))
        numbers = [row.get("portnum1", ""), row.get("portnum2", "")]
        if not near or not far or not all(p.isdigit() and len(p) < 6 for p in numbers):
            raise source.wrong("is no link", number, ",".join(row.values()))
        a, b = map(int, numbers)
        subnet.wires += [Wire(near, a, far, b, 0.0, number), Wire(far, b, near, a, 0.0, number)]


readers.add("db-csv", Reader("ibdiagnet's db_csv", _fits, _read))
