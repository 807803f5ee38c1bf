"""Every class of miswire, injected at random places into a file, is found and named; and nothing else."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.slow import first
from topo.audit import Audit, audit, lint_plan
from topo.design import build, parse_design
from topo.errors import InputError
from topo.exporters.formats.ibnetdiscover import to_ibnetdiscover
from topo.fabric import Fabric
from topo.importers.as_built import read_as_built
from topo.importers.as_built.reader import parse_as_built

Row = tuple[str, str, str, str, float]


def fabric_of(gpus: int = 512, family: str = "mrft", keys: str = "") -> Fabric:
    compute = f"{{family: {family}, switch: nvidia-qm9700{keys}}}"
    return build(parse_design(f"name: t\ngpus: {gpus}\nhost: h800-node\nnetworks: {{compute: {compute}}}\n"))


def rows_of(fabric: Fabric) -> list[Row]:
    name, port = fabric.devices.name, fabric.port_names
    a, b = fabric.links.a, fabric.links.b
    d, n = fabric.ports.device, fabric.ports.name
    columns = (name[d[a]], port[n[a]], name[d[b]], port[n[b]], fabric.links.gbps)
    return [(str(w), str(x), str(y), str(z), float(g)) for w, x, y, z, g in zip(*columns, strict=True)]


def csv_of(rows: list[Row]) -> bytes:
    lines = ["a_device,a_port,b_device,b_port,speed_gbps", *(",".join(map(str, r)) for r in rows)]
    return "\n".join(lines).encode()


def audited(fabric: Fabric, rows: list[Row]) -> Audit:
    return audit(fabric, parse_as_built(csv_of(rows), "found.csv"))


FABRIC = fabric_of()
PLAN = rows_of(FABRIC)
UP = [i for i, r in enumerate(PLAN) if not r[0].startswith("host")]
SPARE = fabric_of(248, "mrft")
"""Leaves have spare down ports."""


def test_what_is_as_planned_has_no_findings() -> None:
    found = audited(FABRIC, PLAN)
    assert found.findings == ()
    assert found.counts == {"planned": len(PLAN), "right": len(PLAN)}
    turned = [(y, z, w, x, g) for w, x, y, z, g in PLAN]
    domain = [(f"{w}.dc1.example.com", x, y, z, g) for w, x, y, z, g in PLAN]
    assert audited(FABRIC, turned).findings == audited(FABRIC, domain).findings == ()
    assert audited(FABRIC, turned + PLAN).findings == ()


@pytest.mark.sampled(1)
@pytest.mark.parametrize("seed", first(5, range(20)))
def test_a_swap_is_one_finding_that_names_both_cables(seed: int) -> None:
    i, j = random.Random(seed).sample(UP, 2)
    rows = list(PLAN)
    rows[i], rows[j] = (*PLAN[i][:2], *PLAN[j][2:]), (*PLAN[j][:2], *PLAN[i][2:])
    (finding,) = audited(FABRIC, rows).findings
    assert finding.code == "swapped"
    for row in (PLAN[i], PLAN[j]):
        assert f"{row[0]}:{row[1]}/{row[2]}:{row[3]}" in finding.message
        assert f"{row[2]}:{row[3]}" in finding.where


@pytest.mark.sampled(1)
@pytest.mark.parametrize("seed", first(5, range(20)))
def test_three_cables_in_a_ring_are_one_rotation(seed: int) -> None:
    picked = random.Random(seed).sample(UP, 3)
    rows = list(PLAN)
    for i, j in zip(picked, [*picked[1:], picked[0]], strict=True):
        rows[i] = (*PLAN[i][:2], *PLAN[j][2:])
    (finding,) = audited(FABRIC, rows).findings
    assert finding.code == "rotated"
    assert all(f"{PLAN[i][0]}:{PLAN[i][1]}/" in finding.message for i in picked)


@pytest.mark.sampled(5)
@pytest.mark.parametrize("seed", range(20))
def test_a_missing_cable_is_named(seed: int) -> None:
    i = random.Random(seed).randrange(len(PLAN))
    found = audited(FABRIC, PLAN[:i] + PLAN[i + 1 :])
    (finding,) = found.findings
    row = PLAN[i]
    assert (finding.code, finding.where) == ("missing", (f"{row[0]}:{row[1]}", f"{row[2]}:{row[3]}"))
    assert len(found.fabric.links) == len(FABRIC.links) - 1


def spare_port(fabric: Fabric, device: str) -> str:
    row = fabric.device_row[device]
    ports = np.arange(fabric.port_start[row], fabric.port_start[row + 1])
    free = ports[fabric.link_of_port[ports] < 0]
    return str(fabric.port_name(free[:1])[0])


@pytest.mark.sampled(7)
@pytest.mark.parametrize("seed", range(20))
def test_a_plug_in_another_port_of_the_right_switch_is_a_wrong_port(seed: int) -> None:
    plan = rows_of(SPARE)
    hosts = [i for i, r in enumerate(plan) if r[0].startswith("host")]
    i = random.Random(seed).choice(hosts)
    rows, row = list(plan), plan[i]
    rows[i] = (*row[:3], spare_port(SPARE, row[2]), row[4])
    found = audited(SPARE, rows)
    (finding,) = found.findings
    assert finding.code == "wrong-port"
    assert finding.where == (f"{row[2]}:{rows[i][3]}", f"{row[2]}:{row[3]}")
    assert len(found.fabric.links) == len(SPARE.links)


@pytest.mark.sampled(7)
@pytest.mark.parametrize("seed", range(20))
def test_a_cable_on_another_rail_says_so(seed: int) -> None:
    plan = rows_of(SPARE)
    hosts = [i for i, r in enumerate(plan) if r[0].startswith("host")]
    i = random.Random(seed).choice(hosts)
    row = plan[i]
    other = next(r[2] for r in plan if r[0].startswith("host") and r[2] != row[2])
    rows = list(plan)
    rows[i] = (*row[:2], other, spare_port(SPARE, other), row[4])
    (finding,) = audited(SPARE, rows).findings
    assert finding.code == "wrong-device"
    assert f"rail {row[2][-1]} now meets rail {other[-1]}" in finding.message


@pytest.mark.sampled(5)
@pytest.mark.parametrize("seed", range(20))
def test_an_unknown_device_a_wrong_speed_and_an_extra_cable(seed: int) -> None:
    rng = random.Random(seed)
    i = rng.randrange(len(PLAN))
    rows = list(PLAN)
    rows[i] = (*PLAN[i][:2], "mystery-7", "1/1", PLAN[i][4])
    (finding,) = audited(FABRIC, rows).findings
    assert finding.code == "unknown-device"
    assert "mystery-7" in finding.message
    assert f"{PLAN[i][0]}:{PLAN[i][1]}/{PLAN[i][2]}:{PLAN[i][3]}" in finding.message
    rows[i] = (*PLAN[i][:4], 200.0)
    (finding,) = audited(FABRIC, rows).findings
    assert (finding.code, "200 Gb/s instead of 400" in finding.message) == ("wrong-speed", True)
    plan = rows_of(SPARE)
    leaves = sorted({r[2] for r in plan if r[0].startswith("host")})
    a, b = rng.sample(leaves, 2)
    extra = (a, spare_port(SPARE, a), b, spare_port(SPARE, b), 400.0)
    (finding,) = audited(SPARE, [*plan, extra]).findings
    assert (finding.code, set(finding.where)) == ("extra", {f"{a}:{extra[1]}", f"{b}:{extra[3]}"})


@pytest.mark.sampled(5)
@pytest.mark.parametrize("seed", range(20))
def test_a_port_with_two_cables_and_a_port_that_is_none(seed: int) -> None:
    rng = random.Random(seed)
    plan = rows_of(SPARE)
    i = rng.randrange(len(plan))
    host = next(r for r in plan if r[0] != plan[i][0] and r[2] != plan[i][2])
    more = (host[2], spare_port(SPARE, sorted({r[2] for r in plan if r[0].startswith("host")})[-1]), *plan[i][2:])
    codes = [f.code for f in audited(SPARE, [*plan, more]).findings]
    assert codes == ["port-used-twice"]
    rows = list(PLAN)
    rows[i] = (*PLAN[i][:3], "99/9", PLAN[i][4])
    (finding,) = audited(FABRIC, rows).findings
    assert (finding.code, "has no port 99/9" in finding.message) == ("unknown-port", True)


def test_a_chain_of_moved_plugs_is_told_plug_by_plug() -> None:
    """Host cables each one port further, the last in a spare port: one finding a plug, none missing."""
    plan = rows_of(SPARE)
    leaf = next(r[2] for r in plan if r[0].startswith("host"))
    mine = [i for i, r in enumerate(plan) if r[2] == leaf and r[0].startswith("host")]
    rows = list(plan)
    ports = [plan[i][3] for i in mine] + [spare_port(SPARE, leaf)]
    for i, port in zip(mine, ports[1:], strict=True):
        rows[i] = (*plan[i][:3], port, plan[i][4])
    codes = [f.code for f in audited(SPARE, rows).findings]
    assert codes == ["wrong-port"] * len(mine)


def test_ibnetdiscover_of_the_plan_and_of_a_cut_fabric(tmp_path: Path) -> None:
    path = tmp_path / "found.net"
    path.write_bytes(to_ibnetdiscover(FABRIC))
    found = read_as_built(path)
    assert found.form == "ibnetdiscover"
    assert found.simulated
    assert audit(FABRIC, found).findings == ()
    path.write_bytes(to_ibnetdiscover(FABRIC.without(links=[3, 700])))
    assert [f.code for f in audit(FABRIC, read_as_built(path)).findings] == ["missing", "missing"]
    path.write_text(to_ibnetdiscover(FABRIC).decode().replace("4xQDR", "4xNDR").replace("4xNDR", "4xHDR", 1))
    slow = audit(FABRIC, read_as_built(path)).findings
    assert [f.code for f in slow] == ["wrong-speed"]


def lldp_of(rows: list[Row], forget: Callable[[int], bool]) -> bytes:
    """lldpctl -f json by host, both ways; a neighbour's port is left out where `forget` says so."""
    found: dict[str, dict[str, list[dict[str, object]]]] = {}
    for i, row in enumerate(rows):
        for near, port, far, far_port in (row[:4], (*row[2:4], *row[:2])):
            about: dict[str, object] = {"chassis": {f"{far}.example.org": {"id": {"type": "mac", "value": "x"}}}}
            if not forget(i):
                about["port"] = {"id": {"type": "ifname", "value": far_port}}
            found.setdefault(near, {"interface": []})["interface"].append({port: about})
    return json.dumps({host: {"lldp": value} for host, value in found.items()}).encode()


