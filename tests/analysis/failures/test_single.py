"""One failure stands for its orbit: every failure examined on its own gives the same rows."""

from __future__ import annotations

from collections import Counter
from typing import Any

import networkx as nx
import numpy as np
import pytest

from topo.analysis.failures import failures_proof, lost, single_failures
from topo.analysis.throughput import throughput
from topo.catalog import Catalog
from topo.catalog.models import Breakout, Host, HostNics, Nic, ScaleUp, Source, Switch
from topo.certificates import verify_certificate
from topo.errors import ParameterError
from topo.fabric import TIER_NAMES, Fabric
from topo.generators import HostGroup, NetworkPiece, assemble, attached
from topo.generators.family import families
from topo.importers.networkx_graph import from_networkx

INVENTED = Source(document="invented for tests", read=True)


def small(
    family: str,
    hosts: int,
    radix: int,
    nics: int = 2,
    nic_ports: int = 1,
    scale_up: bool = True,
    gpus: int = 0,
    per_domain: int = 1,
    **keys: Any,
) -> Fabric:
    """A small fabric of parts that exist in memory only."""
    one = Breakout(ports=1, gbps=400, lanes=4)
    switch = Switch(
        id="s",
        title="t",
        source=INVENTED,
        network=("ethernet",),
        cages=radix,
        cage="qsfp112",
        breakouts=(one,),
        ports=radix,
        port_name="{number}",
    )
    nic = Nic(
        id="n",
        title="t",
        source=INVENTED,
        network=("ethernet",),
        ports=nic_ports,
        gbps=400,
        lanes=4,
        cage="qsfp112",
    )
    part = Host(
        id="h",
        title="t",
        source=INVENTED,
        gpus=gpus or nics,
        nics=(HostNics(nic="n", count=nics, port_name="n{nic}p{port}"),),
        scale_up=ScaleUp(name="fast", gbps_per_gpu=1600, hosts_per_domain=per_domain) if scale_up else None,
    )
    catalog = Catalog((), {("switch", "s"): switch, ("nic", "n"): nic})
    groups = [HostGroup(part, hosts)]
    kind = families.get(family)
    params = kind.params(family=family, switch="s", **keys)
    ends = attached(groups, "compute", catalog, params.endpoint_gbps)
    return assemble("t", groups, [NetworkPiece("compute", family, ends, kind.wire(params, ends, catalog, ""))], catalog)


def every_failure(fabric: Fabric, kind: str) -> list[dict[str, Any]]:
    """All failures of a kind, as arguments of `without`, found without any symmetry."""
    devices, links = fabric.devices, fabric.links
    if kind == "cable":
        return [{"links": [i]} for i in links.id.tolist()]
    if kind == "nic":
        owner: dict[tuple[int, int], list[int]] = {}
        for row, link in enumerate(fabric.endpoint_link.tolist()):
            key = int(fabric.endpoints.host[row]), int(fabric.endpoints.nic[row])
            owner.setdefault(key, []).append(int(links.id[link]))
        return [{"links": ids} for ids in owner.values()]
    if kind == "plane":
        planes = sorted(set(devices.plane[devices.plane >= 0].tolist()))
        return [{"devices": devices.name[devices.plane == p].tolist()} for p in planes] if len(planes) > 1 else []
    mine = devices.tier == TIER_NAMES.index(kind)
    return [{"devices": [name]} for name in devices.name[mine].tolist()]


def values(fabric: Fabric, less: Fabric, routing: str) -> tuple[float, float, int, int]:
    found, gone = throughput(less, routing=routing, baseline=fabric), lost(fabric, less)
    return round(found.lower, 9), round(found.upper, 9), gone.gpus, len(gone.hosts)


CASES: dict[str, tuple[Any, str]] = {
    "two tiers, last leaf half full": (lambda: small("ft2", 7, 8), "adaptive"),
    "two tiers, no scale-up": (lambda: small("ft2", 6, 8, scale_up=False), "adaptive"),
    "three tiers": (lambda: small("ft3", 7, 4, nics=1), "adaptive"),
    "three tiers, spray": (lambda: small("ft3", 6, 4, nics=2), "spray"),
    "planes": (lambda: small("mpft", 7, 6, nics=3), "adaptive"),
    "planes by NIC port": (lambda: small("mpft", 5, 6, nics=2, nic_ports=2), "adaptive"),
    "rails": (lambda: small("mrft", 6, 6), "adaptive"),
    "rails without scale-up": (lambda: small("mrft", 5, 6, scale_up=False), "adaptive"),
    "unlike shares of GPUs": (lambda: small("ft2", 4, 8, nics=3, scale_up=False, gpus=5), "spray"),
    "domains across leaves": (lambda: small("ft2", 7, 8, per_domain=3), "spray"),
    "domains on one leaf": (lambda: small("ft2", 8, 8, per_domain=2), "spray"),
    "domains across leaves and planes": (lambda: small("mpft", 8, 6, nics=3, per_domain=4), "spray"),
    "domains across rails": (lambda: small("mrft", 7, 6, per_domain=2), "spray"),
}


