"""What a kept throughput leaves out is said beside it, in every form of a report, and held by verify."""

from __future__ import annotations

import copy
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from topo import api
from topo.catalog import load_catalog
from topo.design import context_of
from topo.exporters import make_plan
from topo.report import Report
from topo.report.html import answers_of, gather, render_page
from topo.report.registry import renderers
from topo.report.verify import sound, verified

DESIGN = """name: noted
gpus: 16
host: example-host-1
networks:
  compute: {family: ft2, switch: example-switch-8, oversubscription: 3, spines: 2}
failure_rates: {switch: {afr: 0.02, repair_hours: 24}}
requirements:
  - failure: {any: leaf, throughput_at_least: 0.5}
  - failure: {any: spine, throughput_at_least: 0.3}
  - failure: {any: pair, of: [leaf], throughput_at_least: 0.5}
  - random_failures: {any: leaf, count: 1, seeds: 2, throughput_at_least: 0.99}
  - random_failures: {any: cable, count: 1, seeds: 2, throughput_at_least: 0.1}
  - expected_throughput: {at_least: 0.5}
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Report]:
    folder = tmp_path_factory.mktemp("noted")
    design = folder / "noted.yaml"
    design.write_text(DESIGN, encoding="utf-8")
    return folder, api.check(api.load_design(design))


def test_the_note_counts_the_gpus_of_what_fails(made: tuple[Path, Report]) -> None:
    """A leaf takes its own GPUs, two leaves those of both; a spine or a cable takes none."""
    fabric = api.build(api.load_design(made[0] / "noted.yaml"))
    graph = api.to_networkx(fabric)
    alone = Counter(near for host in graph if graph.degree(host) == 1 for near in graph[host])
    assert alone.total() == 16
    (_, first), (_, second) = alone.most_common(2)
    notes = [r.note for r in made[1].requirements]
    assert notes[0] == f"leaves out up to {first} GPUs that a failure cuts off"
    assert notes[1] == notes[4] == ""
    assert notes[2] == f"leaves out up to {first + second} GPUs that a failure cuts off"
    assert notes[3] in [f"leaves out up to {n} GPUs that a draw cuts off" for n in alone.values()]
    assert notes[5] == "leaves out the demands of GPUs that failures cut off, while they are"


def page(made: tuple[Path, Report]) -> str:
    design = api.load_design(made[0] / "noted.yaml")
    context = context_of(design, api.build(design), time_limit_s=60.0)
    return render_page([gather(make_plan(design), made[1], answers_of(context), whole=False)]).decode()


@pytest.mark.parametrize("form", ["text", "json", "junit", "sarif", "github", "html"])
def test_every_form_has_it(made: tuple[Path, Report], form: str) -> None:
    report = made[1]
    shown = page(made) if form == "html" else renderers.get(form, "--format")([report])
    shown = " ".join(shown.split())
    for result in report.requirements:
        if result.note and (result.verdict != "held" or form in ("text", "json", "html")):
            assert result.note in shown, result.id


def stated(made: tuple[Path, Report], change: Any = None) -> bool:
    report = copy.deepcopy(json.loads(json.dumps([made[1].to_json()])))
    report[0]["design"]["path"] = "noted.yaml"
    if change:
        change(report[0]["requirements"])
    path = made[0] / "report.json"
    path.write_text(json.dumps(report), encoding="utf-8")
    return sound(verified(path, load_catalog()))


def test_verify_takes_the_note(made: tuple[Path, Report]) -> None:
    assert stated(made)


def test_verify_refuses_a_note_that_is_taken_away(made: tuple[Path, Report]) -> None:
    noted = [row for row, one in enumerate(made[1].requirements) if one.note]
    assert noted
    for row in noted:
        assert not stated(made, lambda rows, row=row: rows[row].pop("note")), row


@pytest.mark.sampled(2)
@pytest.mark.parametrize("row", range(6))
def test_verify_refuses_another_note(made: tuple[Path, Report], row: int) -> None:
    assert not stated(made, lambda rows: rows[row].update(note="leaves out up to 1 GPU that a failure cuts off"))
