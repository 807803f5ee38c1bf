"""Leaves that two networks share, and leaves that are cabled to leaves of another network."""

from __future__ import annotations

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

HEAD = """name: shared
gpus: 256
host: dgx-h100-4-networks
other_hosts:
  - {host: storage-host-3-networks, count: 8}
networks:
  compute: {family: mrft, switch: nvidia-qm9700}
"""
IN_BAND = "  in-band: {family: ft2, switch: nvidia-sn4600c, homing: dual, oversubscription: 2, spines: 4, %s}\n"
STORAGE = "  storage: {family: ft2, switch: nvidia-sn4600c, endpoint_gbps: 100, homing: dual, %s}\n"
OOB = "  out-of-band: {family: ft2, switch: nvidia-sn2201, uplink_gbps: 100, %s}\n"
EIGHT, SHARED = "hosts_per_leaf: 8", "hosts_per_leaf: 8, uplinks: 4, leaves_in: in-band"
ROLES = (
    "leaves: [{role: border, count: 2, outside: {ports: 6, gbps: 100}}, "
    "{role: service, hosts: storage-host-3-networks, oversubscription: 1}]"
)


def design(*networks: str) -> Design:
    return parse_design(HEAD + "".join(networks), "shared.yaml")


def findings(asked: Design) -> list[str]:
    return [f.message for f in run_wiring(Context(build(asked), asked.catalog, closed_forms(asked)))]


SOUND = {
    "leaves": (IN_BAND % EIGHT, STORAGE % SHARED),
    "leaves and spines": (IN_BAND % EIGHT, STORAGE % (SHARED + ", spines_in: in-band, spines: 2")),
    "the borrower comes first": (STORAGE % SHARED, IN_BAND % EIGHT),
    "leaf to leaf": (IN_BAND % EIGHT, OOB % "uplinks: 2, spines: 2, spines_in: in-band, spines_on: leaf"),
    "leaf to border": (IN_BAND % ROLES, OOB % "uplinks: 4, spines_in: in-band, spines_on: border"),
    "leaf to service": (IN_BAND % ROLES, OOB % "uplinks: 2, spines: 1, spines_in: in-band, spines_on: service"),
    "both": (
        IN_BAND % EIGHT, STORAGE % SHARED, OOB % "uplinks: 2, spines: 2, spines_in: in-band, spines_on: leaf",
    ),
}  # fmt: skip


@pytest.mark.sampled(3)
@pytest.mark.parametrize("networks", SOUND.values(), ids=SOUND)
def test_nothing_is_found_and_closed_forms_count_what_is_free(networks: tuple[str, ...]) -> None:
    asked = design(*networks)
    fabric = build(asked)
    assert findings(asked) == []
    ends = np.concatenate([fabric.links.a, fabric.links.b])
    assert np.bincount(ends, minlength=len(fabric.ports)).max() == 1
    again = from_json(to_json(fabric))
    for row, (name, counts) in enumerate(closed_forms(asked).items()):
        mine = fabric.devices.network[fabric.ports.device] == row
        assert int((mine & (fabric.ports.role == PortRole.SPARE)).sum()) == sum(counts.spare.values()), name
        np.testing.assert_array_equal(again.switches_in(row), fabric.switches_in(row))
        links = (fabric.links.network == row) & ~fabric.is_endpoint_link
        graph = nx.MultiGraph(zip(fabric.link_a[links].tolist(), fabric.link_b[links].tolist(), strict=True))
        assert set(graph) == set(np.flatnonzero(fabric.switches_in(row)).tolist())
        assert nx.is_connected(graph)


def test_a_network_on_shared_leaves_is_as_one_with_its_own() -> None:
    """Throughput, hops and the loss of a leaf are those of the same leaves were they its own; the network that lends
    them carries what it carried before."""
    shared, own = (
        build(design(*SOUND["leaves"])),
        build(design(IN_BAND % EIGHT, STORAGE % "hosts_per_leaf: 8, uplinks: 4")),
    )
    for name in ("storage", "in-band"):
        for routing in ("adaptive", "ecmp"):
            one, two = (throughput(f, "all-to-all", routing, name) for f in (shared, own))
            assert (one.lower, one.upper) == pytest.approx((two.lower, two.upper))
        found = throughput(shared, "all-to-all", "adaptive", name)
        assert verify_certificate(shared, found.certificate).network == name
    assert len(own.devices) - len(shared.devices) == int(shared.lent_to(shared.network_row("storage"), LEAF).sum())
    assert len(own.links) == len(shared.links)


def test_a_shared_leaf_takes_ends_of_both_networks_with_it() -> None:
    fabric = build(design(*SOUND["leaves"]))
    less = fabric.without(devices=["in-band-leaf-001"])
    for name in ("in-band", "storage"):
        mine = fabric.endpoints.network == fabric.network_row(name)
        lost = mine & (fabric.endpoint_link >= 0)
        kept = less.endpoint_link[less.endpoints.network == less.network_row(name)] >= 0
        assert 0 < int(lost.sum()) - int(kept.sum()) <= 16


