"""Requirements that hold on the intact fabric are broken by one mistake at twenty random places, and name where."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from topo.checks import Context, Outcome, Verdict, judge, requirements_from
from topo.fabric import Fabric

from . import mutate
from .cases import intact
from .positions import Places

TREES = ["ft2", "ft2-parallel", "ft3", "mrft", "mrft-unit-pods", "mpft", "mpft-multi-port", "storage", "dual-plane"]


def judged(context: Context, kind: str, **keys: Any) -> Outcome:
    ((_, outcome),) = judge(context, requirements_from([{kind: keys}], context.fabric.networks))
    return outcome


def places(context: Context) -> list[Places]:
    return [Places(context.fabric, np.random.default_rng(seed)) for seed in range(20)]


def after(context: Context, fabric: Fabric) -> Context:
    return replace(context, fabric=fabric)


@pytest.mark.sampled(2)
@pytest.mark.parametrize("case", TREES)
def test_the_network_carries_less_without_one_uplink_of_a_leaf(case: str) -> None:
    context = intact(case)
    whole = judged(context, "throughput", level="network", at_least=0.01).lower
    for at in places(context):
        link = at.uplink()
        while at.fabric.links.network[link]:
            link = at.uplink()
        cut = after(context, mutate.removed(at.fabric, link))
        outcome = judged(cut, "throughput", level="network", at_least=whole)
        assert outcome.verdict is Verdict.BROKEN
        ups = np.count_nonzero(at.fabric.link_a == at.a(link))
        assert outcome.upper <= whole * (ups - 1) / ups * (1 + 1e-9)
        assert {at.device(at.a(link)), at.port(int(at.fabric.links.a[link]))} <= set(outcome.findings[0].where)


@pytest.mark.sampled(4)
@pytest.mark.parametrize("case", TREES)
def test_full_bisection_is_lost_with_one_uplink_of_a_leaf(case: str) -> None:
    context = intact(case)
    assert judged(context, "bisection").verdict is Verdict.HELD
    for at in places(context):
        link = at.uplink()
        while at.fabric.links.network[link]:
            link = at.uplink()
        outcome = judged(after(context, mutate.removed(at.fabric, link)), "bisection")
        assert outcome.verdict is not Verdict.HELD
        assert outcome.upper < 1
        assert outcome.findings[0].where


@pytest.mark.parametrize("case", ["mrft", "mpft", "mpft-multi-port", "dual-plane", "rail-only"])
def test_a_host_without_a_cable_is_not_connected(case: str) -> None:
    context = intact(case)
    for at in places(context):
        link = at.host_link()
        outcome = judged(after(context, mutate.removed(at.fabric, link)), "connected")
        assert (outcome.verdict, outcome.measured) == (Verdict.BROKEN, 1)
        assert outcome.findings[0].where == (at.port(int(at.fabric.links.a[link])),)


@pytest.mark.parametrize("case", TREES)
def test_a_leaf_with_an_uplink_less_is_oversubscribed(case: str) -> None:
    context = intact(case)
    full = np.flatnonzero(_down(context.fabric) == _down(context.fabric).max())
    for at in places(context):
        link = at.uplink()
        while at.fabric.links.network[link] or at.a(link) not in full:
            link = at.uplink()
        outcome = judged(after(context, mutate.removed(at.fabric, link)), "oversubscription", at_most=1)
        assert outcome.verdict is Verdict.BROKEN
        assert outcome.findings[0].where == (at.device(at.a(link)),)


def _down(fabric: Fabric) -> np.ndarray[Any, Any]:
    mine = fabric.is_endpoint_link & (fabric.links.network == 0)
    return np.bincount(fabric.link_b[mine], minlength=len(fabric.devices))


@pytest.mark.parametrize("case", ["slim-fly"])
def test_a_path_grows_without_one_link(case: str) -> None:
    """On a Slim Fly of order 5 no two neighbours have a common neighbour: three switches become five."""
    context = intact(case)
    for at in places(context):
        link = at.uplink()
        outcome = judged(after(context, mutate.removed(at.fabric, link)), "hops", at_most=3)
        assert (outcome.verdict, outcome.measured) == (Verdict.BROKEN, 5)
        assert set(outcome.findings[0].where) == {at.device(at.a(link)), at.device(at.b(link))}
