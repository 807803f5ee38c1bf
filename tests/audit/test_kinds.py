"""Kinds of files that people have, made from a design: no false alarm on the clean file, each fault found and named."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pytest

from tests.audit import writers
from tests.audit import writers_more as more
from tests.audit.writers import GAPS, Link, links_of
from tests.slow import slow
from topo.audit import Audit, audit, lint_plan
from topo.design import build, parse_design
from topo.fabric import Fabric
from topo.importers.as_built.reader import parse_as_built


def fabric_of(gpus: int, family: str, switch: str = "nvidia-qm9700", keys: str = "") -> Fabric:
    compute = f"{{family: {family}, switch: {switch}{keys}}}"
    return build(parse_design(f"name: t\ngpus: {gpus}\nhost: h800-node\nnetworks: {{compute: {compute}}}\n"))


NDR = fabric_of(24, "mrft", keys=", rails_per_leaf: 1")
"""Leaves with spare ports."""
ETH = fabric_of(24, "mrft", "nvidia-sn5600", ", endpoint_gbps: 400, uplink_gbps: 800, rails_per_leaf: 1")
PLANES = fabric_of(64, "mpft", keys=", planes: 8")

Writer = Callable[[Sequence[Link]], bytes]
INFINIBAND: dict[str, Writer] = {
    "records": writers.ibnetdiscover,
    "engines": lambda x: writers.ibnetdiscover(x, engines=True),
    "switches only": lambda x: writers.ibnetdiscover(x, switches_only=True),
    "gaps": lambda x: writers.ibnetdiscover(x, names=lambda nic: f"mlx5_{GAPS[nic]}"),
    "capitals": lambda x: writers.ibnetdiscover(x, describe=str.upper, host=lambda t: t.replace("host", "HOST")),
    "domain": lambda x: writers.ibnetdiscover(x, host=lambda t: t.replace(" ", ".cluster.example ")),
    "lost tabs": lambda x: writers.ibnetdiscover(x).replace(b"\t", b" ").replace(b"] ", b"]"),
    "pdsh": lambda x: b"\n".join(b"mgmt-1: " + line for line in writers.ibnetdiscover(x).splitlines()),
    "log": lambda x: b"[root@mgmt ~]# ibnetdiscover\n" + writers.ibnetdiscover(x) + b"[root@mgmt ~]# exit\n",
}
TABLES: dict[str, Writer] = {
    "ours": writers.table,
    "both ends": lambda x: writers.table(x, both=True),
    "semicolons": lambda x: writers.table(x, "Source Device;Source Port;Destination Device;Destination Port;Speed"),
    "titles": lambda x: writers.table(
        x, "A Device\tA Port\tZ Device\tZ Port\tSpeed (Gbps)", above="Cabling\tof\trow 7"
    ),
    "peers": lambda x: writers.table(x, "Node,Node Interface,Peer Node,Peer Interface,Speed"),
    "netbox": writers.netbox,
    "netbox bundles": lambda x: writers.netbox(x, 2),
    "netbox panels": lambda x: writers.netbox(x, panels=True),
}
REPORTS: dict[str, Writer] = {
    "lldp": writers.lldp,
    "json0": lambda x: writers.lldp(x, plain=False),
    "eos": writers.eos,
    "eos detail": lambda x: writers.eos(x, detail=True),
    "sonic alias": lambda x: writers.eos(writers.renamed(x, sonic_alias, str)),
    "nx-os": lambda x: writers.eos(writers.renamed(x, lambda p: "Ethernet1/" + "/".join(map(str, cage(p))), str)),
    "eos names": lambda x: writers.eos(writers.renamed(x, lambda p: "Ethernet" + "/".join(map(str, cage(p))), str)),
    "junos": lambda x: writers.eos(writers.renamed(x, junos, str)),
    "pdsh": lambda x: b"\n".join(
        f"{host}: {line}".encode()
        for host, output in json.loads(writers.lldp(x)).items()
        for line in json.dumps(output, indent=1).splitlines()
    ),
    "log": lambda x: b"admin@mgmt:~$ cat all.json\n" + writers.lldp(x) + b"\nadmin@mgmt:~$ \n",
    "sonic lanes": lambda x: writers.eos(writers.renamed(x, sonic_lane, str)),
    "dell": lambda x: writers.eos(writers.renamed(x, lambda p: "ethernet1/1/" + ":".join(map(str, cage(p))), str)),
    "mlnx-os": lambda x: writers.eos(writers.renamed(x, lambda p: "Eth1/" + "/".join(map(str, cage(p))), str)),
    "line card": lambda x: writers.eos(writers.renamed(x, lambda p: "Ethernet3/" + "/".join(map(str, cage(p))), str)),
    "junos line card": lambda x: writers.eos(writers.renamed(x, lambda p: junos(p).replace("et-0", "et-7"), str)),
    "line cards": lambda x: writers.eos(writers.renamed(x, lambda p: on_card(p, 16, [3, 4, 5, 6]), str)),
    "line cards apart": lambda x: writers.eos(writers.renamed(x, lambda p: on_card(p, 32, [2, 7]), str)),
    "junos line cards": lambda x: writers.eos(writers.renamed(x, lambda p: junos_card(p, 16), str)),
    "linux hosts": lambda x: writers.lldp(writers.renamed(x, str, lambda p: f"enp{16 * GAPS[int(p[5:])]}s0np0")),
}
INFINIBAND |= {
    "iblinkinfo": more.iblinkinfo,
    "iblinkinfo line": lambda x: more.iblinkinfo(x, line=True),
    "port report": more.port_report,
    "net_dump": more.net_dump,
    "db_csv": more.db_csv,
    "ufm links": more.ufm_links,
    "ibdm topo": more.ibdm_topo,
}
TABLES |= {
    "ndt": more.ndt,
    "netbox json": more.netbox_json,
    "xlsx": more.xlsx,
    "mlnx-os": lambda x: writers.table(writers.renamed(x, lambda p: f"IB1/{p}", str)),
    "infragraph": more.infragraph,
}
REPORTS |= {
    "nx-os json": more.nxos,
    "junos json": more.junos,
    "nvue": more.nvue,
    "networkctl": more.networkctl,
    "napalm": more.napalm,
    "napalm detail": lambda x: more.napalm(x, detail=True),
    "sonic table": more.sonic,
    "ptm": more.ptm,
    "containerlab": more.containerlab,
    "sonic db": more.sonic_db,
    "openconfig": more.openconfig,
    "hedgehog": more.hedgehog,
}
FORMS = (
    [pytest.param(NDR, w, id=f"ib-{n}") for n, w in INFINIBAND.items()]
    + [pytest.param(NDR, w, id=f"table-{n}") for n, w in TABLES.items()]
    + [pytest.param(ETH, w, id=f"lldp-{n}") for n, w in REPORTS.items()]
)


def cage(port: str) -> list[int]:
    """Cage and part, from 1, of a Cumulus name."""
    number, _, part = port.removeprefix("swp").partition("s")
    return [int(number), int(part or 0) + 1]


def sonic_alias(port: str) -> str:
    number, part = cage(port)
    return f"etp{number}{'abcdefgh'[part - 1] if 's' in port.removeprefix('swp') else ''}"


def sonic_lane(port: str) -> str:
    number, part = cage(port)
    return f"Ethernet{8 * (number - 1) + 4 * (part - 1)}"


def junos(port: str) -> str:
    number, part = cage(port)
    return f"et-0/0/{number - 1}" + (f":{part - 1}" if "s" in port.removeprefix("swp") else "")


def on_card(port: str, each: int, slots: Sequence[int]) -> str:
    """A chassis of line cards of `each` cages, in these slots."""
    number, part = cage(port)
    whole = f"Ethernet{slots[(number - 1) // each]}/{(number - 1) % each + 1}"
    return f"{whole}/{part}" if "s" in port.removeprefix("swp") else whole


def junos_card(port: str, each: int) -> str:
    number, part = cage(port)
    whole = f"et-{(number - 1) // each}/0/{(number - 1) % each}"
    return f"{whole}:{part - 1}" if "s" in port.removeprefix("swp") else whole


def audited(fabric: Fabric, *contents: bytes) -> Audit:
    return audit(fabric, [parse_as_built(content, f"{i}.txt") for i, content in enumerate(contents)])


def codes(found: Audit) -> list[str]:
    return [f.code for f in found.findings if f.severity != "note"]


SOME = [form if i % 6 == 0 else slow(*form.values, id=form.id) for i, form in enumerate(FORMS)]


@pytest.mark.sampled(30)
@pytest.mark.parametrize(("fabric", "write"), FORMS)
def test_the_clean_file_is_right(fabric: Fabric, write: Writer) -> None:
    found = audited(fabric, write(links_of(fabric)))
    assert codes(found) == []
    assert found.counts == {"planned": len(fabric.links), "right": len(fabric.links)}


@pytest.mark.sampled(4)
@pytest.mark.parametrize(("fabric", "write"), SOME)
def test_each_fault_is_found_and_named(fabric: Fabric, write: Writer) -> None:
    faults(fabric, write, random.Random(0))


@pytest.mark.slow
@pytest.mark.parametrize(("fabric", "write"), FORMS)
def test_a_thousand_faults_are_found_and_named(fabric: Fabric, write: Writer) -> None:
    """Each form by itself: files with a score of faults each, of every class that the form can show."""
    number = sum(many_faults(fabric, write, random.Random(seed)) for seed in range(54))
    assert number >= 1000


@pytest.mark.sampled(6)
@pytest.mark.parametrize(("fabric", "write"), FORMS)
def test_a_score_of_faults_in_one_file(fabric: Fabric, write: Writer) -> None:
    assert many_faults(fabric, write, random.Random(1)) >= 22


DOWN = (more.iblinkinfo, more.net_dump, more.ndt)
"""Forms that show a port that is down, here of a link without a speed."""
TWICE = tuple(TABLES[name] for name in ("ours", "both ends", "semicolons", "titles", "peers", "xlsx"))
"""Forms in which a port can have two cables."""


def many_faults(fabric: Fabric, write: Writer, rng: random.Random) -> int:
    """Faults of every class that the form can show, all in one file, on cables of their own: exactly they are found,
    each with its ports. How many they are. At most one cable of each NIC is wrong, so that where only its cables tell
    what a NIC's name means, most of them are right; port 63 is left alone, which one writer always shows as down."""
    plan = links_of(fabric)
    tells_speed = {c.gbps for c in parse_as_built(write(plan), "x").cables} == {x.gbps for x in plan}
    up = rng.sample([i for i, x in enumerate(plan) if not x.a_host and 63 not in (x.a_number, x.b_number)], 40)
    down = [rng.choice([i for i, x in enumerate(plan) if x.a_host and x.nic == nic]) for nic in range(8)]
    rng.shuffle(down)
    rows: list[Link | None] = list(plan)
    expected: list[tuple[str, tuple[str, ...]]] = []
    used: set[tuple[str, str]] = set()

    def end(i: int) -> str:
        return f"{plan[i].b}:{plan[i].b_port}"

    def ring(*places: int) -> None:
        for one, other in zip(places, (*places[1:], places[0]), strict=True):
            far = {k: getattr(plan[other], k) for k in ("b", "b_port", "b_number")}
            rows[one] = replace(plan[one], **far)
        expected.append(("swapped" if len(places) == 2 else "rotated", tuple(map(end, places))))

    def free(device: str) -> tuple[str, int]:
        row = fabric.device_row[device]
        ports = np.arange(fabric.port_start[row], fabric.port_start[row + 1])
        for port in ports[fabric.link_of_port[ports] < 0].tolist():
            name = str(fabric.port_names[fabric.ports.name[port]])
            if (device, name) not in used:
                used.add((device, name))
                return name, int(fabric.ports.number[port])
        raise AssertionError(device)

    for group, times in ((up, 4), (down, 1)):
        for _ in range(times):
            ring(group.pop(), group.pop())
    ring(up.pop(), up.pop(), up.pop())
    for i in (up.pop(), up.pop(), up.pop(), down.pop(), down.pop()):
        rows[i] = None
        expected.append(("missing", (f"{plan[i].a}:{plan[i].a_port}", end(i))))
    for i in (down.pop(), down.pop(), down.pop()):
        port, number = free(plan[i].b)
        rows[i] = replace(plan[i], b_port=port, b_number=number)
        expected.append(("wrong-port", (f"{plan[i].b}:{port}", end(i))))
    for n in range(3):
        i = up.pop()
        rows[i] = replace(plan[i], a=f"mystery-{n}")
        expected.append(("unknown-device", (end(i),)))
    leaves = sorted({x.b for x in plan if x.a_host})
    i = down.pop()
    other = rng.choice([leaf for leaf in leaves if leaf != plan[i].b])
    port, number = free(other)
    rows[i] = replace(plan[i], b=other, b_port=port, b_number=number)
    expected.append(("wrong-device", (f"{other}:{port}", end(i))))
    for i in (up.pop(), up.pop()):
        other = rng.choice([leaf for leaf in leaves if leaf != plan[i].a])
        port, number = free(other)
        rows[i] = replace(plan[i], a=other, a_port=port, a_number=number)
        expected.append(("wrong-device", (f"{other}:{port}", f"{plan[i].a}:{plan[i].a_port}")))
    for i in (up.pop(), up.pop()) if write in DOWN else ():
        rows[i] = replace(plan[i], gbps=0.0)
        expected.append(("port-down", (end(i),)))
    for i in (up.pop(), up.pop()) if write in TWICE else ():
        other = rng.choice(leaves)
        port, number = free(other)
        rows.append(replace(plan[i], a=other, a_port=port, a_number=number))
        expected.append(("port-used-twice", (f"{other}:{port}", end(i))))
    for a, b in (rng.sample(leaves, 2), rng.sample(leaves, 2)):
        (a_port, a_number), (b_port, b_number) = free(a), free(b)
        rows.append(Link(a, a_port, a_number, -1, b, b_port, b_number, plan[up[0]].gbps, False))
        expected.append(("extra", (f"{a}:{a_port}", f"{b}:{b_port}")))
    for _ in range(2 if tells_speed else 0):
        i = up.pop()
        rows[i] = replace(plan[i], gbps=200.0)
        expected.append(("wrong-speed", (end(i),)))
    found = audited(fabric, write([x for x in rows if x is not None]))
    assert Counter(codes(found)) == Counter(code for code, _ in expected), found.findings
    for code, ports in expected:
        mine = [f.message for f in found.findings if f.code == code]
        assert any(all(p in message for p in ports) for message in mine), (code, ports, mine)
    return len(expected)


