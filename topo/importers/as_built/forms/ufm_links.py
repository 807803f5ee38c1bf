"""UFM's links as its REST API gives them (`GET /ufmRest/resources/links`): nodes by GUID, with what UFM calls them.

UFM writes a switch as `leaf1:19`, the port behind the colon, a chip of a director as `dir1:L01/U2/19`, an adapter by
its node description (NVIDIA UFM Enterprise REST API Guide, Links REST API). Speeds are not told.
"""

from __future__ import annotations

import re
from typing import Any

from topo.importers.as_built.infiniband import ADAPTER, SWITCH, Subnet, Wire, described, guid
from topo.importers.as_built.json_reports import Lines, text
from topo.importers.as_built.model import AsBuilt
from topo.importers.as_built.reader import Reader, checked, readers
from topo.importers.as_built.source import Source

_PORT = re.compile(r"(.+):(\d+)$")
_CHIP = re.compile(r"(.+):((?:[A-Za-z]+\d+/)+)\d+$")


def _links(result: Any) -> list[Any]:
    if isinstance(result, dict):
        result = next((result[k] for k in ("links", "data") if isinstance(result.get(k), list)), None)
    return result if isinstance(result, list) else []


def _fits(source: Source) -> bool:
    rows = _links(source.json)
    return bool(rows) and all(isinstance(r, dict) and "source_guid" in r and "destination_guid" in r for r in rows)


def _read(source: Source) -> AsBuilt:
    rows = _links(source.json)
    if not rows:
        raise source.wrong("holds no links", 1, allowed="a list of {source_guid, source_port, destination_guid, ...}")
    subnet = Subnet(source.name, "ufm-links")
    lines = Lines(source.text)
    for row in rows:
        line = lines.of("source_guid")
        if not isinstance(row, dict):
            raise source.wrong("is no link", line, str(row))
        (near, near_port), (far, far_port) = (_end(row, side, subnet, source, line) for side in _SIDES)
        subnet.wires.append(Wire(near, near_port, far, far_port, 0.0, line))
    return subnet.as_built()


_SIDES = ("source", "destination")


def _end(row: dict[str, Any], side: str, subnet: Subnet, source: Source, line: int) -> tuple[str, int]:
    """The node and port at a side of a link; the subnet learns of the node."""
    key, port = text(row.get(f"{side}_guid")), text(row.get(f"{side}_port"))
    if not key or not port.isdigit() or len(port) > 6:
        raise source.wrong(f"has no {side}_guid with a {side}_port", line, str(row)[:80])
    words = text(row.get(f"{side}_port_node_description")) or text(row.get(f"{side}_system_name"))
    chip, plain = _CHIP.match(words), _PORT.match(words)
    called = f"MF0;{chip[1]}:x/{chip[2].rstrip('/')}" if chip else plain[1] if plain else words
    adapter = "HCA" in text(row.get(f"{side}_port_dname")).upper() or bool(described(ADAPTER, words)[1])
    kind = SWITCH if (chip or plain or called.startswith("MF0;")) or not adapter else ADAPTER
    node = guid(key)
    subnet.node(node, kind, checked(called, "device", source.name, line) if called.strip() else "")
    return node, int(port)


readers.add("ufm-links", Reader("UFM's links as its REST API gives them", _fits, _read))
