"""Scale-up domains of several hosts: everything that asks who is joined asks for the domain, not for the host."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest

import topo
from topo.analysis.collectives import collective_time, expert_time, place
from topo.analysis.collectives.experts import ExpertLayout, expected_copies, sampled_copies
from topo.analysis.collectives.ranks import UnevenRanksError
from topo.analysis.failures import single_failures
from topo.analysis.network import switch_network
from topo.analysis.paths.latency import gpu_latency, latency_model
from topo.catalog import load_catalog
from topo.certificates import verify_certificate
from topo.checks.domains import domain_notes
from topo.checks.model import Context
from topo.design.loader import parse_design
from topo.design.wire import build
from topo.diagrams import DiagramInput
from topo.errors import ParameterError
from topo.exporters import build_files, make_plan
from topo.fabric import Fabric
from topo.placement import torn_domains
from topo.placement.floor.floor import Floor
from topo.placement.placing import place as stand

CATALOG = load_catalog()
GIB = float(1 << 30)
NVL72 = (
    "name: nvl72\ngpus: {gpus}\nhost: dgx-gb200-tray\nnetworks:\n  compute: {{family: mrft, switch: nvidia-qm9700}}\n"
)


def design_of(gpus: int = 576, more: str = "") -> topo.Design:
    return parse_design(NVL72.format(gpus=gpus) + more, "nvl72", CATALOG)


@pytest.fixture(scope="module")
def fabric() -> Fabric:
    return build(design_of())


def test_a_lost_tray_takes_its_own_gpus_with_it(fabric: Fabric) -> None:
    rows = single_failures(fabric, ["host"])
    assert {row.cut_off for row in rows} == {4}
    assert sum(row.stands_for for row in rows) == 144
    row = next(row for row in rows if row.worst == "tray-00000")
    assert row.lost.hosts == ("tray-00000",)
    assert row.lost.gpu_names == tuple(f"tray-00000:gpu{g}" for g in range(4))


def test_a_lost_tray_is_proved_and_lost_nics_cut_nobody_off(fabric: Fabric) -> None:
    report = topo.check(fabric, requirements=[{"failure": {"any": "host", "cut_off_at_most": 3}}])
    assert report.verdict == "broken"
    held = topo.check(fabric, requirements=[{"failure": {"any": "host", "cut_off_at_most": 4}}])
    assert held.requirements[0].verdict == "held"
    certificate = held.requirements[0].certificate
    assert certificate is not None
    assert verify_certificate(fabric, certificate)
    wrong = {**certificate, "claim": {**certificate["claim"], "cut_off": 0}}
    with pytest.raises(topo.errors.CertificateError):
        verify_certificate(fabric, wrong)
    nics = single_failures(fabric, ["nic"])
    assert {row.cut_off for row in nics} == {0}


def test_all_reduce_over_eight_racks(fabric: Fabric) -> None:
    found = collective_time(fabric, "all-reduce", place(fabric), GIB, "hierarchical")
    assert found.scale_up_us == pytest.approx(2 * GIB * 71 / 72 / 900e3)
    assert found.endpoint_us == pytest.approx(2 * GIB / 72 * 7 / 8 / 50e3)
    assert found.unpipelined_us == pytest.approx(found.scale_up_us + found.endpoint_us)
    assert found.algbw_gbytes_per_s > 450
    assert GIB / found.unpipelined_us / 1e3 > 370
    ring = collective_time(fabric, "all-reduce", place(fabric), GIB, "ring")
    assert ring.endpoint_us == pytest.approx(2 * GIB * 575 / 576 / 72 / 50e3)


@pytest.mark.parametrize("algorithm", ["ring", "tree", "hierarchical", "binary-tree"])
def test_one_rack_uses_no_nic(fabric: Fabric, algorithm: str) -> None:
    found = collective_time(fabric, "all-reduce", place(fabric, 72), GIB, algorithm)
    assert (found.network_us, found.endpoint_us) == ((0.0,), 0.0)


def test_dispatch_inside_a_rack_uses_no_nic(fabric: Fabric) -> None:
    layout = ExpertLayout(gpus_per_host=4)
    found = expert_time(fabric, "dispatch", place(fabric, 32), layout, 4096, 7168)
    assert (found.endpoint_us, found.network_us) == (0.0, (0.0,))
    copies = expected_copies(layout, (8,))
    assert (copies.nic, copies.domains) == (0.0, 1.0)
    assert found.scale_up_us == pytest.approx(copies.scale_up * 4096 * 7168 / 900e3)


@pytest.mark.parametrize("split", [(3,), (1, 1, 1), (2, 1), (1, 2)])
def test_copies_by_enumeration(split: tuple[int, ...]) -> None:
    """Every choice of groups and experts, every home, of a layout small enough to list."""
    layout = ExpertLayout(experts=12, groups=3, per_token=2, max_groups=2, gpus_per_host=2)
    domain = np.repeat(np.arange(len(split)), split)
    first = np.cumsum(split) - split
    total: Counter[str] = Counter()
    cases = 0
    for groups in combinations(range(3), 2):
        for experts in combinations([g * 4 + e for g in groups for e in range(4)], 2):
            gpus = {(e // 4, e % 4 // 2) for e in experts}
            for home in range(3):
                for index in range(2):
                    cases += 1
                    own = int(domain[home])
                    hit = {int(domain[g]) for g, _ in gpus}
                    total["domains"] += len(hit)
                    total["nic"] += len(hit - {own})
                    total["every"] += sum(int(domain[g]) != own for g, _ in gpus)
                    place_ = (home - int(first[own])) * 2 + index
                    at = {(int(first[d]) + place_ % (2 * split[d]) // 2, place_ % (2 * split[d]) % 2) for d in hit}
                    total["handed"] += len(gpus - at)
    found = expected_copies(layout, split)
    assert found.domains == pytest.approx(total["domains"] / cases)
    assert found.nic == pytest.approx(total["nic"] / cases)
    assert found.nic_without_forwarding == pytest.approx(total["every"] / cases)
    assert found.scale_up == pytest.approx(total["handed"] / cases)


@pytest.mark.parametrize("split", [(8,), (2, 6), (4, 4), (1,) * 8])
def test_sampled_copies_agree(split: tuple[int, ...]) -> None:
    layout = ExpertLayout(gpus_per_host=4)
    drawn, exact = sampled_copies(layout, 20_000, 1, split=split), expected_copies(layout, split)
    for key, value in vars(exact).items():
        assert getattr(drawn, key) == pytest.approx(value, rel=0.02)


@pytest.mark.parametrize("ranks", [64, 128, 576])
def test_expert_messages_are_the_copies(fabric: Fabric, ranks: int) -> None:
    from topo.analysis.collectives.expert_messages import expert_messages, splits

    layout, placed = ExpertLayout(gpus_per_host=4), place(fabric, ranks) if ranks != 128 else place(fabric, 288)
    sent = expert_messages(placed, layout, 1.0)
    far = placed.domain[sent.src] != placed.domain[sent.dst]
    copies = [expected_copies(layout, split) for split in splits(placed, layout)]
    assert sent.size[far].sum() / len(placed) == pytest.approx(np.mean([c.nic for c in copies]))
    assert sent.size[~far].sum() / len(placed) == pytest.approx(np.mean([c.scale_up for c in copies]))


def test_gpu_pairs_on_the_scale_up_network(fabric: Fabric) -> None:
    model = latency_model(CATALOG, "infiniband")
    net = switch_network(fabric)
    for length in (None, np.full(len(fabric.links), 5.0)):
        found = gpu_latency(fabric, net, model, length_m=length)
        assert found is not None
        inside = found.pairs[np.isclose(found.us, model.scale_up_us)].sum()
        assert inside == pytest.approx(576 * 71)
        assert found.pairs.sum() == pytest.approx(576 * 575)


def test_pairs_of_domains_over_several_leaves_by_brute_force() -> None:
    fabric = build(design_of(288))
    model = latency_model(CATALOG, "infiniband")
    net = switch_network(fabric)
    found = gpu_latency(fabric, net, model)
    assert found is not None
    by_hand: Counter[float] = Counter()
    leaf = fabric.endpoint_switch
    domain = fabric.devices.domain[fabric.endpoints.host]
    for i in range(len(leaf)):
        for j in np.flatnonzero(np.arange(len(leaf)) != i).tolist():
            inside = domain[i] == domain[j]
            us = model.scale_up_us if inside else model.base_us + model.per_switch_us * (1 if leaf[i] == leaf[j] else 3)
            by_hand[round(us, 6)] += 1
    assert {round(u, 6): n for u, n in zip(found.us.tolist(), found.pairs.tolist(), strict=True)} == pytest.approx(
        by_hand
    )


def test_all_to_all_of_more_ranks_than_are_written_out() -> None:
    fabric = build(design_of(9216))
    found = collective_time(fabric, "all-to-all", place(fabric), GIB)
    assert found.endpoint_us == pytest.approx(GIB * (9216 - 72) / 9216 / 50e3)
    assert found.scale_up_us == pytest.approx(GIB * 71 / 9216 / 900e3)
    rails = collective_time(fabric, "all-to-all", place(fabric), GIB, "hierarchical")
    assert rails.endpoint_us == pytest.approx(found.endpoint_us)
    assert rails.scale_up_us == pytest.approx(GIB * 71 * 128 / 9216 / 900e3)


@pytest.mark.sampled(6)
@pytest.mark.parametrize("ranks", [60, 144, 288])
@pytest.mark.parametrize("algorithm", ["direct", "hierarchical"])
@pytest.mark.parametrize("forwarding", ["plane", "rail", "none"])
def test_sums_are_those_of_the_messages(
    fabric: Fabric, monkeypatch: pytest.MonkeyPatch, ranks: int, algorithm: str, forwarding: str
) -> None:
    from topo.analysis.collectives import timing

    placed = place(fabric, ranks)
    written = collective_time(fabric, "all-to-all", placed, GIB, algorithm, forwarding=forwarding)  # type: ignore[arg-type]
    monkeypatch.setattr(timing, "MOST_MESSAGES", 1)
    summed = collective_time(fabric, "all-to-all", placed, GIB, algorithm, forwarding=forwarding)  # type: ignore[arg-type]
    for key in ("endpoint_us", "scale_up_us", "time_us"):
        assert getattr(summed, key) == pytest.approx(getattr(written, key))
    assert summed.network_us == pytest.approx(written.network_us)


@pytest.mark.parametrize(("keys", "allowed"), [({"ranks": 100}, "72 or 144"), ({"ranks": 600 - 24 - 4}, "504 or 576")])
def test_ranks_that_fit_no_domain(fabric: Fabric, keys: dict[str, int], allowed: str) -> None:
    with pytest.raises(UnevenRanksError) as error:
        place(fabric, **keys)
    assert error.value.problems[0].allowed == allowed
    with pytest.raises(ParameterError):
        place(fabric, 64, every=5)


@pytest.mark.sampled(4)
@pytest.mark.parametrize("gpus", [600, 576])
@pytest.mark.parametrize("keys", [{}, {"per_host": 1}, {"every": 7}, {"every": 5, "per_host": 3}, {"first_gpu": 2}])
def test_numbers_of_ranks_that_are_offered_work_and_none_is_nearer(gpus: int, keys: dict[str, int]) -> None:
    built = build(design_of(gpus))
    works: set[int] = set()
    offered: dict[int, set[int]] = {}
    for n in range(-2, 620):
        try:
            place(built, n, **keys)
        except ParameterError as error:
            offered[n] = {int(word) for word in error.problems[0].allowed.split(" or ")}
        else:
            works.add(n)
    for n, words in offered.items():
        below, above = (x for x in works if x < n), (x for x in works if x > n)
        assert words == {x for x in (max(below, default=0), min(above, default=0)) if x}


def test_leaves_take_whole_domains_on_request() -> None:
    whole = build(parse_design(NVL72.format(gpus=576).replace("qm9700", "qm9700, hosts_per_leaf: 18"), "d", CATALOG))
    assert domain_notes(Context(whole, CATALOG)) == []
    domain = whole.devices.domain[whole.endpoints.host]
    pairs = np.unique(np.stack([whole.endpoint_switch, domain]), axis=1)
    assert len(np.unique(pairs[0])) == pairs.shape[1] == 8 * 4


def test_words_and_drawings_of_a_pair_in_one_rack() -> None:
    from topo.diagrams import draw
    from topo.diagrams.written.render import render
    from topo.report.answers.latency import as_text, latency_page

    design = design_of(144)
    assert "3.33 us in domains" in as_text(latency_page(design))
    built = build(design)
    for other, said in (("tray-00001", True), ("tray-00018", False)):
        drawn = render(draw("path", DiagramInput(built, pair=("tray-00000", 0, other, 0))), "svg").decode()
        assert ("one scale-up domain" in drawn) == said


def test_a_partly_filled_last_domain_leaves_algorithms_out() -> None:
    from topo.report.answers.collectives import collectives

    value = collectives(design_of(600), ["all-reduce"])
    left = {name for _, name, _ in value.left_out}
    assert left == {"ring", "tree", "hierarchical", "binary-tree", "sharp"}
    assert {t.algorithm for t in value.times} == {"halving-doubling", "flat-ring", "flat-tree"}


def test_domains_stand_in_one_rack(fabric: Fabric) -> None:
    places = stand(fabric, CATALOG, Floor(rack_power_w=120e3))
    domain = fabric.devices.domain[fabric.is_host]
    racks = places.rack[fabric.is_host]
    assert all(len(set(racks[domain == d].tolist())) == 1 for d in range(8))
    assert torn_domains(fabric, places) == 0
    narrow = stand(fabric, CATALOG, Floor(hosts_per_rack=17, rack_power_w=120e3))
    assert torn_domains(fabric, narrow) == 8


def test_a_search_for_shorter_cables_keeps_domains_together(fabric: Fabric) -> None:
    places = stand(fabric, CATALOG, Floor(improve="length", improve_work=0.02, rack_power_w=120e3))
    assert torn_domains(fabric, places) == 0
    assert places.improvement is not None


def test_leaves_that_cut_domains_are_named(fabric: Fabric) -> None:
    (note,) = domain_notes(Context(fabric, CATALOG))
    assert (note.severity, "hosts_per_leaf: 18" in note.hint) == ("note", True)
    assert "of 8 scale-up domains" in note.message
    one = build(design_of(72))
    assert domain_notes(Context(one, CATALOG)) == []
    assert topo.check(fabric).verdict == "held"


def test_simulators_and_schedulers_get_the_domains() -> None:
    files = build_files(make_plan(design_of()), ["simai", "slurm", "astra-sim"])
    head, ids, *lines = files["simai/topology.txt"].decode().splitlines()
    total, per_server, inner, switches, links, _ = head.split()
    assert (per_server, inner) == ("72", "8")
    joined = Counter(int(line.split()[1]) for line in lines[:576])
    assert joined == {576 + d: 72 for d in range(8)}
    assert len(lines) == int(links)
    assert len(ids.split()) == int(inner) + int(switches) == int(total) - 576
    blocks = files["slurm/topology-block.conf"].decode().splitlines()
    assert blocks[0] == "BlockName=domain0000 Nodes=tray-[00000-00017]"
    assert blocks[-1] == "BlockSizes=18"
    assert len(blocks) == 9
    assert b'["72", "8"]' in files["astra-sim/logical_topology.json"]


def test_drawings_say_domain() -> None:
    from topo.diagrams import draw
    from topo.diagrams.registry import views
    from topo.diagrams.written.render import render

    plan = make_plan(design_of(144))
    text = "".join(
        render(draw(name, DiagramInput(plan.fabric)), "svg").decode()
        for name in ("overview", "host")
        if views.get(name)
    )
    assert "domain of 18 hosts" in text
    assert "per GPU inside the host" not in text


def test_hosts_that_are_a_domain_each_are_as_before() -> None:
    text = "name: d\ngpus: 512\nhost: h800-node\nnetworks:\n  compute: {switch: nvidia-qm9700, family: mpft}\n"
    fabric = build(parse_design(text, "d", CATALOG))
    ranks = place(fabric)
    assert (ranks.blocks == ranks.grid).all()
    alone = replace(ranks, domain=np.arange(len(ranks)) // 8)
    assert alone.domains == 64
    assert math.isclose(single_failures(fabric, ["host"])[0].cut_off, 8)
