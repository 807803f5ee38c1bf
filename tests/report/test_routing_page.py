"""`topo routing`: its figures against shortest paths by networkx and against each other, and what it refuses."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
import pytest

from tests.errors.run_cli import run
from topo.api import build, load_design
from topo.cli.options import catalog_of
from topo.generators.family import families
from topo.report.answers.routing_text import as_text
from topo.report.answers.routings import loads_csv, routing_page

ROOT = Path(__file__).parents[2]
DESIGNS = ROOT / "designs"
TINY = tuple(f"tiny-{name}" for name in families.names() if name != "rail-only")


def ask(name: str, *arguments: str) -> dict[str, Any]:
    result = run(["routing", str(DESIGNS / f"{name}.yaml"), "--format", "json", *arguments])
    assert result.code == 0, result.stderr
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


@pytest.fixture
def rows(tmp_path: Path) -> Any:
    def written(name: str, *arguments: str) -> list[dict[str, str]]:
        ask(name, "--loads", str(tmp_path / "loads.csv"), *arguments)
        return rows_of((tmp_path / "loads.csv").read_text())

    return written


@pytest.mark.sampled(6)
@pytest.mark.parametrize("name", TINY)
@pytest.mark.parametrize("traffic", ["all-to-all", "permutation:seed=4", "hot-spot"])
@pytest.mark.parametrize("routing", ["spray", "ecmp:seeds=1", "static"])
def test_every_switch_passes_on_what_it_gets(name: str, traffic: str, routing: str, rows: Any) -> None:
    """Link by link, hosts included: what enters a switch leaves it, and the fullest link is the throughput's."""
    found = rows(name, "--routing", routing, "--traffic", traffic)
    design = load_design(DESIGNS / f"{name}.yaml")
    fabric = build(design)
    mine = fabric.links.network == 0
    assert [r["link"] for r in found] == [str(link) for link in fabric.links.id[mine].tolist()]
    enters, leaves, full = defaultdict(float), defaultdict(float), 0.0
    for r in found:
        forth, back = float(r["a_to_b_gbps"]), float(r["b_to_a_gbps"])
        leaves[r["a_device"]] += forth
        enters[r["b_device"]] += forth
        leaves[r["b_device"]] += back
        enters[r["a_device"]] += back
        full = max(full, float(r["a_to_b_share"]), float(r["b_to_a_share"]))
        assert forth / float(r["speed_gbps"]) == pytest.approx(float(r["a_to_b_share"]), abs=1e-8)
    for device in enters:
        if fabric.devices.tier[fabric.device_row[device]] != 0:
            assert enters[device] == pytest.approx(leaves[device], rel=1e-9, abs=1e-6)
    throughput = ask(name, "--routing", routing, "--traffic", traffic)["throughput"]
    assert throughput["lower"] == pytest.approx(1 / full, rel=1e-6)


@pytest.mark.sampled(6)
@pytest.mark.parametrize("name", TINY)
def test_path_lengths_are_those_of_shortest_paths(name: str) -> None:
    fabric = build(load_design(DESIGNS / f"{name}.yaml"))
    graph, ends = nx.Graph(), Counter()
    host = fabric.is_host
    for a, b, network in zip(fabric.link_a, fabric.link_b, fabric.links.network, strict=True):
        if network == 0 and not host[a] and not host[b]:
            graph.add_edge(int(a), int(b))
    plane: dict[int, int] = {}
    for row, switch in enumerate(fabric.endpoint_switch.tolist()):
        if fabric.endpoints.network[row] == 0:
            ends[switch] += 1
            plane[switch] = int(fabric.endpoints.plane[row])
    expected: Counter[int] = Counter()
    for s, far in nx.all_pairs_shortest_path_length(graph):
        for t, links in far.items():
            if s != t and s in ends and t in ends and plane[s] == plane[t]:
                expected[links + 1] += ends[s] * ends[t]
    total = expected.total()
    for routing in ("spray", "static", "ecmp:seeds=1"):
        found = ask(name, "--routing", routing)["switches_on_paths"]
        shares = {str(n): count / total for n, count in expected.items()}
        assert found["share"] == pytest.approx(shares)
        assert found["max"] == max(expected)
        assert found["mean"] == pytest.approx(sum(n * c for n, c in expected.items()) / total)


