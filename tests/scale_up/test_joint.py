"""All-to-all over scale-up and scale-out together, against a linear program over every GPU and link."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from scipy.optimize import linprog
from scipy.sparse import coo_array

import topo
from topo.analysis.collectives import place
from topo.analysis.collectives.optimum import optima
from topo.analysis.failures import single_failures
from topo.catalog import load_catalog
from topo.design.loader import parse_design
from topo.design.wire import build
from topo.errors import CertificateError, InputError, ParameterError
from topo.fabric import Fabric

OVER = "gpu-all-to-all:over=scale-up"
TINY = topo.build(topo.load_design("designs/tiny-scale-up.yaml"))


def direct(fabric: Fabric, intact: Fabric) -> float:
    """The largest t: a flow to every GPU from all others over all links of both networks, GPUs passing on."""
    ends, rate = intact.endpoints, dict[tuple[str, int], float]()
    for row in np.flatnonzero(ends.network == 0).tolist():
        gpu = (str(intact.devices.name[ends.host[row]]), int(ends.gpu_first[row]))
        rate[gpu] = rate.get(gpu, 0.0) + float(ends.gbps[row])
    node: dict[object, int] = {gpu: i for i, gpu in enumerate(rate)}
    switches = np.flatnonzero(~fabric.is_host).tolist()
    node |= {d: len(rate) + i for i, d in enumerate(switches)}
    speed: dict[tuple[int, int], float] = {}
    links, rows = fabric.links, fabric.endpoint_link
    for e in np.flatnonzero(rows >= 0).tolist():
        gpu = (str(fabric.devices.name[fabric.endpoints.host[e]]), int(fabric.endpoints.gpu_first[e]))
        pair = node[gpu], node[int(fabric.endpoint_switch[e])]
        speed[pair] = speed.get(pair, 0.0) + float(links.gbps[rows[e]])
    for i in np.flatnonzero(~fabric.is_endpoint_link).tolist():
        pair = node[int(fabric.link_a[i])], node[int(fabric.link_b[i])]
        speed[pair] = speed.get(pair, 0.0) + float(links.gbps[i])
    arcs = [(a, b, c) for (a, b), c in speed.items()] + [(b, a, c) for (a, b), c in speed.items()]
    gpus, n, m = len(rate), len(node), len(arcs)
    demand = np.array(list(rate.values())) / (sum(rate.values()) - min(rate.values()))
    own = np.array(list(rate.values()))
    keep: list[tuple[int, int, float]] = []
    for d in range(gpus):
        for k, (a, b, _) in enumerate(arcs):
            keep += [(d * n + a, d * m + k, 1.0), (d * n + b, d * m + k, -1.0)]
        keep += [(d * n + v, gpus * m, -float(demand[v] * own[d])) for v in range(gpus) if v != d]
    keep = [row for row in keep if row[0] % n != row[0] // n]
    i, j, value = zip(*keep, strict=True)
    balance = coo_array((value, (i, j)), shape=(gpus * n, gpus * m + 1)).tocsr()
    full = [(k, d * m + k) for d in range(gpus) for k in range(m)]
    load = coo_array((np.ones(len(full)), tuple(zip(*full, strict=True))), shape=(m, gpus * m + 1)).tocsr()
    cost = np.zeros(gpus * m + 1)
    cost[-1] = -1.0
    found = linprog(cost, load, [c for _, _, c in arcs], balance, np.zeros(gpus * n), method="highs")
    assert found.status == 0
    return float(found.x[-1])


def two_racks() -> Fabric:
    """144 GPUs in two racks with their NVLink switches."""
    text = "name: d\ngpus: 144\nhost: dgx-gb200-tray-nvlink\nnetworks:\n"
    text += "  compute: {family: mrft, switch: nvidia-qm9700, hosts_per_leaf: 18}\n"
    text += "  scale-up: {family: scale-up, switch: nvidia-nvlink5-switch}\n"
    return build(parse_design(text, "d.yaml", load_catalog()))


@pytest.mark.parametrize("lost", [(), (16, 40), (0, 1, 33), (3, 50, 52, 60)])
def test_both_networks_carry_as_a_direct_program_says(lost: tuple[int, ...]) -> None:
    less = TINY.without(links=[int(TINY.links.id[row]) for row in lost]) if lost else TINY
    found = topo.throughput(less, OVER, baseline=TINY)
    assert found.exact
    assert found.lower == pytest.approx(direct(less, TINY), rel=1e-7)
    proved = topo.verify_certificate(TINY, found.certificate)
    assert float(proved.lower or 0) == float(proved.upper or 0) == found.lower
    assert proved.question["traffic"] == OVER


def test_a_rack_s_share_stays_off_the_nics() -> None:
    """With NVLink to spare the NICs carry what leaves a domain, 72 of 143 pairs, and nothing else."""
    fabric = two_racks()
    found = topo.throughput(fabric, OVER)
    proved = topo.verify_certificate(fabric, found.certificate)
    assert proved.lower == proved.upper == Fraction(143, 72)


def test_gpus_without_nics_of_their_own_use_those_of_others() -> None:
    """A GPU whose NIC is gone is not cut off: its neighbours pass on what it sends."""
    less = TINY.without(links=[int(TINY.links.id[0])])
    assert not topo.throughput(less, OVER, baseline=TINY).cut_off


def test_what_cannot_be_asked() -> None:
    for traffic, routing, words in (
        ("gpu-all-to-all:over=nothing", "adaptive", "no other network"),
        ("gpu-all-to-all:over=compute", "adaptive", "no other network"),
        ("gpu-all-to-all:over=scale-up,within=domain", "adaptive", "within or over"),
        (OVER, "spray", "no fixed rule"),
        (OVER, "adaptive:paths=minimal", "shortest"),
    ):
        with pytest.raises(InputError, match=words):
            topo.throughput(TINY, traffic, routing)
    with pytest.raises(ParameterError, match="two networks"):
        single_failures(TINY, ["leaf"], "compute", OVER)


def test_a_certificate_over_two_networks_proves_nothing_else() -> None:
    proof = topo.throughput(TINY, OVER).certificate
    assert proof is not None
    for traffic in ("gpu-all-to-all", "gpu-all-to-all:within=domain", "gpu-all-to-all:over=compute"):
        with pytest.raises(CertificateError):
            topo.verify_certificate(TINY, {**proof, "question": {**proof["question"], "traffic": traffic}})
    for key, value in (("lower", "3"), ("upper", "1/2")):
        with pytest.raises(CertificateError):
            topo.verify_certificate(TINY, {**proof, "claim": {**proof["claim"], key: value}})


@pytest.mark.parametrize("gpus", [16, 144])
def test_the_bound_of_an_all_to_all_collective_is_the_exact_optimum_here(gpus: int) -> None:
    """Sizes over time of the same exchange: the best natural cut against the concurrent flow over both networks."""
    fabric = TINY if gpus == 16 else two_racks()
    exact = topo.throughput(fabric, OVER).lower * 400.0 * gpus / (gpus - 1)
    assert float(optima(fabric, place(fabric))["all-to-all"].algbw_gbps) == pytest.approx(exact)
