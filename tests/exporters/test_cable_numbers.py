"""One number a cable, the same on every paper, and what growth does to it."""

from __future__ import annotations

import csv
import io
import json
from collections import defaultdict
from pathlib import Path

import openpyxl
import pytest

from topo.api import audit
from topo.design import load_design, parse_design
from topo.errors import InputError
from topo.exporters import Plan, build_files, change_files, change_plan, make_plan, whole_set
from topo.report.html.tables import cable_columns

PANELS = (Path(__file__).parents[1] / "data" / "patch-panels-64.yaml").read_text()
HEAD = "name: d\ngpus: {gpus}\nhost: {host}\nnetworks:\n  compute: {{family: {family}, switch: {switch}{keys}}}\n"
STORAGE = "  storage: {family: ft2, switch: nvidia-qm9700}\n"


def text(
    gpus: int = 128, host: str = "h800-node", family: str = "ft2", switch: str = "nvidia-qm9700", **more: str
) -> str:
    head = HEAD.format(gpus=gpus, host=host, family=family, switch=switch, keys=more.pop("keys", ""))
    return head + more.pop("networks", "") + "".join(f"{key}: {value}\n" for key, value in more.items())


DESIGNS = {
    "plain": text(),
    "floor": text(family="mpft", floor="{}"),
    "splitters": text(64, "multi-port-node-4x200", "mpft", floor="{}"),
    "splitters without a floor": text(64, "multi-port-node-4x200", "mpft"),
    "panels": PANELS,
    "panels between rows": PANELS.replace("between-racks", "between-rows"),
    "two networks": text(64, "h800-node", "mpft", networks=STORAGE, floor="{}"),
}


def rows(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode())))


def sheet(content: bytes, name: str) -> list[dict[str, str]]:
    book = openpyxl.load_workbook(io.BytesIO(content), read_only=True)
    head, *body = book[name].iter_rows(values_only=True)
    return [{str(k): "" if v is None else str(v) for k, v in zip(head, row, strict=True)} for row in body]


@pytest.mark.sampled(2)
@pytest.mark.parametrize("name", DESIGNS)
def test_every_paper_gives_a_cable_the_same_number(name: str) -> None:
    plan = make_plan(parse_design(DESIGNS[name]))
    wanted = {"cable-schedule-csv", "cable-schedule-xlsx", "pull-lists", "patch-panels", "placement"}
    files = build_files(plan, wanted & set(whole_set(plan)))
    schedule = rows(files["cable-schedule.csv"])
    cables: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in schedule:
        cables[row["cable_number"]].append(row)
    assert sorted(map(int, cables)) == list(range(1, len(plan.cabling.cables) + 1))
    for legs in cables.values():
        assert [leg["leg"] for leg in legs] == [f"{i}/{len(legs)}" for i in range(1, len(legs) + 1)]
        assert len({leg["cable"] for leg in legs}) == 1
    if name.startswith("splitters"):
        assert max(map(len, cables.values())) > 1
    if name == "two networks":
        assert len({legs[0]["network"] for legs in cables.values()}) == 2
    number = {legs[0]["cable"]: n for n, legs in cables.items()}
    assert len(number) == len(cables)

    book = files["cable-schedule.xlsx"]
    assert [r["cable_number"] for r in sheet(book, "links")] == [r["cable_number"] for r in schedule]
    assert {r["cable"]: r["cable_number"] for r in sheet(book, "cables")} == number

    patched = {r["cable"] for r in schedule if "+" in r["cable_part"]}
    assert bool(patched) == name.startswith("panels")
    pulled: dict[str, int] = defaultdict(int)
    labels: dict[str, set[str]] = defaultdict(set)
    for row in rows(files["pull-list.csv"]):
        cable, _, segment = row["cable"].rpartition(" ")
        whole = row["cable"] if not segment.endswith("/3") or not cable else cable
        assert number[whole] == row["cable_number"]
        pulled[row["cable_number"]] += 1
        labels[f"{row['cable_number']} {row['cable']}"] |= {row["label_a"], row["label_b"]}
    assert pulled == {n: 3 if legs[0]["cable"] in patched else len(legs) for n, legs in cables.items()}
    printed: dict[str, set[str]] = defaultdict(set)
    for block in files["labels.txt"].decode().split("\n\n"):
        ends, what = block.strip().split("\n")
        printed[what].add(ends)
    assert printed == labels

    if patched:
        segments = rows(files["segments.csv"])
        assert [number[r["cable"]] for r in segments] == [r["cable_number"] for r in segments]
        assert [r["cable_number"] for r in sheet(book, "segments")] == [r["cable_number"] for r in segments]
    if "placement.json" in files:
        assert {c: str(n) for c, n in json.loads(files["placement.json"])["cables"].items()} == number
    page = {c.title: [c.values[code] for code in c.codes] for c in cable_columns(plan)}
    for title in ("cable_number", "cable", "a_device", "a_port", "b_device", "b_port"):
        assert page[title] == [r[title] for r in schedule]
    ways = dict(zip(page["cable_number"], page.get("panels", []), strict=False))
    assert {n for n, way in ways.items() if way} == {number[c] for c in patched}


