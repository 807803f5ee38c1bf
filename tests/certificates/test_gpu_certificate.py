"""All-to-all over GPUs: the checker's own demand host by host, hosts that forward nothing, and certificates of both."""

import json
from collections import defaultdict
from dataclasses import replace
from fractions import Fraction

import networkx as nx
import numpy as np
import pytest

from tests.certificates.common import KEYS, changed, designed
from topo.analysis.throughput import throughput
from topo.certificates import verify_certificate
from topo.certificates.reading.flow_graph import switch_graph
from topo.certificates.replays.gpu_divided import divided_gpus, divided_graph
from topo.errors import CertificateError
from topo.fabric import Fabric


def lame(fabric: Fabric) -> Fabric:
    """The fabric without scale-up domains."""
    return replace(fabric, scale_up_gbps=tuple(0.0 for _ in fabric.scale_up_gbps))


def torn(fabric: Fabric) -> Fabric:
    """Some NIC links, a leaf and a spine less."""
    names = [n for n in fabric.devices.name.tolist() if "leaf" in n][-1:]
    names += [n for n in fabric.devices.name.tolist() if "spine" in n][:1]
    return fabric.without(links=fabric.links.id[::37].tolist(), devices=names)


def host_by_host(fabric: Fabric, less: Fabric) -> dict[tuple[int, int], Fraction]:
    """Gb/s between switches of `less` at t = 1, every pair of hosts on its own; hosts forward what they send."""
    intact, graph = switch_graph(fabric, "compute"), switch_graph(less, "compute")
    plain = nx.Graph()
    plain.add_nodes_from(range(len(graph.device)))
    plain.add_edges_from(zip(graph.tail.tolist(), graph.head.tolist(), strict=True))
    part = {v: i for i, members in enumerate(nx.connected_components(plain)) for v in members}
    rate: dict[str, Fraction] = defaultdict(Fraction)
    for end, gbps in zip(intact.endpoint.tolist(), intact.rate.tolist(), strict=True):
        rate[str(fabric.devices.name[fabric.endpoints.host[end]])] += Fraction(gbps)
    lanes: dict[str, dict[int, list[tuple[int, Fraction]]]] = defaultdict(lambda: defaultdict(list))
    for end, at, gbps in zip(graph.endpoint.tolist(), graph.at.tolist(), graph.attach.tolist(), strict=True):
        host = str(less.devices.name[less.endpoints.host[end]])
        lanes[host][part[at]].append((at, Fraction(gbps)))
    scale = 1 / (sum(rate.values()) - Fraction(intact.rate[0]))
    found: dict[tuple[int, int], Fraction] = defaultdict(Fraction)
    for a, mine in lanes.items():
        for b, theirs in lanes.items():
            common = [] if a == b else sorted(set(mine) & set(theirs))
            for plane in common:
                out, into = (sum(g for _, g in side[plane]) for side in (mine, theirs))
                for u, p in mine[plane]:
                    for v, q in theirs[plane]:
                        if u != v:
                            found[u, v] += scale * rate[a] * rate[b] * (p / out) * (q / into) / len(common)
    return {pair: value for pair, value in found.items() if value}


@pytest.mark.sampled(1)
@pytest.mark.parametrize("damaged", [False, True])
@pytest.mark.parametrize("compute", ["family: ft2", "family: mpft", "family: mrft"])
def test_the_demand_is_that_of_every_pair_of_hosts(compute, damaged):
    fabric = designed(compute, 256)
    less = torn(fabric) if damaged else fabric
    graph = switch_graph(less, "compute")
    flows = divided_graph(graph, divided_gpus(less, graph, fabric, switch_graph(fabric, "compute")))
    expected = host_by_host(fabric, less)
    for node in range(len(graph.device)):
        column = {u: int(x) * flows.demand_unit for u, x in enumerate(flows.column(node).tolist()) if x}
        assert column == {u: value for (u, v), value in expected.items() if v == node}


