"""`topo latency`: its figures against closed forms, its distribution, and what it refuses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.errors.run_cli import run

DESIGN = "name: d\ngpus: 512\nhost: h800-node\nnetworks:\n  compute: {family: mpft, switch: nvidia-qm9700}\n"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "d.yaml"
    file.write_text(DESIGN)
    return file


def test_distribution_of_planes(path: Path) -> None:
    """64 hosts on two leaves a plane: 31 of 63 peers share a leaf, and 1 of 8 GPUs of another host is in the plane."""
    found = json.loads(run(["latency", str(path), "--format", "json"]).stdout)
    ends = found["endpoints"]["distribution"]
    assert ends["us"] == pytest.approx([2.8, 3.7])
    assert ends["pairs"] == [512 * 31, 512 * 32]
    gpus = dict(zip(*(found["gpus"]["distribution"][key] for key in ("us", "pairs")), strict=True))
    expected = {2.8: 512 * 31, 3.7: 512 * 32, 6.13: 512 * 31 * 7, 7.03: 512 * 32 * 7, 3.33: 512 * 7}
    assert gpus == pytest.approx(expected)
    assert found["cables"] is False


def test_a_longer_message_takes_its_bytes_at_line_rate(path: Path) -> None:
    short, long = (
        json.loads(run(["latency", str(path), "--size", size, "--format", "json"]).stdout) for size in ("64B", "1MiB")
    )
    wire_us = ((1 << 20) - 64) * 8e-3 / 400
    for key in ("min", "mean", "max"):
        assert long["endpoints"][key] == pytest.approx(short["endpoints"][key] + wire_us)


def test_a_floor_plan_adds_cables(path: Path) -> None:
    bare = json.loads(run(["latency", str(path), "--format", "json"]).stdout)
    path.write_text(DESIGN + "floor: {}\n")
    laid = json.loads(run(["latency", str(path), "--format", "json"]).stdout)
    assert laid["cables"] is True
    for kind in ("endpoints", "gpus"):
        assert bare[kind]["mean"] < laid[kind]["mean"] < bare[kind]["mean"] + 300 * 4.5e-3
        assert sum(laid[kind]["distribution"]["pairs"]) == pytest.approx(sum(bare[kind]["distribution"]["pairs"]))
    text = run(["latency", str(path)]).stdout
    assert "cables of the floor plan at 4.5 ns/m" in text
    shares = [float(line.split()[-1].rstrip("%")) for line in text.splitlines() if line.endswith("%")]
    assert sum(shares) == pytest.approx(200, abs=0.01)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--size", "big"], "64B, 4KiB"),
        (["--model", "roc"], "did you mean roce?"),
        (["--network", "storage"], "allowed: compute"),
        (["--format", "csv"], "text, json"),
    ],
)
def test_what_is_refused(path: Path, arguments: list[str], says: str) -> None:
    found = run(["latency", str(path), *arguments])
    assert (found.code, found.stdout) == (2, "")
    assert says in found.stderr