def written(folder: Path, name: str, content: str) -> Plan:
    (folder / name).write_text(content)
    return make_plan(load_design(folder / name))


def numbers(plan: Plan) -> dict[str, int]:
    return dict(zip(plan.links.cable_ids, plan.cabling.cables.number.tolist(), strict=True))


GROWING = {
    "mpft": {"family": "mpft"},
    "ft2": {"family": "ft2"},
    "mrft": {"family": "mrft"},
    "splitters": {"host": "multi-port-node-4x200", "family": "mpft"},
    "panels": {"family": "mpft", "panels": "yes"},
}


@pytest.mark.sampled(3)
@pytest.mark.parametrize("how", ["keep", "grow_from", "grow_from without a floor"])
@pytest.mark.parametrize("case", GROWING)
def test_growth_keeps_the_numbers_of_cables(tmp_path: Path, case: str, how: str) -> None:
    keys = dict(GROWING[case])
    floor = {} if "without" in how else {"floor": "{}"}
    if keys.pop("panels", ""):
        floor = {} if "without" in how else {"floor": "{spare_units: 24, patch_panels: {where: between-racks}}"}
        if not floor:
            pytest.skip("panels need a floor")
    old = written(tmp_path, "old.yaml", text(256, **keys, **floor))
    if how == "keep":
        (tmp_path / "placement.json").write_bytes(build_files(old, ["placement"])["placement.json"])
        more = {"placement": "{keep: placement.json}"}
    else:
        more = {"grow_from": "old.yaml"}
    new = written(tmp_path, "new.yaml", text(512, **keys, **floor, **more))
    before, after = numbers(old), numbers(new)
    stay = before.keys() & after.keys()
    assert len(stay) > len(before) / 2
    assert {c: after[c] for c in stay} == {c: before[c] for c in stay}
    fresh = [after[c] for c in after if c not in before]
    assert fresh == list(range(len(before) + 1, len(before) + 1 + len(fresh)))
    found = change_plan(old, new)
    assert found.renumbered == 0
    for row in rows(change_files(old, new, found)["changes.csv"]):
        if row["old_a"] and row["new_a"] == row["old_a"]:
            assert row["old_cable_number"] == row["new_cable_number"]
        assert bool(row["old_cable_number"]) == bool(row["old_a"])
        assert bool(row["new_cable_number"]) == bool(row["new_a"])


def test_kept_cables_with_other_numbers_are_told(tmp_path: Path) -> None:
    from topo.report.difference import renumbered

    old, new = (make_plan(parse_design(text(n))) for n in (256, 512))
    found = change_plan(old, new)
    ends = [
        {(r["a_device"], r["a_port"], r["b_device"], r["b_port"]): r["cable_number"] for r in schedule}
        for schedule in (rows(build_files(p, ["cable-schedule-csv"])["cable-schedule.csv"]) for p in (old, new))
    ]
    other = sum(ends[0][key] != ends[1][key] for key in ends[0].keys() & ends[1].keys())
    assert found.renumbered == other > 0
    assert f"{other:,} links" in renumbered(found)[0]
    assert json.loads(change_files(old, new, found)["changes.json"])["renumbered"] == other


@pytest.mark.parametrize(
    ("cables", "message"),
    [
        ([], "holds no numbers of cables under `cables`"),
        ({"a:1": "1"}, "holds no number for cable a:1"),
        ({"a:1": True}, "holds no number for cable a:1"),
        ({"a:1": 0}, "holds no number for cable a:1"),
        ({"a:1": 10**30}, "holds no number for cable a:1"),
        ({"a:1": 7, "b:1": 7}, "numbers cable b:1 like a:1"),
    ],
)
def test_wrong_numbers_in_a_placement_are_told(tmp_path: Path, cables: object, message: str) -> None:
    content = {"schema": "topo.placement/1", "devices": {}, "cables": cables}
    (tmp_path / "placement.json").write_text(json.dumps(content))
    with pytest.raises(InputError) as caught:
        written(tmp_path, "d.yaml", text(floor="{}", placement="{keep: placement.json}"))
    assert message in str(caught.value)


def test_an_audit_names_cables_by_number_and_label(tmp_path: Path) -> None:
    design = parse_design(DESIGNS["floor"])
    schedule = rows(build_files(make_plan(design), ["cable-schedule-csv"])["cable-schedule.csv"])
    titles = ["a_device", "a_port", "b_device", "b_port"]
    found = [{t: r[t] for t in titles} for r in schedule]
    gone = schedule[40]
    del found[40]
    (tmp_path / "found.csv").write_text("\n".join([",".join(titles), *(",".join(r.values()) for r in found)]) + "\n")
    (finding,) = [f for f in audit(design, tmp_path / "found.csv").findings if f.code == "missing"]
    assert finding.message.startswith(f"cable {gone['cable_number']} {gone['label_a']} is missing: ")
