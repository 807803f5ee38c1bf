"""Limits of time: what has no time is not begun, what is counted is the same on every machine, and it is said."""

from __future__ import annotations

import math
import re
from pathlib import Path

import networkx as nx
import pytest

import topo
from topo.analysis.bisection import bisection
from topo.analysis.throughput import throughput
from topo.certificates import verify_certificate
from topo.errors import LimitReachedError
from topo.fabric import Fabric
from topo.solvers.budget import Budget


def random_graph(switches: int, degree: int, endpoints: int = 2) -> Fabric:
    graph = nx.random_regular_graph(degree, switches, seed=1)
    nx.set_node_attributes(graph, endpoints, "endpoints")
    nx.set_edge_attributes(graph, 400, "gbps")
    return topo.from_networkx(graph)


def test_a_share_ends_with_the_whole() -> None:
    whole = Budget(10.0)
    part = whole.share(0.5)
    assert part.seconds == pytest.approx(5.0, abs=0.1)
    assert part.end <= whole.end
    assert Budget(0.0).share(0.5).left() == 0.0
    assert math.isinf(Budget().left())
    assert not Budget().spent


def test_work_is_allowed_by_the_limit_alone() -> None:
    assert Budget(2.0).allows(20, per_s=10)
    assert not Budget(2.0).allows(21, per_s=10)
    assert Budget().allows(1e300, per_s=1)


@pytest.mark.parametrize("traffic", ["all-to-all", "gpu-all-to-all"])
def test_what_no_time_is_enough_for_is_not_begun(traffic: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """No turn of walks is made where the limit has no time for one; the requirement is undecided and says so."""
    fabric = random_graph(600, 12)
    monkeypatch.setattr("topo.analysis.throughput.walks.best_walks", lambda *_: pytest.fail("walks were begun"))
    with pytest.raises(LimitReachedError, match="are too many for 0"):
        throughput(fabric, traffic, time_limit_s=0.1)
    report = topo.check(fabric, requirements=[{"throughput": {"traffic": traffic}}], time_limit_s=0.1)
    assert report.requirements[0].verdict == "undecided"


def test_the_worst_permutation_keeps_to_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """What would bound every permutation is not counted where there is no time: the lower end is 0, and proved."""
    fabric = random_graph(100, 5)
    monkeypatch.setattr(
        "topo.analysis.throughput.prices.permutations_bound", lambda *_: pytest.fail("permutations were counted")
    )
    found = throughput(fabric, "worst-permutation:of=static", "spray", time_limit_s=1e-3)
    assert found.lower == 0.0 < found.upper
    assert found.certificate is not None
    assert verify_certificate(fabric, found.certificate).bounds["lower"] == 0


def test_a_short_limit_widens_a_bisection_and_is_the_same_twice() -> None:
    fabric = random_graph(90, 6)
    short = [bisection(fabric, time_limit_s=1e-3) for _ in range(2)]
    assert short[0].certificate == short[1].certificate
    assert short[0].upper_gbps >= short[0].lower_gbps >= 0
    verify_certificate(fabric, short[0].certificate)


def test_nothing_else_of_the_analysis_reads_the_clock() -> None:
    folder = Path(topo.__file__).parent / "analysis"
    reads = re.compile(r"^(import time|from time import)|monotonic|perf_counter", re.MULTILINE)
    assert [p.name for p in folder.rglob("*.py") if reads.search(p.read_text(encoding="utf-8"))] == []