@pytest.mark.sampled(1)
@pytest.mark.parametrize("name", CASES)
def test_one_stands_for_all(name: str) -> None:
    make, routing = CASES[name]
    fabric = make()
    kinds = ("cable", "nic", "host", "leaf", "spine", "core", "plane")
    rows = single_failures(fabric, kinds, routing=routing)
    for kind in kinds:
        mine = [row for row in rows if row.what == kind]
        proof = failures_proof(fabric, 0, mine) if mine else None
        if mine:
            assert proof is not None
            verify_certificate(fabric, proof)
        truth = Counter(values(fabric, fabric.without(**f), routing) for f in every_failure(fabric, kind))
        told: Counter[tuple[float, float, int, int]] = Counter()
        for row in rows:
            if row.what == kind:
                told[round(row.lower, 9), round(row.upper, 9), row.cut_off, len(row.lost.hosts)] += row.stands_for
        assert told == truth, kind


def test_a_graph_without_symmetry() -> None:
    """Frucht's graph has no symmetry at all: one row per switch."""
    graph = nx.frucht_graph()
    nx.set_node_attributes(graph, 1, "endpoints")
    nx.set_edge_attributes(graph, 400, "gbps")
    fabric = from_networkx(graph)
    rows = single_failures(fabric, ["switch"])
    assert [r.stands_for for r in rows] == [1] * 12
    assert {r.worst for r in rows} == set(fabric.devices.name[fabric.devices.network == 0].tolist())
    assert rows[0].lower == min(r.lower for r in rows)


def test_cables_of_two_links() -> None:
    """Cables that carry two links to different spines fail as one, and are alike by their images."""
    fabric = small("ft2", 8, 8)
    own = np.arange(len(fabric.links))
    inner = np.flatnonzero(~fabric.is_endpoint_link)
    own[inner] = inner[np.arange(len(inner)) // 2 * 2]
    rows = [r for r in single_failures(fabric, ["cable"], cables=own) if "leaf" in r.worst.split(" - ")[0]]
    truth: Counter[tuple[float, float, int, int]] = Counter()
    for cable in np.unique(own[inner]).tolist():
        less = fabric.without(links=fabric.links.id[own == cable].tolist())
        truth[values(fabric, less, "adaptive")] += 1
    assert sum(r.stands_for for r in rows) == len(inner) // 2
    assert {(round(r.lower, 9), round(r.upper, 9)) for r in rows} == {t[:2] for t in truth}


@pytest.mark.parametrize(
    ("family", "hosts", "nics", "cut_gpus", "cut_hosts"),
    [("ft2", 8, 2, 4, 2), ("mpft", 8, 2, 0, 0), ("mrft", 8, 2, 0, 0)],
)
def test_who_is_cut_off_by_a_leaf(family: str, hosts: int, nics: int, cut_gpus: int, cut_hosts: int) -> None:
    """Single-homed hosts go with their leaf (two hosts of two GPUs each); others reach out through their scale-up
    domain."""
    fabric = small(family, hosts, 8, nics)
    (row,) = single_failures(fabric, ["leaf"])
    assert (row.cut_off, len(row.lost.hosts)) == (cut_gpus, cut_hosts)
    assert row.lost.gpu_names == tuple(f"{h}:gpu{g}" for h in row.lost.hosts for g in range(nics))


def test_without_scale_up_a_rail_takes_its_gpus() -> None:
    fabric = small("mrft", 8, 8, scale_up=False)
    rows = single_failures(fabric, ["leaf", "nic"])
    assert {(r.what, r.cut_off, len(r.lost.hosts)) for r in rows} == {("leaf", 4, 0), ("nic", 1, 0)}


def test_normalised_to_the_intact_fabric() -> None:
    """One of four uplinks of a leaf lost: 3/4 of what the leaf could carry, N - 1 over N minus the leaf's own."""
    fabric = small("ft2", 16, 8, nics=1)
    rows = [r for r in single_failures(fabric, ["cable"]) if "leaf" in r.worst.split(" - ")[0]]
    assert rows[0].lower == rows[0].upper == pytest.approx(3 / 4 * 15 / 12)


def test_rows_as_json() -> None:
    rows = single_failures(small("ft2", 8, 8), ["leaf"])
    assert rows[0].to_json() == {
        "what": "leaf",
        "count": 1,
        "stands_for": 4,
        "traffic": "all-to-all",
        "routing": "adaptive",
        "lower": rows[0].lower,
        "upper": rows[0].upper,
        "worst": "leaf-000",
        "cut_off": 4,
        "hosts_cut_off": 2,
    }


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"kinds": ["cabel"]}, "did you mean cable"),
        ({"traffic": "permutation:seed=1"}, "depends on names"),
        ({"routing": "ecmp"}, "depends on names"),
    ],
)
def test_questions_that_cannot_be_asked(keys: dict[str, Any], message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        single_failures(small("ft2", 4, 8), **keys)
