"""Lists that people keep by hand name what there is: families, benchmarks, and their targets."""

from __future__ import annotations

import importlib
import re
import sys
from pathlib import Path

import pytest

from topo.exporters.plan import exporters
from topo.generators.family import families
from topo.importers.as_built import readers

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks._cases import CASES, FLAT, Case, fabric, inputs  # noqa: E402

SCRIPTS = sorted(
    p.stem for p in (ROOT / "benchmarks").glob("*.py") if not p.stem.startswith("_") and p.stem != "__init__"
)
SMALL = [case for case in (*CASES, *FLAT) if case.gpus <= 2048]


def test_every_family_has_a_tiny_design_and_goldens() -> None:
    """Tests that walk over the tiny designs walk over every family."""
    for name in families.names():
        design = ROOT / "designs" / f"tiny-{name}.yaml"
        assert design.is_file(), f"{name}: write the smallest design of the family as designs/{design.name}"
        assert f"family: {name}" in design.read_text(encoding="utf-8"), f"{design.name} is of another family"
        goldens = ROOT / "tests" / "golden" / design.stem
        assert goldens.is_dir(), f"{name}: `python -m tests.golden.test_golden` writes its goldens; review them"


def test_every_family_brings_its_wiring_rule() -> None:
    bare = [name for name in families.names() if families.get(name).rule is None]
    assert bare == [], "give Family a rule (topo/generators/rule.py), or nothing holds its cables against the family"


def test_every_name_that_a_user_may_give_stands_in_the_documentation() -> None:
    text = "\n".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "docs").rglob("*.md")))
    for kind, names in (("family", families), ("export", exporters), ("form of as-built file", readers)):
        missing = [name for name in names.names() if not re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", text)]
        assert missing == [], f"no page of docs/ names this {kind}: tell there what it is for, and from where"


def test_every_family_has_tests_of_its_wiring() -> None:
    texts = [path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py")]
    for name in families.names():
        assert any(re.search(rf"""["' /]{name}["',:]""", text) for text in texts), name


def test_cases_are_frozen_and_named_once() -> None:
    names = [case.name for case in (*CASES, *FLAT)]
    assert len({*names}) == len(names)
    assert {case.family for case in (*CASES, *FLAT)} <= {*families.names()}
    with pytest.raises(AttributeError):
        CASES[0].gpus = 1  # type: ignore[misc]


@pytest.mark.parametrize("case", SMALL, ids=lambda case: case.name)
def test_small_cases_are_built_as_named(case: Case) -> None:
    built = fabric(inputs(case))
    assert int(built.devices.gpus.sum()) == case.gpus


@pytest.mark.parametrize("name", SCRIPTS)
def test_every_benchmark_can_be_started(name: str) -> None:
    """What a script imports and names is there; its cases are those of the registry or designs of the repository."""
    script = importlib.import_module(f"benchmarks.{name}")
    registered = {case.name for case in (*CASES, *FLAT)}
    targets = {
        key for field in vars(script) if field.endswith(("TARGET_S", "TARGETS_MS")) for key in vars(script)[field]
    }
    designs = {path.stem for path in (ROOT / "designs").glob("*.yaml")}
    own = {key for key in vars(script).get("CASES", ()) if isinstance(key, str)}
    assert targets <= registered | designs | own, name


def test_a_benchmark_measures() -> None:
    from benchmarks.generate import row

    found = row(next(case for case in CASES if case.name == "ft2-128-k16"))
    assert found


def test_every_benchmark_is_run_and_listed() -> None:
    started = re.findall(r"benchmarks/(\w+)\.py", (ROOT / "Makefile").read_text())
    listed = re.findall(r"benchmarks/(\w+)\.py", (ROOT / "benchmarks" / "README.md").read_text())
    assert {*started} == {*SCRIPTS}
    assert {*listed} == {*SCRIPTS}
