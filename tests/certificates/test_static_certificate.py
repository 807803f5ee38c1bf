"""Certificates of static routing: tables as data, followed again, and refused when anything is changed."""

import base64
import json
import zlib
from fractions import Fraction

import numpy as np
import pytest

from tests.certificates.common import KEYS, changed, designed, less, random_fabric
from topo.analysis.throughput import throughput
from topo.certificates import packed_tables, verify_certificate
from topo.certificates.reading.channels import channels_of
from topo.certificates.reading.flow_graph import switch_graph
from topo.errors import CertificateError


@pytest.mark.parametrize("routing", ["static", "static:rule=minhop"])
@pytest.mark.parametrize("traffic", ["all-to-all", "permutation:seed=2", "hot-spot"])
@pytest.mark.parametrize("seed", range(4))
def test_random_fabrics(seed, traffic, routing):
    fabric = random_fabric(seed)
    found = throughput(fabric, traffic, routing)
    proved = verify_certificate(fabric, json.loads(json.dumps(found.certificate)))
    assert proved.kind == "static"
    for key in KEYS:
        assert float(proved.bounds[key]) == pytest.approx(getattr(found, key), rel=1e-12)


@pytest.mark.sampled(2)
@pytest.mark.parametrize(
    ("compute", "gpus", "expected"),
    [
        ("family: ft2", 2048, Fraction(2047, 2016)),
        ("family: mpft", 16384, Fraction(2047, 2016)),
        ("family: ft3", 4096, Fraction(4095, 4064)),
        pytest.param("family: ft3", 16384, Fraction(16383, 16352), marks=pytest.mark.slow),
    ],
)
def test_destination_mod_k_carries_the_ideal(compute, gpus, expected):
    fabric = designed(compute, gpus)
    found = throughput(fabric, routing="static")
    proved = verify_certificate(fabric, found.certificate).bounds
    assert proved["network_lower"] == proved["network_upper"] == expected
    assert len(json.dumps(found.certificate)) < 1_000_000


def opened(certificate: dict, fabric) -> np.ndarray:
    graph = switch_graph(fabric, "compute")
    raw = zlib.decompress(base64.b64decode(certificate["tables"]["ports"]))
    return np.frombuffer(raw, dtype=np.uint8).reshape(len(graph.device), len(graph.at)).copy()


def test_other_tables_have_other_loads():
    """All leaves send everything to the first spine: its links carry all, and the certificate of the ideal is void."""
    fabric = designed("family: ft2", 256)
    good = throughput(fabric, routing="static").certificate
    graph = switch_graph(fabric, "compute")
    channels = channels_of(fabric, graph)
    ports = opened(good, fabric)
    order = np.argsort(graph.at, kind="stable")
    leaves = np.unique(graph.at)
    spine = int(channels.head[channels.start[leaves[0]]])
    for leaf in leaves.tolist():
        up = channels.number[(channels.tail == leaf) & (channels.head == spine)][0]
        ports[leaf, graph.at[order] != leaf] = up
    for end, leaf in enumerate(graph.at[order].tolist()):
        ports[spine, end] = channels.number[(channels.tail == spine) & (channels.head == leaf)][0]
    worse = changed(good, "tables", packed_tables(ports))
    with pytest.raises(CertificateError, match="claims lower"):
        verify_certificate(fabric, worse)
    at_leaf = len(graph.at) // len(leaves)
    expected = Fraction(len(graph.at) - 1, at_leaf * (len(graph.at) - at_leaf))
    claim = dict.fromkeys(KEYS, str(expected))
    assert verify_certificate(fabric, {**worse, "claim": claim}).bounds["lower"] == expected


def test_changes_are_refused():
    fabric = designed("family: ft2", 256)
    good = throughput(fabric, routing="static").certificate
    verify_certificate(fabric, good)
    graph = switch_graph(fabric, "compute")
    channels = channels_of(fabric, graph)
    ports = opened(good, fabric)
    leaf, other = np.unique(graph.at)[:2].tolist()
    far = int(np.flatnonzero(np.sort(graph.at) == other)[0])
    spine = int(channels.head[(channels.tail == leaf) & (channels.number == ports[leaf, far])][0])

    def tables(switch: int, port: int) -> dict:
        wrong = ports.copy()
        wrong[switch, far] = port
        return changed(good, "tables", packed_tables(wrong))

    back = int(channels.number[(channels.tail == spine) & (channels.head == leaf)][0])
    value = Fraction(good["claim"]["network_lower"])
    bad = [
        (tables(leaf, 0), "no link to a switch"),
        (tables(leaf, 250), "no link to a switch"),
        (tables(spine, back), "circle"),
        (tables(spine, 0), "no link to a switch"),
        (changed(good, "claim", "network_lower", str(value * Fraction(1001, 1000))), "claims network_lower"),
        (changed(good, "claim", "network_upper", str(value * Fraction(999, 1000))), "claims network_upper"),
        (changed(good, "claim", "upper", "1/2"), "claims upper"),
        (changed(good, "tables", "ports", good["tables"]["ports"][:-8]), "unpacked|entries"),
        (changed(good, "tables", "ports", "?"), "unpacked"),
        (changed(good, "tables", "ports", base64.b64encode(zlib.compress(bytes(10**7))).decode()), "entries"),
        (changed(good, "tables", "ports", None), "no ports"),
        (changed(good, "tables", "bytes", 4), "no ports"),
        (changed(good, "tables", "bytes", 2), "entries"),
        (changed(good, "demand", "form", "pairs"), "no demand between endpoints"),
        (changed(good, "switch_graph", "x"), "another fabric"),
        (less(good, "claim"), "no part 'claim'"),
        (less(good, "tables"), "no part 'tables'"),
    ]
    for certificate, message in bad:
        with pytest.raises(CertificateError, match=message):
            verify_certificate(fabric, certificate)


def test_a_circle_of_a_single_flow_is_refused():
    fabric = designed("family: ft2", 256)
    good = throughput(fabric, "permutation:seed=1", "static").certificate
    verify_certificate(fabric, good)
    graph = switch_graph(fabric, "compute")
    channels = channels_of(fabric, graph)
    ports = opened(good, fabric)
    src, dst = next(
        (s, d) for s, d in zip(good["demand"]["src"], good["demand"]["dst"], strict=True) if graph.at[s] != graph.at[d]
    )
    column = int(np.flatnonzero(np.argsort(graph.at, kind="stable") == dst)[0])
    leaf = int(graph.at[src])
    spine = int(channels.head[(channels.tail == leaf) & (channels.number == ports[leaf, column])][0])
    ports[spine, column] = channels.number[(channels.tail == spine) & (channels.head == leaf)][0]
    with pytest.raises(CertificateError, match="circle"):
        verify_certificate(fabric, changed(good, "tables", packed_tables(ports)))


def test_failures():
    whole = designed("family: ft2", 256)
    broken = whole.without(devices=["spine-001"], links=[int(whole.links.id[3]), int(whole.links.id[-1])])
    found = throughput(broken, routing="static", baseline=whole)
    assert float(verify_certificate(whole, found.certificate).bounds["lower"]) == found.lower < 1


@pytest.mark.slow
def test_tables_of_65536_gpus():
    fabric = designed("family: ft3", 65536)
    found = throughput(fabric, routing="static")
    assert len(json.dumps(found.certificate)) < 5_000_000
    assert float(verify_certificate(fabric, found.certificate).bounds["lower"]) == found.lower
