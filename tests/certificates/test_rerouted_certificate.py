"""The certificate of the loss of any one link: whole families, detours against networkx, and certificates that lie."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import networkx as nx
import pytest

import topo
from topo.analysis.failures import after_any_link
from topo.certificates import verify_certificate
from topo.design import build, parse_design
from topo.errors import CertificateError
from topo.fabric import Fabric

FAMILIES = (
    "slim-fly, q: 5, p: 8",
    "dragonfly, p: 4, a: 4, h: 2, g: 9",
    "ft3, oversubscription: 3",
    "hyperx, p: 8, shape: [4, 4]",
)


def family(text: str) -> Fabric:
    return build(
        parse_design(
            f"name: t\ngpus: 128\nhost: h800-node\nnetworks:\n  compute: {{switch: nvidia-qm9700, family: {text}}}\n"
        )
    )


def certificate_of(fabric: Fabric) -> dict[str, Any]:
    found = after_any_link(fabric, 0, topo.throughput(fabric))
    assert found is not None
    value: dict[str, Any] = json.loads(json.dumps(found.certificate))
    return value


@pytest.mark.sampled(2)
@pytest.mark.parametrize("text", FAMILIES)
def test_detours_are_maximum_flows(text: str) -> None:
    fabric = family(text)
    certificate = certificate_of(fabric)
    bounds = verify_certificate(fabric, certificate).bounds
    graph: nx.Graph[Any] = nx.Graph()
    names = fabric.devices.name
    for row in range(len(fabric.links)):
        if not fabric.is_endpoint_link[row]:
            a, b = str(names[fabric.link_a[row]]), str(names[fabric.link_b[row]])
            have = graph.get_edge_data(a, b, {"capacity": 0.0})["capacity"]
            graph.add_edge(a, b, capacity=have + float(fabric.links.gbps[row]))
    least = min(1 - 400 / nx.maximum_flow_value(graph, a, b) for a, b in list(graph.edges)[:40])
    intact = verify_certificate(fabric, certificate["intact"]).bounds
    assert float(bounds["lower"]) <= min(float(intact["lower"]), float(intact["network_lower"]) * least) + 1e-12
    for detour in certificate["detours"]:
        flow = detour["flow"]
        out = sum(x for u, x in zip(flow[::3], flow[2::3], strict=True) if u == detour["from"])
        assert out >= 2


def altered(*path: Any, value: Any) -> Callable[[dict[str, Any]], None]:
    def change(certificate: dict[str, Any]) -> None:
        at = certificate
        for key in path[:-1]:
            at = at[key]
        at[path[-1]] = value(at[path[-1]]) if callable(value) else value

    return change


LIES = {
    "a better lower end": altered("claim", "lower", value=lambda text: str(Fraction(text) * Fraction(1001, 1000))),
    "a better upper end": altered("claim", "upper", value=lambda text: str(Fraction(text) * Fraction(999, 1000))),
    "another traffic": altered("question", "traffic", value="gpu-all-to-all"),
    "another fabric": altered("switch_graph", value="0" * 64),
    "more than a link carries": altered("detours", 0, "flow", 2, value=lambda amount: amount + 1),
    "flow that vanishes": altered("detours", 0, "flow", value=lambda flow: flow[:-3]),
    "a detour too few": altered("detours", value=lambda detours: detours[1:]),
    "no symmetry": altered("generators", value=[]),
    "another intact answer": altered("intact", "question", "paths", value="minimal"),
    "a degraded intact answer": altered("intact", "without", value={"links": [70], "devices": []}),
    "a switch that is not there": altered("detours", 0, "flow", 0, value=10_000),
    "ends that are no neighbours": altered("detours", 0, "to", value=lambda to: (to + 1) % 50),
}


@pytest.fixture(scope="module")
def slim() -> tuple[Fabric, dict[str, Any]]:
    fabric = family(FAMILIES[0])
    return fabric, certificate_of(fabric)


@pytest.mark.parametrize("lie", LIES)
def test_a_lie_is_refused(lie: str, slim: tuple[Fabric, dict[str, Any]]) -> None:
    fabric, certificate = slim
    verify_certificate(fabric, certificate)
    changed = copy.deepcopy(certificate)
    LIES[lie](changed)
    with pytest.raises(CertificateError):
        verify_certificate(fabric, changed)
