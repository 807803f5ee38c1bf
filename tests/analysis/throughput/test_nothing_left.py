"""Networks that carry nothing are unbounded, not numbers and not errors."""

from __future__ import annotations

import math

import pytest
from plain_designs import tree

from topo.analysis.throughput import throughput
from topo.certificates import verify_certificate
from topo.errors import InputError
from topo.fabric import Fabric


@pytest.fixture(scope="module")
def intact() -> Fabric:
    return tree(256, "family: ft2")


@pytest.mark.parametrize("gone", ["hosts", "switches"])
@pytest.mark.parametrize("traffic", ["all-to-all", "gpu-all-to-all", "permutation:seed=1"])
@pytest.mark.parametrize("routing", ["adaptive", "spray"])
def test_nobody_or_nothing_is_unbounded(intact: Fabric, gone: str, traffic: str, routing: str) -> None:
    lost = intact.is_host if gone == "hosts" else ~intact.is_host
    less = intact.without(devices=[str(name) for name in intact.devices.name[lost]])
    answer = throughput(less, traffic, routing, baseline=intact)
    assert (answer.lower, answer.upper, answer.network_lower, answer.network_upper) == (math.inf,) * 4
    assert answer.exact
    assert len(answer.cut_off) == 256
    if answer.certificate:
        assert verify_certificate(intact, answer.certificate).bounds == {}


def test_leaves_alone_keep_what_stays_on_them(intact: Fabric) -> None:
    inner = intact.links.id[~intact.is_endpoint_link].tolist()
    answer = throughput(intact.without(links=inner), baseline=intact)
    assert answer.network_lower == math.inf
    assert answer.lower == 255 / 31
    assert len(answer.cut_off) == 224


@pytest.mark.parametrize(
    ("traffic", "routing"),
    [
        ("nope", "adaptive"),
        ("all-to-all", "nope"),
        ("gpu-all-to-all:x=1", "adaptive"),
        ("all-to-all", "adaptive:paths=x"),
    ],
)
def test_unknown_names_and_parameters(intact: Fabric, traffic: str, routing: str) -> None:
    with pytest.raises(InputError):
        throughput(intact, traffic, routing)
