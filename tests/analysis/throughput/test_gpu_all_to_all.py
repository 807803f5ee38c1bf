"""All-to-all over GPUs: closed forms, planes that fail, and a direct program over hosts and planes."""

from __future__ import annotations

import json
from fractions import Fraction

import numpy as np
import pytest
from plain_designs import tree
from scipy.optimize import linprog

from topo.analysis.throughput import Throughput, throughput
from topo.certificates import verify_certificate
from topo.errors import CertificateError
from topo.fabric import Fabric


def proved(fabric: Fabric, intact: Fabric | None = None) -> Throughput:
    answer = throughput(fabric, "gpu-all-to-all", baseline=intact)
    bounds = verify_certificate(intact or fabric, json.loads(json.dumps(answer.certificate))).bounds
    for key, value in bounds.items():
        assert getattr(answer, key) == float(value)
    assert answer.exact
    return answer


@pytest.fixture(scope="module")
def planes() -> Fabric:
    return tree(16384, "family: mpft")


def test_eight_planes_of_16384(planes: Fabric) -> None:
    answer = proved(planes)
    assert answer.lower == float(Fraction(16383, 8 * 2047))
    assert answer.network_lower == float(Fraction(16383, 8 * 2016))


@pytest.mark.sampled(1)
@pytest.mark.parametrize("family", ["mrft", "ft3"])
def test_other_trees_pass_line_rate_by_what_stays_inside(family: str) -> None:
    assert proved(tree(16384, f"family: {family}")).lower == float(Fraction(16383, 8 * 2047))


def test_a_lost_plane_costs_an_eighth(planes: Fabric) -> None:
    lost = [str(name) for name in planes.devices.name[planes.devices.plane == 3]]
    answer = proved(planes.without(devices=lost), planes)
    assert answer.lower == float(Fraction(7, 8) * Fraction(16383, 8 * 2047))
    assert answer.cut_off == ()


def test_a_lost_nic_leaves_seven_for_its_host(planes: Fabric) -> None:
    link = int(planes.links.id[planes.endpoint_link[10]])
    assert proved(planes.without(links=[link]), planes).lower == float(Fraction(7, 8) * Fraction(16383, 8 * 2047))


def test_a_lost_host_is_no_loss_to_others(planes: Fabric) -> None:
    answer = proved(planes.without(devices=["host-00007"]), planes)
    assert answer.cut_off == tuple(f"host-00007:gpu{i}" for i in range(8))
    assert answer.lower > 1


def test_hosts_that_lose_every_nic_are_cut_off() -> None:
    intact = tree(128, "family: mpft")
    row = intact.device_row["host-00002"]
    links = intact.links.id[(intact.link_a == row) | (intact.link_b == row)]
    assert len(proved(intact.without(links=links.tolist()), intact).cut_off) == 8


def over_hosts(fabric: Fabric, gpus: int) -> float:
    """The direct program: every pair of hosts over every plane's links, host by host, planes of one leaf and spines."""
    net_hosts = np.unique(fabric.endpoints.host)
    leaf = {
        (int(h), int(p)): int(s)
        for h, p, s in zip(fabric.endpoints.host, fabric.endpoints.plane, fabric.endpoint_switch, strict=True)
        if s >= 0
    }
    planes = sorted({p for _, p in leaf})
    demand = 8 * 8 * 400 / (gpus - 1)
    uplinks: dict[int, float] = {}
    for row in np.flatnonzero(~fabric.is_endpoint_link):
        uplinks[int(fabric.link_a[row])] = uplinks.get(int(fabric.link_a[row]), 0.0) + float(fabric.links.gbps[row])
    pairs = [(int(a), int(b)) for a in net_hosts for b in net_hosts if a != b]
    names = [(a, b, p) for a, b in pairs for p in planes if (a, p) in leaf and (b, p) in leaf]
    index = {name: i for i, name in enumerate(names)}
    rows: list[np.ndarray] = []
    for h in net_hosts.tolist():
        for p in planes:
            for side in (0, 1):
                row = np.zeros(len(names) + 1)
                for name, i in index.items():
                    row[i] = name[side] == h and name[2] == p
                row[-1] = -400.0
                rows.append(row)
    for switch, capacity in uplinks.items():
        for side in (0, 1):
            row = np.zeros(len(names) + 1)
            for (a, b, p), i in index.items():
                ends = (leaf[a, p], leaf[b, p])
                row[i] = ends[side] == switch and ends[0] != ends[1]
            row[-1] = -capacity
            rows.append(row)
    equal = np.zeros((len(pairs), len(names) + 1))
    for k, (a, b) in enumerate(pairs):
        for p in planes:
            if (a, b, p) in index:
                equal[k, index[a, b, p]] = 1.0
    cost = np.zeros(len(names) + 1)
    cost[-1] = 1.0
    found = linprog(cost, np.stack(rows), np.zeros(len(rows)), equal, np.full(len(pairs), demand))
    return float(1 / found.fun)