def test_adaptive_knows_loads_and_the_mean_path(rows: Any) -> None:
    """On a tree every optimal path is a shortest one, so that both figures are those of spray."""
    spray, adaptive = ask("tiny-ft3"), ask("tiny-ft3", "--routing", "adaptive")
    assert adaptive["switches_on_paths"] == {"mean": pytest.approx(spray["switches_on_paths"]["mean"])}
    full = max(c["most"] for c in adaptive["loads"])
    assert adaptive["throughput"]["lower"] == pytest.approx(1 / full)
    assert "fair_rates" not in adaptive
    assert len(rows("tiny-ft3", "--routing", "adaptive", "--traffic", "gpu-all-to-all")) > 0


def test_worst_links_are_the_fullest_rows(rows: Any) -> None:
    found = ask("tiny-dragonfly", "--routing", "ecmp:seeds=2", "--top", "7")
    every = []
    for r in rows("tiny-dragonfly", "--routing", "ecmp:seeds=2"):
        if r["kind"] != "endpoint":
            a, b = (r["a_device"], r["a_port"]), (r["b_device"], r["b_port"])
            every += [(float(r["a_to_b_share"]), (*a, *b)), (float(r["b_to_a_share"]), (*b, *a))]
    names = {name: use for use, name in every}
    worst = found["worst_links"]
    assert len(worst) == 7
    for link in worst:
        ends = (link["from_device"], link["from_port"], link["to_device"], link["to_port"])
        assert names[ends] == pytest.approx(link["use"], rel=1e-6)
    shares = sorted((use for use, _ in every), reverse=True)
    assert [w["use"] for w in worst] == pytest.approx(shares[:7], rel=1e-6)
    assert found["as_full_as_the_last"] == sum(use > shares[6] * (1 - 1e-7) for use in shares) - 7


def test_load_classes_are_summaries_of_the_rows(rows: Any) -> None:
    found = ask("tiny-ft3", "--routing", "static", "--traffic", "shift:k=3")["loads"]
    by_class = defaultdict(list)
    for r in rows("tiny-ft3", "--routing", "static", "--traffic", "shift:k=3"):
        by_class[r["kind"], "up"].append(float(r["a_to_b_share"]))
        by_class[r["kind"], "down"].append(float(r["b_to_a_share"]))
    assert {(c["kind"], c["direction"]) for c in found} == set(by_class)
    for c in found:
        use = np.array(by_class[c["kind"], c["direction"]])
        assert (c["links"], c["idle"]) == (len(use), int((use == 0).sum()))
        figures = [use.min(), use.mean(), *np.quantile(use, (0.5, 0.9, 0.99)), use.max()]
        assert [c[k] for k in ("least", "mean", "p50", "p90", "p99", "most")] == pytest.approx(figures, abs=1e-8)


def test_fair_rates_of_a_hot_spot_are_equal_parts_of_its_link() -> None:
    found = ask("tiny-ft2", "--routing", "static", "--traffic", "hot-spot")
    gpus = 8
    fair = found["fair_rates"]
    assert fair["flows"] == gpus - 1
    assert fair["mean"] == fair["slowest"] == fair["p90"] == [pytest.approx(1 / (gpus - 1))]
    assert found["throughput"]["lower"] == pytest.approx(1 / (gpus - 1))


def test_the_two_figures_of_ecmp_stand_apart() -> None:
    found = ask("tiny-ft3", "--routing", "ecmp:seeds=4,seed=11", "--traffic", "permutation:seed=2")
    samples, fair = found["throughput"]["samples"], found["fair_rates"]
    assert samples["seeds"] == fair["seeds"] == [11, 12, 13, 14]
    assert samples["min"] == min(samples["network"]) == found["throughput"]["network_lower"]
    assert samples["max"] == max(samples["network"])
    for concurrent, slowest, mean in zip(samples["network"], fair["slowest"], fair["mean"], strict=True):
        assert min(concurrent, 1.0) <= slowest + 1e-9
        assert slowest <= mean
    text = run(["routing", str(DESIGNS / "tiny-ft3.yaml"), "--routing", "ecmp:seeds=4,seed=11"]).stdout
    assert "The worst to the best of 4 hash seeds" in text
    assert text.index("All flows shrink alike") < text.index("max-min fair rates") < text.index("worst seed")


