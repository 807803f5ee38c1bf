"""What `iblinkinfo` prints, node by node or (`--line`) one line a port, and what `ibnetdiscover -p` prints."""

from __future__ import annotations

import re

from topo.importers.as_built.infiniband import ADAPTER, ROUTER, SWITCH, Subnet, Wire, guid, lane_gbps
from topo.importers.as_built.model import AsBuilt
from topo.importers.as_built.reader import Reader, checked, readers
from topo.importers.as_built.source import Source

_HEAD = re.compile(r"(Switch|CA|HCA|Router):\s*(0x[0-9a-fA-F]+)?\s*(.*?):?\s*$")
_PORT = re.compile(
    r'\s*(?:(0x[0-9a-fA-F]+)\s+)?(?:"([^"]*)"\s+)?(\d+)\s+(\d+)\[[^\]]*\]\s*==\(([^)]*)\)==>\s*'
    r'(?:(0x[0-9a-fA-F]+)\s+)?(?:(\d+)\s+)?(\d+)?\[[^\]]*\]\s*"([^"]*)"'
)
_RATE = re.compile(r"(\d+)X\s+([\d.]+)\s*Gbps")
_PAIR = re.compile(
    r"(SW|CA|RT)\s+(\d+)\s+(\d+)\s+(0x[0-9a-fA-F]+)\s+(\d+)x\s+(\S+)\s+-\s+(SW|CA|RT)\s+(\d+)\s+(\d+)\s+(0x[0-9a-fA-F]+)"
    r"\s+\(\s*'(.*?)'\s+-\s+'(.*?)'\s*\)"
)
_ALONE = re.compile(r"(SW|CA|RT)\s+(\d+)\s+(\d+)\s+(0x[0-9a-fA-F]+)\s+(?:\d+x|\?\?)?\s*(?:\S+)?\s*'(.*?)'\s*$")
_KIND = {"Switch": SWITCH, "CA": ADAPTER, "HCA": ADAPTER, "Router": ROUTER, "SW": SWITCH, "RT": ROUTER}


def _fits(source: Source) -> bool:
    return ("==(" in source.head and "==>" in source.head) or any(
        _PAIR.match(line) for line in source.head.splitlines()[:50]
    )


def _read(source: Source) -> AsBuilt:
    subnet = Subnet(source.name, "iblinkinfo")
    at: tuple[str, str, str] | None = None
    pending: list[tuple[str, int, str, float, int]] = []
    lids: dict[str, str] = {}
    for number, line in source.lines():
        result = _PORT.match(line)
        if result:
            key = _own(result, at, lids, number, source, subnet)
            _port(source, subnet, key, result, pending, number)
            continue
        pair = _PAIR.match(line)
        if pair:
            near, far = guid(pair[4]), guid(pair[10])
            for key, kind, text in ((near, pair[1], pair[11]), (far, pair[7], pair[12])):
                subnet.node(key, _KIND[kind], _name(text, source, number), 0, number)
            subnet.wires.append(Wire(near, int(pair[3]), far, int(pair[9]), int(pair[5]) * lane_gbps(pair[6]), number))
            continue
        alone = _ALONE.match(line)
        if alone:
            subnet.node(guid(alone[4]), _KIND[alone[1]], _name(alone[5], source, number), 0, number)
            subnet.down.append((guid(alone[4]), int(alone[3]), "", number))
            continue
        head = _HEAD.match(line.strip()) if line.strip() else None
        if head:
            at = (_KIND[head[1]], guid(head[2]) if head[2] else "", head[3].strip())
        elif line.strip() and not line.lstrip().startswith("#"):
            raise source.wrong("is no line of iblinkinfo", number, line)
    _resolve(subnet, pending, lids)
    return subnet.as_built()


def _name(text: str, source: Source, number: int) -> str:
    return checked(text, "device", source.name, number) if text.strip() else ""


def _own(
    result: re.Match[str], at: tuple[str, str, str] | None, lids: dict[str, str], number: int, source: Source,
    subnet: Subnet,
) -> str:  # fmt: skip
    """The node that a port line is of: named on the line, or by the heading above it."""
    if result[1] and result[2] is not None:
        key, kind, text = guid(result[1]), _kind_of(result[2]), result[2]
    elif at is None:
        raise source.wrong("is a port of no node: the heading above it is missing", number, result[0])
    else:
        kind, key, text = at
        key = key or (guid(result[1]) if result[1] else f"lid {result[3]}")
    subnet.node(key, kind, _name(text, source, number), 0, number)
    lids.setdefault(result[3], key)
    return key


def _kind_of(text: str) -> str:
    """What a description of one line is of: switches of managed systems say so, adapters end in their number."""
    if text.startswith("MF0;") or re.search(r"(?i)switch|infiniscale|quantum|spine|leaf|isr|voltaire", text):
        return SWITCH
    return ADAPTER if re.search(r"(?i)\s(hca-?\d+|mlx\d_\w+|ib\w*\d+)$|aggregation node|connectx", text) else SWITCH


def _port(
    source: Source, subnet: Subnet, key: str, result: re.Match[str],
    pending: list[tuple[str, int, str, float, int]], number: int,
) -> None:  # fmt: skip
    port, state, far_text = int(result[4]), result[5].strip(), result[9]
    if not result[8] or "LinkUp" not in state.replace(" ", ""):
        subnet.down.append((key, port, " ".join(state.split()), number))
        return
    rate = _RATE.search(state)
    gbps = int(rate[1]) * lane_gbps(rate[2]) if rate else 0.0
    far = guid(result[6]) if result[6] else f"lid {result[7]}"
    if result[6]:
        subnet.node(far, _kind_of(far_text), _name(far_text, source, number))
    else:
        pending.append((far, number, far_text, gbps, 0))
    subnet.wires.append(Wire(key, port, far, int(result[8]), gbps, number))


def _resolve(subnet: Subnet, pending: list[tuple[str, int, str, float, int]], lids: dict[str, str]) -> None:
    """Neighbours that a line names by LID alone are the nodes whose own lines have that LID."""
    for i, wire in enumerate(subnet.wires):
        if wire.far.startswith("lid "):
            subnet.wires[i] = wire._replace(far=lids.get(wire.far[4:], wire.far))
    for far, _, text, _, _ in pending:
        key = lids.get(far[4:], far)
        if key not in subnet.nodes:
            subnet.node(key, _kind_of(text), text.strip())


readers.add("iblinkinfo", Reader("output of iblinkinfo or ibnetdiscover -p", _fits, _read))