def spare(fabric: Fabric, device: str) -> tuple[str, int]:
    row = fabric.device_row[device]
    ports = np.arange(fabric.port_start[row], fabric.port_start[row + 1])
    free = ports[fabric.link_of_port[ports] < 0][0]
    return str(fabric.port_names[fabric.ports.name[free]]), int(fabric.ports.number[free])


def faults(fabric: Fabric, write: Writer, rng: random.Random) -> None:
    """One of each class that the form can show, each in a file of its own."""
    plan = links_of(fabric)
    up = [i for i, x in enumerate(plan) if not x.a_host]
    down = [i for i, x in enumerate(plan) if x.a_host]

    def exchanged(i: int, j: int) -> list[Link]:
        rows = list(plan)
        for one, other in ((i, j), (j, i)):
            far = {k: getattr(plan[other], k) for k in ("b", "b_port", "b_number")}
            rows[one] = replace(plan[one], **far)
        return rows

    for group in (up, down):
        i, j = rng.sample(group, 2)
        found = audited(fabric, write(exchanged(i, j)))
        assert codes(found) == ["swapped"], (plan[i], plan[j], found.findings)
        named(found, f"{plan[i].b}:{plan[i].b_port}", f"{plan[j].b}:{plan[j].b_port}")
        gone = rng.choice(group)
        found = audited(fabric, write(plan[:gone] + plan[gone + 1 :]))
        assert codes(found) == ["missing"]
        named(found, f"{plan[gone].a}:{plan[gone].a_port}", f"{plan[gone].b}:{plan[gone].b_port}")
    i = rng.choice(down)
    port, number = spare(fabric, plan[i].b)
    moved = [*plan[:i], replace(plan[i], b_port=port, b_number=number), *plan[i + 1 :]]
    found = audited(fabric, write(moved))
    assert codes(found) == ["wrong-port"]
    named(found, f"{plan[i].b}:{port}", f"{plan[i].b}:{plan[i].b_port}")
    i = rng.choice(down)
    other = rng.choice(sorted({x.b for x in plan if x.a_host} - {plan[i].b}))
    port, number = spare(fabric, other)
    found = audited(fabric, write([*plan[:i], replace(plan[i], b=other, b_port=port, b_number=number), *plan[i + 1 :]]))
    assert codes(found) == ["wrong-device"]
    named(found, f"{other}:{port}", f"{plan[i].b}:{plan[i].b_port}")
    i = rng.choice(up)
    strange = [*plan[:i], replace(plan[i], a="mystery-7"), *plan[i + 1 :]]
    found = audited(fabric, write(strange))
    assert codes(found) == ["unknown-device"]
    named(found, f"{plan[i].b}:{plan[i].b_port}")


