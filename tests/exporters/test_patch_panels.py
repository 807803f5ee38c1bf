"""The files of a plan with patch panels, added up: segments, panels, schedule, bill of materials, pull list, labels."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from pathlib import Path

import openpyxl
import pytest

from topo.design import parse_design
from topo.errors import ParameterError
from topo.exporters import build_files, make_plan, whole_set

TEXT = (Path(__file__).parents[1] / "data" / "patch-panels-64.yaml").read_text()
NAMES = (
    "patch-panels",
    "bom",
    "build-checks",
    "cable-schedule-csv",
    "cable-schedule-xlsx",
    "counts",
    "diagrams",
    "pull-lists",
)
Table = list[dict[str, str]]


def table(content: bytes) -> Table:
    return list(csv.DictReader(io.StringIO(content.decode())))


def metres(rows: Table) -> float:
    return round(sum(float(r["length_m"]) for r in rows), 3)


@pytest.mark.parametrize("where", ["between-racks", "between-rows"])
def test_the_totals_agree_across_every_file(where: str) -> None:
    plan = make_plan(parse_design(TEXT.replace("between-racks", where)))
    files = build_files(plan, NAMES)
    segments, panels, schedule = (table(files[f"{name}.csv"]) for name in ("segments", "panels", "cable-schedule"))
    patched = {r["cable"]: r for r in schedule if "+" in r["cable_part"]}
    whole = {r["cable"]: r for r in schedule if r["cable"] not in patched}
    assert {r["a_rack"] != r["b_rack"] for r in patched.values()} == {True}
    assert len(segments) == 3 * len(patched) > 0
    assert [r["cable"] for r in segments[::3]] == list(patched)

    place = {(r["panel"]): r for r in panels}
    taken = Counter[tuple[str, str]]()
    for one, two, three in zip(segments[::3], segments[1::3], segments[2::3], strict=True):
        row = patched[one["cable"]]
        assert [s["segment"] for s in (one, two, three)] == ["1", "2", "3"]
        assert (one["from"], one["from_port"], one["from_rack"], one["from_ru"]) == tuple(
            row[f"a_{k}"] for k in ("device", "port", "rack", "ru")
        )
        assert (three["to"], three["to_port"], three["to_rack"], three["to_ru"]) == tuple(
            row[f"b_{k}"] for k in ("device", "port", "rack", "ru")
        )
        for near, far in ((one, two), (two, three)):
            stop = [near[f"to{k}"] for k in ("", "_port", "_rack", "_ru")]
            assert stop == [far[f"from{k}"] for k in ("", "_port", "_rack", "_ru")]
            panel = place[stop[0]]
            assert (panel["rack"], panel["ru"]) == (stop[2], stop[3])
            assert 1 <= int(stop[1]) <= int(panel["positions"])
            taken[stop[0], stop[1]] += 1
            assert (
                near["label_to"]
                == f"{stop[2]}-{int(stop[3]):02d}:{stop[1]}/{near['label_from'].split('/' + stop[2])[0]}"
            )
        assert (one["from_rack"], three["to_rack"]) == (one["to_rack"], three["from_rack"])
        assert (one["pull_group"], three["pull_group"]) == (one["to_rack"], three["to_rack"])
        assert two["pull_group"] == row["pull_group"]
        assert "+".join(s["part"] for s in (one, two, three)) == row["cable_part"]
        assert metres([one, two, three]) == float(row["length_m"])
        assert sum(float(s["route_m"]) for s in (one, two, three)) == pytest.approx(float(row["route_m"]), abs=2e-3)
    assert set(taken.values()) == {1}
    assert Counter(name for name, _ in taken) == {r["panel"]: int(r["positions_used"]) for r in panels}

    pieces = [(r["part"], float(r["length_m"])) for r in segments]
    pieces += [(r["cable_part"], float(r["length_m"])) for r in whole.values()]
    bom = table(files["bom.csv"])
    cables = [r for r in bom if r["kind"] == "cable"]
    assert Counter(pieces) == {(r["part"], float(r["length_m"])): int(r["count"]) for r in cables}
    assert all(int(r["spares"]) >= 1 for r in cables)
    assert [(r["part"], int(r["count"])) for r in bom if r["kind"] == "panel"] == [("mpo-panel-1u", len(panels))]
    ordered = round(sum(length for _, length in pieces), 3)
    weights = [r for r in table(files["weights.csv"]) if r["kind"] == "cable"]
    assert round(sum(float(r["metres"]) for r in weights), 3) == ordered

    pulls, bundles = table(files["pull-list.csv"]), table(files["bundles.csv"])
    assert Counter((r["label_a"], r["label_b"]) for r in pulls) == Counter(
        [(r["label_from"], r["label_to"]) for r in segments]
        + [(r["label_a"], r["label_b"]) for r in schedule if r["cable"] in whole]
    )
    assert {r["pull_group"]: int(r["cables"]) for r in bundles} == Counter(
        r["pull_group"] for r in (*segments, *whole.values())
    )
    assert round(sum(float(r["metres"]) for r in bundles), 3) == ordered
    assert [r["pull_group"] for r in pulls] == sorted(r["pull_group"] for r in pulls)
    printed = Counter(block.split("\n")[0] for block in files["labels.txt"].decode().split("\n\n"))
    assert printed == Counter(label for r in pulls for label in (r["label_a"], r["label_b"]))
    trays = table(files["trays.csv"])
    assert max(int(r["cables"]) for r in trays) <= len(schedule)

    counts = json.loads(files["counts.json"])
    assert (counts["cables"]["total"], counts["cables"]["metres"]) == (len(patched) + len(whole), ordered)
    assert counts["patch_panels"] == {
        "part": "mpo-panel-1u",
        "total": len(panels),
        "positions": 48 * len(panels),
        "positions_used": 2 * len(patched),
        "cables": len(patched),
        "cords": 2 * len(patched),
        "trunks": len(patched),
        "metres": metres(segments),
    }
    assert f"pass {len(panels)} patch panels `mpo-panel-1u`" in files["counts.md"].decode()
    results = {(r["check"], r["result"]) for r in table(files["cabling-checks.csv"])}
    assert {check for check, result in results if result != "passed"} <= {"rack-limits"}, "hosts of unknown power"
    assert "patch-panels" in {r["check"] for r in table(files["cabling-checks.csv"])}

    book = openpyxl.load_workbook(io.BytesIO(files["cable-schedule.xlsx"]), read_only=True)
    for name, rows in (("segments", segments), ("panels", panels)):
        head, *body = book[name].iter_rows(values_only=True)
        assert [dict(zip(head, ["" if v is None else str(v) for v in row], strict=True)) for row in body] == rows
    titles, *body = book["racks"].iter_rows(values_only=True)
    racks = [dict(zip(titles, row, strict=True)) for row in body]
    assert {r["rack"]: r["panels"] for r in racks} == {
        r["rack"]: sum(p["rack"] == r["rack"] for p in panels) for r in racks
    }
    picture = files["diagrams/rack.svg"].decode().replace("&#45;", "-")
    assert f"patch panel {panels[0]['panel']}" in picture


def test_without_panels_nothing_of_them_is_written() -> None:
    plan = make_plan(parse_design(TEXT.replace(", patch_panels: {where: between-racks}", "")))
    assert "patch-panels" not in whole_set(plan)
    with pytest.raises(ParameterError, match="no cable of the design passes patch panels"):
        build_files(plan, ["patch-panels"])
    files = build_files(plan, [n for n in NAMES if n != "patch-panels"])
    assert b"mpo-panel" not in files["bom.csv"]
    assert b"patch_panels" not in files["counts.json"]
    assert b"patch-panels" not in files["cabling-checks.csv"]
    assert openpyxl.load_workbook(io.BytesIO(files["cable-schedule.xlsx"]), read_only=True).sheetnames == [
        "links", "cables", "devices", "racks", "bom", "spares",
    ]  # fmt: skip
