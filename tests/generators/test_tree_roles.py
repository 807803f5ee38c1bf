"""Border and service leaves, ports to the outside, spines that two networks share, and a least number of leaves."""

from __future__ import annotations

import json
from dataclasses import replace

import networkx as nx
import numpy as np
import pytest

import topo
from topo.analysis.throughput import throughput
from topo.certificates import verify_certificate
from topo.checks import Context
from topo.checks.run import run_wiring
from topo.design import Design, build, closed_forms, parse_design
from topo.errors import InputError
from topo.exporters.formats.fabric_json import to_json
from topo.fabric import LEAF, SPINE, Fabric, PortRole
from topo.importers.fabric_json import from_json

HEAD = """name: roles
gpus: 512
host: dgx-h100-4-networks
other_hosts:
  - {host: storage-host-3-networks, count: 8}
  - {host: management-host-3-networks, count: 4}
networks:
  compute: {family: mrft, switch: nvidia-qm9700}
  storage: {family: ft2, switch: nvidia-qm9700, spread: by-one}
"""
BORDER = "{role: border, count: 2, outside: {ports: 6, gbps: 100}}"
IN_BAND = (
    "  in-band: {family: ft2, switch: nvidia-sn4600c, homing: dual, oversubscription: 2, spines: 4, leaves: [%s]}\n"
)
OOB = "  out-of-band: {family: ft2, switch: nvidia-sn2201, uplink_gbps: 100, %s}\n"


def design(in_band: str = BORDER, out_of_band: str = "uplinks: 4, spines_in: in-band") -> Design:
    return parse_design(HEAD + IN_BAND % in_band + OOB % out_of_band, "roles.yaml")


def findings(asked: Design, fabric: Fabric) -> list[str]:
    return [f.message for f in run_wiring(Context(fabric, asked.catalog, closed_forms(asked)))]


@pytest.mark.parametrize(
    ("in_band", "leaves"),
    [
        (BORDER, {"border": 2}),
        (BORDER + ", {role: service, hosts: [storage-host-3-networks, management-host-3-networks]}",
         {"border": 2, "service": 2}),
        ("{role: service, hosts: storage-host-3-networks}, {role: service, hosts: management-host-3-networks}",
         {"service": 4}),
        ("{role: border, count: 1, outside: {ports: 40, gbps: 25}, uplinks: 8}", {"border": 1}),
        ("{role: service, count: 2, outside: {ports: 4, gbps: 100}}, {role: border, count: 2, switch: nvidia-sn3700c, "
         "outside: {ports: 8, gbps: 100}, uplinks: 8}", {"border": 2, "service": 2}),
    ],
)  # fmt: skip
def test_leaves_are_named_after_their_role_and_nothing_is_found(in_band: str, leaves: dict[str, int]) -> None:
    asked = design(in_band)
    fabric = build(asked)
    assert findings(asked, fabric) == []
    row = fabric.networks.index("in-band")
    mine = (fabric.devices.network == row) & (fabric.devices.tier == LEAF)
    names = [str(n).removeprefix("in-band-") for n in fabric.devices.name[mine]]
    assert {r: sum(n.startswith(f"{r}-leaf-") for n in names) for r in leaves} == leaves
    assert len(set(names)) == len(names)


def test_ports_to_the_outside_are_no_spare_ones_and_survive_a_file() -> None:
    asked = design()
    fabric = build(asked)
    out = fabric.ports.role == PortRole.OUTSIDE
    assert int(out.sum()) == 2 * 6
    assert set(fabric.ports.gbps[out].tolist()) == {100.0}
    again = from_json(to_json(fabric))
    np.testing.assert_array_equal(again.ports.role, fabric.ports.role)
    assert [again.lender(row) for row in range(4)] == [0, 1, 2, 2]
    spare = closed_forms(asked)["in-band"].spare
    free = (fabric.link_of_port < 0) & (fabric.devices.network[fabric.ports.device] == 2) & ~out
    assert int(free.sum()) == sum(spare.values())


def test_shared_spines_join_the_leaves_of_both_networks() -> None:
    """The out-of-band network as a graph of its own links reaches every leaf only over in-band spines."""
    fabric = build(design())
    for name in ("in-band", "out-of-band"):
        row = fabric.networks.index(name)
        mine = (fabric.links.network == row) & ~fabric.is_endpoint_link
        graph = nx.MultiGraph(zip(fabric.link_a[mine].tolist(), fabric.link_b[mine].tolist(), strict=True))
        assert nx.is_connected(graph)
        assert set(graph) == set(np.flatnonzero(fabric.switches_in(row)).tolist())
    spines = fabric.devices.tier == SPINE
    assert not (spines & (fabric.devices.network == fabric.networks.index("out-of-band"))).any()
    both = np.bincount(np.concatenate([fabric.links.a, fabric.links.b]), minlength=len(fabric.ports))
    assert both.max() == 1


def test_a_network_on_lent_spines_is_as_one_with_its_own() -> None:
    """Throughput, hops and what the loss of a spine costs are those of the same leaves below spines of their own."""
    lent = build(design())
    own = build(design(out_of_band="uplinks: 4, spines: 4, spine_switch: nvidia-sn4600c"))
    for routing in ("adaptive", "spray", "ecmp"):
        one, two = (throughput(f, "all-to-all", routing, "out-of-band") for f in (lent, own))
        assert one.lower == pytest.approx(two.lower)
        assert one.upper == pytest.approx(two.upper)
    found = throughput(lent, "all-to-all", "adaptive", "out-of-band")
    assert verify_certificate(lent, found.certificate).network == "out-of-band"
    lost = [f.without(devices=[n]) for f, n in ((lent, "in-band-spine-000"), (own, "out-of-band-spine-000"))]
    one, two = (throughput(f, "all-to-all", "adaptive", "out-of-band") for f in lost)
    assert (one.network_lower, one.network_upper) == pytest.approx((two.network_lower, two.network_upper))


