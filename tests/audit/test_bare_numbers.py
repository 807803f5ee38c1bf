"""Port names that are bare numbers, on switches whose cages are split unlike: port numbers are no names."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from topo.api import audit
from topo.design import parse_design
from topo.exporters import build_files, make_plan

TEXT = """
name: t
gpus: 128
host: dgx-h100
networks:
  compute: {family: FAMILY, switch: nvidia-qm8700, endpoint_gbps: 100, uplink_gbps: 200, oversubscription: 2}
"""
FILES = {"ibnetdiscover": "infiniband/fabric.ibnetdiscover", "ibdm-topo": "ibdm/fabric.topo"}


def written(family: str, form: str) -> tuple[str, bytes]:
    """A design's text, and its plan in a form: cages 1 to 27 of a leaf are `1/1` to `27/2`, cage 28, port 55, `28`."""
    text = TEXT.replace("FAMILY", family)
    return text, build_files(make_plan(parse_design(text)), [form])[FILES.get(form, "cable-schedule.csv")]


def judged(text: str, content: bytes, name: str, tmp_path: Path) -> list[str]:
    """The codes of what an audit says is wrong."""
    (tmp_path / Path(name).name).write_bytes(content)
    found = audit(parse_design(text), tmp_path / Path(name).name)
    return [f.code for f in found.findings if f.severity == "error"]


@pytest.mark.parametrize("family", ["ft2", "mrft", "mpft"])
@pytest.mark.parametrize("form", FILES)
def test_numbers_are_read_as_numbers(family: str, form: str, tmp_path: Path) -> None:
    text, content = written(family, form)
    assert judged(text, content, FILES[form], tmp_path) == []


def test_two_cables_that_changed_places_are_told_among_numbers(tmp_path: Path) -> None:
    """Two hosts' cables at ports of a leaf whose numbers are the names of its uplinks."""
    text, content = written("ft2", "ibnetdiscover")
    lines = content.decode().splitlines()
    start = next(i for i, line in enumerate(lines) if line.startswith("Switch") and '"leaf-000"' in line)
    guid = str(lines[start].split('"')[1])
    at = {n: next(i for i in range(start, len(lines)) if lines[i].startswith(f"[{n}]")) for n in (30, 35)}
    far = {n: lines[i].partition("]")[2] for n, i in at.items()}
    for n, other in ((30, 35), (35, 30)):
        lines[at[n]] = f"[{n}]{far[other]}"
    ends = {n: next(i for i, line in enumerate(lines) if f'"{guid}"[{n}]' in line) for n in (30, 35)}
    for n, other in ((30, 35), (35, 30)):
        lines[ends[n]] = lines[ends[n]].replace(f'"{guid}"[{n}]', f'"{guid}"[{other}]')
    assert judged(text, "\n".join(lines).encode(), "x.ibnetdiscover", tmp_path) == ["swapped"]


def test_names_are_still_read_as_names(tmp_path: Path) -> None:
    """A table of uplinks alone, whose ports at the leaves are all called by bare numbers."""
    text, content = written("ft2", "cable-schedule-csv")
    rows = [row for row in csv.DictReader(io.StringIO(content.decode())) if row["b_role"] == "spine"]
    assert {row["a_port"] for row in rows} >= {"28", "40"}
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    found = judged(text, out.getvalue().encode(), "x.csv", tmp_path)
    assert set(found) <= {"missing"}
