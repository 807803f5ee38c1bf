"""InfiniBand nodes as cables: the node GUID says who a node is, its description only what it is called.

A chip of a director or of a switch with several is a node of its own (`dir1/L01/U1`) in the chassis `dir1`. Adapters
whose description is the firmware's or `localhost` are as many unnamed devices as GUIDs. Aggregation nodes, the engines
on a switch's last port, are no cables.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from topo.importers.as_built.model import AsBuilt, Loose, Remark, Seen
from topo.units import amount, verb

SWITCH, ADAPTER, ROUTER = "Switch", "Ca", "Rt"
LANE_GBPS = {"SDR": 2.5, "DDR": 5, "QDR": 10, "FDR10": 10, "FDR": 14, "EDR": 25, "HDR": 50, "NDR": 100, "XDR": 200}
"""Gb/s of a lane by the name of its generation, as the InfiniBand Trade Association's roadmap rounds them."""
_SIGNALS = ((2.5, 2.5), (5, 5), (10, 10), (14.0625, 14), (25.78125, 25), (53.125, 50), (106.25, 100), (212.5, 200))
"""What tools show of a lane (its signalling rate) -> its speed."""
_SIMULATED = 40.0
"""What ibsim shows for every link: four lanes of QDR."""
_ENGINE = re.compile(r"aggregation node|\bsharp\b", re.I)
_FIRMWARE = re.compile(
    r"mellanox technologies|nvidia corporation|\bMT\d{4,5}\b|infiniscale|switchx|connect-?x|voltaire"
    r"|^switch-ib|node[- ]?desc|^unknown$|^not? (set|available)|^n/?a$|omni-path hfi$",
    re.I,
)
_NAMELESS_HOSTS = {"localhost", "localhost.localdomain", "(none)", "none", "unknown", "linux", ""}
_IMAGES = 3
"""So many adapters with one description have it from an image, and not as their name."""
_ADAPTER = re.compile(r"(?i)(hca[-_ ]?\d+|(?:mlx|mthca|hfi|qib|bnxt|irdma|ib|roce|rocep|ibp|rdma)[\w-]*\d[\w-]*)$")
_BARE_ADAPTER = re.compile(r"(?i)(hca[-_ ]?\d+|mlx\d_\w*\d+)$")
_CHIP = re.compile(r"(?:^|/)(?:U\d+|[LS]\d+|ASIC-?\d+|[A-Z]+\d+)$", re.I)
_HEX = re.compile(r"[0-9a-f]+$")


def lane_gbps(word: str) -> float:
    """The speed of one lane: a name (`NDR`), a speed (`100`) or what is signalled (`106.25`); 0.0 for others."""
    if word.upper() in LANE_GBPS:
        return float(LANE_GBPS[word.upper()])
    try:
        value = float(word)
    except ValueError:
        return 0.0
    for shown, speed in _SIGNALS:
        if abs(value - shown) < 0.02 * shown or value == speed:
            return float(speed)
    return value if 0 < value < 10_000 else 0.0


def guid(word: str) -> str:
    """A GUID in one way of writing: 16 hexadecimal digits; other words as they are."""
    bare = word.lower().removeprefix("0x").replace(":", "").replace("_", "")
    return bare.zfill(16) if _HEX.match(bare) and len(bare) <= 16 else word


def described(kind: str, description: str) -> tuple[str, str]:
    """The device and the adapter (empty for switches) that an InfiniBand node description names: `MF0;leaf1:MQM9700/U1`
    is the switch `leaf1`, `gpu7 mlx5_0` an adapter of the host `gpu7`."""
    description = description.strip()
    if kind == SWITCH:
        return _switch_name(description)[0], ""
    host, _, adapter = description.partition(" ")
    return host, adapter.strip()


