"""Requirement kinds that need an analysis: bisection, throughput, cost, power."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import networkx as nx
import numpy as np
import pytest

from topo.analysis.paths.latency import default_model, path_us
from topo.catalog import PriceBook
from topo.catalog.models import Source
from topo.checks import Context, Outcome, Verdict, judge, questions, requirements_from
from topo.errors import InputError
from topo.importers.networkx_graph import from_networkx

from . import mutate
from .cases import intact


def judged(context: Context, kind: str, **keys: Any) -> Outcome:
    ((_, outcome),) = judge(context, requirements_from([{kind: keys}], context.fabric.networks))
    return outcome


@pytest.mark.parametrize("case", ["ft2", "ft2-parallel", "mrft", "mpft", "storage"])
def test_intact_trees_have_full_bisection_with_a_certificate(case: str) -> None:
    outcome = judged(intact(case), "bisection")
    assert (outcome.verdict, outcome.lower, outcome.upper, outcome.bound) == (Verdict.HELD, 1.0, 1.0, 1.0)
    assert outcome.certificate is not None
    assert outcome.findings == ()


def test_a_lost_cable_breaks_full_bisection_and_throughput_but_not_less() -> None:
    context = intact("ft2")
    fabric = context.fabric
    leaf = fabric.device_row["leaf-004"]
    cut = replace(context, fabric=mutate.removed(fabric, int(np.flatnonzero(fabric.link_a == leaf)[2])))
    broken = judged(cut, "throughput", level="network", at_least=119 / 120 + 0.01)
    # 8 endpoints of the leaf send 120 / 127 of line rate each over the 7 cables that are left, at t = 1
    assert broken.upper == pytest.approx(7 / 8 * 127 / 120)
    assert broken.verdict is Verdict.BROKEN
    assert judged(cut, "throughput", at_least=0.92).verdict is Verdict.HELD
    bisection = judged(cut, "bisection")
    assert bisection.verdict is not Verdict.HELD
    assert bisection.findings[0].code == "bisection"
    assert judged(cut, "bisection", at_least=0.9).verdict is Verdict.HELD


def test_throughput_of_the_network_alone_is_the_closed_form() -> None:
    """(N - 1) / (N - h) with h endpoints on a leaf; line rate where endpoint links count."""
    outcome = judged(intact("ft2"), "throughput", level="network")
    assert outcome.lower == outcome.upper == pytest.approx(127 / 120)
    assert judged(intact("ft2"), "throughput").measured == 1.0
    broken = judged(intact("ft2"), "throughput", level="network", at_least=1.06)
    assert broken.verdict is Verdict.BROKEN
    assert "all-to-all under adaptive reaches 1.058" in broken.findings[0].message


def test_answers_are_computed_once() -> None:
    context = replace(intact("ft2"))
    stated = requirements_from(
        [{"throughput": {}}, {"throughput": {"level": "network"}}, {"bisection": {"at_least": 0.5}}], ["compute"]
    )
    first, second, third = (outcome for _, outcome in judge(context, stated))
    assert first.certificate is second.certificate
    assert context.asked(questions.Throughput, "compute") == [questions.Throughput("compute")]
    assert context.asked(questions.Bisection, "compute") == [questions.Bisection("compute")]
    assert third.verdict is Verdict.HELD


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"traffic": "al-to-all"}, "unknown traffic"),
        ({"routing": "magic"}, "unknown routing"),
        ({"routing": "ecmp:"}, "nothing follows the colon"),
        ({"routing": "ecmp:pq=4"}, "(?s)ecmp has no parameter of this name .pq..*allowed: .*qp"),
        ({"routing": "adaptive:paths=few"}, "paths of adaptive is wrong .few."),
        ({"traffic": "permutation:seed=x"}, "seed of permutation is wrong .x."),
        ({"level": "host"}, "'endpoint' or 'network'"),
        ({"at_least": 0}, "greater than 0"),
    ],
)
def test_bad_keys_are_named(keys: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        requirements_from([{"throughput": keys}], ["compute"])


BOOK = PriceBook(
    id="test-book",
    title="1,000 USD a switch, 10 an optical link",
    source=Source(document="invented for tests", read=True),
    switch_usd=1000.0,
    optical_link_usd=10.0,
)


def test_cost_is_judged_by_the_price_book() -> None:
    context = replace(intact("ft2"), price_book=BOOK)  # 24 switches, 128 switch-to-switch links
    outcome = judged(context, "cost_usd", at_most=25_280)
    assert (outcome.verdict, outcome.measured) == (Verdict.HELD, 25_280)
    broken = judged(context, "cost_usd", at_most=25_279)
    assert broken.verdict is Verdict.BROKEN
    assert "24,000 USD for switches, 1,280 USD for links" in broken.findings[0].message


def test_cost_without_prices_is_undecided_and_never_held() -> None:
    without = judged(intact("ft2"), "cost_usd", at_most=1e12)
    assert (without.verdict, without.upper) == (Verdict.UNDECIDED, math.inf)
    half = BOOK.model_copy(update={"switch_usd": None})
    context = replace(intact("ft2"), price_book=half)
    assert judged(context, "cost_usd", at_most=1e12).verdict is Verdict.UNDECIDED
    assert judged(context, "cost_usd", at_most=1_279).verdict is Verdict.BROKEN


def test_power_without_figures_is_undecided() -> None:
    outcome = judged(intact("ft2"), "power_w", at_most=1e9)
    assert outcome.verdict is Verdict.UNDECIDED
    assert "no figure is known for test-16" in outcome.findings[0].message
    assert outcome.findings[0].severity == "warning"


def test_latency_is_judged_by_the_model_of_the_protocol() -> None:
    context = intact("ft2")
    model = default_model(context.fabric, 0, context.catalog)
    assert model is not None
    longest = path_us(model, 3)
    outcome = judged(context, "latency_us", at_most=longest)
    assert (outcome.verdict, outcome.unit, outcome.upper) == (Verdict.HELD, "us", pytest.approx(longest))
    broken = judged(context, "latency_us", at_most=longest - 0.01)
    assert broken.verdict is Verdict.BROKEN
    assert len(broken.findings[0].where) == 2
    mean = path_us(model, 3 * 120 / 127 + 7 / 127)
    assert judged(context, "latency_us", of="mean", at_most=10).upper == pytest.approx(mean)


def test_latency_without_a_protocol_is_undecided() -> None:
    graph = nx.complete_graph(3)
    nx.set_node_attributes(graph, 2, "endpoints")
    nx.set_edge_attributes(graph, 400, "gbps")
    outcome = judged(Context(from_networkx(graph), intact("ft2").catalog), "latency_us", at_most=1e9)
    assert (outcome.verdict, outcome.findings[0].severity) == (Verdict.UNDECIDED, "warning")


@pytest.mark.parametrize("case", ["ft2", "ft3", "mpft"])
def test_trees_need_one_virtual_lane(case: str) -> None:
    assert judged(intact(case), "virtual_lanes").verdict is Verdict.HELD


def test_a_ring_waits_for_itself() -> None:
    """Shortest paths of a ring of six wait in a circle: one lane is proved too few where a routing does not adapt."""
    graph = nx.cycle_graph(6)
    nx.set_node_attributes(graph, 1, "endpoints")
    nx.set_edge_attributes(graph, 400, "gbps")
    context = Context(from_networkx(graph), intact("ft2").catalog)
    spray = judged(context, "virtual_lanes", routing="spray")
    assert (spray.verdict, spray.lower) == (Verdict.BROKEN, 2)
    assert len({where.partition(":")[0] for where in spray.findings[0].where}) == 6
    adaptive = judged(context, "virtual_lanes")
    assert (adaptive.verdict, adaptive.lower) == (Verdict.UNDECIDED, 1)
    assert judged(context, "virtual_lanes", routing="spray", at_most=int(spray.upper)).verdict is Verdict.HELD


def test_a_permutation_that_is_worst_for_spray_bounds_adaptive_from_above() -> None:
    """From below holds what spray carries of every permutation; the tables carry less, as is counted."""

    def ask(routing: str, at_least: float, traffic: str = "worst-permutation") -> Outcome:
        return judged(intact("dragonfly"), "throughput", traffic=traffic, routing=routing, at_least=at_least)

    assert ask("spray", 0.1).verdict is Verdict.HELD
    adaptive = ask("adaptive", 0.5)
    assert (adaptive.verdict, adaptive.lower) == (Verdict.UNDECIDED, ask("spray", 0.1).lower)
    assert ask("adaptive", 0.9).verdict is Verdict.BROKEN
    static = ask("static", 0.1)
    assert static.verdict is Verdict.UNDECIDED
    own = ask("static", 0.1, "worst-permutation:of=static")
    assert 0 < static.lower <= own.lower == own.upper < 0.1


def test_hashed_routing_holds_for_the_seeds_that_were_tried() -> None:
    outcome = judged(intact("ft2"), "throughput", routing="ecmp:qp=4", at_least=0.5)
    assert "under ecmp:qp=4 routing, for every hash seed tried, at 0.5" in outcome.statement
    assert outcome.verdict is Verdict.HELD
    assert outcome.lower < outcome.upper
