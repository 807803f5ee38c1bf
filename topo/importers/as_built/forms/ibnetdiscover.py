"""What `ibnetdiscover` prints. Devices are called by their node description; an adapter's is `host HCA-n` or
`host mlx5_n`, and gives the device `host` with the port `HCA-n/p` or `mlx5_n/p`."""

from __future__ import annotations

import re

from topo.errors import InputError, Problem, shown
from topo.importers.as_built.reader import AsBuilt, Reader, Seen, checked, described, readers

_HEAD = re.compile(r'(Switch|Ca|Rt)\s+(\d{1,5})\s+"([^"]+)"\s*(?:#\s*"([^"]*)".*)?$')
_PORT = re.compile(
    r'\[(\d{1,5})\](?:\[[^\]]*\])?(?:\([0-9a-fA-F]+\))?\s+"([^"]+)"\[(\d{1,5})\](?:\[[^\]]*\])?(?:\([0-9a-fA-F]+\))?(.*)$'
)
_SPEED = re.compile(r"(?:^|\s)(\d{1,3})x([A-Z0-9]+)\s*$")
_LANE_GBPS = {"SDR": 2.5, "DDR": 5, "QDR": 10, "FDR10": 10, "FDR": 14, "EDR": 25, "HDR": 50, "NDR": 100, "XDR": 200}
_SIMULATED = 40.0
"""What ibsim shows for every link: four lanes of QDR."""


def _fits(text: str) -> bool:
    return any(line.startswith(("Switch\t", "Switch ", "Ca\t", "Ca ", "vendid=")) for line in text[:20000].splitlines())


def _read(text: str, path: str) -> AsBuilt:
    names: dict[str, tuple[str, str]] = {}
    ends: list[tuple[str, int, str, int, float, int]] = []
    node, problems = "", []
    for number, line in enumerate(text.split("\n"), 1):
        first = line[:1]
        if first == "[":
            found = _PORT.match(line)
            if not found or not node:
                problems.append(
                    Problem(
                        "is no port line of ibnetdiscover, or is cut off", value=shown(line), file=path, line=number
                    )
                )
                continue
            ends.append((node, int(found[1]), found[2], int(found[3]), _gbps(found[4]), number))
        elif first in ("S", "C", "R") and line.startswith(("Switch", "Ca\t", "Ca ", "Rt")):
            head = _HEAD.match(line)
            if not head:
                problems.append(
                    Problem(
                        "is no device line of ibnetdiscover, or is cut off", value=shown(line), file=path, line=number
                    )
                )
                continue
            node = head[3]
            names[node] = described(head[1], checked(head[4] or node, "device", path, number))
        elif line.strip() and first != "#" and "=" not in line:
            problems.append(Problem("is no line of ibnetdiscover", value=shown(line), file=path, line=number))
        if len(problems) >= 20:
            break
    if problems:
        raise InputError(problems)
    return _joined(names, ends, path)


def _joined(names: dict[str, tuple[str, str]], ends: list[tuple[str, int, str, int, float, int]], path: str) -> AsBuilt:
    cables: dict[tuple[str, str, str, str], Seen] = {}
    for node, port, peer, peer_port, gbps, line in ends:
        near, far = _end(names, node, port), _end(names, peer, peer_port)
        if (*far, *near) not in cables:
            cables.setdefault((*near, *far), Seen(*near, *far, gbps, line))
    speeds = {c.gbps for c in cables.values()} - {0.0}
    devices = frozenset(device for device, _ in names.values())
    return AsBuilt(path, "ibnetdiscover", tuple(cables.values()), devices, speeds == {_SIMULATED})


def _end(names: dict[str, tuple[str, str]], node: str, port: int) -> tuple[str, str]:
    device, adapter = names.get(node, (node, ""))
    return device, f"{adapter}/{port}" if adapter else str(port)


def _gbps(comment: str) -> float:
    found = _SPEED.search(comment)
    return int(found[1]) * _LANE_GBPS.get(found[2], 0.0) if found else 0.0


readers.add("ibnetdiscover", Reader("output of ibnetdiscover", _fits, _read))