def named(found: Audit, *ports: str) -> None:
    (finding,) = (f for f in found.findings if f.severity == "error")
    for port in ports:
        assert port in finding.message, (port, finding.message)


SILENT = {"ufm links", "ibdm topo"}
"""Forms that tell no speeds, or none above QDR."""
SLOW = (
    {f"ib-{n}" for n in INFINIBAND if n not in SILENT}
    | {"table-infragraph"}
    | {"table-ours", "table-both ends", "table-semicolons"}
)


@pytest.mark.parametrize("name", sorted(SLOW))
def test_a_slow_cable_is_named_where_the_form_tells_speeds(name: str) -> None:
    write = {**{f"ib-{n}": w for n, w in INFINIBAND.items()}, **{f"table-{n}": w for n, w in TABLES.items()}}[name]
    plan = links_of(NDR)
    i = random.Random(name).randrange(len(plan))
    found = audited(NDR, write([*plan[:i], replace(plan[i], gbps=200.0), *plan[i + 1 :]]))
    assert codes(found) == ["wrong-speed"]
    named(found, f"{plan[i].b}:{plan[i].b_port}", "200 Gb/s instead of 400")


@pytest.mark.parametrize(
    "text", ["MT4129 ConnectX7   Mellanox Technologies", "localhost mlx5_0", "localhost HCA-1", ""]
)
def test_adapters_without_a_name_are_known_by_their_port(text: str) -> None:
    """As many unnamed adapters as GUIDs: one warning, no port used twice, none missing."""
    plan = links_of(NDR)
    hosts = sum(x.a_host for x in plan)
    content = writers.ibnetdiscover(plan, host=lambda _: text)
    found = audited(NDR, content)
    assert codes(found) == ["unnamed-neighbour"]
    assert found.counts["unnamed-neighbour"] == hosts
    assert found.counts["right"] == len(plan) - hosts
    assert not found.wrong
    assert [e.built_gbps for e in found.bisection] == [e.planned_gbps for e in found.bisection]
    assert {f.code for f in lint_plan(parse_as_built(content, "x"))} <= {"unnamed"}
    i = next(i for i, x in enumerate(plan) if x.a_host)
    port, number = spare(NDR, plan[i].b)
    moved = [*plan[:i], replace(plan[i], b_port=port, b_number=number), *plan[i + 1 :]]
    found = audited(NDR, writers.ibnetdiscover(moved, host=lambda _: text))
    assert sorted(codes(found)) == ["extra", "missing", "unnamed-neighbour"]