def test_failures_of_shared_spines_are_asked_of_both_networks() -> None:
    text = HEAD + IN_BAND % BORDER + OOB % "uplinks: 4, spines_in: in-band" + (
        "requirements:\n"
        "  - failure: {network: out-of-band, any: spine, cut_off_at_most: 0}\n"
        "  - failure: {network: in-band, any: spine, cut_off_at_most: 0}\n"
        "  - failure: {network: in-band, any: leaf, cut_off_at_most: 0}\n"
        "  - throughput: {network: out-of-band, traffic: all-to-all, routing: adaptive, at_least: 1.0}\n"
    )  # fmt: skip
    report = topo.check(parse_design(text, "roles.yaml"))
    assert report.verdict == "held"
    assert report.findings == ()
    out = report.to_json()["metrics"]["in-band"]["outside"]
    assert out == {"switches": 2, "ports": 12, "gbps": 1200.0}
    assert "outside" not in json.dumps(report.metrics.to_json())


@pytest.mark.parametrize(
    ("in_band", "out_of_band", "key", "words"),
    [
        ("{role: border, count: 2}", "uplinks: 4", "leaves[0].outside", "is missing"),
        ("{role: border, outside: {ports: 4, gbps: 100}}", "uplinks: 4", "leaves[0].count", "is missing"),
        ("{role: border, count: 1, hosts: storage-host-3-networks}", "uplinks: 4", "leaves[0].hosts", "no host"),
        ("{hosts: storage-host-3-networks, outside: {ports: 4, gbps: 100}}", "uplinks: 4", "leaves[0].outside",
         "without hosts"),
        ("{count: 4}", "uplinks: 4", "leaves[0].hosts", "is missing"),
        ("{role: border, count: 1, outside: {ports: 65, gbps: 100}}", "uplinks: 4", "leaves[0].outside.ports", "few"),
        ("{role: border, count: 1, outside: {ports: 4, gbps: 400}}", "uplinks: 4", "leaves[0].outside.gbps", "400"),
        ("{role: border, count: 1, outside: {ports: 0, gbps: 100}}", "uplinks: 4", "leaves[0].outside.ports", "0"),
        ("{role: boarder, count: 1}", "uplinks: 4", "leaves[0].role", "border"),
        (BORDER, "uplinks: 4, spines_in: in-bnd", "spines_in", "no other network"),
        (BORDER, "uplinks: 4, spines_in: out-of-band", "spines_in", "no other network"),
        (BORDER, "uplinks: 4, spines_in: compute", "spines_in", "no other network"),
        (BORDER, "uplinks: 4, spines_in: in-band, spines: 5", "spines", "has 4"),
        (BORDER, "uplinks: 4, spines_in: in-band, spine_switch: nvidia-sn4600c", "spine_switch", "are those of"),
        (BORDER, "uplinks: 4, spines_in: in-band, reserve_ports: {spine: 2}", "reserve_ports", "are those of"),
        (BORDER, "min_leaves: 65, uplinks: 2, spines_in: in-band, spines: 2", "min_leaves", "at most"),
        (BORDER, "min_leaves: 60, uplinks: 4, spines_in: in-band", "spines_in", "free"),
    ],
)  # fmt: skip
def test_contradictions_are_refused_at_their_key(in_band: str, out_of_band: str, key: str, words: str) -> None:
    with pytest.raises(InputError) as caught:
        build(design(in_band, out_of_band))
    problem = next(p for p in caught.value.problems if p.key.endswith(key))
    assert words in f"{problem.message} {problem.value} {problem.allowed}"
    assert problem.file == "roles.yaml"
    assert problem.line > 0


@pytest.mark.parametrize(
    ("family", "keys", "least"),
    [("ft2", "", 6), ("ft2", "homing: dual, ", 7), ("mrft", "", 12), ("ft3", "", 9), ("mpft", "", 3)],
)
def test_there_are_at_least_so_many_leaves_filled_alike(family: str, keys: str, least: int) -> None:
    text = f"""name: least
gpus: 128
host: dgx-h100
networks:
  compute: {{family: {family}, switch: nvidia-qm9700, {keys}min_leaves: %d}}
"""
    asked = parse_design(text % least, "least.yaml")
    fabric = build(asked)
    assert findings(asked, fabric) == []
    each = np.bincount(fabric.endpoint_switch, minlength=len(fabric.devices))[fabric.devices.tier == LEAF]
    planes = len(np.unique(fabric.links.plane))
    assert least * planes <= len(each) < (least + 8) * planes
    assert each.max() - each.min() <= 8
    few = build(parse_design(text % 1, "least.yaml"))
    plain = build(parse_design(text.replace("min_leaves: %d", ""), "least.yaml"))
    np.testing.assert_array_equal(few.links.b, plain.links.b)


def test_a_wrong_lender_in_a_file_is_no_lender() -> None:
    fabric = build(design())
    origin = fabric.origins[3]
    shape = tuple((k, 99 if k == "spines_in" else n) for k, n in origin.shape)
    broken = replace(fabric, origins=(*fabric.origins[:3], replace(origin, shape=shape)))
    assert broken.lender(3) == 3
