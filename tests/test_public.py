"""The public face: names, types for outside callers, and what values show of themselves."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

import topo

ROOT = Path(__file__).resolve().parent.parent
CALLER = """
from fractions import Fraction

import topo

design = topo.load_design("designs/tiny-ft2.yaml")
fabric = topo.build(design)
report = topo.check(fabric, requirements=[{"hops": {"at_most": 3}}])
verdict: str = report.verdict
answer = topo.throughput(fabric, traffic="all-to-all", routing="adaptive", network="compute")
ends: tuple[float, float] = (answer.lower, answer.upper)
half = topo.bisection(fabric, time_limit_s=5.0)
capacity: float = half.lower_gbps
assert answer.certificate is not None
proved = topo.verify_certificate(fabric, answer.certificate)
lower: Fraction | None = proved.lower
again = topo.from_networkx(topo.to_networkx(fabric))
less = fabric.without(devices=["spine-000"])
"""
VALUES = ("design", "fabric", "report", "answer", "half", "proved", "again", "less")


def test_dir_names_what_there_is() -> None:
    assert dir(topo) == sorted(topo.__all__)
    for name in topo.__all__:
        assert getattr(topo, name) is not None
    with pytest.raises(AttributeError):
        topo.nothing  # noqa: B018


@pytest.mark.slow
def test_an_outside_caller_under_strict_types(tmp_path: Path) -> None:
    """Every public call has a type that mypy --strict sees from outside, without Any: reveal_type finds none."""
    script = tmp_path / "caller.py"
    script.write_text(CALLER + "\n".join(f"reveal_type({name})" for name in VALUES) + "\n")
    found = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--no-incremental", str(script)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    shown = [line for line in found.stdout.splitlines() if "Revealed type" in line]
    assert len(shown) == len(VALUES), found.stdout
    assert not [line for line in shown if '"Any"' in line]
    assert "error" not in found.stdout, found.stdout


def test_an_outside_caller_under_pyright(tmp_path: Path) -> None:
    """The same under pyright's strict rules; `make types` installs it."""
    pytest.importorskip("basedpyright", reason="`make types` installs it")
    script = tmp_path / "caller.py"
    script.write_text(CALLER + "\n".join(f"reveal_type({name})" for name in VALUES) + "\n")
    rules = {"include": ["caller.py"], "extraPaths": [str(ROOT)], "typeCheckingMode": "strict"}
    (tmp_path / "pyrightconfig.json").write_text(json.dumps(rules))
    found = subprocess.run(
        [sys.executable, "-m", "basedpyright", "-p", str(tmp_path), "--pythonpath", sys.executable, "--outputjson"],
        capture_output=True,
        text=True,
        check=False,
    )
    told = json.loads(found.stdout)["generalDiagnostics"]
    assert [one for one in told if one["severity"] == "error"] == []
    shown = [one["message"] for one in told if one["severity"] == "information"]
    assert len(shown) == len(VALUES)
    assert not [message for message in shown if "Any" in message or "Unknown" in message]


def test_values_show_themselves_shortly() -> None:
    design = topo.load_design(ROOT / "designs" / "tiny-ft2.yaml")
    fabric = topo.build(design)
    report = topo.check(design)
    answer = topo.throughput(fabric)
    for value in (design, fabric, report, answer):
        assert len(repr(value)) < 120
        assert value._repr_html_().startswith("<table>")
    assert repr(fabric) == "<Fabric tiny-ft2: 8 hosts, 6 switches, 8 endpoints, 16 links>"
    assert "held" in repr(report)
    assert (fabric._repr_svg_() or "").startswith("<?xml")
