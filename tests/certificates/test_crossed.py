"""Certificates crossed: those of sisters of a fabric (other speeds, links, endpoints, planes) with digests and names
put right, and parts of one question in the place of another's. What verifies is true."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from functools import cache
from itertools import product
from random import Random
from typing import Any

import networkx as nx
import pytest

import topo
from tests.certificates.adversary import HONEST, Certificate, fabric_of, graph_of
from tests.certificates.test_adversary import refuse_falsehood
from topo.certificates import switch_graph_digest
from topo.errors import ParameterError
from topo.fabric import Fabric
from topo.importers.networkx_graph import from_networkx

TRAFFICS = (
    "all-to-all", "gpu-all-to-all", "permutation:seed=3", "shift:k=1", "hot-spot", "worst-permutation",
    "worst-permutation:of=static", "longest-matching",
)  # fmt: skip
ROUTINGS = (
    "adaptive", "adaptive:paths=minimal", "spray", "spray:split=next-hop", "ecmp:seeds=2", "ecmp:qp=2,seeds=1",
    "static", "static:rule=minhop", "wcmp", "wcmp:entries=4",
)  # fmt: skip
QUICK = ("two planes",)
SISTERS = ("one link more", "faster", "one endpoint more", "one link less", "a slower host")


def sister(name: str) -> Fabric:
    """The fabric `odd`, with one thing else."""
    graph = graph_of("odd")
    match name:
        case "faster":
            nx.set_edge_attributes(graph, 800, "gbps")
        case "one endpoint more":
            graph.nodes[4]["endpoints"] = 3
        case "one link more":
            graph.add_edge(1, 3, gbps=400)
        case "one link less":
            graph.remove_edge(2, 3, key=1)
        case "a slower host":
            graph.nodes[0]["endpoint_gbps"] = 200
        case "two planes":
            nx.set_node_attributes(graph, {3: 1, 4: 1}, "plane")
            graph.remove_edges_from([(u, v, k) for u, v, k in graph.edges(keys=True) if (u > 2) != (v > 2)])
    return from_networkx(graph)


@cache
def certificates(name: str) -> tuple[Certificate, ...]:
    """Of every traffic under every routing, and of every other kind that the fabric has."""
    fabric = fabric_of("odd") if name == "odd" else sister(name)
    found: list[Any] = []
    for kind, make in HONEST.items():
        if kind.startswith(("collective", "rerouted")) or (kind == "connected" and name == "two planes"):
            continue
        found.append(make(fabric))
    for traffic, routing in product(TRAFFICS, ROUTINGS):
        try:
            found.append(topo.throughput(fabric, traffic, routing).certificate)
        except ParameterError:
            continue
    return tuple(json.loads(json.dumps([one for one in found if one])))


def put_right(certificate: Any, fabric: Fabric, digest: str) -> None:
    """Names and digests everywhere those of a fabric."""
    for inner in certificate.values() if isinstance(certificate, dict) else certificate:
        if isinstance(inner, (dict, list)):
            put_right(inner, fabric, digest)
    if isinstance(certificate, dict):
        for key, value in (("switch_graph", digest), ("fabric", fabric.name)):
            if key in certificate:
                certificate[key] = value


@pytest.mark.parametrize("name", [*QUICK, *(pytest.param(name, marks=pytest.mark.slow) for name in SISTERS)])
def test_what_verifies_of_a_sisters_certificates_is_true(name: str) -> None:
    fabric = fabric_of("odd")
    digest = switch_graph_digest(fabric, fabric.networks[0])
    verified = 0
    for one in certificates(name):
        crossed = copy.deepcopy(one)
        put_right(crossed, fabric, digest)
        verified += refuse_falsehood(fabric, crossed)
    assert verified < len(certificates(name)) * (0.95 if "host" in name or "link" in name else 0.5)


def crossed(every: tuple[Certificate, ...], rng: Random) -> Iterator[Certificate]:
    """Parts of one certificate in the place of another's, without end."""
    while True:
        one, other = rng.sample(every, 2)
        shared = sorted({*one} & {*other} - {"fabric", "network", "switch_graph"})
        taken = rng.sample(shared, rng.randint(1, min(3, len(shared))))
        yield {**copy.deepcopy(one), **{key: copy.deepcopy(other[key]) for key in taken}}


def held(many: int, seed: int) -> None:
    fabric, every = fabric_of("odd"), certificates("odd")
    assert all(refuse_falsehood(fabric, one) for one in every)
    forged = crossed(every, Random(seed))
    for _ in range(many):
        refuse_falsehood(fabric, next(forged))


@pytest.mark.parametrize("many", [30, pytest.param(300, marks=pytest.mark.slow)])
def test_what_verifies_of_crossed_certificates_is_true(many: int) -> None:
    held(many, 1)


@pytest.mark.slow
def test_what_verifies_of_many_crossed_certificates_is_true() -> None:
    held(2000, 2)
