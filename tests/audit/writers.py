"""Files as other tools write them, made from the links of any fabric by code that shares nothing with the readers."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from topo.fabric import Fabric

GAPS = (0, 3, 4, 5, 6, 9, 10, 11, 12, 13, 14, 15)
LANES = {400.0: "4xNDR", 200.0: "4xHDR", 100.0: "4xEDR", 800.0: "4xXDR", 50.0: "1xHDR"}


@dataclass(frozen=True)
class Link:
    """A cable: device, port name, port number on the device, NIC of the host (-1: a switch) at either end."""

    a: str
    a_port: str
    a_number: int
    nic: int
    b: str
    b_port: str
    b_number: int
    gbps: float
    a_host: bool


def links_of(fabric: Fabric) -> list[Link]:
    """Every link, hosts at end a."""
    ports, names, links = fabric.ports, fabric.devices.name, fabric.links
    nic = {int(p): int(n) for p, n in zip(fabric.endpoints.port, fabric.endpoints.nic, strict=True)}
    found = []
    for a, b, gbps in zip(links.a.tolist(), links.b.tolist(), links.gbps.tolist(), strict=True):
        da, db = int(ports.device[a]), int(ports.device[b])
        found.append(
            Link(
                str(names[da]), str(fabric.port_names[ports.name[a]]), int(ports.number[a]), nic.get(a, -1),
                str(names[db]), str(fabric.port_names[ports.name[b]]), int(ports.number[b]), gbps,
                bool(fabric.is_host[da]),
            )
        )  # fmt: skip
    return found


def guid(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()[:16]


def adapter(link: Link, names: Callable[[int], str] = lambda nic: f"HCA-{nic + 1}") -> str:
    return f"{link.a} {names(link.nic)}"


def ibnetdiscover(
    links: Sequence[Link],
    names: Callable[[int], str] = lambda nic: f"HCA-{nic + 1}",
    describe: Callable[[str], str] = lambda switch: f"MF0;{switch}:MQM9700/U1",
    host: Callable[[str], str] = lambda text: text,
    switches_only: bool = False,
    engines: bool = False,
    ports: int = 64,
) -> bytes:
    """As `ibnetdiscover` prints it; with an aggregation node on every switch's last port where asked for."""
    lines: dict[str, list[tuple[int, str]]] = defaultdict(list)
    kind: dict[str, tuple[str, str, int]] = {}
    for link in links:
        b_guid = guid(link.b)
        kind[b_guid] = ("S", describe(link.b), ports + engines)
        if link.a_host:
            text = adapter(link, names)
            a_guid, a_port, a_text, letter = guid(text), 1, host(text), "H"
            kind[a_guid] = ("H", a_text, 1)
        else:
            a_guid, a_port, a_text, letter = guid(link.a), link.a_number, describe(link.a), "S"
            kind[a_guid] = ("S", a_text, ports + engines)
        speed = LANES[link.gbps]
        lines[b_guid].append((link.b_number, f'"{letter}-{a_guid}"[{a_port}] \t\t# "{a_text}" lid 4 {speed}'))
        lines[a_guid].append((a_port, f'"S-{b_guid}"[{link.b_number}] \t\t# "{describe(link.b)}" lid 7 {speed}'))
    out = ["#", "# Topology file: generated on Thu Jan  1 00:00:00 2026", "#"]
    extra: list[str] = []
    for key, (letter, text, number) in sorted(kind.items(), key=lambda item: (item[1][0] != "S", item[0])):
        if letter == "H" and switches_only:
            continue
        word, what = ("Switch", "switchguid") if letter == "S" else ("Ca", "caguid")
        mine = sorted(lines[key])
        if engines and letter == "S":
            node = guid(f"engine {key}")
            mine.append((number, f'"H-{node}"[1] \t\t# "Mellanox Technologies Aggregation Node" lid 9 4xNDR'))
            extra += ["", f"caguid=0x{node}", f'Ca\t1 "H-{node}"\t\t# "Mellanox Technologies Aggregation Node"']
            extra.append(f'[1]({node}) \t"S-{key}"[{number}]\t\t# lid 9 lmc 0 "{text}" lid 1 4xNDR')
        out += ["", "vendid=0x2c9", f"{what}=0x{key}", f'{word}\t{number} "{letter}-{key}"\t\t# "{text}" base port 0']
        out += [f"[{port}] \t{rest}" for port, rest in mine]
    return ("\n".join(out + extra) + "\n").encode()


Neighbour = tuple[str, str, str, str]


def both_ways(links: Sequence[Link]) -> dict[str, list[Neighbour]]:
    """Device -> its neighbours: own port, neighbour, its port, neighbour's role."""
    found: dict[str, list[Neighbour]] = defaultdict(list)
    for link in links:
        found[link.a].append((link.a_port, link.b, link.b_port, "switch"))
        found[link.b].append((link.b_port, link.a, link.a_port, "host" if link.a_host else "switch"))
    return found


