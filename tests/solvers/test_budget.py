"""Limits of time: what has no time is not begun, what is counted is the same on every machine, and it is said."""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import Any

import networkx as nx
import pytest

import topo
from topo.analysis.bisection import bisection
from topo.analysis.failures import random_failures, single_failures
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


@pytest.mark.sampled(2)
@pytest.mark.parametrize("routing", ["ecmp:seeds=10000", "wcmp", "static", "spray"])
def test_what_is_too_much_to_route_is_not_begun(routing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Counted beforehand, whatever the machine; a requirement is undecided and says so."""
    fabric = random_graph(60, 5, endpoints=20)
    name = routing.partition(":")[0]
    if name != "ecmp":
        monkeypatch.setattr(f"topo.analysis.routing.rules.{name}.{RATES[name]}", 10.0)
    with pytest.raises(LimitReachedError, match=r"are too many for 0\.1 s"):
        throughput(fabric, routing=routing, time_limit_s=0.1)
    asked = [{"throughput": {"routing": routing}}]
    report = topo.check(fabric, requirements=asked, time_limit_s=0.1)
    assert report.requirements[0].verdict == "undecided"


RATES = {"spray": "PAIRS_PER_S", "wcmp": "PAIRS_PER_S", "static": "ENTRIES_PER_S"}


@pytest.mark.parametrize("asked", [single_failures, random_failures])
def test_failures_that_are_too_many_are_not_begun(asked: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who is cut off is counted for each failure or for none: a verdict of some would be one of all."""
    fabric = random_graph(40, 3)
    monkeypatch.setattr("topo.analysis.failures._single.COUNTED_PER_S", 10.0)
    with pytest.raises(LimitReachedError, match="too many to look at each in 5 s"):
        asked(fabric, ["switch"] if asked is single_failures else "switch", time_limit_s=5.0)
    wanted = {"any": "switch", "cut_off_at_most": 40}
    drawn = {"random_failures": {**wanted, "count": 1}}
    one = {"failure": wanted} if asked is single_failures else drawn
    report = topo.check(fabric, requirements=[one], time_limit_s=5.0)
    assert report.requirements[0].verdict == "undecided"


def test_no_seconds_stand_beside_the_limit() -> None:
    """What takes time takes a share of the limit, or of the one default."""
    folder = Path(topo.__file__).parent
    constant, given = r"^[A-Z_]*(?:LIMIT|TREES|FAILURE)[A-Z_]*_S = [0-9]", r"time_limit_s=[0-9.]+[,)]"
    seconds = re.compile(f"{constant}|{given}", re.MULTILINE)
    rooms = ("analysis", "audit", "checks", "diagrams", "report")
    files = [path for room in rooms for path in (folder / room).rglob("*.py")]
    found = {p.name: m for p in files for m in seconds.findall(p.read_text(encoding="utf-8"))}
    assert {*found} <= {"checked.py"}, found


def test_nothing_else_of_the_analysis_reads_the_clock() -> None:
    folder = Path(topo.__file__).parent / "analysis"
    reads = re.compile(r"^(import time|from time import)|monotonic|perf_counter", re.MULTILINE)
    assert [p.name for p in folder.rglob("*.py") if reads.search(p.read_text(encoding="utf-8"))] == []