def test_neighbours_without_a_name_are_not_missing() -> None:
    plan = links_of(ETH)
    found = audited(ETH, writers.lldp(plan, silent=True))
    assert codes(found) == ["unnamed-neighbour"]
    assert not found.wrong
    gone = next(i for i, x in enumerate(plan) if x.a_host)
    found = audited(ETH, writers.lldp(plan[:gone] + plan[gone + 1 :], silent=True))
    assert sorted(codes(found)) == ["missing", "unnamed-neighbour"]


def test_one_plane_is_judged_alone_and_all_planes_together() -> None:
    plan = links_of(PLANES)
    parts = [writers.ibnetdiscover([x for x in plan if x.b.startswith(f"p{p}-")]) for p in range(8)]
    found = audited(PLANES, *parts)
    assert found.findings == ()
    assert found.counts == {"planned": 64, "right": 64}
    found = audited(PLANES, parts[3])
    assert codes(found) == []
    assert found.counts == {"planned": 8, "right": 8, "not-covered": 56}
    assert [e.built_gbps for e in found.bisection] == [e.planned_gbps for e in found.bisection]
    found = audited(PLANES, parts[2], writers.ibnetdiscover([x for x in plan if x.b.startswith("p5-")][1:]))
    assert codes(found) == ["missing"]
    assert found.counts["not-covered"] == 48


