"""Requirement kinds that need counting only: held, broken with the worst case named, and bad input."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import networkx as nx
import numpy as np
import pytest

from topo.checks import Context, Outcome, Verdict, judge, requirement_kinds, requirements_from
from topo.checks.bounded import Answer, bounded
from topo.checks.model import at_least, at_most
from topo.errors import InputError, LimitReachedError, ParameterError
from topo.importers.networkx_graph import from_networkx

from . import mutate
from .cases import DESIGNS, catalog, intact


def judged(context: Context, kind: str, **keys: Any) -> Outcome:
    ((_, outcome),) = judge(context, requirements_from([{kind: keys}], context.fabric.networks))
    return outcome


@pytest.mark.parametrize("case", DESIGNS)
def test_hops_agree_with_the_closed_form_and_name_a_longest_path(case: str) -> None:
    context = intact(case)
    most = context.counts["compute"].max_hops
    held, broken = judged(context, "hops", at_most=most), judged(context, "hops", at_most=most - 1)
    assert (held.verdict, held.measured, held.findings) == (Verdict.HELD, most, ())
    assert (broken.verdict, broken.measured, broken.bound, broken.unit) == (Verdict.BROKEN, most, most - 1, "switches")
    (finding,) = broken.findings
    between = ~context.fabric.is_endpoint_link  # hosts pass nothing on
    graph = nx.Graph(zip(context.fabric.link_a[between].tolist(), context.fabric.link_b[between].tolist(), strict=True))
    first, last = (context.fabric.device_row[name] for name in finding.where)
    assert nx.shortest_path_length(graph, first, last) + 1 == most


def test_more_switches_on_a_path_after_a_cable_is_moved() -> None:
    """Two leaves of a two-tier tree that lose all common spines are five switches apart."""
    fabric = intact("ft2-parallel").fabric
    leaf, other = fabric.device_row["leaf-000"], fabric.device_row["leaf-001"]
    spines = [fabric.device_row[f"spine-{i:03d}"] for i in range(4)]
    lost = (fabric.link_a == leaf) & np.isin(fabric.link_b, spines[:2])
    lost |= (fabric.link_a == other) & np.isin(fabric.link_b, spines[2:])
    context = replace(intact("ft2-parallel"), fabric=mutate.removed(fabric, lost))
    outcome = judged(context, "hops", at_most=3)
    assert (outcome.verdict, outcome.measured) == (Verdict.BROKEN, 5)
    assert set(outcome.findings[0].where) == {"leaf-000", "leaf-001"}


def test_switches_in_all_and_by_tier() -> None:
    context = intact("ft2")  # radix 16: 16 leaves, 8 spines
    assert judged(context, "switches", at_most=24).verdict is Verdict.HELD
    assert judged(context, "switches", at_most=8, tier="spine").verdict is Verdict.HELD
    broken = judged(context, "switches", at_most=23)
    assert (broken.verdict, broken.measured) == (Verdict.BROKEN, 24)
    assert broken.statement == "The compute network has at most 23 switches"
    assert broken.findings[0].message == "the compute network has 24 switches: 16 leaf, 8 spine"
    assert judged(intact("storage"), "switches", network="storage", at_most=12).measured == 12


def test_connected_names_who_is_cut_off() -> None:
    context = intact("mpft")
    assert judged(context, "connected").verdict is Verdict.HELD
    fabric = context.fabric
    leaf = fabric.device_row["p1-leaf-003"]
    cut = replace(context, fabric=mutate.removed(fabric, np.flatnonzero(fabric.link_a == leaf)))
    outcome = judged(cut, "connected")
    assert (outcome.verdict, outcome.measured) == (Verdict.BROKEN, 4)
    assert set(outcome.findings[0].where) == {f"host-{i:05d}:nic2" for i in range(12, 16)}
    one = replace(context, fabric=mutate.removed(fabric, int(np.flatnonzero(fabric.is_endpoint_link)[5])))
    assert judged(one, "connected").findings[0].where == ("host-00001:nic2",)
    nothing = replace(context, fabric=mutate.removed(fabric, np.arange(len(fabric.links))))
    assert judged(nothing, "connected").measured == 128


@pytest.mark.parametrize(("ratio", "down", "up"), [(1, 4, 4), ("3:1", 6, 2), (7, 7, 1)])
def test_oversubscription_is_the_ratio_that_the_design_asked_for(ratio: float | str, down: int, up: int) -> None:
    from topo.design import parse_design
    from topo.design.wire import build

    network = f'{{family: mpft, switch: test-8, oversubscription: "{ratio}"}}'
    hosts = 8 * down
    text = f"{{name: any, gpus: {hosts * 4}, host: test-host, networks: {{compute: {network}}}}}"
    context = Context(build(parse_design(text, "any.yaml", catalog())), catalog())
    assert judged(context, "oversubscription", at_most=ratio).verdict is Verdict.HELD
    assert judged(context, "oversubscription", at_most=ratio).measured == pytest.approx(down / up)
    less = judged(context, "oversubscription", at_most=down / up - 0.01)
    assert less.verdict is Verdict.BROKEN
    assert less.findings[0].where[0].startswith("p0-leaf-")


def test_a_leaf_without_uplinks_has_no_finite_ratio() -> None:
    context = intact("ft2")
    fabric = context.fabric
    leaf = fabric.device_row["leaf-002"]
    cut = replace(context, fabric=mutate.removed(fabric, np.flatnonzero(fabric.link_a == leaf)))
    outcome = judged(cut, "oversubscription", at_most=100)
    assert (outcome.verdict, outcome.measured, outcome.findings[0].where) == (Verdict.BROKEN, math.inf, ("leaf-002",))


def test_spare_ports_are_counted_per_switch() -> None:
    context = intact("ft3")  # radix 8, 5 of 8 pods: 3 free ports on every core
    assert judged(context, "spare_ports", tier="core", at_least=3).verdict is Verdict.HELD
    broken = judged(context, "spare_ports", tier="core", at_least=4)
    assert (broken.verdict, broken.measured, broken.from_below) == (Verdict.BROKEN, 3, True)
    assert "16 of 16 switches have too few" in broken.findings[0].message
    with pytest.raises(ParameterError, match="no such tier"):
        judged(intact("ft2"), "spare_ports", tier="core", at_least=1)


def test_a_limit_leaves_a_requirement_undecided() -> None:
    def too_long() -> Answer:
        raise LimitReachedError("60 s")

    outcome = bounded("The network is good", "x", 1.0, too_long)
    assert outcome.verdict is Verdict.UNDECIDED
    assert outcome.findings[0].message == "undecided: the network is good (60 s)"


@pytest.mark.parametrize(
    ("low", "high", "bound", "least", "most"),
    [
        (1.0, 1.0, 1.0, "held", "held"),
        (1 - 9e-7, 1 + 9e-7, 1.0, "held", "held"),
        (0.9, 1.1, 1.0, "undecided", "undecided"),
        (0.9, 0.999, 1.0, "broken", "held"),
        (1.001, 2.0, 1.0, "held", "broken"),
    ],
)
def test_verdicts_need_the_proved_end(low: float, high: float, bound: float, least: str, most: str) -> None:
    assert at_least(low, high, bound).value == least
    assert at_most(low, high, bound).value == most


def test_all_mistakes_of_stated_requirements_are_reported_at_once() -> None:
    stated = [
        {"hop": {"at_most": 3}},
        {"hops": {"at_most": 3}, "switches": {}},
        {"hops": {"at_least": 3}},
        {"hops": {"at_most": 3, "network": "storage"}},
        {"oversubscription": {"at_most": "3:0"}},
        {"connected": None},
    ]
    with pytest.raises(InputError) as caught:
        requirements_from(stated, ["compute"])
    texts = [(p.key, p.message, p.hint) for p in caught.value.problems]
    assert texts == [
        ("requirements[0]", "unknown requirement", "did you mean hops?"),
        ("requirements[1]", "a requirement is one kind with its keys", '{"hops": {"at_most": 3}}'),
        ("requirements[2].hops.at_most", "is missing", ""),
        ("requirements[2].hops.at_least", "unknown key", ""),
        ("requirements[3].hops.network", "the fabric has no network of this name", ""),
        ("requirements[4].oversubscription.at_most", "is no ratio of down to up", ""),
    ]


def test_ids_count_from_one_and_kinds_keep_underscores() -> None:
    stated = requirements_from([{"connected": None}, {"spare_ports": {"at_least": 1}}], ["compute"])
    assert [one.id for one in stated] == ["connected-1", "spare_ports-2"]
    assert {"hops", "spare_ports"} <= set(requirement_kinds.names())
    assert not any("-" in name for name in requirement_kinds.names())


def test_every_kind_describes_its_keys_for_the_reference_page() -> None:
    for name in requirement_kinds.names():
        for key, value in requirement_kinds.get(name).params.model_json_schema()["properties"].items():
            assert value.get("description"), f"{name}.{key}"


def test_an_imported_graph_can_be_judged() -> None:
    graph = nx.petersen_graph()
    nx.set_node_attributes(graph, 2, "endpoints")
    nx.set_edge_attributes(graph, 400, "gbps")
    context = Context(from_networkx(graph), catalog())
    assert judged(context, "hops", at_most=3).verdict is Verdict.HELD
    assert judged(context, "hops", at_most=2).verdict is Verdict.BROKEN
    assert judged(context, "connected").verdict is Verdict.HELD


@pytest.mark.parametrize(
    ("kind", "keys", "key"),
    [
        ("throughput", {"at_least": 1.5}, "at_least"),
        ("throughput", {"at_least": 1.01, "traffic": "permutation:seed=3", "routing": "ecmp:qp=4"}, "at_least"),
        ("bisection", {"at_least": 1.01}, "at_least"),
        ("failure", {"any": "link", "throughput_at_least": 2}, "throughput_at_least"),
        ("random_failures", {"links": 2, "throughput_at_least": 1.2}, "throughput_at_least"),
    ],
)
def test_a_share_that_nothing_can_reach_is_refused(kind: str, keys: dict[str, Any], key: str) -> None:
    with pytest.raises(InputError) as found:
        requirements_from([{kind: keys}], ["compute"])
    (problem,) = (p for p in found.value.problems if p.key.endswith(key))
    assert any(words in problem.message + problem.allowed for words in ("at most 1", "or equal to 1"))
    assert requirements_from([{"throughput": {"at_least": 1.5, "level": "network"}}], ["compute"])
