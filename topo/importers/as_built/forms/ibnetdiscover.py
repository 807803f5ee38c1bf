"""What `ibnetdiscover` prints, node by node. Devices are called by their node description; an adapter's is `host HCA-n`
or `host mlx5_n`, and gives the device `host` with the port `HCA-n/p` or `mlx5_n/p`. A node without a record of its own
(in a dump of switches alone) is known by what the port lines of others say of it."""

from __future__ import annotations

import re

from topo.errors import InputError, Problem, not_further
from topo.importers.as_built.infiniband import ADAPTER, ROUTER, SWITCH, Subnet, Wire, lane_gbps
from topo.importers.as_built.model import AsBuilt
from topo.importers.as_built.reader import Reader, checked, readers
from topo.importers.as_built.source import Source

_HEAD = re.compile(r'(Switch|Ca|Hca|Rt)\s+(\d{1,5})\s*"([^"]+)"\s*(?:#\s*"([^"]*)".*)?$')
_PORT = re.compile(
    r'\[(\d{1,5})\](?:\[[^\]]*\])?(?:\([0-9a-fA-F]+\))?\s*"([^"]+)"\[(\d{1,5})\](?:\[[^\]]*\])?(?:\([0-9a-fA-F]+\))?(.*)$'
)
_SPEED = re.compile(r"(?:^|\s)(\d{1,3})x([A-Z0-9]+)\s*(?:s=\d+.*)?$")
_PEER = re.compile(r'#.*?"([^"]*)"')
_START = ("Switch\t", "Switch ", "Ca\t", "Ca ", "Hca\t", "vendid=")
_GROUP = re.compile(r"Chassis \d+\b|Non-Chassis Nodes|Hostname: ")
"""Headings of `ibnetdiscover -g`."""
_KINDS = {"S": SWITCH, "H": ADAPTER, "R": ROUTER}
MOST_PROBLEMS = 20
"""Of a file that is wrong throughout, a page of mistakes is enough."""


def _fits(source: Source) -> bool:
    head = source.head
    if not any(word in head for word in _START):
        return False
    prefix = source.prefix
    return any(line.removeprefix(prefix).lstrip().startswith(_START) for line in head.splitlines())


def _read(source: Source) -> AsBuilt:
    subnet = Subnet(source.name, "ibnetdiscover")
    node = ""
    problems: list[Problem] = []
    for number, raw in source.lines():
        line = raw.lstrip()
        first = line[:1]
        if first == "[":
            result = _PORT.match(line)
            if not result or not node:
                problems += source.wrong("is no port line of ibnetdiscover, or is cut off", number, line).problems
            else:
                _wire(subnet, node, result, number)
        elif first in ("S", "C", "R", "H") and line.startswith(("Switch", "Ca\t", "Ca ", "Hca", "Rt")):
            head = _HEAD.match(line)
            if not head:
                problems += source.wrong("is no device line of ibnetdiscover, or is cut off", number, line).problems
            else:
                node = head[3]
                kind = ADAPTER if head[1] in ("Ca", "Hca") else head[1]
                name = (head[4] if head[4] is not None else node).strip()
                subnet.node(
                    node, kind, checked(name, "device", source.name, number) if name else "", int(head[2]), number
                )
        elif line.strip() and first != "#" and "=" not in line and not _GROUP.match(line):
            problems += source.wrong("is no line of ibnetdiscover", number, line).problems
        if len(problems) >= MOST_PROBLEMS:
            raise not_further(problems)
    if problems:
        raise InputError(problems)
    return subnet.as_built()


def _wire(subnet: Subnet, node: str, result: re.Match[str], number: int) -> None:
    far, comment = result[2], result[4]
    speed = _SPEED.search(comment)
    gbps = int(speed[1]) * lane_gbps(speed[2]) if speed and not speed[2].isdigit() else 0.0
    if far not in subnet.nodes:
        said = _PEER.search(comment)
        name = said[1].strip() if said else ""
        kind = _KINDS.get(far[:1] if far[1:2] == "-" else "", SWITCH)
        subnet.node(far, kind, checked(name, "device", subnet.path, number) if name else "")
    subnet.wires.append(Wire(node, int(result[1]), far, int(result[3]), gbps, number))


readers.add("ibnetdiscover", Reader("output of ibnetdiscover", _fits, _read))
