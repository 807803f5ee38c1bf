"""Certificates of hop counts and of connectedness: counted again, refused when anything is changed."""

from fractions import Fraction

import networkx as nx
import numpy as np
import pytest

from tests.certificates.common import changed, designed, less, random_fabric
from topo.analysis.network import switch_network
from topo.analysis.paths.hops import hops, hops_proof
from topo.certificates import verify_certificate
from topo.errors import CertificateError
from topo.fabric import Fabric


def proof_of(fabric: Fabric) -> dict:
    name = fabric.networks[0]
    return hops_proof(fabric, name, hops(switch_network(fabric, name)))


@pytest.mark.parametrize("seed", range(4))
def test_hops_of_random_fabrics(seed):
    fabric = random_fabric(seed, 80).without(links=range(0, 40, 3))
    proved = verify_certificate(fabric, proof_of(fabric)).bounds
    net = switch_network(fabric, 0)
    plain = nx.Graph()
    plain.add_nodes_from(range(net.switches))
    plain.add_edges_from(zip(net.u.tolist(), net.v.tolist(), strict=True))
    at = np.bincount(net.at, minlength=net.switches).tolist()
    pairs: dict[int, int] = {}
    for s, far in nx.all_pairs_shortest_path_length(plain):
        for t, d in far.items():
            pairs[d + 1] = pairs.get(d + 1, 0) + at[s] * (at[t] - (s == t))
    pairs = {d: n for d, n in pairs.items() if n}
    assert proved["lower"] == proved["upper"] == max(pairs)
    assert proved["mean"] == Fraction(sum(d * n for d, n in pairs.items()), sum(pairs.values()))


def test_changed_hops_are_refused():
    fabric = designed("family: ft3", 4096)
    good = proof_of(fabric)
    assert verify_certificate(fabric, good).bounds["upper"] == 5
    bad = [
        (changed(good, "claim", "max", 3), "crosses 5 switches"),
        (changed(good, "claim", "max", 7), "crosses 5 switches"),
        (changed(good, "claim", "mean", "4"), "the mean is"),
        (changed(good, "claim", "mean", 4), "no fraction"),
        (changed(good, "claim", {}), "crosses|fraction"),
        (changed(good, "switch_graph", "x"), "another fabric"),
        (less(good, "claim"), "no part 'claim'"),
    ]
    for certificate, message in bad:
        with pytest.raises(CertificateError, match=message):
            verify_certificate(fabric, certificate)


def test_connected():
    fabric = designed("family: ft2", 256)
    claim = {"kind": "connected", "network": "compute", "claim": {"endpoints": 0}}
    assert verify_certificate(fabric, claim).bounds["upper"] == 0
    spines = [str(name) for name in fabric.devices.name if str(name).startswith("spine")]
    apart = {**claim, "without": {"devices": spines}}
    with pytest.raises(CertificateError, match="endpoints are cut off"):
        verify_certificate(fabric, apart)
    leaves = 256 // 32
    found = verify_certificate(fabric, {**apart, "claim": {"endpoints": 256 - 256 // leaves}})
    assert found.bounds["lower"] == 224
    with pytest.raises(CertificateError, match="no network"):
        verify_certificate(fabric, {**claim, "network": "x"})
