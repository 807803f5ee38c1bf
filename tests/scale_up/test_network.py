"""A scale-up domain's switches as a network: planes of one switch, what they carry, and what is left of them."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import linprog

import topo
from tests.errors.run_cli import run
from topo.analysis.failures import is_symmetric, single_failures
from topo.catalog import load_catalog
from topo.certificates.kinds.failures import _gpus_hang_alike
from topo.design.cable import cable
from topo.design.loader import parse_design
from topo.design.wire import build, closed_forms
from topo.errors import CertificateError, InputError, ParameterError
from topo.exporters import build_files, make_plan
from topo.fabric import Fabric
from topo.generators.family import spanning

CATALOG = load_catalog()
WITHIN = "gpu-all-to-all:within=domain"
NVL = """name: d
gpus: {gpus}
host: dgx-gb200-tray-nvlink
networks:
  compute: {{family: mrft, switch: nvidia-qm9700}}
  scale-up: {{family: scale-up, switch: nvidia-nvlink5-switch{keys}}}
{more}"""
UALINK = {
    "switch/u-switch": """title: u
network: [ualink]
cages: 32
cage: osfp-twin
breakouts: [{ports: 1, gbps: 800, lanes: 8}]
ports: 32
port_name: "s{number}"
""",
    "nic/u-port": "title: u\nnetwork: [ualink]\nports: 4\ngbps: 800\nlanes: 8\ncage: osfp-twin\n",
    "host/u-host": """title: u
gpus: 8
nics:
  - {network: compute, nic: nvidia-cx7-dgx, count: 8, nics_per_cage: 2, port_name: "o{cage}p{sub}"}
  - {network: up, nic: u-port, count: 8, port_name: "u{nic}p{port}"}
