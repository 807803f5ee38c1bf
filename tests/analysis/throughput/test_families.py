"""Families without tiers, whole and damaged, against the direct program; planes and unequal links."""

from __future__ import annotations

import json

import numpy as np
import pytest
from plain_designs import tree
from throughput_oracle import direct

from topo.analysis.network import switch_network
from topo.analysis.throughput import throughput
from topo.certificates import verify_certificate
from topo.fabric import Fabric

SMALL = {
    "dragonfly, relative": (48, "family: dragonfly, p: 8, a: 3, h: 1, arrangement: relative"),
    "dragonfly, absolute": (48, "family: dragonfly, p: 8, a: 3, h: 1, arrangement: absolute"),
    "hyperx": (96, "family: hyperx, shape: [3, 4], p: 8"),
    "torus": (24, "family: torus, shape: [3, 4, 2]"),
    "mesh": (16, "family: torus, shape: [4, 4], wrap: [true, false]"),
    "dragonfly plus": (8 * 40, "family: dragonfly-plus, p: 16, leaves: 4, spines: 3, h: 2"),
    "jellyfish": (64, "family: jellyfish, switches: 16, p: 4, r: 4, seed: 3"),
    "slim fly": (400, "family: slim-fly, q: 5, p: 8"),
    "mpft, part filled": (8 * 40, "family: mpft"),
    "mrft": (8 * 40, "family: mrft, oversubscription: 2"),
    "ft2, links by one": (8 * 24, "family: ft2, spines: 3"),
    "mpft, links by one": (8 * 40, "family: mpft, planes: 2, spread: by-one"),
    "mrft, links by one, part filled": (8 * 22, "family: mrft, rails_per_leaf: 1, spines: 5"),
    "ft3, cores by one": (8 * 36, "family: ft3, leaves_per_pod: 3, spread: by-one"),
    "ft3 forced": (8 * 66, "family: mrft, tiers: 3"),
}


def small(name: str) -> Fabric:
    return tree(*SMALL[name])


@pytest.mark.sampled(2)
@pytest.mark.parametrize("name", SMALL)
def test_whole_and_with_lost_links(name: str) -> None:
    fabric = small(name)
    for lost in (0, 1, 3):
        inner = fabric.links.id[~fabric.is_endpoint_link]
        rng = np.random.default_rng(lost)
        less = fabric.without(links=rng.choice(inner, lost, replace=False).tolist())
        answer = throughput(less, baseline=fabric)
        assert verify_certificate(fabric, json.loads(json.dumps(answer.certificate))).bounds
        assert answer.network_upper == pytest.approx(answer.network_lower, rel=1e-6)
        net = switch_network(less)
        if len(np.unique(net.at)) * net.edges <= 3000:
            assert answer.network_lower == pytest.approx(direct(less, scale_of(fabric)), rel=1e-6)


def scale_of(fabric: Fabric) -> float:
    """1 / the most that an endpoint's peers of its plane can send, of the whole fabric."""
    planes = np.unique(fabric.endpoints.plane)
    sums = [fabric.endpoints.gbps[fabric.endpoints.plane == p].sum() for p in planes]
    return 1 / (max(sums) - float(fabric.endpoints.gbps[0]))