def test_two_planes_of_two_leaves_by_the_direct_program() -> None:
    """Hosts of eight NICs whose ports go to eight planes; some NICs are lost, at hosts of both leaves of a plane."""
    intact = tree(8 * 34, "family: mpft")
    keep = ["host-00000", "host-00001", "host-00032", "host-00033"]
    hosts = [str(n) for n in intact.devices.name[intact.is_host] if str(n) not in keep]
    small = intact.without(devices=hosts)
    less = small.without(links=[int(small.links.id[small.endpoint_link[e]]) for e in (0, 9, 25, 26)])
    assert proved(less, small).lower == pytest.approx(over_hosts(less, 32), rel=1e-7)


def test_a_certificate_of_gpus_cannot_pass_for_endpoints(planes: Fabric) -> None:
    certificate = json.loads(json.dumps(throughput(planes, "gpu-all-to-all").certificate))
    certificate["demand"]["form"] = "all-to-all"
    with pytest.raises(CertificateError):
        verify_certificate(planes, certificate)


@pytest.mark.parametrize("family", ["mpft", "ft2"])
def test_spray_over_planes_is_adaptive_on_whole_trees(family: str) -> None:
    fabric = tree(2048, f"family: {family}")
    spray, adaptive = (throughput(fabric, "gpu-all-to-all", r) for r in ("spray", "adaptive"))
    assert spray.lower == pytest.approx(adaptive.lower, rel=1e-12)
    assert spray.network_lower == pytest.approx(adaptive.network_lower, rel=1e-12)


def test_walks_of_gpus_start_where_those_of_the_endpoints_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """A partly filled Slim Fly whose exact value is known by the program, asked again without it."""
    fabric = tree(592, "family: slim-fly, q: 5, p: 16")
    exact = proved(fabric)
    for module in ("way", "nearby"):
        monkeypatch.setattr(f"topo.analysis.throughput.{module}.merged_program", lambda problem, symmetry: None)
    ends = throughput(fabric, time_limit_s=8)
    assert ends.walks is not None
    asked = []

    def endpoints() -> Throughput:
        asked.append("endpoints")
        return ends

    found = throughput(fabric, "gpu-all-to-all", time_limit_s=0.1, endpoints=endpoints)
    assert asked == ["endpoints"]
    bounds = verify_certificate(fabric, json.loads(json.dumps(found.certificate))).bounds
    assert {key: float(value) for key, value in bounds.items()} == pytest.approx(
        {key: getattr(found, key) for key in bounds}
    )
    assert exact.lower * 0.97 < found.lower <= exact.lower * (1 + 1e-9) <= found.upper * (1 + 2e-9)
    assert exact.network_lower * 0.97 < found.network_lower <= exact.network_lower * (1 + 1e-9)
    assert exact.network_upper * (1 - 1e-9) <= found.network_upper < exact.network_upper * 1.03