def test_reports_of_one_switch_cover_its_links_alone() -> None:
    plan = links_of(ETH)
    every = json.loads(writers.lldp(plan))
    one = json.dumps({"pod00-spine00": every["pod00-spine00"]}).encode()
    found = audited(ETH, one)
    mine = sum("pod00-spine00" in (x.a, x.b) for x in plan)
    assert codes(found) == []
    assert found.counts == {"planned": mine, "right": mine, "not-covered": len(plan) - mine}
    star = writers.table([x for x in plan if x.b == "pod00-spine00"])
    assert audited(ETH, star).counts == found.counts
    files = [json.dumps({k: v}).encode() for k, v in every.items()]
    found = audited(ETH, *files)
    assert (codes(found), found.counts) == ([], {"planned": len(plan), "right": len(plan)})


def test_a_cable_that_one_of_two_ends_reports_is_right_with_a_note() -> None:
    every = json.loads(writers.lldp(links_of(ETH)))
    del every["pod00-spine00"]["lldp"]["interface"][4]
    found = audited(ETH, json.dumps(every).encode())
    assert [f.code for f in found.findings] == ["one-end"]
    assert found.counts["right"] == len(ETH.links)


def director(edges: int, lines: int, spines: int) -> bytes:
    """Edge switches with two hosts each on a director of line and spine chips."""
    rows: list[tuple[str, int, str, int]] = []
    for e in range(edges):
        rows += [(f"edge{e}", h + 1, f"n{2 * e + h} HCA-1", 1) for h in range(2)]
        rows += [(f"edge{e}", 20 + c, f"dir1:MCS8500/L{c // 2 + 1:02}/U{c % 2 + 1}", e + 1) for c in range(lines)]
    for c in range(lines):
        chip = f"dir1:MCS8500/L{c // 2 + 1:02}/U{c % 2 + 1}"
        rows += [(chip, 21 + s, f"dir1:MCS8500/S{s + 1:02}/U1", c + 1) for s in range(spines)]
    names = sorted({r[0] for r in rows} | {r[2] for r in rows})
    out = []
    for name in names:
        is_host = name.startswith("n")
        text = name if is_host else f"MF0;{name if ':' in name else name + ':MQM8700/U1'}"
        letter, word, key = ("H", "Ca", "ca") if is_host else ("S", "Switch", "switch")
        out += ["", f"{key}guid=0x{writers.guid(name)}", f'{word}\t41 "{letter}-{writers.guid(name)}"\t# "{text}"']
        for near, port, far, far_port in [*rows, *((c, d, a, b) for a, b, c, d in rows)]:
            if near == name:
                other = "H" if far.startswith("n") else "S"
                out.append(f'[{port}]\t"{other}-{writers.guid(far)}"[{far_port}]\t# "x" lid 1 4xHDR')
    return "\n".join(out).encode()