def _switch_name(description: str) -> tuple[str, str]:
    """The system's name and which chip of it this is (`L01/U1`, empty where there is no telling)."""
    if not description.startswith("MF0;"):
        name, _, rest = description.partition(":")
        chip = rest.partition("/")[2]
        return (name, chip) if rest and chip and _CHIP.search(chip) and " " not in rest else (description, "")
    name, _, rest = description.removeprefix("MF0;").partition(":")
    return name, rest.partition("/")[2]


class Node(NamedTuple):
    """A node: its kind, its description (empty where none is told), how many ports it has (0 unknown), the line of its
    own record (0 where it is only named by others)."""

    kind: str
    description: str
    ports: int = 0
    line: int = 0


class Wire(NamedTuple):
    """A port line: what is on port `port` of node `near`. `far_port` 0 and `far` empty where nothing answers."""

    near: str
    port: int
    far: str
    far_port: int
    gbps: float
    line: int
    label: str = ""


@dataclass
class Subnet:
    """What a file says of a subnet, gathered line by line."""

    path: str
    form: str
    nodes: dict[str, Node] = field(default_factory=dict)
    wires: list[Wire] = field(default_factory=list)
    down: list[tuple[str, int, str, int]] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)

    def node(self, key: str, kind: str, description: str, ports: int = 0, line: int = 0) -> None:
        """Learns of a node; its own record counts above what its neighbours say of it."""
        known = self.nodes.get(key)
        if known is None or (line and not known.line):
            self.nodes[key] = Node(kind, description or (known.description if known else ""), ports, line)
        elif description and not known.description:
            self.nodes[key] = known._replace(description=description)

    def as_built(self) -> AsBuilt:
        """The cables, each once, between devices with names of their own."""
        engines = _engines(self.nodes, self.wires)
        nodes = {k: n for k, n in self.nodes.items() if k not in engines}
        names = _names(nodes)
        seen: dict[tuple[str, int, str, int], Seen] = {}
        for wire in self.wires:
            if wire.near in engines or wire.far in engines:
                continue
            back = (wire.far, wire.far_port, wire.near, wire.port)
            if back in seen:
                if seen[back].heard == "a":
                    seen[back] = seen[back]._replace(heard="ab", gbps=seen[back].gbps or wire.gbps)
                continue
            here = (wire.near, wire.port, wire.far, wire.far_port)
            if here not in seen:
                seen[here] = self._seen(wire, names, nodes)
        cables = tuple(seen.values())
        speeds = {c.gbps for c in cables} - {0.0}
        loose = tuple(
            Loose(*names.end(key, port), "down", state, line, self.path)
            for key, port, state, line in self.down
            if key not in engines
        )
        return AsBuilt(
            self.path,
            self.form,
            cables,
            frozenset(names.device.values()),
            speeds == {_SIMULATED},
            loose,
            None,
            names.chassis,
            frozenset(names.unnamed),
            (*names.remarks, *self.remarks),
            {"SHARP aggregation nodes": len(engines)} if engines else {},
        )

    def _seen(self, wire: Wire, names: _Names, nodes: Mapping[str, Node]) -> Seen:
        near, far = names.end(wire.near, wire.port), names.end(wire.far, wire.far_port)
        roles = [_role(nodes[k].kind) for k in (wire.near, wire.far)]
        both = nodes[wire.near].line and nodes[wire.far].line
        ids = (f"{wire.near}/{wire.port}", f"{wire.far}/{wire.far_port}")
        label = (wire.label,) if wire.label and wire.label != near[1] else ()
        return Seen(
            *near, *far, wire.gbps, wire.line, roles[0], roles[1], a_id=ids[0], b_id=ids[1], file=self.path,
            heard="a" if both else "", a_other=label,
        )  # fmt: skip


def _role(kind: str) -> str:
    return {SWITCH: "switch", ADAPTER: "host"}.get(kind, "")


@dataclass
class _Names:
    device: dict[str, str]
    adapter: dict[str, str]
    chassis: dict[str, str]
    unnamed: set[str]
    remarks: list[Remark]

    def end(self, key: str, port: int) -> tuple[str, str]:
        """Device and port name of a node's port; an adapter without a number has no port name."""
        adapter = self.adapter.get(key)
        if adapter is None:
            return self.device[key], str(port)
        return self.device[key], f"{adapter}/{port}" if adapter else ""


