"""Every traffic under every routing, on a design of each family and on fabrics that hardly are ones: whatever is
answered carries a certificate that holds."""

from __future__ import annotations

from itertools import product
from math import inf
from pathlib import Path

import pytest

import topo
from topo.analysis.routing import routings
from topo.analysis.traffic import traffics
from topo.design.loader import parse_design
from topo.errors import ParameterError
from topo.generators.family import families

SMALL = {
    "one host": "gpus: 1\nhost: example-host-1\nnetworks:\n  compute: {family: ft2, switch: example-switch-4}\n",
    "one leaf": "gpus: 2\nhost: example-host-1\nnetworks:\n  compute: {family: ft2, switch: example-switch-4}\n",
    "lone endpoints": "gpus: 8\nhost: h800-node\nnetworks:\n  compute: {family: mpft, switch: nvidia-qm9700}\n",
    "two leaves": "gpus: 4\nhost: example-host-1\nnetworks:\n  compute: {family: ft2, switch: example-switch-4}\n",
}
FAMILIES = families.names()
DESIGNS = Path(__file__).parents[2] / "designs"
PARAMETERS = {"matrix": None, "worst-permutation": "of=static"}
ROUTINGS = (*routings.names(), "adaptive", "adaptive:paths=minimal", "spray:split=next-hop", "ecmp:seeds=2,qp=2")
TRAFFICS = tuple(
    f"{name}:{PARAMETERS[name]}" if name in PARAMETERS else name
    for name in traffics.names()
    if PARAMETERS.get(name, name) is not None
)


def confirm(fabric: topo.Fabric) -> int:
    """How many questions are answered."""
    answered = 0
    for traffic, routing in product((*TRAFFICS, "worst-permutation"), ROUTINGS):
        try:
            found = topo.throughput(fabric, traffic, routing)
        except ParameterError:
            continue
        answered += 1
        assert found.certificate is not None, (traffic, routing)
        proved = topo.verify_certificate(fabric, found.certificate).bounds
        ends = {"lower": found.lower, "upper": found.upper}
        for key, end in ends.items():
            if key in proved:
                assert float(proved[key]) == pytest.approx(end), (traffic, routing)
            else:
                assert end == (0.0 if key == "lower" and found.upper < inf else inf), (traffic, routing)
    return answered


@pytest.mark.sampled(2)
@pytest.mark.parametrize("name", SMALL)
def test_fabrics_with_hardly_a_network(name: str) -> None:
    assert confirm(topo.build(parse_design(f"name: small\n{SMALL[name]}"))) > 50


@pytest.mark.sampled(1)
@pytest.mark.parametrize("family", FAMILIES)
def test_families(family: str) -> None:
    assert confirm(topo.build(topo.load_design(DESIGNS / f"tiny-{family}.yaml"))) > 50
