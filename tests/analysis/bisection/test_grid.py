"""Grids of switches are exact: against every side of everything, every split gone through, and by hand at full size."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import topo
from topo.analysis.bisection import bisection
from topo.analysis.bisection.grid import by_grid
from topo.analysis.bisection.splits import by_all_splits
from topo.certificates.bounds.grid import grid_of
from topo.certificates.bounds.share import host_rates
from topo.certificates.reading.cut import CutGraph, cut_graph
from topo.design import build, parse_design
from topo.errors import CertificateError
from topo.fabric import Fabric

from .oracles import by_every_side


def grid(blocks: tuple[int, int], sizes: tuple[int, int], each: int, ties: tuple[int, int], link: int) -> CutGraph:
    """`each` hosts on every pair of blocks, with links of `ties` to the switches of both."""
    hosts = blocks[0] * blocks[1] * each
    first = hosts + np.arange(blocks[0] * sizes[0]).reshape(blocks[0], -1)
    second = int(first.max()) + 1 + np.arange(blocks[1] * sizes[1]).reshape(blocks[1], -1)
    rows = []
    for host, (i, j, _) in enumerate(product(range(blocks[0]), range(blocks[1]), range(each))):
        rows += [(host, v, ties[0]) for v in first[i]] + [(host, v, ties[1]) for v in second[j]]
    rows += [(u, v, link) for u in first.ravel() for v in second.ravel()]
    u, v, capacity = np.array(sorted(rows)).T
    return CutGraph(np.arange(int(second.max()) + 1), hosts, u, v, capacity, Fraction(1))


small = st.sampled_from([((1, 1), (2, 2)), ((2, 2), (1, 1)), ((2, 1), (2, 3)), ((1, 3), (3, 1)), ((2, 2), (2, 1)),
                         ((3, 2), (1, 1)), ((2, 2), (2, 2))])  # fmt: skip


@given(small, st.integers(1, 3), st.tuples(st.integers(1, 4), st.integers(1, 4)), st.integers(1, 5))
def test_every_side(
    shape: tuple[tuple[int, int], tuple[int, int]], each: int, ties: tuple[int, int], link: int
) -> None:
    """Blocks of any size in both sets, hosts by one or more on each pair, odd numbers of hosts, unlike speeds."""
    blocks, sizes = shape
    each = 1 if blocks[0] * blocks[1] > 3 else each
    graph = grid(blocks, sizes, each, ties, link)
    found = by_grid(graph, 0)
    assert found is not None
    assert found.value == found.split.cut == graph.cut(found.split.on_a) == by_every_side(graph)


def zcube(gpus: int, host: str, keys: str = "", switch: str = "tomahawk-6") -> Fabric:
    network = f"{{family: zcube, switch: {switch}, endpoint_gbps: 400{keys}}}"
    return build(parse_design(f"name: z\ngpus: {gpus}\nhost: {host}\nnetworks: {{compute: {network}}}\n"))


@pytest.mark.parametrize(
    ("gpus", "host", "keys"),
    [
        (16, "example-host-1-two-ports", ""),
        (64, "example-host-1-two-ports", ""),
        (64, "multi-port-node", ""),
        (32, "example-host-1-two-ports", ", k: 8, width: 2"),
    ],
)
def test_every_split_gone_through(gpus: int, host: str, keys: str) -> None:
    """Another exact answer, by dynamic programming over the switches."""
    fabric = zcube(gpus, host, keys)
    graph = cut_graph(fabric, 0)
    found, every = by_grid(graph, 0), by_all_splits(graph, host_rates(fabric, 0, graph), 60.0)
    assert found is not None
    assert every is not None
    assert found.value == every.least.cut


@pytest.mark.parametrize(
    ("gpus", "host", "s", "t"),
    [(1024, "multi-port-node", 24, 21), (16384, "multi-port-node", 88, 93), (1024, "example-host-1-two-ports", 22, 23)],
)
def test_large_zcubes_are_exact(gpus: int, host: str, s: int, t: int) -> None:
    """With m switches in each set, a split with s of one and t of the other on a side (both blocks of whole hosts)
    and at most half of the GPUs on two of those cuts 2 (s (m - t) + t (m - s)) links; about 2 (sqrt 2 - 1) of full."""
    fabric = zcube(gpus, host)
    found = bisection(fabric)
    m = fabric.origins[0]["each"]
    assert found.exact
    assert s * t <= m * m / 2
    assert found.upper_gbps == 400 * 2 * (s * (m - t) + t * (m - s))
    proved = topo.verify_certificate(fabric, found.certificate)
    assert proved.lower == proved.upper == found.upper_gbps
    assert found.lower_method == "grid"


def test_what_is_no_grid_is_refused() -> None:
    """One link lost, one link faster, hosts that gather on some blocks: no bound, and the checker says why."""
    fabric = zcube(64, "multi-port-node")
    between = np.flatnonzero(~fabric.is_endpoint_link)
    lost = cut_graph(fabric.without(links=[int(fabric.links.id[between[0]])]), 0)
    assert by_grid(lost, 0) is None
    host = cut_graph(fabric.without(links=[int(fabric.links.id[0])]), 0)
    assert by_grid(host, 0) is None
    whole = grid((2, 2), (1, 1), 2, (1, 1), 1)
    first = np.isin(np.arange(whole.nodes), [8, 9])
    assert grid_of(whole, first).each == 2
    faster = whole.capacity.copy()
    faster[-1] = 2
    gathered = whole.v.copy()
    gathered[whole.u == 0] = gathered[whole.u == 7]
    for bad in (
        CutGraph(whole.device, 8, whole.u, whole.v, faster, whole.unit),
        CutGraph(whole.device, 8, whole.u, gathered, whole.capacity, whole.unit),
    ):
        assert by_grid(bad, 0) is None
        with pytest.raises(CertificateError, match="grid"):
            grid_of(bad, first)


def test_a_forged_first_set_is_refused() -> None:
    fabric = zcube(64, "multi-port-node")
    proof = bisection(fabric).certificate
    [bound] = proof["bounds"]
    for first in (bound["first"][1:], bound["first"] + [bound["first"][0]], [0, *bound["first"][1:]], "all", None):
        with pytest.raises(CertificateError):
            topo.verify_certificate(fabric, {**proof, "bounds": [{**bound, "first": first}]})
    with pytest.raises(CertificateError):
        topo.verify_certificate(fabric, {**proof, "lower": proof["lower"] + 1})
