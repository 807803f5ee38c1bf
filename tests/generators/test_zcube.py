"""ZCube against the wiring of its paper, and its closed forms."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest

import topo
from topo.analysis.network import switch_network
from topo.analysis.symmetry import network_symmetry
from topo.catalog import load_catalog
from topo.design.loader import parse_design
from topo.design.wire import build, closed_forms
from topo.errors import InputError
from topo.fabric import Fabric

ONE, EIGHT = "example-host-1-two-ports", "multi-port-node"


def text(gpus: int, host: str, keys: str = "", switch: str = "nvidia-qm9700") -> str:
    return f"{{name: z, gpus: {gpus}, host: {host}, networks: {{compute: {{family: zcube, switch: {switch}{keys}}}}}}}"


def fabric(gpus: int, host: str, keys: str = "", switch: str = "nvidia-qm9700") -> Fabric:
    return build(parse_design(text(gpus, host, keys, switch), "z.yaml", load_catalog()))


@pytest.mark.parametrize(
    ("gpus", "keys", "switches", "links"),
    [(1024, "", 64, 3072), (1024, ", k: 32", 64, 3072), (64, "", 16, 192), (256, "", 32, 768)],
)
def test_published_counts(gpus: int, keys: str, switches: int, links: int) -> None:
    counts = closed_forms(parse_design(text(gpus, EIGHT, keys), "z.yaml", load_catalog()))["compute"]
    assert (counts.switches["switch"], sum(counts.links.values())) == (switches, links)
    made = fabric(gpus, EIGHT, keys)
    assert (len(made.devices) - made.is_host.sum(), len(made.links)) == (switches, links)


def test_16384_gpus_on_256_switches_answer_with_their_own_symmetries() -> None:
    made = fabric(16384, EIGHT, ", endpoint_gbps: 200", "tomahawk-5")
    net = switch_network(made)
    assert net.switches == 256
    assert len(np.unique(network_symmetry(made, net, 0, search=False).node_orbit)) == 2
    found = topo.throughput(made, "gpu-all-to-all", "adaptive")
    assert found.exact
    assert (
        topo.verify_certificate(made, found.certificate).lower == topo.verify_certificate(made, found.certificate).upper
    )
    assert found.lower == pytest.approx(16383 / 16376)


@pytest.mark.parametrize("gpus", [64, 256])
def test_gpu_all_to_all_is_exactly_line_rate(gpus: int) -> None:
    """A host of one GPU keeps nothing inside."""
    found = topo.throughput(fabric(gpus, ONE), "gpu-all-to-all", "adaptive")
    assert (found.lower, found.upper, found.exact) == (1.0, 1.0, True)


@pytest.mark.parametrize(
    ("gpus", "host", "k", "width"), [(20, ONE, 4, 1), (22, ONE, 5, 2), (72, EIGHT, 9, 1), (7, ONE, 2, 1)]
)
def test_every_port_is_where_the_paper_has_it(gpus: int, host: str, k: int, width: int) -> None:
    made = fabric(gpus, host, f", k: {k}, width: {width}")
    m = -(-gpus // k)
    ends, names = made.endpoints, made.devices.name[made.endpoint_switch]
    gpu = ends.host * int(made.devices.gpus[0]) + ends.gpu_first
    for i, port, name in zip(gpu.tolist(), ends.nic_port.tolist(), names.tolist(), strict=True):
        assert name == (f"a-{i % m:03d}" if port == 0 else f"b-{i // k:03d}")
    net = switch_network(made)
    whole = nx.complete_bipartite_graph(m, m)
    mine = nx.Graph(zip(net.u.tolist(), net.v.tolist(), strict=True))
    assert nx.is_isomorphic(mine, whole)
    assert set(net.links.tolist()) == {width}


def test_hosts_of_one_port_are_told_what_would_do() -> None:
    with pytest.raises(InputError) as error:
        closed_forms(parse_design(text(64, "h800-node"), "z.yaml", load_catalog()))
    assert "two ports" in str(error.value)


def test_what_a_switch_cannot_hold_is_refused_with_what_it_can() -> None:
    with pytest.raises(InputError) as error:
        build(parse_design(text(2048, ONE), "z.yaml", load_catalog()))
    (problem,) = error.value.problems
    assert "at most 1,024" in problem.allowed
    with pytest.raises(InputError) as error:
        build(parse_design(text(1024, ONE, ", k: 8"), "z.yaml", load_catalog()))
    (problem,) = error.value.problems
    assert problem.key.endswith("k")
