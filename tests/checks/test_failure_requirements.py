"""Requirements about single failures, against closed forms and against removing every one of them in turn."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import topo
from topo.analysis.throughput import throughput
from topo.certificates import verify_certificate
from topo.checks import Context, Outcome, Verdict, judge, questions, requirements_from
from topo.design import parse_design
from topo.errors import InputError, ParameterError
from topo.fabric import LEAF, SPINE

from .cases import intact


def judged(context: Context, **keys: Any) -> Outcome:
    ((_, outcome),) = judge(context, requirements_from([{"failure": keys}], context.fabric.networks))
    return outcome


def test_one_spine_of_eight_leaves_seven_eighths_of_the_network() -> None:
    """128 endpoints, 8 a leaf, 8 spines: 7/8 of (N - 1) / (N - h) = 127 / 120."""
    outcome = judged(intact("ft2"), any="spine", throughput_at_least=0.92)
    assert outcome.verdict is Verdict.HELD
    assert outcome.lower == outcome.upper == pytest.approx(7 / 8 * 127 / 120)
    broken = judged(intact("ft2"), any="spine", throughput_at_least=0.93)
    assert broken.verdict is Verdict.BROKEN
    assert broken.findings[0].where == ("spine-000",)
    assert "without spine-000 (7 others are like it): all-to-all under adaptive keeps 0.926042" in (
        broken.findings[0].message
    )
    assert broken.certificate is not None


@pytest.mark.parametrize(("case", "tier", "name"), [("mpft", SPINE, "spine"), ("mrft", LEAF, "leaf")])
def test_the_worst_failure_is_the_worst_of_all(case: str, tier: int, name: str) -> None:
    context = intact(case)
    devices = context.fabric.devices
    found = []
    for device in devices.name[devices.tier == tier]:
        less = context.fabric.without(devices=[str(device)])
        found.append(throughput(less, baseline=context.fabric).lower)
    assert judged(context, any=name, throughput_at_least=0.1).lower == pytest.approx(min(found))


def test_a_leaf_of_a_single_homed_tree_cuts_its_hosts_off() -> None:
    held = judged(intact("ft2"), any="leaf", cut_off_at_most=8)  # two hosts of four GPUs
    assert (held.verdict, held.measured, held.unit) == (Verdict.HELD, 8, "GPUs")
    broken = judged(intact("ft2"), any="leaf", cut_off_at_most=7)
    assert (broken.verdict, broken.measured) == (Verdict.BROKEN, 8)
    assert broken.findings[0].where == ("leaf-000", "host-00000", "host-00001")
    hosts = judged(intact("ft2"), any="leaf", hosts_disconnected_at_most=1)
    assert (hosts.verdict, hosts.measured, hosts.unit) == (Verdict.BROKEN, 2, "hosts")


@pytest.mark.parametrize("case", ["mrft", "mpft", "dual-plane"])
def test_no_leaf_disconnects_a_host_with_several_rails_or_planes(case: str) -> None:
    outcome = judged(intact(case), any="leaf", hosts_disconnected_at_most=0)
    assert (outcome.verdict, outcome.measured) == (Verdict.HELD, 0)
    assert outcome.statement == "The loss of any one leaf of the compute network disconnects at most 0 hosts"


def test_failures_of_one_kind_are_computed_once() -> None:
    context = Context(intact("ft2").fabric, intact("ft2").catalog)
    judged(context, any="leaf", cut_off_at_most=8)
    judged(context, any="leaf", throughput_at_least=0.5)
    assert context.asked(questions.Failures, "compute") == [questions.Failures("compute", "leaf")]


def test_what_a_network_does_not_have_cannot_fail() -> None:
    with pytest.raises(ParameterError, match="has no core that could fail alone"):
        judged(intact("ft2"), any="core", cut_off_at_most=1)


def test_any_switch_is_the_worst_of_all_tiers() -> None:
    context = intact("ft2")
    fabric = context.fabric
    names = fabric.devices.name[~fabric.is_host].tolist()
    left = [throughput(fabric.without(devices=[name]), baseline=fabric) for name in names]
    outcome = judged(context, any="switch", throughput_at_least=0.1)
    assert outcome.lower == pytest.approx(min(one.lower for one in left))
    assert outcome.certificate is not None
    verify_certificate(fabric, outcome.certificate)
    rows = context.ask(questions.Failures("compute", "switch", "all-to-all", "adaptive"))
    assert sum(row.stands_for for row in rows) == len(names)


UNASKABLE = """
name: unaskable
gpus: 8
host: example-host-1
networks:
  compute: {family: ft2, switch: example-switch-4}