def test_requirements_and_totals_count_a_shared_switch_once() -> None:
    text = HEAD + "".join(SOUND["both"]) + (
        "requirements:\n"
        "  - failure: {network: storage, any: leaf, cut_off_at_most: 0}\n"
        "  - failure: {network: in-band, any: leaf, cut_off_at_most: 0}\n"
        "  - oversubscription: {network: storage, at_most: 2}\n"
        "  - oversubscription: {network: in-band, at_most: 2}\n"
        "  - throughput: {network: storage, traffic: storage, routing: adaptive, at_least: 0.5}\n"
    )  # fmt: skip
    asked = parse_design(text, "shared.yaml")
    report = topo.check(asked)
    assert [r.verdict for r in report.requirements] == ["held"] * 5
    found = report.to_json()
    switches = {name: found["metrics"][name]["switches"]["total"] for name in ("storage", "in-band", "out-of-band")}
    leaves = int(build(asked).tier_in(1, LEAF).sum())
    assert switches["storage"] == int(build(asked).tier_in(2, SPINE).sum())
    assert switches["in-band"] == leaves + 4
    whole = found["cluster"]["total"]["switches"]
    assert whole == found["metrics"]["switches"]["total"] + sum(switches.values())


@pytest.mark.parametrize(
    ("networks", "key", "words"),
    [
        ((IN_BAND % EIGHT, STORAGE % "leaves_in: in-bnd"), "leaves_in", "no other network in-band"),
        ((IN_BAND % EIGHT, STORAGE % "leaves_in: compute"), "leaves_in", "no other network in-band"),
        ((IN_BAND % EIGHT, STORAGE % "leaves_in: storage"), "leaves_in", "no other network in-band"),
        ((IN_BAND % EIGHT, STORAGE % "leaves_on: leaf"), "leaves_on", "with leaves_in"),
        ((IN_BAND % EIGHT, OOB % "spines_on: leaf"), "spines_on", "with spines_in"),
        ((IN_BAND % EIGHT, OOB % "spines_in: in-band, spines_on: border"), "spines_on", "no such leaves leaf"),
        ((IN_BAND % EIGHT, STORAGE % "leaves_in: in-band, leaves_on: service"), "leaves_on", "no such leaves leaf"),
        ((IN_BAND % EIGHT, STORAGE % "leaves_in: in-band, reserve_ports: {leaf: 2}"), "reserve_ports",
         "there: in-band"),
        ((IN_BAND % EIGHT, STORAGE % "leaves_in: in-band, spines_in: out-of-band", OOB % "uplinks: 2"), "leaves_in",
         "one other out-of-band"),
        ((IN_BAND % EIGHT, STORAGE % (SHARED + ", spines_in: in-band, spines_on: leaf")), "spines_on", "spines"),
        ((IN_BAND % EIGHT, STORAGE % "leaves_in: in-band, hosts_per_leaf: 2"), "leaves_in", "are needed"),
        ((IN_BAND % EIGHT, STORAGE % "leaves_in: in-band, leaves: [{hosts: storage-host-3-networks}]"), "leaves",
         "leave it"),
        ((IN_BAND % "hosts_per_leaf: 20", STORAGE.replace("100", "400") % "leaves_in: in-band"), "leaves_in", "400"),
        ((IN_BAND % EIGHT, OOB % "uplinks: 4, spines: 19, spines_in: in-band, spines_on: leaf"), "spines", "at most"),
        ((IN_BAND % EIGHT, OOB % "spines_in: in-band, spines_on: roof"), "spines_on", "border"),
    ],
)  # fmt: skip
def test_contradictions_are_refused_at_their_key(networks: tuple[str, ...], key: str, words: str) -> None:
    with pytest.raises(InputError) as caught:
        build(design(*networks))
    problem = next(p for p in caught.value.problems if p.key.rpartition(".")[2] == key)
    said = f"{problem.message} {problem.value} {problem.allowed} {problem.hint}"
    assert all(word in said for word in words.split(" ")), said
    assert problem.file == "shared.yaml"
    assert problem.line > 0


def test_ports_that_lead_out_or_are_kept_are_not_lent() -> None:
    """Border leaves lend what `outside` and `reserve_ports` leave of them."""
    border = "leaves: [{role: border, count: 1, outside: {ports: %d, gbps: 100}, uplinks: 4}], reserve_ports: {leaf: 2}"
    oob = OOB % "uplinks: 4, spines: 1, spines_in: in-band, spines_on: border"
    assert findings(design(IN_BAND % (border % 54), oob)) == []
    with pytest.raises(InputError, match="has 3 such ports free"):
        build(design(IN_BAND % (border % 55), oob))


def ends_at(fabric: Fabric, name: str) -> set[int]:
    """Switch rows that the endpoints of a network are on."""
    return set(fabric.endpoint_switch[fabric.endpoints.network == fabric.network_row(name)].tolist())


def test_leaves_of_a_role_take_hosts_of_another_network() -> None:
    keys = "hosts_per_leaf: 40, uplinks: 4, leaves_in: in-band, leaves_on: service"
    asked = design(IN_BAND % ROLES.replace("ription: 1", "ription: 9"), STORAGE % keys)
    fabric = build(asked)
    assert findings(asked) == []
    names = {str(fabric.devices.name[row]) for row in ends_at(fabric, "storage")}
    assert names == {"in-band-service-leaf-000", "in-band-service-leaf-001"}


@pytest.mark.parametrize("order", [1, -1])
def test_who_borrows_from_a_broken_network_is_not_blamed(order: int) -> None:
    """208 hosts on 48 ports are five leaves, which four ports of a switch of their own could not join."""
    networks = [IN_BAND.replace("spines: 4", "spines: 3") % EIGHT, OOB % "uplinks: 2, spines: 2, spines_in: in-band"]
    text = HEAD.replace("gpus: 256", "gpus: 1600") + "".join(networks[::order])
    with pytest.raises(InputError) as caught:
        build(parse_design(text, "shared.yaml"))
    assert {problem.key for problem in caught.value.problems} == {"networks.in-band.spines"}