scale_up: {name: UALink, gbps_per_gpu: 3200, hosts_per_domain: 4}
""",
}


def nvl(gpus: int, keys: str = "", more: str = "") -> Fabric:
    return build(parse_design(NVL.format(gpus=gpus, keys=keys, more=more), "d.yaml", CATALOG))


def direct(fabric: Fabric, network: int, intact: Fabric) -> float:
    """The largest t by a linear program over every pair of GPUs of a domain and every switch that both hang on."""
    ends = fabric.endpoints
    speed: dict[tuple[str, int], dict[str, float]] = {}
    for row in np.flatnonzero((ends.network == network) & (fabric.endpoint_switch >= 0)).tolist():
        gpu = (str(fabric.devices.name[ends.host[row]]), int(ends.gpu_first[row]))
        at = str(fabric.devices.name[fabric.endpoint_switch[row]])
        mine = speed.setdefault(gpu, {})
        mine[at] = mine.get(at, 0.0) + float(fabric.links.gbps[fabric.endpoint_link[row]])
    domain = {str(n): int(d) for n, d in zip(intact.devices.name, intact.devices.domain, strict=True)}
    rate: dict[tuple[str, int], float] = {}
    for row in np.flatnonzero(intact.endpoints.network == network).tolist():
        gpu = (str(intact.devices.name[intact.endpoints.host[row]]), int(intact.endpoints.gpu_first[row]))
        rate[gpu] = rate.get(gpu, 0.0) + float(intact.endpoints.gbps[row])
        speed.setdefault(gpu, {})
    total: dict[int, float] = {}
    for gpu, gbps in rate.items():
        total[domain[gpu[0]]] = total.get(domain[gpu[0]], 0.0) + gbps
    scale = 1 / max(total[domain[gpu[0]]] - gbps for gpu, gbps in rate.items())
    pairs = [(a, b) for a in speed for b in speed if a != b and domain[a[0]] == domain[b[0]]]
    paths = [(i, p) for i, (a, b) in enumerate(pairs) for p in speed[a] if p in speed[b]]
    sends = np.zeros((len(pairs), len(paths) + 1))
    limits = {
        (way, gpu, p): n for n, (way, gpu, p) in enumerate((w, g, p) for w in (0, 1) for g in speed for p in speed[g])
    }
    loads = np.zeros((len(limits), len(paths) + 1))
    for n, (i, p) in enumerate(paths):
        sends[i, n] = 1.0
        loads[limits[0, pairs[i][0], p], n] = loads[limits[1, pairs[i][1], p], n] = 1.0
    sends[:, -1] = [-scale * rate[a] * rate[b] for a, b in pairs]
    room = [speed[gpu][p] for _, gpu, p in limits]
    cost = np.zeros(len(paths) + 1)
    cost[-1] = -1.0
    found = linprog(cost, loads, room, sends, np.zeros(len(pairs)), method="highs")
    assert found.status == 0
    return float(found.x[-1])


def test_every_gpu_of_an_nvl72_has_one_link_to_each_of_18_switches() -> None:
    design = parse_design(NVL.format(gpus=144, keys="", more=""), "d.yaml", CATALOG)
    fabric, counts = build(design), closed_forms(design)["scale-up"]
    assert (counts.switches["leaf"], counts.links["endpoint"], counts.spare["leaf"]) == (36, 144 * 18, 0)
    mine = fabric.endpoints.network == 1
    ends, at = fabric.endpoints.rows(mine), fabric.endpoint_switch[mine]
    pairs = np.stack([ends.host * 4 + ends.gpu_first, at])
    assert len(np.unique(pairs, axis=1).T) == mine.sum() == 144 * 18
    assert np.array_equal(fabric.devices.domain[ends.host], fabric.devices.pod[at])
    assert (fabric.links.gbps[fabric.links.network == 1] == 400).all()
    assert set(np.bincount(at)[np.unique(at)].tolist()) == {72}


def test_the_loss_of_one_nvlink_switch_leaves_17_of_18() -> None:
    fabric = nvl(144)
    whole = topo.throughput(fabric, WITHIN, network="scale-up")
    assert (whole.lower, whole.upper, whole.exact) == (1.0, 1.0, True)
    [row] = single_failures(fabric, ["leaf"], "scale-up", WITHIN)
    assert (row.stands_for, row.cut_off) == (36, 0)
    assert row.lower == row.upper == pytest.approx(17 / 18)
    less = fabric.without(devices=["scale-up-d001-p07"])
    found = topo.throughput(less, WITHIN, network="scale-up", baseline=fabric)
    proved = topo.verify_certificate(fabric, found.certificate)
    assert proved.lower == proved.upper == Fraction(17, 18)


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
@pytest.mark.parametrize("routing", ["adaptive", "spray"])
def test_damaged_domains_against_a_direct_program(seed: int, routing: str) -> None:
    fabric = topo.build(topo.load_design("designs/tiny-scale-up.yaml"))
    rows = np.flatnonzero(fabric.links.network == 1)
    lost = np.random.default_rng(seed).choice(fabric.links.id[rows], 3, replace=False)
    less = fabric.without(links=lost.tolist())
    found = topo.throughput(less, WITHIN, routing, network="scale-up", baseline=fabric)
    proved = topo.verify_certificate(fabric, found.certificate)
    best = max(direct(less, 1, fabric), 0.0)
    # GPUs that lost their last common switch are cut off, and count as nothing.
    assert bool(found.cut_off) == (best == 0)
    if not found.cut_off and routing == "adaptive":
        assert float(proved.lower or 0) == pytest.approx(best) == pytest.approx(float(proved.upper or 0))
    elif not found.cut_off:
        assert float(proved.lower or 0) <= best + 1e-9


def test_a_domain_that_is_not_full_sends_less() -> None:
    fabric = nvl(100)
    assert (
        closed_forms(parse_design(NVL.format(gpus=100, keys="", more=""), "d.yaml", CATALOG))["scale-up"].switches[
            "leaf"
        ]
        == 36
    )
    found = topo.throughput(fabric, WITHIN, network="scale-up")
    assert (found.lower, found.upper) == (1.0, 1.0)
    assert found.lower == pytest.approx(direct(nvl(8, ", planes: 18"), 1, nvl(8)), rel=1e-6)


def test_a_certificate_of_domains_proves_nothing_of_all_gpus() -> None:
    fabric = topo.build(topo.load_design("designs/tiny-scale-up.yaml"))
    proof = topo.throughput(fabric, WITHIN, network="scale-up").certificate
    assert proof is not None
    assert topo.verify_certificate(fabric, proof).question["traffic"] == WITHIN
    forged = {**proof, "question": {**proof["question"], "traffic": "gpu-all-to-all"}}
    with pytest.raises(CertificateError):
        topo.verify_certificate(fabric, forged)
    raised = {**proof, "claim": {**proof["claim"], "lower": "9/8"}}
    with pytest.raises(CertificateError):
        topo.verify_certificate(fabric, raised)


@pytest.mark.parametrize(
    ("host", "network", "words", "allowed"),
    [
        (
            "dgx-gb200-tray-nvlink",
            "scale-up, switch: nvidia-nvlink5-switch, planes: 9",
            "another number of planes",
            "18",
        ),
        ("dgx-gb200-tray-nvlink", "scale-up, switch: nvidia-qm9700", "speaks", ""),
        ("example-host-2-scale-up", "scale-up, switch: example-switch-4", "do not fit on 4 ports", "none"),
        ("example-host-2-scale-up", "scale-up, switch: example-switch-8, planes: 3", "another number", "2"),
        ("dgx-h100", "scale-up, switch: nvidia-qm9700", "no host of this design has a NIC", "compute"),
    ],
)
def test_what_cannot_be_is_refused(host: str, network: str, words: str, allowed: str, tmp_path: Path) -> None:
    path = tmp_path / "d.yaml"
    main = "nvidia-qm9700" if "example" not in host else "example-switch-8"
    path.write_text(
        f"name: d\ngpus: 32\nhost: {host}\nnetworks:\n  compute: {{family: ft2, switch: {main}}}\n"
        f"  scale-up: {{family: {network}}}\n"
    )
    found = run(["show", str(path)])
    assert (found.code, found.stdout) == (2, "")
    assert words in found.stderr
    assert allowed in found.stderr


@pytest.mark.parametrize(
    ("host", "keys", "words"),
    [
        ("example-host-2", "switch: example-switch-8, planes: 3", "share"),
        ("mi300x-server", "switch: tomahawk-5, planes: 2", "share"),
        ("no-domain", "switch: example-switch-8", "no scale-up domain"),
    ],
)
def test_no_domain_and_no_equal_share(host: str, keys: str, words: str, tmp_path: Path) -> None:
    (tmp_path / "host").mkdir()
    (tmp_path / "host" / "no-domain.yaml").write_text(
        "id: no-domain\ntitle: t\ngpus: 2\nnics: [{network: compute, nic: nvidia-cx7-osfp, count: 2, port_name: "
        '"n{nic}"}]\nsource: {document: "made up", read: true}\n'
    )
    text = f"name: d\ngpus: 16\nhost: {host}\nnetworks:\n  compute: {{family: scale-up, {keys}}}\n"
    with pytest.raises(InputError, match=words) as error:
        build(parse_design(text, "d.yaml", load_catalog([tmp_path])))
    assert all(p.allowed or p.hint for p in error.value.problems)


def test_the_switches_of_a_domain_stand_in_its_rack() -> None:
    design = parse_design(
        NVL.format(gpus=144, keys="", more="floor: {rack: nvidia-gb200-nvl72, hosts_per_rack: 18}\n"), "d.yaml", CATALOG
    )
    fabric = build(design)
    places = cable(design, fabric).places
    assert places is not None
    at = fabric.endpoint_switch
    mine = fabric.endpoints.network == 1
    assert np.array_equal(places.rack[at[mine]], places.rack[fabric.endpoints.host[mine]])


def test_links_of_a_domain_have_their_own_cables_and_assumed_length() -> None:
    design = parse_design(NVL.format(gpus=72, keys="", more=""), "d.yaml", CATALOG)
    report = topo.check(design)
    assert not [f for f in report.findings if f.severity == "error"]
    with pytest.raises(InputError, match="scale_up"):
        build(parse_design("name: d\ngpus: 8\nhost: dgx-h100\nlengths_m: {scale_up: 1}\nnetworks:\n  compute: "
                           "{family: ft2, switch: nvidia-qm9700}\n", "d.yaml", CATALOG))  # fmt: skip


def test_no_search_takes_it_for_the_network_of_a_cluster() -> None:
    assert "scale-up" not in spanning()
    assert "ft2" in spanning()


def test_a_user_s_own_ualink_parts(tmp_path: Path) -> None:
    for name, part in UALINK.items():
        file = tmp_path / f"{name}.yaml"
        file.parent.mkdir(exist_ok=True)
        file.write_text(f'id: {file.stem}\n{part}source: {{document: "made up", read: true}}\n')
    catalog = load_catalog([tmp_path])
    text = "name: d\ngpus: 64\nhost: u-host\nnetworks:\n  compute: {family: ft2, switch: nvidia-qm9700}\n"
    text += "  up: {family: scale-up, switch: u-switch}\n"
    fabric = build(parse_design(text, "d.yaml", catalog))
    assert fabric.origins[1]["planes"] == 4  # 32 GPUs of 4 ports on switches of 32: the fewest that hold them
    wrong = replace(fabric, name="d2")
    assert topo.throughput(wrong, WITHIN, network="up").lower == 1.0


def test_gpus_of_a_host_with_unlike_links_are_no_example_for_others() -> None:
    """Two hosts with the same links in all, shared out to their GPUs in another way, are not alike within a domain."""
    fabric = topo.build(topo.load_design("designs/tiny-scale-up.yaml"))
    whole = single_failures(fabric, ["leaf"], "scale-up", WITHIN)
    assert len(whole) == 1
    ends = fabric.endpoints
    mine = np.flatnonzero((ends.network == 1) & (ends.host == 0) & (ends.gpu_first == 0))
    less = fabric.without(links=[int(fabric.links.id[fabric.endpoint_link[mine[0]]])])
    with pytest.raises(ParameterError, match="unlike switches"):
        single_failures(less, ["leaf"], "scale-up", WITHIN)
    assert not is_symmetric(WITHIN, "adaptive")
    assert is_symmetric("gpu-all-to-all", "adaptive")
    with pytest.raises(ParameterError, match="unlike switches"):
        single_failures(nvl(144), ["leaf"], "compute", WITHIN)


def test_the_checker_does_not_take_hosts_for_their_gpus() -> None:
    fabric = topo.build(topo.load_design("designs/tiny-scale-up.yaml"))
    with pytest.raises(CertificateError, match="unlike switches"):
        _gpus_hang_alike(nvl(144), "compute")
    _gpus_hang_alike(fabric, "scale-up")


def test_cables_of_other_protocols_are_none_of_a_tool_that_knows_two() -> None:
    plan = make_plan(parse_design(NVL.format(gpus=72, keys="", more=""), "d.yaml", CATALOG))
    found = build_files(plan, ["cable-validation"])["cable-validation/point-to-point.csv"].decode()
    assert "nvl" not in found
    assert found.count("tray-") == 72
    assert "nvl1" in build_files(plan, ["cable-schedule-csv"])["cable-schedule.csv"].decode()


def test_a_scale_up_network_of_two_tiers() -> None:
    """CloudMatrix384 (arXiv 2506.12708): 336 + 112 switches over 7 planes, with BOM, failures, bisection."""
    folder = Path(__file__).parents[1] / "data" / "cloudmatrix-384"
    design = topo.load_design(folder / "design.yaml", load_catalog([folder / "parts"]))
    fabric = topo.build(design)
    report = topo.check(design, requirements=[{"throughput": {"traffic": "gpu-all-to-all", "at_least": 1.0}}])
    assert report.requirements[-1].verdict == "held"
    # What cables join its cages is not published.
    assert {f.code for f in report.findings if f.severity == "error"} == {"cable-no-part"}
    tiers = np.bincount(fabric.devices.tier[~fabric.is_host])
    assert sorted(tiers[tiers > 0].tolist()) == [112, 336]
    assert len(np.unique(fabric.devices.plane[~fabric.is_host])) == 7
    half = topo.bisection(fabric)
    assert half.lower_gbps == half.upper_gbps == pytest.approx(384 / 2 * 7 * 448)
    for what, many in (("leaf", 336), ("spine", 112)):
        [row] = single_failures(fabric, [what], "compute", "gpu-all-to-all")
        assert (row.stands_for, row.cut_off) == (many, 0)
    # A node of 8 loses one of 7 planes; what its NPUs send each other needs none of them, 376 of 383 do.
    [leaf] = single_failures(fabric, ["leaf"], "compute", "gpu-all-to-all")
    assert leaf.lower == leaf.upper == pytest.approx(6 / 7 * 383 / 376)
    bom = build_files(make_plan(design), ["bom"])["bom.csv"].decode()
    assert "switch,ub-l1,Switch of 48 cages of 448 Gb/s,,448,0," in bom
    assert "missing,,links that no part of the catalog joins,,8064," in bom


def test_one_domain_s_switches_bisect_it_fully() -> None:
    found = topo.bisection(nvl(72), network="scale-up")
    assert found.lower_gbps == found.upper_gbps == 36 * 18 * 400
    assert topo.bisection(nvl(144), network="scale-up").upper_gbps == 0