def _engines(nodes: Mapping[str, Node], wires: Iterable[Wire]) -> set[str]:
    """Adapters inside switches: by their description, or on the one port that a switch has beyond its cages."""
    result = {k for k, n in nodes.items() if n.kind == ADAPTER and _ENGINE.search(n.description)}
    for wire in wires:
        for near, port, far in ((wire.near, wire.port, wire.far), (wire.far, wire.far_port, wire.near)):
            node, other = nodes.get(near), nodes.get(far)
            if node is None or other is None or node.kind != SWITCH or other.kind != ADAPTER:
                continue
            if port == node.ports and port % 4 == 1 and port >= 33:
                result.add(far)
    return result


def _names(nodes: Mapping[str, Node]) -> _Names:
    result = _Names({}, {}, {}, set(), [])
    _name_switches({k: n for k, n in nodes.items() if n.kind != ADAPTER}, result)
    _name_adapters({k: n for k, n in nodes.items() if n.kind == ADAPTER}, result)
    return result


def _name_switches(nodes: Mapping[str, Node], result: _Names) -> None:
    systems: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for key, node in nodes.items():
        name, chip = _switch_name(node.description.strip())
        if not name or _FIRMWARE.search(name):
            result.device[key] = f"switch-{key}"
            result.unnamed.add(result.device[key])
        else:
            systems[name].append((key, chip))
    for name, chips in systems.items():
        if len(chips) == 1:
            key, chip = chips[0]
            one = chip.upper() in ("", "U1")
            result.device[key] = name if one else f"{name}/{chip}"
            if not one:
                result.chassis[result.device[key]] = name
            continue
        twice = Counter(chip for _, chip in chips)
        for key, chip in chips:
            called = f"{name}/{chip}" if chip else name
            result.device[key] = called if chip and twice[chip] == 1 else f"{called}@{key}"
            result.chassis[result.device[key]] = name
        if any(n > 1 or not chip for chip, n in twice.items()):
            words = f"{amount(len(chips), 'switch')} {verb(len(chips), 'are')} called {name}; each is known by its GUID"
            result.remarks.append(Remark("name-twice", words, tuple(result.device[k] for k, _ in chips)))


def _name_adapters(nodes: Mapping[str, Node], result: _Names) -> None:
    bearers = Counter(node.description for node in nodes.values())
    for key, node in nodes.items():
        host, adapter = _adapter_name(node.description)
        if host and bearers[node.description] < _IMAGES:
            result.device[key], result.adapter[key] = host, adapter
        else:
            result.device[key], result.adapter[key] = f"adapter-{key}", "port"
            result.unnamed.add(result.device[key])
    if result.unnamed:
        adapters = sum(d.startswith("adapter-") for d in result.unnamed)
        words = [
            f"{n:,} {what}" for n, what in ((adapters, "adapters"), (len(result.unnamed) - adapters, "switches")) if n
        ]
        text = f"{' and '.join(words)} tell no name of their own and are known by their GUID and the port they sit on"
        result.remarks.append(Remark("unnamed", text, tuple(sorted(result.unnamed)[:5])))


def _adapter_name(description: str) -> tuple[str, str]:
    """Host and adapter of a description; no host where it is the firmware's text or of no host in particular."""
    words = description.split()
    if not words or words[0].lower() in _NAMELESS_HOSTS:
        return "", ""
    if len(words) == 1:
        return ("", "") if _FIRMWARE.search(description) or _BARE_ADAPTER.match(words[0]) else (words[0], "")
    last = words[-1] if _ADAPTER.match(words[-1]) else ""
    if _FIRMWARE.search(" ".join(words if not last else words[:-1])):
        return "", ""
    return words[0], last or (words[1] if len(words) == 2 else "")