def mac(name: str) -> str:
    digits = guid(name)[:12]
    return ":".join(digits[i : i + 2] for i in range(0, 12, 2))


def lldp(links: Sequence[Link], silent: bool = False, plain: bool = True) -> bytes:
    """lldpctl -f json by host; hosts say no system name where they are `silent`; `json0` where not `plain`."""
    found: dict[str, object] = {}
    for device, near in both_ways(links).items():
        rows: list[object] = []
        for port, far, far_port, role in near:
            id_ = {"type": "mac", "value": mac(far)}
            port_id = {"type": "ifname", "value": far_port}
            hidden = silent and role == "host"
            if plain:
                chassis: object = {"id": id_} if hidden else {far: {"id": id_}}
                told = {"type": "mac", "value": mac(far + far_port)} if hidden else port_id
                rows.append({port: {"via": "LLDP", "chassis": chassis, "port": {"id": told, "descr": "up"}}})
            else:
                one = {"id": [id_], "name": [{"value": far}]}
                about = {"id": [port_id], "descr": [{"value": far_port}]}
                rows.append({"name": port, "via": "LLDP", "chassis": [one], "port": [about]})
        if not (silent and any(link.a == device and link.a_host for link in links)):
            found[device] = {"lldp": {"interface": rows}} if plain else {"lldp": [{"interface": rows}]}
    return json.dumps(found).encode()


def eos(links: Sequence[Link], detail: bool = False) -> bytes:
    """`show lldp neighbors | json` of every device by its name, `detail` as asked."""
    found: dict[str, object] = {}
    for device, near in both_ways(links).items():
        if detail:
            about = {
                port: {
                    "lldpNeighborInfo": [
                        {
                            "systemName": f"{far}.example.net",
                            "chassisId": mac(far),
                            "neighborInterfaceInfo": {
                                "interfaceIdType": "interfaceName",
                                "interfaceId": f'"{far_port}"',
                                "interfaceId_v2": far_port,
                            },
                        }
                    ]
                }
                for port, far, far_port, _ in near
            }
            found[device] = {"lldpNeighbors": about}
        else:
            rows = [{"port": p, "neighborDevice": f, "neighborPort": q, "ttl": 120} for p, f, q, _ in near]
            found[device] = {"lldpNeighbors": rows}
    return json.dumps(found).encode()


def table(
    links: Sequence[Link],
    titles: str = "a_device,a_port,b_device,b_port,speed_gbps",
    both: bool = False,
    above: str = "",
    speed: bool = True,
) -> bytes:
    """A table of cables, listed from both ends where asked for, with rows above its titles."""
    mark = ";" if ";" in titles else "\t" if "\t" in titles else ","
    out = [above] if above else []
    out.append(titles)
    for link in links:
        ends = [link.a, link.a_port, link.b, link.b_port]
        for row in (ends, ends[2:] + ends[:2]) if both else (ends,):
            out.append(mark.join([*row, f"{link.gbps:g}"] if speed else row))
    return "\n".join(out).encode()


def netbox(
    links: Sequence[Link], bundle: int = 1, panels: bool = False, crossed: tuple[int, int] | None = None
) -> bytes:
    """NetBox's cables: up to `bundle` links between the same switches in one cable, or switch links over two patch
    panels, two of whose trunks may be crossed."""
    head = "side_a_device,side_a_type,side_a_name,side_b_device,side_b_type,side_b_name,type,status"
    out, front = [head], 0
    groups: dict[tuple[str, str], list[Link]] = defaultdict(list)
    kind = "dcim.interface"
    for link in links:
        if link.a_host:
            out.append(f"{link.a},{kind},{link.a_port},{link.b},{kind},{link.b_port},smf,connected")
        else:
            groups[link.a, link.b].append(link)
    for (a, b), group in groups.items():
        if panels:
            for link in group:
                front += 1
                rear = front
                if crossed and front in crossed:
                    rear = sum(crossed) - front
                out.append(f"{a},{kind},{link.a_port},PP-A,dcim.frontport,F{front},smf,connected")
                out.append(f"PP-A,dcim.rearport,R{front},PP-B,dcim.rearport,R{rear},mpo,connected")
                out.append(f"PP-B,dcim.frontport,F{front},{b},{kind},{link.b_port},smf,connected")
            continue
        for i in range(0, len(group), bundle):
            some = group[i : i + bundle]
            a_ports, b_ports = (",".join(getattr(x, k) for x in some) for k in ("a_port", "b_port"))
            out.append(f'{a},{kind},"{a_ports}",{b},{kind},"{b_ports}",smf,connected')
    return "\n".join(out).encode()


def renamed(links: Sequence[Link], switch: Callable[[str], str], host: Callable[[str], str]) -> list[Link]:
    """Links with other port names."""
    return [replace(x, a_port=(host if x.a_host else switch)(x.a_port), b_port=switch(x.b_port)) for x in links]
