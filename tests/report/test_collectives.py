"""`topo collective`: its figures against the analysis, its placements, and what it refuses."""

from __future__ import annotations

import inspect
import json
from pathlib import Path
from typing import get_type_hints

import pytest

from tests.errors.run_cli import run
from topo import api
from topo.analysis.collectives import collective_time, place
from topo.analysis.collectives.operation import COLLECTIVES, collective
from topo.catalog import load_catalog
from topo.design.loader import parse_design
from topo.report.answers.collectives import OPS, CollectiveOptions, Collectives, Placement, collectives
from topo.report.answers.collectives_shown import as_json, as_text
from topo.units import size_bytes, size_text

DESIGN = "name: d\ngpus: 512\nhost: h800-node\nnetworks:\n  compute: {family: mpft, switch: nvidia-qm9700}\n"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "d.yaml"
    file.write_text(DESIGN)
    return file


@pytest.fixture(scope="module")
def value() -> Collectives:
    return collectives(parse_design(DESIGN, "d", load_catalog()), OPS, placement=Placement(ranks=128))


def test_every_operation_and_algorithm_has_a_row(value: Collectives) -> None:
    rows = [(t.collective, t.algorithm) for t in value.times]
    expected = [(op, a) for op in COLLECTIVES for a in collective(op).algorithms]
    assert rows == [*expected, ("dispatch", "node-limited"), ("combine", "node-limited")]


def test_figures_are_those_of_the_analysis(value: Collectives) -> None:
    design = parse_design(DESIGN, "d", load_catalog())
    fabric = api.build(design)
    entries = {(e["op"], e["algorithm"]): e for e in json.loads(as_json(value))["collectives"]}
    for name in ("ring", "tree"):
        bare = collective_time(fabric, "all-reduce", place(fabric, 128), float(1 << 30), name)
        entry = entries["all-reduce", name]
        assert entry["steps_us"] > 0
        assert entry["time_us"] == pytest.approx(bare.time_us + entry["steps_us"])
        assert entry["algbw_gbytes_per_s"] == pytest.approx((1 << 30) / entry["time_us"] / 1e3)
        assert entry["busbw_gbytes_per_s"] == pytest.approx(entry["algbw_gbytes_per_s"] * 2 * 127 / 128)
    assert entries["combine", "node-limited"]["size_bytes"] == 2 * entries["dispatch", "node-limited"]["size_bytes"]


def test_what_bounds_and_what_reaches_it_is_said(value: Collectives) -> None:
    found = json.loads(as_json(value))["optima"]["all-to-all"]
    assert (found["by"], found["complete"], found["reached"]) == ("cut", True, True)
    assert found["reached_by"] == value.reached_by("all-to-all")
    assert "direct" in found["reached_by"]
    assert "all-to-all (direct" in as_text(value)
    slow = [t for t in value.times if t.collective == "all-reduce" and t.algorithm == "flat-tree"]
    assert slow
    assert "flat-tree" not in value.reached_by("all-reduce")
    whole = collectives(parse_design(DESIGN, "d", load_catalog()), ["all-to-all"])
    assert "flow" in whole.reached_by("all-to-all")
    assert set(whole.certificates) == {"optimum-all-to-all", "flow-all-to-all"}


def test_text_names_what_it_rests_on(value: Collectives) -> None:
    text = as_text(value)
    assert "128 ranks (16 hosts x 8), spray routing, forwarding plane" in text
    assert "steps by infiniband" in text
    assert "copies over NICs without forwarding" in text


def test_the_command(path: Path) -> None:
    found = run(
        ["collective", str(path), "--op", "all-reduce", "--algorithm", "ring", "--size", "64B", "--format", "json"]
    )
    assert found.code == 0
    (entry,) = json.loads(found.stdout)["collectives"]
    assert entry["bound_by"] == "steps"
    none = run(["collective", str(path), "--op", "all-reduce", "--latency", "none", "--format", "json"])
    assert "steps_us" not in json.loads(none.stdout)["collectives"][0]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--ranks", "500"], "allowed: 496 or 504"),
        (["--ranks", "1000"], "allowed: 512"),
        (["--per-host", "9"], "allowed: 1 to 8"),
        (["--op", "dispatch", "--ranks", "96"], "allowed: 64 or 128"),
        (["--op", "dispatch", "--experts", "100"], "allowed: 96 or 104"),
        (["--first-gpu", "8"], "allowed: 0 to 7"),
        (["--order", "foo"], "unknown value\n  value: foo\n  allowed: packed, strided"),
        (["--op", "all-reduc"], "did you mean all-reduce?"),
        (["--op", "all-reduce", "--algorithm", "rings"], "did you mean ring?"),
        (["--routing", "valiant"], "allowed: adaptive, ecmp, spray, static"),
        (["--forwarding", "none", "--op", "all-to-all"], "no NIC in the plane"),
        (["--network", "storage"], "allowed: compute"),
        (["--latency", "infinibnad"], "did you mean infiniband?"),
        (["--size", "1 qb"], "64B, 128MiB"),
    ],
)
def test_what_does_not_fit_is_refused(path: Path, arguments: list[str], says: str) -> None:
    found = run(["collective", str(path), *arguments])
    assert (found.code, found.stdout) == (2, "")
    assert says in found.stderr


def test_sizes_are_read_and_written() -> None:
    assert [size_bytes(t) for t in ("64", "64B", "1KiB", "1kB", "1.5MiB", "2GB", "1 TiB")] == [
        64, 64, 1024, 1000, 1572864, 2 * 10**9, 1 << 40,
    ]  # fmt: skip
    for wrong in ("", "B", "1 XB", "-1B", "0B", "1iB", "1e9"):
        with pytest.raises(ValueError, match="is no size"):
            size_bytes(wrong)
    assert [size_text(size_bytes(t)) for t in ("64B", "1GiB", "3 MiB")] == ["64 B", "1 GiB", "3 MiB"]


def test_the_options_of_the_public_call_are_those_of_the_report() -> None:
    asked = inspect.signature(collectives)
    hints = get_type_hints(collectives)
    named = {key: hints[key] for key in asked.parameters if key not in ("design", "ops")}
    assert get_type_hints(CollectiveOptions) == named