requirements:
  - hops: {at_most: 3}
  - failure: {any: plane, cut_off_at_most: 1}
  - random_failures: {any: core, count: 1, cut_off_at_most: 1}
  - random_failures: {any: spine, count: 5, cut_off_at_most: 1}
"""


def test_what_cannot_be_asked_is_told_with_its_place() -> None:
    with pytest.raises(InputError) as error:
        topo.check(parse_design(UNASKABLE))
    told = [(p.line, p.key, p.value, p.allowed) for p in error.value.problems]
    assert told == [
        (9, "requirements[1].failure.any", "plane", "cable, nic, host, leaf, spine, switch"),
        (10, "requirements[2].random_failures.any", "core", "cable, host, leaf, spine, switch"),
        (11, "requirements[3].random_failures.count", "5", "1 to 2"),
    ]
    with pytest.raises(InputError) as error:
        topo.check(intact("ft2").fabric, [{"failure": {"any": "core", "cut_off_at_most": 1}}])
    assert error.value.problems[0].key == "requirements[0].failure.any"


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"any": "leaf"}, "needs exactly one of throughput_at_least, cut_off_at_most"),
        ({"any": "leaf", "cut_off_at_most": 1, "throughput_at_least": 0.5}, "needs exactly one of"),
        ({"any": "shelf", "cut_off_at_most": 1}, "'cable', 'nic', 'host'"),
        ({"cut_off_at_most": 1}, "is missing"),
    ],
)
def test_bad_keys_are_named(keys: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        requirements_from([{"failure": keys}], ["compute"])


def drawn(context: Context, **keys: Any) -> Outcome:
    ((_, outcome),) = judge(context, requirements_from([{"random_failures": keys}], context.fabric.networks))
    return outcome


def test_random_failures_are_order_statistics_of_the_draws() -> None:
    context = intact("ft2")
    fabric = context.fabric
    pool = fabric.links.id[~fabric.is_endpoint_link]
    kept = []
    for seed in range(3, 8):
        ids = pool[np.sort(np.random.default_rng(seed).choice(len(pool), 20, replace=False))]
        kept.append(throughput(fabric.without(links=ids.tolist()), baseline=fabric).lower)
    ordered = sorted(kept, reverse=True)
    assert ordered[0] > ordered[-1]
    for share, value in ((1.0, ordered[4]), (0.8, ordered[3]), (0.61, ordered[3]), (0.2, ordered[0])):
        keys = {"any": "cable", "count": 20, "seeds": 5, "first_seed": 3, "share_of_draws": share}
        held = drawn(context, **keys, throughput_at_least=value * 0.999)
        assert (held.verdict, held.lower) == (Verdict.HELD, pytest.approx(value))
        assert drawn(context, **keys, throughput_at_least=value * 1.001).verdict is Verdict.BROKEN


def test_random_failures_name_their_draws() -> None:
    outcome = drawn(intact("ft2"), any="leaf", count=2, seeds=4, cut_off_at_most=15)
    assert (outcome.verdict, outcome.measured, outcome.unit) == (Verdict.BROKEN, 16, "GPUs")
    assert outcome.statement == (
        "The loss of 2 random leaves of the compute network cuts off at most 15 GPUs in 4 of 4 draws (seeds 0 to 3)"
    )
    assert outcome.findings[0].where[0].startswith("seed ")
    hosts = drawn(intact("ft2"), any="host", count=3, seeds=1, hosts_disconnected_at_most=3)
    assert (hosts.verdict, hosts.measured) == (Verdict.HELD, 3)


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"any": "cable", "count": 1}, "needs exactly one of"),
        ({"any": "plane", "count": 1, "cut_off_at_most": 0}, "cable"),
        ({"any": "cable", "count": 1, "share_of_draws": 1.5, "cut_off_at_most": 0}, "less than or equal to 1"),
    ],
)
def test_random_failures_that_cannot_be_asked(keys: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        drawn(intact("ft2"), **keys)


def test_more_random_failures_than_there_are() -> None:
    with pytest.raises(ParameterError, match="the network has 8 of kind spine"):
        drawn(intact("ft2"), any="spine", count=9, cut_off_at_most=0)


def test_symmetry_is_found_once_for_all_kinds(monkeypatch: pytest.MonkeyPatch) -> None:
    from topo.analysis import failures
    from topo.analysis.failures import _single

    calls = []
    whole = failures.hosted_graph
    for module in (failures, _single):
        monkeypatch.setattr(module, "hosted_graph", lambda *given: calls.append(1) or whole(*given))
    context = replace(intact("ft2"))
    for kind in ("cable", "spine", "leaf"):
        judged(context, any=kind, cut_off_at_most=1000)
    assert len(calls) == 1
