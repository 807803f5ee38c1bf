"""A domain's switches are planes: each carries an equal share of every GPU's links."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.errors.run_cli import run
from topo.catalog import load_catalog
from topo.design.loader import parse_design
from topo.errors import ParameterError
from topo.report.answers.collectives import collectives

TEXT = "name: d\ngpus: 144\nhost: {host}\nnetworks:\n  compute: {{family: mrft, switch: nvidia-qm9700}}\n"
CATALOG = load_catalog()


def test_the_loss_of_one_switch_leaves_17_of_18() -> None:
    design = parse_design(TEXT.format(host="dgx-gb200-tray"), "d", CATALOG)
    whole, less = (collectives(design, ["all-reduce"], "hierarchical", scale_up_planes_lost=n) for n in (0, 1))
    assert less.times[0].scale_up_us / whole.times[0].scale_up_us == pytest.approx(18 / 17)
    assert less.times[0].endpoint_us == whole.times[0].endpoint_us
    assert less.optima["all-reduce"].algbw_gbps < whole.optima["all-reduce"].algbw_gbps


@pytest.mark.parametrize(("host", "lost", "allowed"), [
    ("dgx-gb200-tray", 18, "at most 17"), ("dgx-h100", 1, "scale_up.planes"),
])  # fmt: skip
def test_planes_that_there_are_not(tmp_path: Path, host: str, lost: int, allowed: str) -> None:
    with pytest.raises(ParameterError, match="planes"):
        collectives(parse_design(TEXT.format(host=host), "d", CATALOG), scale_up_planes_lost=lost)
    path = tmp_path / "d.yaml"
    path.write_text(TEXT.format(host=host))
    found = run(["collective", str(path), "--scale-up-planes-lost", str(lost)])
    assert (found.code, found.stdout) == (2, "")
    assert allowed in found.stderr


def test_trees_that_take_too_long_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    import topo.report.answers.collectives as report

    design = parse_design(TEXT.format(host="dgx-gb200-tray"), "d", CATALOG)
    monkeypatch.setattr(report, "TREES_S", 0.0)
    value = collectives(design, ["broadcast"], trees=True)
    assert [(op, what) for op, what, _ in value.left_out] == [("broadcast", "trees")]
    assert value.optima["broadcast"].complete
    assert not value.schedules