@pytest.mark.parametrize(("edges", "lines", "spines"), [(2, 4, 2), (6, 8, 4)])
def test_chips_of_a_director_are_nodes_of_one_chassis_and_no_cable_is_lost(edges: int, lines: int, spines: int) -> None:
    plan = parse_as_built(director(edges, lines, spines), "d.txt")
    assert len(plan.cables) == 2 * edges + edges * lines + lines * spines
    assert set(plan.chassis.values()) == {"dir1"}
    assert len(plan.chassis) == lines + spines
    assert lint_plan(plan) == []


def test_members_of_a_bond_are_told_apart() -> None:
    plan = links_of(ETH)
    every = json.loads(writers.lldp(plan))
    host = next(x.a for x in plan if x.a_host)
    rows = every[host]["lldp"]["interface"]
    first, second = rows[0], rows[1]
    (a, about_a), (b, about_b) = first.popitem(), second.popitem()
    first[a], second[b] = about_a, about_b
    every[host]["lldp"]["interface"] = [*rows, {a: about_b}, {b: about_a}, {"bond0": about_a}]
    content = json.dumps(every).encode()
    found = audited(ETH, content)
    assert [f.code for f in found.findings] == ["several-neighbours"]
    assert found.counts["right"] == len(plan)
    assert {f.code for f in lint_plan(parse_as_built(content, "x"))} <= {"several-neighbours"}
    alone = audited(ETH, json.dumps({host: every[host]}).encode())
    assert codes(alone) == []


