"""`topo grow`: the larger design, the order of work, and what each step leaves."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

import topo
from topo import api
from topo.cli.app import app
from topo.cli.program import program
from topo.errors import ParameterError
from topo.exporters.half_built import on_the_way
from topo.placement.cables.labels import port_labels
from topo.report.growing import Grown, as_json, larger

SMALL = """\
# what stands
name: small  # its name
title: "512 GPUs in one room"
gpus: 512   # today
host: dgx-h100
price_book: published-fabric-links
networks:
  compute: {family: mrft, switch: nvidia-qm9700}
requirements:
  - hops: {at_most: 3}
"""


TIGHT = SMALL.replace("512", "16").replace("dgx-h100", "example-host-2").replace("nvidia-qm9700", "example-switch-8")


def run(*arguments: str) -> tuple[int, str]:
    """Exit code and standard output of a command line, in this process."""
    program()
    done = CliRunner().invoke(app, arguments)
    return done.exit_code, done.stdout


def grown(folder: Path, gpus: int = 1024, floor: float = 0.0, text: str = SMALL) -> Grown:
    (folder / "small.yaml").write_text(text)
    return api.grow(topo.load_design(folder / "small.yaml"), gpus, folder / "large.yaml", floor=floor)


def test_the_design_that_is_written(tmp_path: Path) -> None:
    """The old text with the new size, title and name; remarks stay; it builds on the old one."""
    text = grown(tmp_path).text
    assert text == SMALL.replace("name: small", "name: large").replace("gpus: 512 ", "gpus: 1024 ").replace(
        '"512 GPUs', '"1,024 GPUs'
    ).replace("host:", "grow_from: small.yaml\nhost:")


@pytest.mark.parametrize("text", [
    '{"name": "x", "gpus": 512, "host": "dgx-h100",\n'
    ' "networks": {"compute": {"family": "mpft", "switch": "nvidia-qm9700"}}}\n',
    "host: dgx-h100\nnetworks:\n  compute: {family: ft2, switch: nvidia-qm9700}\ngpus:\n  512\nname: x\n",
])  # fmt: skip
def test_other_forms_of_text(tmp_path: Path, text: str) -> None:
    """However the file is laid out, the new one says the same with the new size, from another folder too."""
    (tmp_path / "small.yaml").write_text(text)
    old = topo.load_design(tmp_path / "small.yaml")
    (tmp_path / "later").mkdir()
    path = tmp_path / "later" / "large.yaml"
    path.write_text(larger(old, 1024, path))
    new = topo.load_design(path)
    assert new.file.gpus == 1024
    assert new.grown is not None
    assert new.grown.file == old.file
    assert new.file.networks == old.file.networks


@pytest.mark.sampled(3)
@pytest.mark.parametrize("floor", [0.0, 0.5, 0.7, 0.9, 0.99])
def test_no_step_is_below_the_floor(tmp_path: Path, floor: float) -> None:
    """Every moved link is drained and moved once, in steps that leave the floor; each figure is that of the fabric made
    from the old one without what is drained, counted here from the list of steps alone."""
    found = grown(tmp_path, floor=floor)
    assert found.total() == {"kept": 768, "moved": 256, "bound": 256, "added": 1024}
    rows = list(csv.DictReader(found.files()["steps.csv"].decode().splitlines()))
    for action, number in (("drain", 256), ("move", 256), ("add", 1024)):
        assert len({tuple(r.values()) for r in rows if r["action"] == action}) == number
    assert found.work.refused == ""
    assert found.work.least >= floor - 1e-6
    first = next(s for s in found.work.steps if s.action == "drain")
    alone = topo.throughput(found.old.fabric.without(links=found.old.fabric.links.id[first.old].tolist()))
    assert first.left["compute"] == pytest.approx(alone.lower, abs=1e-6)
    if floor == 0.0:
        assert [(s.number, s.action) for s in found.work.steps] == [(1, "add"), (2, "drain"), (2, "move"), (2, "add")]


def test_ports_are_free_when_they_are_used(tmp_path: Path) -> None:
    """In the order of the list, no port is used twice at a time, and the end is the larger fabric."""
    found = grown(tmp_path, floor=0.9)
    old, new = ({frozenset(pair) for pair in ends(plan.fabric)} for plan in (found.old, found.new))
    stands, taken = set(old), {port for pair in old for port in pair}
    for row in csv.DictReader(found.files()["steps.csv"].decode().splitlines()):
        before = frozenset((row["old_a"], row["old_b"]))
        after = frozenset((row["new_a"], row["new_b"]))
        if row["action"] == "drain":
            stands.remove(before)
            taken -= before
        elif after != {""}:
            assert not taken & after
            taken |= after
            stands.add(after)
    assert stands == new


def ends(fabric: topo.Fabric) -> list[tuple[str, str]]:
    return list(zip(*(port_labels(fabric, rows) for rows in (fabric.links.a, fabric.links.b)), strict=True))


def test_a_floor_that_nothing_holds(tmp_path: Path) -> None:
    """One link less is already below: refused, exit 1, nothing written."""
    (tmp_path / "small.yaml").write_text(TIGHT.replace("price_book: published-fabric-links\n", ""))
    code, told = run(
        "grow", str(tmp_path / "small.yaml"), "--gpus", "32", "-o", str(tmp_path / "large.yaml"),
        "-o-plan", str(tmp_path / "plan"), "--floor", "1",
    )  # fmt: skip
    assert code == 1
    assert "refused: no order of work holds the floor of 1: draining the one link at" in told
    assert sorted(p.name for p in tmp_path.iterdir()) == ["small.yaml"]
    half = SMALL.replace("9700}", "9700, oversubscription: 2}")
    assert "below the floor before any work" in grown(tmp_path, floor=1, text=half).work.refused


def test_the_command(tmp_path: Path) -> None:
    """Writes the design and the plan; JSON tells the same as the files."""
    (tmp_path / "small.yaml").write_text(SMALL)
    code, out = run(
        "grow", str(tmp_path / "small.yaml"), "--gpus", "1024", "-o", str(tmp_path / "large.yaml"),
        "-o-plan", str(tmp_path / "plan"), "--format", "json",
    )  # fmt: skip
    assert code == 0
    told = json.loads(out)
    assert told == json.loads((tmp_path / "plan" / "growth.json").read_text())
    assert (told["kept"], told["moved"], told["bound"], told["added"]) == (768, 256, 256, 1024)
    for side, name in (("old", "small"), ("new", "large")):
        report = topo.check(topo.load_design(tmp_path / f"{name}.yaml"))
        assert report.verdict == "held"
        assert told["cost_usd"][side] == pytest.approx(report.metrics.cost_usd["total"])
    assert json.loads((tmp_path / "plan" / "changes.json").read_text())["counts"] == told["cables"]


@pytest.mark.parametrize(("gpus", "floor", "key", "allowed"), [
    (512, 0, "--gpus", "more than 512"), (8, 0, "--gpus", "more than 512"), (1023, 0, "--gpus", "1,016 or 1,024"),
    (1024, 1.5, "--floor", "0 to 1"), (1024, -1, "--floor", "0 to 1"), (1024, float("nan"), "--floor", "0 to 1"),
])  # fmt: skip
def test_bad_wishes(tmp_path: Path, gpus: int, floor: float, key: str, allowed: str) -> None:
    with pytest.raises(ParameterError) as error:
        grown(tmp_path, gpus, floor)
    assert (error.value.problems[0].key, error.value.problems[0].allowed) == (key, allowed)


def test_onto_itself(tmp_path: Path) -> None:
    """The design that stands is not replaced, with --force neither."""
    (tmp_path / "small.yaml").write_text(SMALL)
    path = str(tmp_path / "small.yaml")
    assert run("grow", path, "--gpus", "1024", "-o", path, "--force")[0] == 2
    assert (tmp_path / "small.yaml").read_text() == SMALL


def test_what_is_in_between(tmp_path: Path) -> None:
    """With no link moved it is the old fabric, with all of them the new one without its new hosts."""
    found = grown(tmp_path)
    way = on_the_way(found.old.fabric, found.new.fabric)
    none = np.zeros(0, dtype=np.int64)
    start = way.fabric(np.arange(len(found.old.fabric.links)), none)
    assert {frozenset(p) for p in ends(start)} == {frozenset(p) for p in ends(found.old.fabric)}
    assert len(start.endpoints) == len(found.old.fabric.endpoints)
    assert json.loads(as_json(found))["lowest"] == found.work.least