@pytest.mark.sampled(3)
@pytest.mark.parametrize("routing", ["spray", "spray:split=next-hop", "adaptive"])
@pytest.mark.parametrize("damaged", [False, True])
@pytest.mark.parametrize("compute", ["family: ft2", "family: mpft", "family: mrft"])
def test_certificates(compute, damaged, routing):
    fabric = designed(compute, 512)
    less = torn(fabric) if damaged else fabric
    for whole, part in ((fabric, less), (lame(fabric), lame(less))):
        found = throughput(part, "gpu-all-to-all", routing, baseline=whole if damaged else None)
        proved = verify_certificate(whole, json.loads(json.dumps(found.certificate)))
        for key in KEYS:
            assert float(proved.bounds[key]) == pytest.approx(getattr(found, key), rel=1e-12)


def test_without_scale_up_one_plane_needs_no_forwarding():
    """Every GPU has a NIC of its own in the one plane: the interval is a point, that of all endpoints but those of the
    same host."""
    fabric = lame(designed("family: ft2", 2048))
    for routing in ("adaptive", "spray", "static"):
        found = throughput(fabric, "gpu-all-to-all", routing)
        bounds = verify_certificate(fabric, found.certificate).bounds
        assert bounds["lower"] == bounds["upper"] == Fraction(2047, 2040)
        assert bounds["network_lower"] == bounds["network_upper"] == Fraction(2047, 2016)
        assert found.exact


def test_without_scale_up_planes_are_apart():
    """A GPU reaches the GPUs of its own plane: seven of eight pairs send nothing, the rest is that of a plane."""
    fabric = lame(designed("family: mpft", 2048))
    found = throughput(fabric, "gpu-all-to-all", "adaptive")
    assert verify_certificate(fabric, found.certificate).bounds["lower"] == Fraction(2047, 255)
    assert len(found.cut_off) == 7 * 256


def test_hashed_and_static_between_gpus():
    fabric = designed("family: mpft", 1024)
    for routing in ("ecmp:seeds=2", "static"):
        found = throughput(fabric, "gpu-all-to-all", routing)
        proved = verify_certificate(fabric, found.certificate)
        for key in KEYS:
            assert float(proved.bounds[key]) == pytest.approx(getattr(found, key), rel=1e-12)


def test_changes_are_refused():
    fabric = designed("family: mrft", 1024)
    good = throughput(fabric, "gpu-all-to-all", "spray").certificate
    low, high = (Fraction(good["claim"][key]) for key in ("network_lower", "network_upper"))
    assert 0 < high - low < Fraction(1, 10**13)
    bad = [
        (changed(good, "claim", "network_lower", str(high)), "claims network_lower"),
        (changed(good, "claim", "network_upper", str(low)), "claims network_upper"),
        (changed(good, "demand", "form", "all-to-all"), "no demand"),
    ]
    for certificate, message in bad:
        with pytest.raises(CertificateError, match=message):
            verify_certificate(fabric, certificate)
    static = throughput(designed("family: mpft", 1024), "gpu-all-to-all", "static").certificate
    with pytest.raises(CertificateError, match="another fabric"):
        verify_certificate(fabric, static)


def test_gpus_that_share_some_nics_are_not_divided():
    """GPU 0 uses NICs 0 and 1, GPU 1 only NIC 1: neither all nor none, so the host stays whole and forwards nothing."""
    fabric = lame(designed("family: ft2", 256))
    count = fabric.endpoints.gpu_count.copy()
    count[fabric.endpoints.gpu_first == 0] = 2
    shared = replace(fabric, endpoints=replace(fabric.endpoints, gpu_count=count))
    found = throughput(shared, "gpu-all-to-all", "adaptive")
    assert found.lower == 0 < found.upper
    verify_certificate(shared, found.certificate)
    assert np.unique(count).tolist() == [1, 2]