def test_crossed_trunks_are_a_swap() -> None:
    found = audited(NDR, writers.netbox(links_of(NDR), panels=True, crossed=(3, 90)))
    assert codes(found) == ["swapped"]


def test_a_cage_is_not_whole_and_in_parts() -> None:
    rows = "a_device,a_port,b_device,b_port\nh0,e0,leaf,swp1\nh1,e0,leaf,swp1s0\nh2,e0,leaf,swp2s0\nh3,e0,leaf,swp2s1\n"
    (finding,) = lint_plan(parse_as_built(rows.encode(), "x.csv"))
    assert finding.code == "port-used-twice"
    assert "leaf:swp1 and leaf:swp1s0 are the same cage" in finding.message


@pytest.mark.parametrize(
    ("whole", "part", "free"),
    [
        ("Ethernet1/5", "Ethernet1/5/1", "Ethernet1/6/1"),
        ("Ethernet7", "Ethernet7/3", "Ethernet70/3"),
        ("Eth1/5", "eth1/5/2", "Eth1/51"),
        ("IB1/1/5", "IB1/1/5/2", "IB1/1/6/2"),
        ("et-3/0/5", "et-3/0/5:1", "et-3/0/6:1"),
        ("ethernet1/1/5", "ethernet1/1/5:2", "ethernet1/1/6:2"),
        ("etp5", "etp5b", "etp6b"),
        ("swp5", "swp5s1", "swp6s1"),
    ],
)
def test_a_cage_and_its_part_by_every_vendor(whole: str, part: str, free: str) -> None:
    def found(second: str) -> list[str]:
        rows = f"a_device,a_port,b_device,b_port\nh0,e0,leaf,{whole}\nh1,e0,leaf,{second}\nh2,e0,leaf,x9\n"
        return [f.code for f in lint_plan(parse_as_built(rows.encode(), "x.csv"))]

    assert found(part) == ["port-used-twice"]
    assert found(free) == []


