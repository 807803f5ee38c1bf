"""Equal planes are merged once, with the same result as all of them; a plane that differs is never passed over."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import fields, replace

import numpy as np
import pytest
from plain_designs import tree
from throughput_oracle import direct

from tests.checks.cases import intact
from topo.analysis.failures import failures_proof, single_failures
from topo.analysis.symmetry import switch_proposals
from topo.analysis.symmetry.graph import generated_by_all
from topo.analysis.throughput import throughput
from topo.analysis.throughput.merge import commodities
from topo.analysis.throughput.problem import Problem, switch_problem
from topo.analysis.throughput.side_by_side import repeated_commodities, repeated_symmetry
from topo.analysis.traffic import demand_of
from topo.certificates import verify_certificate
from topo.fabric import Fabric

PLANES = {"mpft, multi-port": 4, "dual-plane": 2, "mpft": 8, "mpft, by one": 2, "mpft, four planes": 4}
"""Fabrics of several planes, and how many."""


def fabric_of(name: str) -> Fabric:
    if name == "mpft, multi-port":
        return intact("mpft-multi-port").fabric
    if name == "dual-plane":
        return intact("dual-plane").fabric
    more = {"mpft": "", "mpft, by one": ", planes: 2, spread: by-one", "mpft, four planes": ", planes: 4"}
    return tree(8 * 40, f"family: mpft{more[name]}")


def problem_of(fabric: Fabric, minimal: bool = False) -> Problem:
    demand = demand_of(fabric, "all-to-all", 0)
    return switch_problem(demand, switch_proposals(fabric, demand.network, 0), minimal)


@pytest.mark.parametrize("minimal", [False, True])
@pytest.mark.parametrize("name", PLANES)
def test_equal_planes_merge_as_all_of_them_do(name: str, minimal: bool) -> None:
    problem = problem_of(fabric_of(name), minimal)
    assert problem.runs is not None
    assert problem.runs.many == PLANES[name]
    known, expected = repeated_symmetry(problem), generated_by_all(problem.graph, list(problem.proposals))
    if expected is None:  # links dealt by one: leaves do not rotate
        assert known is None
        assert name == "mpft, by one"
        return
    assert known is not None
    assert len(known.generators) == len(expected.generators)
    assert all(np.array_equal(a, b) for a, b in zip(known.generators, expected.generators, strict=True))
    assert np.array_equal(known.node_orbit, expected.node_orbit)
    assert np.array_equal(known.arc_orbit, expected.arc_orbit)
    found, every = repeated_commodities(problem, known), commodities(problem, expected)
    assert found is not None
    assert every is not None
    for one, other in zip(found, every, strict=True):
        for field in fields(one):
            assert np.array_equal(getattr(one, field.name), getattr(other, field.name)), field.name


def differing(fabric: Fabric, plane: int) -> Iterator[tuple[str, Fabric, Fabric]]:
    """The fabric with one plane that differs in one cable: and that which it was made from."""
    inner = np.flatnonzero(~fabric.is_endpoint_link & (fabric.links.plane == plane))
    ends = np.flatnonzero(fabric.is_endpoint_link & (fabric.links.plane == plane))
    link = int(inner[len(inner) // 2])
    yield "missing", fabric.without(links=[int(fabric.links.id[link])]), fabric
    yield "host cut off", fabric.without(links=[int(fabric.links.id[ends[-1]])]), fabric
    gbps, at = fabric.links.gbps.copy(), fabric.links.b.copy()
    gbps[link] /= 2
    slow = replace(fabric, links=fabric.links.changed(gbps=gbps))
    yield "slow", slow, slow
    others = inner[fabric.link_b[inner] != fabric.link_b[link]]
    if len(others):
        at[link] = at[others[0]]
        moved = replace(fabric, links=fabric.links.changed(b=at))
        yield "moved", moved, moved


@pytest.mark.parametrize("name", PLANES)
def test_a_plane_that_differs_by_one_cable_is_seen(name: str) -> None:
    fabric = fabric_of(name)
    planes = PLANES[name]
    for plane in (0, planes - 1):
        for what, less, whole in differing(fabric, plane):
            problem = problem_of(less)
            assert problem.runs is None, what
            answer = throughput(less, baseline=whole)
            expected = direct(less, scale_of(whole))
            assert answer.network_lower == pytest.approx(expected, rel=1e-6), (what, plane)
            assert answer.network_upper == pytest.approx(expected, rel=1e-6), (what, plane)
            assert verify_certificate(whole, json.loads(json.dumps(answer.certificate))).bounds
            assert expected < direct(fabric, scale_of(fabric)) * (1 + 1e-9)


@pytest.mark.parametrize("name", PLANES)
def test_the_loss_of_a_plane_beside_one_that_differs(name: str) -> None:
    fabric = fabric_of(name)
    last = np.flatnonzero(~fabric.is_endpoint_link & (fabric.links.plane == PLANES[name] - 1))
    gbps = fabric.links.gbps.copy()
    gbps[last[0]] /= 2
    for whole in (fabric, replace(fabric, links=fabric.links.changed(gbps=gbps))):
        rows = single_failures(whole, ["plane"])
        left = []
        for plane in range(PLANES[name]):
            own = whole.devices.name[(whole.devices.plane == plane) & ~whole.is_host]
            less = whole.without(devices=[str(device) for device in own])
            limit = throughput(less, baseline=whole)
            assert limit.network_lower == pytest.approx(direct(less, scale_of(whole)), rel=1e-6)
            left.append(limit.lower)
        assert min(row.lower for row in rows) == pytest.approx(min(left), rel=1e-9)
        assert sum(row.stands_for for row in rows) == PLANES[name]
        proof = failures_proof(whole, 0, rows)
        assert proof is not None
        proved = verify_certificate(whole, json.loads(json.dumps(proof)))
        assert float(proved.bounds["lower"]) == pytest.approx(min(left), rel=1e-9)


def scale_of(fabric: Fabric) -> float:
    """1 / the most that an endpoint's peers of its plane can send, of the whole fabric."""
    planes = np.unique(fabric.endpoints.plane)
    sums = [fabric.endpoints.gbps[fabric.endpoints.plane == p].sum() for p in planes]
    return 1 / (max(sums) - float(fabric.endpoints.gbps[0]))
