"""Golden files: every export of the tiny designs whole, digests of the large ones.

`python -m tests.golden.test_golden` writes them anew; the difference is then reviewed like code.
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path

import pytest

from topo.design import load_design
from topo.exporters import build_files, make_plan, whole_set

HERE = Path(__file__).resolve().parent
DESIGNS = HERE.parents[1] / "designs"
TINY = sorted(path.stem for path in DESIGNS.glob("tiny-*.yaml"))
LARGE = ("ft2-2048", "deepseek-v3-2048", "mpft-16384", "mrft-16384", "ft3-16384", "ft3-65536")
RENDERED = (".xlsx", ".png", ".pdf", ".svg")
"""Endings of files whose bytes a library of another version may change: they are compared by the exports' own tests."""


def exported(name: str) -> dict[str, bytes]:
    plan = make_plan(load_design(DESIGNS / f"{name}.yaml"))
    names = [export for export in whole_set(plan) if not export.endswith("xlsx")]
    return {path: data for path, data in build_files(plan, names).items() if not path.endswith(RENDERED)}


def digests(name: str) -> dict[str, dict[str, int | str | list[str]]]:
    """By file its size, its number of lines, a few of them (what changed is seen in a review), and its digest."""
    return {path: digest(data) for path, data in sorted(exported(name).items())}


def digest(data: bytes) -> dict[str, int | str | list[str]]:
    lines = data.decode().splitlines()
    places = sorted({0, 1, len(lines) // 3, len(lines) // 2, len(lines) - 1} & {*range(len(lines))})
    return {
        "bytes": len(data),
        "lines": len(lines),
        "sample": [f"{place + 1}: {lines[place][:160]}" for place in places],
        "sha256": hashlib.sha256(data).hexdigest(),
    }


@pytest.mark.parametrize("name", TINY)
def test_tiny_design_whole(name: str) -> None:
    folder = HERE / name
    expected = {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    found = exported(name)
    assert sorted(found) == sorted(expected)
    for path, data in found.items():
        assert data == expected[path], f"{path} differs from tests/golden/{name}/{path}"


@pytest.mark.sampled(1)
@pytest.mark.parametrize("name", [pytest.param(n, marks=[pytest.mark.slow] * (not n.endswith("2048"))) for n in LARGE])
def test_large_design_by_digest(name: str) -> None:
    expected = json.loads((HERE / "digests.json").read_text())[name]
    found = digests(name)
    assert sorted(found) == sorted(expected)
    for path, value in found.items():
        assert value == expected[path], f"{path} of {name} differs"


def write_all() -> None:
    import shutil

    for name in TINY:
        shutil.rmtree(HERE / name, ignore_errors=True)
        for path, data in exported(name).items():
            target = HERE / name / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
    write_digests()


def write_digests() -> None:
    found = {name: digests(name) for name in LARGE}
    (HERE / "digests.json").write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    sys.exit(write_all())
