"""Published sizes are found, or beaten with the reason."""

from __future__ import annotations

import pytest

from tests.searching.small import found, request
from topo.searching.running.run import Run

OCP = """\
name: ocp
gpus: {gpus}
host: h800-node
objectives: [switches]
choose: {{families: [ft2], switches: [{switch}]}}
"""


@pytest.mark.parametrize(
    ("gpus", "leaf", "spine"), [(64, 1, 0), (128, 2, 1), (256, 4, 2), (512, 8, 4)], ids=["64", "128", "256", "512"]
)
def test_the_sizes_of_the_ocp_planning_guide(gpus: int, leaf: int, spine: int) -> None:
    """1, 2+1, 4+2 and 8+4 switches of 128 ports are the fewest of a two-tier tree without oversubscription."""
    search = found(OCP.format(gpus=gpus, switch="roce-128x400"))
    assert search.complete
    switches = search.winner.row.counted.counts.switches
    assert (switches["leaf"], switches.get("spine", 0)) == (leaf, spine)


@pytest.mark.parametrize(
    ("gpus", "tiers"), [(512, (16, 8, 0)), (1024, (32, 16, 0)), (2048, (64, 32, 0)), (4096, (128, 128, 64))]
)
def test_the_rows_of_a_superpod(gpus: int, tiers: tuple[int, int, int]) -> None:
    """The counts that NVIDIA prints for DGX B200 are the fewest switches of rail-optimised trees at line rate."""
    text = f"name: pod\ngpus: {gpus}\nhost: h800-node\nobjectives: [switches]\n"
    search = found(text + "choose: {families: [mrft], switches: [nvidia-qm9700], oversubscription: [1, 2, 3]}\n")
    assert search.complete
    switches = search.winner.row.counted.counts.switches
    assert (switches["leaf"], switches["spine"], switches.get("core", 0)) == tiers


def test_the_front_of_1152_gpus() -> None:
    """36 leaves of 32 endpoints: 18, 24 and 32 spines all carry it adaptively, under spray 0.57, 0.77 and 1."""
    text = (
        "name: front\ngpus: 1152\nhost: h800-node\nobjectives: [switches, spray]\n"
        "networks: {compute: {family: ft2, switch: nvidia-qm9700, spread: by-one, spines: [18, 24, 32]}}\n"
    )
    search = found(text)
    assert search.complete
    points = {int(p.values["switches"]) - 36: p.values["spray"] for p in search.front}
    assert points[18] == pytest.approx(0.571, abs=0.001)
    assert points[24] == pytest.approx(0.77, abs=0.01)
    assert points[32] == pytest.approx(1.0)
    for point in search.front:
        report = point.row.judgment.report
        assert report["metrics"]["throughput"]["all-to-all"]["adaptive"]["lower"] == pytest.approx(1.0)


def test_16384_gpus_as_planes_are_cheapest_among_trees() -> None:
    text = (
        "name: planes\ngpus: 16384\nhost: h800-node\nchoose:\n"
        "  families: [ft2, ft3, mrft, mpft]\n  switches: [nvidia-qm9700]\n"
        "requirements:\n  - throughput: {at_least: 1.0}\n  - bisection: {at_least: 1.0}\n"
    )
    search = found(text)
    assert search.complete
    assert search.winner.row.candidate.family == "mpft"
    assert search.winner.values["switches"] == 768
    assert set(search.why_not) == {"ft2", "ft3", "mrft"}
    assert search.winner.cost_usd == pytest.approx(71_879_680)


def test_the_largest_two_tier_network_of_36_port_leaves_and_216_port_spines(tmp_path: object) -> None:
    from pathlib import Path

    from topo.catalog import load_catalog
    from topo.searching.candidates.request import parse_request

    folder = Path(str(tmp_path)) / "parts"
    (folder / "switch").mkdir(parents=True)
    base = (
        "id: {id}\ntitle: {ports} ports\nnetwork: [infiniband, ethernet]\ncages: {ports}\ncage: osfp\n"
        "breakouts: [{{ports: 1, gbps: 400, lanes: 4}}]\nports: {ports}\nport_name: '{{number}}'\n"
        "source: {{document: Solnushkin 2013, read: false}}\n"
    )
    for part, ports in (("edge-36", 36), ("core-216", 216)):
        (folder / "switch" / f"{part}.yaml").write_text(base.format(id=part, ports=ports))
    catalog = load_catalog([folder])
    text = (
        "name: limit\ngpus: {gpus}\nhost: example-host-1\nobjectives: [switches]\n"
        "networks: {{compute: {{family: ft2, switch: edge-36, spine_switch: core-216, oversubscription: 1}}}}\n"
    )
    search = Run(parse_request(text.format(gpus=3888), "r.yaml", catalog)).search()
    assert search.complete
    assert search.winner.row.counted.counts.switches == {"leaf": 216, "spine": 18}
    from topo.errors import InputError

    with pytest.raises(InputError, match="3,888"):
        Run(parse_request(text.format(gpus=3889), "r.yaml", catalog)).search()


def test_a_request_of_several_hosts_takes_the_best() -> None:
    text = "name: hosts\ngpus: 16\nhost: [example-host-1, example-host-2]\n"
    text += "choose: {families: [ft2], switches: [example-switch-8]}\n"
    search = found(text)
    both = {row.candidate.host for row in search.rows}
    assert both == {"example-host-1", "example-host-2"}
    alone = [
        Run(request(text.replace("[example-host-1, example-host-2]", host))).search().winner.cost_usd for host in both
    ]
    assert search.winner.cost_usd == min(alone)
