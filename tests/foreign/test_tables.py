"""OpenSM's tables and ours: it loads ours, ibdmchk finds no credit loop in them, its fat-tree engine loads every link
as our static routing does, and what its default engine overloads is named by `topo check --lft`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from topo.audit.live import Live, LiveNetwork, live_routing
from topo.exporters.formats.ibnetdiscover import to_ibnetdiscover
from topo.exporters.formats.opensm_lfts import forwarding_tables
from topo.fabric import Fabric
from topo.importers.forwarding_tables import read_forwarding_tables

from . import engines
from .test_opensm import designed, subnets, written

pytestmark = pytest.mark.foreign
FabricOf = Callable[..., Fabric]
THREE_TIERS = {"family": "ft3", "gpus": 864, "switch": "switch-24", "host": "example-host-1"}
TREES = {
    "two tiers": {"family": "ft2", "gpus": 512},
    "rails": {"family": "mrft", "gpus": 512},
    "three tiers": THREE_TIERS,
}


def judged(fabric: Fabric, path: Path) -> LiveNetwork:
    found: Live = live_routing(fabric, [read_forwarding_tables(path)])
    assert found.findings == ()
    (network,) = found.networks
    return network


@pytest.mark.parametrize("tree", TREES)
def test_tables(fabric_of: FabricOf, tmp_path: Path, tree: str) -> None:
    fabric = fabric_of(**TREES[tree])
    net, dump = tmp_path / "fabric.net", tmp_path / "ours.dump"
    net.write_bytes(to_ibnetdiscover(fabric))
    dump.write_bytes(forwarding_tables(fabric))
    with engines.simulated(net, tmp_path) as environment:
        log = engines.opensm(environment, tmp_path / "file", engine="file", tables=dump)
        printed = engines.dumped(environment)
        ftree = engines.opensm(environment, tmp_path / "ftree", engine="ftree")
    assert "file tables configured on all switches" in log
    ours = engines.tables_of(dump.read_text())
    switches = int((~fabric.is_host).sum())
    assert len(ours) == switches * len(fabric.endpoints)
    assert engines.tables_of((tmp_path / "file" / "opensm-lfts.dump").read_text()) == ours
    assert engines.tables_of(printed.decode()) == ours
    (tmp_path / "printed.txt").write_bytes(printed)
    said = engines.ibdmchk(tmp_path / "file")
    assert "no credit loops found" in said, said[-2000:]
    assert engines.accepted_as_tree(ftree)
    same_loads(fabric, tmp_path)


def same_loads(fabric: Fabric, folder: Path) -> None:
    """Every class of links carries the same, link by link in the order of loads, under our tables, the same tables read
    back from the switches, and OpenSM's own."""
    files = [folder / "ours.dump", folder / "printed.txt", folder / "ftree" / "opensm-lfts.dump"]
    ours, printed, theirs = (judged(fabric, path) for path in files)
    assert ours.classes == printed.classes == theirs.classes
    assert ours.answers == printed.answers == theirs.answers
    assert ours.answers[0].lower == ours.answers[1].lower == 1.0
    for network in (ours, printed, theirs):
        assert network.findings == ()
        assert network.served == network.pairs
        assert {c.use for c in network.classes} == {c.static_use for c in network.classes}
        assert all(c.mean_gbps == pytest.approx(c.most_gbps) for c in network.classes), "the loads are not all equal"


def test_minhop_overloads_the_upper_tier_of_a_three_tier_tree_and_is_named(fabric_of: FabricOf, tmp_path: Path) -> None:
    """d mod h at both levels: a spine sends all that it receives to one core, so that one uplink in twelve carries
    twelve times its share and the others nothing."""
    fabric = fabric_of(**THREE_TIERS)
    net = tmp_path / "fabric.net"
    net.write_bytes(to_ibnetdiscover(fabric))
    with engines.simulated(net, tmp_path) as environment:
        log = engines.opensm(environment, tmp_path / "osm", engine="minhop")
    assert "minhop tables configured on all switches" in log
    network = judged(fabric, tmp_path / "osm" / "opensm-lfts.dump")
    by_class = {(c.kind, c.direction): c for c in network.classes}
    lower, upper = by_class["leaf_spine", "up"], by_class["spine_core", "up"]
    assert (lower.over, lower.use) == (0, pytest.approx(lower.static_use))
    assert upper.idle == upper.links * 11 // 12
    assert upper.over == upper.links // 12
    assert upper.use == pytest.approx(12 * upper.static_use)
    assert network.answers[0].upper < 1.0 == network.answers[1].lower
    named = [f for f in network.findings if f.code == "overloaded"]
    assert {f.message.split(" carry")[0] for f in named} == {
        f"{upper.over} of {upper.links} spine_core links up",
        f"{upper.over} of {upper.links} spine_core links down",
    }
    worst = network.worst[0]
    assert worst.use == pytest.approx(upper.use)
    assert f"{worst.from_device}:{worst.from_port} -> {worst.to_device}:{worst.to_port}" in named[0].message
    assert np.isclose(network.answers[0].upper, 1 / upper.use)


def test_tables_of_several_subnets_are_judged_together(tmp_path: Path) -> None:
    """Two of the eight planes and the storage network of deepseek-v3-2048, each routed by an OpenSM of its own."""
    fabric = designed("deepseek-v3-2048")
    where, files = subnets(fabric), []
    with engines.simulated(written(fabric, tmp_path), tmp_path) as environment:
        for subnet in [(0, 0), (0, 5), next(key for key in where if key[0] == 1)]:
            folder = tmp_path / f"{subnet[0]}-{subnet[1]}"
            assert engines.accepted_as_tree(engines.opensm(environment, folder, where[subnet]))
            files.append(read_forwarding_tables(folder / "opensm-lfts.dump"))
    found = live_routing(fabric, files)
    compute, storage = found.networks
    assert (found.broken, found.findings, compute.findings, storage.findings) == (False, (), (), ())
    assert (compute.network, compute.planes, storage.network) == ("compute", (0, 5), "storage")
    for network in found.networks:
        assert (network.tables, network.destinations) == (network.switches, network.endpoints)
        assert network.served == network.pairs
        assert all(c.use == c.static_use and not c.idle for c in network.classes)