@pytest.mark.parametrize(
    ("whole", "part"), [("et-3/0/5", "et-7/0/5:1"), ("et-3/0/5", "et-3/1/5:1"), ("ethernet1/1/5", "ethernet1/2/5:2")]
)
def test_a_cage_is_one_of_its_own_line_card(whole: str, part: str) -> None:
    rows = f"a_device,a_port,b_device,b_port\nh0,e0,leaf,{whole}\nh1,e0,leaf,{part}\nh2,e0,leaf,x9\n"
    assert lint_plan(parse_as_built(rows.encode(), "x.csv")) == []


@pytest.mark.parametrize("spines", [2, 3, 4])
@pytest.mark.parametrize("each", [1, 2, 3])
def test_a_leaf_with_its_uplinks_elsewhere_than_its_peers(spines: int, each: int) -> None:
    rows = ["a_device,a_port,b_device,b_port"]
    number = dict.fromkeys(range(spines), 0)
    for leaf in range(6):
        rows += [f"h{leaf}-{h},eth0,leaf{leaf},{h}" for h in range(4)]
        for k in range(spines * each):
            spine = k % spines if leaf != 4 else k % (spines - 1)
            number[spine] += 1
            rows.append(f"leaf{leaf},{40 + k},spine{spine},{number[spine]}")
    found = lint_plan(parse_as_built("\n".join(rows).encode(), "x.csv"))
    assert {f.code for f in found} == {"uneven-spread"}
    assert any(f.where[0] == "leaf4" for f in found)


def unlike(kinds: dict[str, tuple[int, int]], spines: int = 4) -> list[str]:
    """Rows of a plan whose leaves are called alike: by kind of host how many leaves there are, and uplinks of each."""
    rows, number = ["a_device,a_port,b_device,b_port"], dict.fromkeys(range(spines), 0)
    turn = 0
    for nth, (kind, (leaves, uplinks)) in enumerate(kinds.items()):
        for leaf in range(leaves):
            rows += [f"{kind}-{leaf}{h},eth0,leaf-{nth}-{leaf:02d},{h}" for h in range(4)]
            for k in range(uplinks):
                spine, turn = turn % spines, turn + 1
                number[spine] += 1
                rows.append(f"leaf-{nth}-{leaf:02d},{40 + k},spine{spine},{number[spine]}")
    return rows


@pytest.mark.parametrize(
    "kinds",
    [
        {"a": (6, 8), "b": (3, 4)},
        {"a": (6, 8), "b": (1, 4)},
        {"a": (6, 8), "b": (2, 4), "c": (2, 12)},
        {"a": (6, 8), "b": (2, 5)},
        {"a": (6, 8), "b": (2, 6), "c": (1, 4)},
    ],
)
def test_leaves_of_unlike_hosts_have_uplinks_of_their_own(kinds: dict[str, tuple[int, int]]) -> None:
    rows = unlike(kinds)
    found = lint_plan(parse_as_built("\n".join(rows).encode(), "x.csv"))
    assert {f.severity for f in found} == {"note"}
    for leaf in ("leaf-0-00", "leaf-0-04"):
        last = max(i for i, row in enumerate(rows) if row.startswith(f"{leaf},"))
        short = [row for i, row in enumerate(rows) if i != last]
        found = lint_plan(parse_as_built("\n".join(short).encode(), "x.csv"))
        assert any(f.where[0] == leaf and f.code == "uneven-spread" and f.severity == "error" for f in found)


@pytest.mark.parametrize("leaves", [1, 2])
def test_a_cable_too_few_is_told_be_the_hosts_called_otherwise(leaves: int) -> None:
    """One leaf of other hosts that has lost an uplink is no kind of its own."""
    rows = unlike({"a": (6, 8), "b": (leaves, 8)})
    assert not lint_plan(parse_as_built("\n".join(rows).encode(), "x.csv"))
    for own in (row for row in list(rows) if row.startswith("leaf-1-00,")):
        short = [row for row in rows if row != own]
        found = lint_plan(parse_as_built("\n".join(short).encode(), "x.csv"))
        assert any(f.where[0] == "leaf-1-00" and f.code == "uneven-spread" and f.severity == "error" for f in found)
