"""Hosts on two leaves of a pair: no leaf holds all ends of a host, both leaves of a pair are filled alike."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest
from tree_cases import assert_counted, catalog, host, nic, switch, wired

from topo.analysis.throughput import throughput
from topo.certificates import verify_certificate
from topo.checks import Context, judge, requirements_from
from topo.checks.run import run_wiring
from topo.design import build, closed_forms, parse_design
from topo.errors import InputError
from topo.fabric import HOST, LEAF, Fabric, PortRole
from topo.generators import HostGroup

QM, SN = "switch: nvidia-qm9700", "switch: nvidia-sn5600"
ONE, TWO = "h800-node", "multi-port-node"
REQUIRED = {"failure": {"any": "leaf", "hosts_disconnected_at_most": 0}}


def text(network: str, part: str, gpus: int) -> str:
    return f"name: t\ngpus: {gpus}\nhost: {part}\nnetworks:\n  compute: {{{network}, homing: dual}}\n"


def worst_leaf(fabric: Fabric) -> int:
    """Hosts that the worst loss of one leaf cuts off from every switch, counted by networkx."""
    graph = nx.Graph(zip(fabric.link_a.tolist(), fabric.link_b.tolist(), strict=True))
    hosts = [d for d in graph if fabric.devices.tier[d] == HOST]
    worst = 0
    for leaf in np.flatnonzero(fabric.devices.tier == LEAF).tolist():
        left = graph.copy()
        left.remove_node(leaf)
        worst = max(worst, sum(left.degree(host) == 0 for host in hosts))
    return worst


CASES = [
    (f"family: ft2, {QM}", ONE, 256, (8, 4, 0)),
    (f"family: ft2, {QM}", ONE, 1000, (32, 16, 0)),
    (f"family: ft2, {SN}", TWO, 256, (8, 4, 0)),
    (f"family: ft2, {QM}, oversubscription: 3, packing: balanced", ONE, 1024, (22, 8, 0)),
    (f"family: ft2, {QM}, hosts_per_leaf: 3", ONE, 96, (8, 2, 0)),
    (f"family: ft3, {QM}", ONE, 2048, (64, 64, 32)),
    (f"family: ft3, {QM}, leaves_per_pod: 16", ONE, 1024, (32, 32, 16)),
    (f"family: mrft, {QM}", ONE, 64, (2, 1, 0)),
    (f"family: mrft, {QM}", ONE, 2048, (64, 32, 0)),
    (f"family: mrft, {SN}", TWO, 1024, (32, 16, 0)),
    (f"family: mrft, {SN}, tiers: 3, pods: rail", TWO, 2048, (64, 64, 32)),
    (f"family: mrft, {SN}, tiers: 3", TWO, 2048, (64, 64, 0)),
    (f"family: mpft, {SN}", TWO, 256, (8, 4, 0)),
    (f"family: mpft, {SN}, planes: 8", TWO, 256, (16, 8, 0)),
    (f"family: mpft, {QM}, planes: 2", ONE, 256, (8, 4, 0)),
    (f"family: rail-only, {SN}", TWO, 256, (16, 8, 0)),
    (f"family: dual-plane, {SN}", TWO, 256, (8, 4, 0)),
]


@pytest.mark.sampled(2)
@pytest.mark.parametrize(("network", "part", "gpus", "switches"), CASES)
def test_no_leaf_holds_a_whole_host(network: str, part: str, gpus: int, switches: tuple[int, int, int]) -> None:
    design = parse_design(text(network, part, gpus))
    fabric, counts = build(design), closed_forms(design)["compute"]
    assert tuple(counts.switches.get(t, 0) for t in ("leaf", "spine", "core")) == switches
    assert worst_leaf(fabric) == 0
    assert_counted(
        fabric, counts, np.bincount(np.concatenate([fabric.links.a, fabric.links.b]), minlength=len(fabric.ports))
    )
    assert_paired(fabric)
    assert len(set(fabric.devices.name.tolist())) == len(fabric.devices)
    assert run_wiring(Context(fabric, design.catalog, {"compute": counts})) == []


def assert_paired(fabric: Fabric) -> None:
    """The ends of every host in a plane lie half on even, half on odd leaves, each beside its partner; and the leaves
    of a pair have the same numbers of ends and share a pod."""
    leaves = np.flatnonzero(fabric.devices.tier == LEAF)
    number = np.full(len(fabric.devices), -1)
    number[leaves] = np.arange(len(leaves))
    at, owner, plane = number[fabric.endpoint_switch], fabric.endpoints.host, fabric.endpoints.plane
    assert len(leaves) % 2 == 0
    held = np.bincount(at, minlength=len(leaves))
    np.testing.assert_array_equal(held[::2], held[1::2])
    np.testing.assert_array_equal(fabric.devices.plane[leaves[::2]], fabric.devices.plane[leaves[1::2]])
    np.testing.assert_array_equal(fabric.devices.pod[leaves[::2]], fabric.devices.pod[leaves[1::2]])
    for p in np.unique(plane):
        side = np.zeros((int(owner.max()) + 1, len(leaves) // 2, 2), dtype=int)
        np.add.at(side, (owner[plane == p], at[plane == p] // 2, at[plane == p] % 2), 1)
        np.testing.assert_array_equal(side[..., 0], side[..., 1])


@pytest.mark.parametrize(
    ("network", "part", "gpus"), [CASES[0][:3], CASES[7][:3], (f"family: mrft, {SN}", TWO, 128), CASES[12][:3]]
)
def test_the_loss_of_any_leaf_is_proved_to_cut_off_no_host(network: str, part: str, gpus: int) -> None:
    design = parse_design(text(network, part, gpus))
    context = Context(build(design), design.catalog, closed_forms(design))
    [(_, outcome)] = judge(context, requirements_from([REQUIRED], ["compute"]))
    assert outcome.verdict.value == "held"
    assert outcome.certificate is not None
    verify_certificate(context.fabric, outcome.certificate)


@pytest.mark.parametrize(
    ("family", "ports"), [("ft2", 1), ("ft2", 2), ("ft3", 1), ("mrft", 1), ("mrft", 2), ("dual-plane", 2), ("mpft", 2)]
)
def test_hosts_without_gpus_are_on_two_leaves_too(family: str, ports: int) -> None:
    gpu, service = host(4, 4, ports), host(0, 2, ports, part_id="s", prefix="service")
    parts = catalog(switch(16), gpu, service, nic(ports), nic(ports, part_id="s-nic"))
    fabric, _ = wired(family, [HostGroup(gpu, 5), HostGroup(service, 3)], parts, homing="dual")
    assert worst_leaf(fabric) == 0
    alone, _ = wired(family, [HostGroup(gpu, 5), HostGroup(service, 3)], parts)
    assert (worst_leaf(alone) > 0) == (family in ("ft2", "ft3"))


@pytest.mark.parametrize("family", ["ft2", "mrft", "ft3"])
def test_an_odd_number_of_ends_is_refused_with_every_other_contradiction(family: str) -> None:
    gpu, service = host(4, 4), host(0, 1, part_id="s", prefix="service")
    parts = catalog(switch(16), gpu, service, nic(), nic(part_id="s-nic"))
    keys: dict[str, object] = {"homing": "dual"} | ({"cores": 2} if family == "ft2" else {"rails_per_leaf": 3})
    keys = {"homing": "dual", "leaves_per_pod": 3, "tiers": 2} if family == "mrft" else keys
    keys = {"homing": "dual", "spines": 10_000} if family == "ft3" else keys
    with pytest.raises(InputError) as caught:
        wired(family, [HostGroup(gpu, 5), HostGroup(service, 3)], parts, **keys)
    found = {p.key: p for p in caught.value.problems}
    assert len(found) > 1 or family == "mrft"
    assert found["homing"].allowed == "single"
    assert "3 hosts without GPUs have 1 end in this network" in found["homing"].message


def test_rails_that_would_share_a_leaf_are_refused() -> None:
    with pytest.raises(InputError) as caught:
        build(parse_design(text(f"family: mrft, {QM}, rails_per_leaf: 8", ONE, 64)))
    [problem] = caught.value.problems
    assert problem.key.endswith("rails_per_leaf")
    assert problem.allowed == "1, 2 or 4"


def test_a_pod_holds_whole_pairs() -> None:
    with pytest.raises(InputError) as caught:
        build(parse_design(text(f"family: ft3, {QM}, leaves_per_pod: 15", ONE, 1024)))
    [problem] = caught.value.problems
    assert problem.key.endswith("leaves_per_pod")
    assert problem.allowed == "14 or 16"


@pytest.mark.parametrize(
    ("network", "part", "gpus"),
    [
        (f"family: ft2, {QM}", ONE, 256),
        (f"family: ft2, {SN}, uplink_gbps: 800, endpoint_gbps: 400", TWO, 256),
        (f"family: ft3, {QM}, reserve_ports: {{leaf: 2}}", ONE, 1024),
        (f"family: mrft, {QM}, rails_per_leaf: 1", ONE, 512),
        (f"family: mrft, {SN}", TWO, 512),
        (f"family: rail-only, {SN}", TWO, 256),
    ],
)
def test_peer_links_join_the_leaves_of_each_pair_and_carry_nothing(network: str, part: str, gpus: int) -> None:
    design = parse_design(text(f"{network}, peer_links: 3", part, gpus))
    fabric, counts = build(design), closed_forms(design)["compute"]
    code = fabric.link_kinds.index("leaf_peer")
    peers = fabric.links.kind == code
    leaves = np.flatnonzero(fabric.devices.tier == LEAF)
    assert peers.sum() == counts.links["leaf_peer"] == 3 * len(leaves) // 2
    np.testing.assert_array_equal(fabric.links.active, ~peers)
    pairs, times = np.unique(np.stack([fabric.link_a[peers], fabric.link_b[peers]]), axis=1, return_counts=True)
    np.testing.assert_array_equal(pairs, np.stack([leaves[::2], leaves[1::2]]))
    assert set(times.tolist()) == {3}
    assert np.bincount(np.concatenate([fabric.links.a, fabric.links.b])).max() == 1
    for end in (fabric.links.a, fabric.links.b):
        assert (fabric.ports.role[end[peers]] == PortRole.BACKUP).all()
        np.testing.assert_array_equal(fabric.ports.gbps[end], fabric.links.gbps)
    assert run_wiring(Context(fabric, design.catalog, {"compute": counts})) == []
    without = fabric.without(links=fabric.links.id[peers].tolist())
    both = [throughput(f, "all-to-all", "adaptive") for f in (fabric, without)]
    assert both[0].lower == both[1].lower == both[0].upper


def test_peer_links_without_pairs_or_ports_are_refused() -> None:
    for keys, allowed in (("peer_links: 2", "leave it out"), ("peer_links: 63, homing: dual", "at most 56")):
        design = f"name: t\ngpus: 64\nhost: {ONE}\nnetworks:\n  compute: {{family: ft2, {QM}, {keys}}}\n"
        with pytest.raises(InputError) as caught:
            build(parse_design(design))
        [problem] = caught.value.problems
        assert problem.key.endswith("peer_links")
        assert problem.allowed == allowed


@pytest.mark.parametrize("leaves", ["", ", leaves: [{hosts: [example-host-1-two-ports, example-host-2]}]"])
def test_no_host_of_one_nic_is_on_one_leaf_of_rails(leaves: str) -> None:
    """Hosts of one NIC of two ports beside hosts of two NICs: in leaves of whole rails both ports would be on the leaf
    of rail 0. Refused there; leaves of whole hosts take both kinds to two leaves."""
    more = "other_hosts: [{host: example-host-2, count: 2}]\n"
    design = text(f"family: mrft, switch: example-switch-8{leaves}", "example-host-1-two-ports", 8) + more
    with pytest.raises(InputError) as error:
        build(parse_design(design))
    problem = error.value.problems[0]
    assert problem.key.endswith("homing" if not leaves else "hosts")
    assert "single" in problem.allowed
    assert worst_leaf(build(parse_design(design.replace("mrft", "ft2")))) == 0