def test_lldp_from_both_ends_with_gaps() -> None:
    assert audit(FABRIC, parse_as_built(lldp_of(PLAN, lambda i: False), "l.json")).findings == ()
    assert audit(FABRIC, parse_as_built(lldp_of(PLAN, lambda i: i % 3 == 0), "l.json")).findings == ()
    found = audit(FABRIC, parse_as_built(lldp_of(PLAN[1:], lambda i: False), "l.json")).findings
    assert [f.code for f in found] == ["missing"]


def test_a_network_the_file_does_not_show_is_not_missing() -> None:
    text = (
        "name: t\ngpus: 256\nhost: h800-node\nnetworks:\n  compute: {family: mrft, switch: nvidia-qm9700}\n"
        "  storage: {family: ft2, switch: nvidia-qm9700}\n"
    )
    fabric = build(parse_design(text))
    compute = [r for r, n in zip(rows_of(fabric), fabric.links.network.tolist(), strict=True) if n == 0]
    found = audited(fabric, compute)
    assert ([f.code for f in found.findings], found.unseen) == (["not-covered"], ("storage",))
    assert not found.wrong


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\x00\xff\xfe binary", "not UTF-8"),
        (b"", "no known form"),
        (b"hello\nworld\n", "no known form"),
        (b"{", "not valid JSON"),
        (b'{"a": {"lldp": 5}}', "no output of lldpctl"),
        (b'[{"local_device": 5}]', "is no neighbour"),
        (b"a_device,a_port,b_device,b_port\nx,1,y\n", "cut off"),
        (b"a_device,a_port,b_device,b_port\nx\x07,1,y,2\n", "no name of a device"),
        (b"a_device,a_port,b_device,b_port,speed_gbps\nx,1,y,2,fast\n", "no speed"),
        (b'Switch\t64 "S-1"\t# "leaf"\n[1]\t"H-1"[1', "cut off"),
        (b'Switch\t64 "S-1"\t# "le\x1baf"\n', "no name of a device"),
        (b"vendid=1\nnonsense here\n", "no line of ibnetdiscover"),
    ],
)
def test_hostile_files_are_refused_with_their_line(content: bytes, message: str) -> None:
    with pytest.raises(InputError, match=message):
        parse_as_built(content, "found")


def lint(rows: list[Row]) -> list[str]:
    return sorted({f.code for f in lint_plan(parse_as_built(csv_of(rows), "plan.csv"))})


def test_a_plan_without_a_design_is_linted() -> None:
    assert lint(PLAN) == []
    assert lint([*PLAN, PLAN[0]]) == []
    assert lint([*PLAN, (*PLAN[5][:2], *PLAN[9][2:])]) == ["port-used-twice", "rail-broken"]
    leaf_to_leaf = ("su000-leaf-r0", "60/1", "su000-leaf-r1", "60/1", 400.0)
    assert "not-a-fat-tree" in lint([*PLAN, leaf_to_leaf])
    assert lint(PLAN[:-1]) == ["uneven-spread"]
    i, j = 0, 1
    swapped = [(*PLAN[i][:2], *PLAN[j][2:]), (*PLAN[j][:2], *PLAN[i][2:]), *PLAN[2:]]
    assert lint(swapped) == ["rail-broken"]
    assert lint([(*PLAN[0][:4], 100.0), *PLAN[1:]]) == ["wrong-speed"]
