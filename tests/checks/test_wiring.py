"""Wiring checks are silent on every fabric that a generator builds, and count what they do not write out."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import networkx as nx
import numpy as np
import pytest
from hypothesis import assume
from hypothesis import strategies as st

from tests.slow import often
from topo.catalog import load_catalog
from topo.checks import Context
from topo.checks.registries import wiring_checks
from topo.checks.run import run_wiring
from topo.checks.wiring.counts import counted
from topo.checks.wiring.names import badly_spelled
from topo.checks.wiring.subnet_size import ADDRESSES
from topo.checks.worst import LISTED, typical
from topo.design import parse_design
from topo.design.wire import build, closed_forms
from topo.errors import InputError
from topo.fabric import Fabric
from topo.importers.networkx_graph import from_networkx

from . import mutate
from .cases import DESIGNS, catalog, intact


@pytest.mark.parametrize("case", DESIGNS)
def test_intact_fabrics_have_no_finding(case: str) -> None:
    assert run_wiring(intact(case)) == []


NETWORKS = st.fixed_dictionaries(
    {
        "family": st.sampled_from(["ft2", "ft3", "mrft", "mpft"]),
        "switch": st.sampled_from(["test-8", "test-16"]),
        "oversubscription": st.sampled_from([1, 3, "3:1", "5:3", "1:3"]),
        "pods": st.sampled_from(["rail", "scalable-unit"]),
        "endpoint_gbps": st.sampled_from([None, 200]),
        "uplink_gbps": st.sampled_from([None, 200, 400]),
    }
)


@often(30, 100, st.integers(1, 64), st.sampled_from(["test-host", "test-host-multi"]), NETWORKS)
def test_whatever_the_generators_build_has_no_finding(hosts: int, host: str, network: dict[str, object]) -> None:
    keys = {k: v for k, v in network.items() if k != "pods" or network["family"] == "mrft"}
    context = _context(hosts, host, keys)
    assume(context is not None)
    assert run_wiring(context) == []


def _context(hosts: int, host: str, network: dict[str, object]) -> Context | None:
    """A fabric with its closed forms; None where the family cannot be built like that."""
    keys = {k: v for k, v in network.items() if v is not None}
    inner = ", ".join(f'{k}: "{v}"' if isinstance(v, str) else f"{k}: {v}" for k, v in keys.items())
    gpus = hosts * catalog().host(host).gpus
    text = f"{{name: any, gpus: {gpus}, host: {host}, networks: {{compute: {{{inner}}}}}}}"
    try:
        design = parse_design(text, "any.yaml", catalog())
        return Context(build(design), design.catalog, closed_forms(design))
    except InputError:
        return None


FLAT = st.one_of(
    st.fixed_dictionaries(
        {
            "family": st.just("slim-fly"),
            "switch": st.just("test-16"),
            "q": st.sampled_from([3, 4, 5, 7]),
            "p": st.sampled_from([None, 2]),
        }
    ),
    st.fixed_dictionaries(
        {
            "family": st.just("dragonfly"),
            "switch": st.just("test-16"),
            "g": st.integers(2, 13),
            "a": st.sampled_from([3, 4]),
            "h": st.sampled_from([2, 3]),
            "p": st.just(2),
            "arrangement": st.sampled_from(["relative", "circulant", "absolute"]),
            "global_links": st.sampled_from(["even", "all"]),
        }
    ),
    st.fixed_dictionaries(
        {
            "family": st.just("hyperx"),
            "switch": st.just("test-16"),
            "shape": st.sampled_from([[6], [3, 4], [4, 3], [2, 3, 2]]),
            "p": st.sampled_from([None, 3]),
        }
    ),
    st.fixed_dictionaries(
        {
            "family": st.just("jellyfish"),
            "switch": st.just("test-16"),
            "switches": st.sampled_from([10, 14, 21]),
            "r": st.sampled_from([4, 6]),
            "p": st.just(4),
            "seed": st.integers(0, 9),
        }
    ),
    st.fixed_dictionaries(
        {
            "family": st.just("torus"),
            "switch": st.just("test-8"),
            "shape": st.sampled_from([None, [2], [5], [3, 4], [2, 2, 3]]),
            "wrap": st.sampled_from([True, False]),
            "p": st.sampled_from([1, 2, 4]),
        }
    ),
    st.fixed_dictionaries(
        {
            "family": st.just("dragonfly-plus"),
            "switch": st.just("test-8"),
            "p": st.sampled_from([None, 2]),
            "spines": st.sampled_from([None, 3]),
            "g": st.sampled_from([None, 4, 5, 9]),
        }
    ),
    st.fixed_dictionaries({"family": st.just("zcube"), "switch": st.just("test-16"), "width": st.sampled_from([1, 2])}),
    st.fixed_dictionaries(
        {"family": st.sampled_from(["rail-only", "dual-plane"]), "switch": st.sampled_from(["test-8", "test-16"])}
    ),
)


@often(30, 100, st.integers(1, 30), st.sampled_from(["test-host", "test-host-dual"]), FLAT)
def test_other_families_have_no_finding_either(hosts: int, host: str, network: dict[str, object]) -> None:
    context = _context(hosts, host, network)
    assume(context is not None)
    assert run_wiring(context) == []


def test_an_imported_graph_has_no_finding_and_an_isolated_switch_is_dark() -> None:
    graph = nx.random_regular_graph(4, 20, seed=1)
    nx.set_node_attributes(graph, 3, "endpoints")
    nx.set_edge_attributes(graph, 400, "gbps")
    assert run_wiring(Context(from_networkx(graph), catalog())) == []
    graph.add_node("alone")
    assert [f.where for f in run_wiring(Context(from_networkx(graph), catalog()))] == [("alone",)]


def test_one_infiniband_subnet_has_49151_addresses_a_plane() -> None:
    def found(gpus: int, host: str, switch: str, family: str) -> list[str]:
        network = f"{{family: {family}, switch: {switch}}}"
        text = f"{{name: big, gpus: {gpus}, host: {host}, networks: {{compute: {network}}}}}"
        design = parse_design(text, "big.yaml", catalog())
        return [f.message for f in run_wiring(Context(build(design), design.catalog, closed_forms(design)))]

    (message,) = found(65536, "h800-node", "nvidia-qm9700", "ft3")
    assert "needs 70,656 addresses (65,536 endpoints, 5,120 switches), one InfiniBand subnet has 49,151" in message
    assert ADDRESSES == 49_151
    # 44 pods: 45,056 endpoints, 1,408 leaves, 1,408 spines, 1,024 cores = 48,896; one pod more has 49,472 or so.
    assert found(45_056, "h800-node", "nvidia-qm9700", "ft3") == []
    assert len(found(45_568, "h800-node", "nvidia-qm9700", "ft3")) == 1
    assert found(65536, "test-host", "roce-128x400", "ft3") == []


def test_long_lists_are_capped_and_counted_worst_first() -> None:
    context = intact("mpft")
    fabric = context.fabric
    ends = fabric.is_endpoint_link & (fabric.link_a >= 4)
    first = np.flatnonzero(fabric.is_endpoint_link & (fabric.link_a == 0))[:2]
    cut = mutate.removed(fabric, np.concatenate([np.flatnonzero(ends), first]))
    mine = [f for f in run_wiring(replace(context, fabric=cut)) if f.code == "cut-off"]
    assert len(mine) == LISTED + 1
    assert mine[0].where == ("host-00004", *(f"host-00004:nic{i}" for i in range(1, 5)))
    assert mine[-1].message == "and 9 more hosts have NIC ports without a link (29 in all)"


def test_a_hostile_name_is_shown_as_one_printable_line() -> None:
    context = intact("ft2")
    fabric = mutate.with_device(context.fabric, 3, name="a\nb\x1b[31m")
    (finding,) = run_wiring(replace(context, fabric=fabric))
    assert finding.message.isprintable()
    assert finding.where == ("a\\nb\\x1b[31m",)


@often(30, 100, st.lists(st.text(max_size=6), min_size=1, max_size=10))
def test_spelling_agrees_with_the_regular_expression(names: list[str]) -> None:
    kept = [name.rstrip("\x00") for name in names]  # numpy drops trailing zeros
    expected = [re.fullmatch(r"[A-Za-z0-9._-]+", name) is None for name in kept]
    assert badly_spelled(np.array(kept, dtype=np.str_)).tolist() == expected


@often(30, 100, st.lists(st.tuples(st.integers(0, 3), st.integers(0, 4)), min_size=1))
def test_typical_is_the_most_frequent_value(rows: list[tuple[int, int]]) -> None:
    group, value = np.array(rows).T
    found = typical(group, value, 4)
    for g in range(4):
        mine = [v for h, v in rows if h == g]
        assert found[g] == max(mine, key=lambda v: (mine.count(v), v), default=0)


def test_counted_is_the_published_full_size() -> None:
    """k^2/2 endpoints, k leaves, k/2 spines, k^2/2 leaf-spine links at k = 16 (Al-Fares et al., SIGCOMM 2008)."""
    have = counted(intact("ft2").fabric, 0)
    assert (have["links"]["endpoint"], have["links"]["leaf_spine"]) == (128, 128)
    assert (have["switches"]["leaf"], have["switches"]["spine"]) == (16, 8)
    assert have["spare ports"] == dict.fromkeys(have["spare ports"], 0)


HOST = """id: slow
title: a host with two ports of 25 Gb/s
gpus: 1
nics: [{nic: ethernet-2x25, count: 1, port_name: "eth{port0}"}]
source: {document: none, read: true}
"""


@pytest.mark.parametrize("hosts", [2, 3, 8])
def test_a_split_that_takes_the_next_cage_leaves_it_no_port(tmp_path: Path, hosts: int) -> None:
    """An SN2700 has 64 ports of 25 Gb/s, all in its odd cages. Cabled port by port, those of every second cage are
    none; cabled in the odd cages alone, all are right."""
    (tmp_path / "host").mkdir()
    (tmp_path / "host" / "slow.yaml").write_text(HOST)
    compute = "{family: ft2, switch: nvidia-sn2700, lone: true}"
    text = f"{{name: t, gpus: {hosts}, host: slow, networks: {{compute: {compute}}}}}"
    design = parse_design(text, catalog=load_catalog([tmp_path]))
    fabric = build(design)

    def wrong(fabric: Fabric) -> list[str]:
        found = wiring_checks.get("port-range").run(Context(fabric, design.catalog, {}))
        assert all("4 x 25 Gb/s" in f.message for f in found)
        return [f.where[0] for f in found]

    ports = fabric.ports
    assert sorted(wrong(fabric)) == sorted(
        f"{fabric.devices.name[ports.device[p]]}:{fabric.port_names[ports.name[p]]}"
        for p in fabric.links.b
        if ports.cage[p] % 2 == 0
    )
    leaf = int(fabric.link_b[0])
    odd = np.flatnonzero((ports.device == leaf) & (ports.cage % 2 == 1))[: 2 * hosts]
    assert wrong(replace(fabric, links=replace(fabric.links, b=odd.astype(fabric.links.b.dtype)))) == []
    beside = np.flatnonzero((ports.device == leaf) & (ports.cage == 6))[:1]
    b = np.concatenate([odd[:-1], beside]).astype(fabric.links.b.dtype)
    (one,) = wrong(replace(fabric, links=replace(fabric.links, b=b)))
    assert one.endswith(str(fabric.port_names[ports.name[beside[0]]]))