def test_sampled_fair_rates_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    from topo.analysis.routing.rules import static

    monkeypatch.setattr(static, "MOST_PATHS", 10)
    page = routing_page(load_design(DESIGNS / "tiny-ft2.yaml"), "static")
    assert page.fair is not None
    assert page.fair.shifts
    assert f"those of {len(page.fair.shifts)} of {page.fair.of_shifts} shifts, evenly spaced" in as_text(page)


def test_deadlock_is_named() -> None:
    tree = ask("tiny-ft3")["deadlock"]
    assert (tree["acyclic"], tree["lanes"], tree["minimum"], tree["cycle"]) == (True, 1, 1, [])
    found = ask("tiny-dragonfly")["deadlock"]
    assert found["acyclic"] is False
    assert found["lanes"] >= 2
    circle = [step.split(" -> ") for step in found["cycle"]]
    for step, following in zip(circle, circle[1:] + circle[:1], strict=True):
        assert step[1].split()[0] == following[0].split()[0]
    text = run(["routing", str(DESIGNS / "tiny-dragonfly.yaml")]).stdout
    assert f"{found['lanes']} virtual lanes suffice, by {found['method']}" in text


def test_csv_holds_the_figures_of_json() -> None:
    arguments = ["--routing", "ecmp:seeds=2"]
    result = run(["routing", str(DESIGNS / "tiny-dragonfly.yaml"), "--format", "csv", *arguments])
    found, expected = list(csv.reader(io.StringIO(result.stdout))), ask("tiny-dragonfly", *arguments)
    assert found[0] == ["part", "of", "figure", "value"]
    value = {(part, of, figure): text for part, of, figure, text in found[1:]}
    assert float(value["throughput", "", "upper"]) == expected["throughput"]["upper"]
    assert float(value["fair rates", "seed 2", "slowest"]) == expected["fair_rates"]["slowest"][1]
    assert float(value["switches on paths", "3", "share"]) == expected["switches_on_paths"]["share"]["3"]
    assert float(value["loads", "global across", "p99"]) == expected["loads"][-1]["p99"]
    assert int(value["deadlock", "", "lanes"]) == expected["deadlock"]["lanes"]
    worst = expected["worst_links"][0]
    name = f"{worst['from_device']} {worst['from_port']} -> {worst['to_device']} {worst['to_port']}"
    assert float(value["worst links", name, "gbps"]) == worst["gbps"]


def test_one_switch_carries_nothing_between_switches(tmp_path: Path) -> None:
    file = tmp_path / "d.yaml"
    file.write_text(
        "name: d\ngpus: 32\nhost: h800-node\nnetworks:\n  compute: {family: rail-only, switch: nvidia-qm9700}\n"
    )
    page = routing_page(load_design(file, catalog_of([])))
    text = as_text(page)
    assert "unbounded" in text
    assert "nothing crosses the network" in text
    assert "fullest links: none carries anything" in text
    assert len(rows_of(loads_csv(page))) == 32


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--routing", "sprey"], "did you mean spray?"),
        (["--routing", "ecmp:qps=2"], "did you mean qp?"),
        (["--routing", "spray:"], "nothing follows the colon"),
        (["--traffic", "permuation"], "did you mean permutation?"),
        (["--network", "storage"], "allowed: compute"),
        (["--format", "md"], "text, json, csv"),
        (["--top", "0"], "--top"),
        (["--loads", "/proc/none/x.csv"], "--loads"),
    ],
)
def test_what_is_refused(arguments: list[str], says: str) -> None:
    found = run(["routing", str(DESIGNS / "tiny-ft2.yaml"), *arguments])
    assert (found.code, found.stdout) == (2, "")
    assert says in found.stderr
    assert "Traceback" not in found.stderr
