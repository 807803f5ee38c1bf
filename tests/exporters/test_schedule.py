"""The cable schedule, read back with the csv module and openpyxl, against the fabric."""

from __future__ import annotations

import csv
import io
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from topo.catalog import load_catalog
from topo.design import parse_design
from topo.exporters import Plan, build_files, make_plan
from topo.exporters.table import csv_text, rows_to_columns
from topo.exporters.xlsx import Sheet, column_name, workbook

ENDS = [f"{end}_{key}" for end in "ab" for key in ("site", "hall", "row", "rack", "ru", "device", "role", "port")]
ASKED = [*ENDS, "a_connector", "b_connector", "a_module", "b_module", "media", "speed_gbps", "length_m", "colour"]
ASKED += ["length_basis", "slack_m", "label_a", "label_b", "pull_group", "plane", "rail", "status"]
"""Every column that the reference's formats.md lists under what people ask of a cabling plan."""


def rows_of(plan: Plan) -> list[dict[str, str]]:
    text = build_files(plan, ["cable-schedule-csv"])["cable-schedule.csv"].decode()
    return list(csv.DictReader(io.StringIO(text)))


def test_every_asked_column_is_there(plan_of: Callable[..., Plan]) -> None:
    assert set(ASKED) <= set(rows_of(plan_of())[0])


def test_every_link_is_listed_with_its_ports_speed_and_place(any_plan: Plan) -> None:
    fabric, rows = any_plan.fabric, rows_of(any_plan)
    by_link: dict[int, list[dict[str, str]]] = defaultdict(list)
    for row in rows:
        by_link[int(row["link_id"])].append(row)
    assert set(by_link) == set(fabric.links.id.tolist())
    for i, link in enumerate(fabric.links.id.tolist()):
        for row in by_link[link]:
            a, b = fabric.links.a[i], fabric.links.b[i]
            assert (row["a_device"], row["b_device"]) == (
                fabric.devices.name[fabric.ports.device[a]],
                fabric.devices.name[fabric.ports.device[b]],
            )
            assert row["a_port"] == fabric.port_names[fabric.ports.name[a]]
            assert row["b_port"] == fabric.port_names[fabric.ports.name[b]]
            assert float(row["speed_gbps"]) == fabric.links.gbps[i]
            assert int(row["plane"]) == fabric.links.plane[i]
            near, far = f"{row['a_device']}:{row['a_port']}", f"{row['b_device']}:{row['b_port']}"
            assert (row["label_a"], row["label_b"]) == (f"{near}/{far}", f"{far}/{near}")


def test_cables_and_modules_add_up_to_the_bill_of_materials(any_plan: Plan) -> None:
    """Counted from the schedule alone: distinct cable names, and distinct cages with a module."""
    rows = rows_of(any_plan)
    cables = {row["cable"]: (row["cable_part"], float(row["length_m"])) for row in rows}
    ports = {name: any_plan.fabric.device_row[name] for name in any_plan.fabric.device_row}
    cage = {}
    for end in ("a", "b"):
        for row in rows:
            device = ports[row[f"{end}_device"]]
            start, stop = any_plan.fabric.port_start[device], any_plan.fabric.port_start[device + 1]
            names = any_plan.fabric.port_names[any_plan.fabric.ports.name[start:stop]].tolist()
            number = int(any_plan.fabric.ports.cage[start + names.index(row[f"{end}_port"])])
            cage[device, number] = row[f"{end}_module"]
    bom = list(csv.DictReader(io.StringIO(build_files(any_plan, ["bom"])["bom.csv"].decode())))
    told = {(r["part"], float(r["length_m"])): int(r["count"]) for r in bom if r["kind"] == "cable"}
    assert told == Counter(cables.values())
    modules = {r["part"]: int(r["count"]) for r in bom if r["kind"] == "transceiver"}
    assert modules == Counter(part for part in cage.values() if part)
    totals = {r["title"]: r for r in bom if r["kind"] == "total"}
    assert int(totals["all of kind cable"]["count"]) == len(cables)
    assert float(totals["all of kind cable"]["length_m"]) == sum(metres for _, metres in cables.values())


@pytest.mark.sampled(1)
def test_the_workbook_says_what_the_csv_says(any_plan: Plan) -> None:
    content = build_files(any_plan, ["cable-schedule-xlsx"])["cable-schedule.xlsx"]
    book = openpyxl.load_workbook(io.BytesIO(content))
    assert book.sheetnames == ["links", "cables", "devices", "bom", "spares"]
    sheet = book["links"]
    head, *body = list(sheet.iter_rows(values_only=True))
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == sheet.dimensions
    read = [
        {k: "" if v is None else f"{v:g}" if isinstance(v, float | int) else v for k, v in zip(head, row, strict=True)}
        for row in body
    ]
    assert read == rows_of(any_plan)
    kinds = {cell.value: sheet.cell(2, cell.column).data_type for cell in sheet[1]}
    assert (kinds["speed_gbps"], kinds["a_device"]) == ("n", "s")
    assert len(list(book["devices"].iter_rows())) == len(any_plan.fabric.devices) + 1
    assert len(list(book["cables"].iter_rows())) == len(any_plan.cabling.cables) + 1


def test_the_same_plan_gives_the_same_bytes(plan_of: Callable[..., Plan]) -> None:
    names = ["cable-schedule-csv", "cable-schedule-xlsx", "bom", "counts", "fabric-json", "networkx-json"]
    assert build_files(plan_of(), names) == build_files(plan_of(), names)


def test_cable_names_do_not_change_when_the_fabric_grows(plan_of: Callable[..., Plan]) -> None:
    small, large = (rows_of(plan_of(gpus=n, family="mpft")) for n in (1024, 2048))
    assert {r["cable"] for r in small if r["kind"] == "endpoint"} <= {r["cable"] for r in large}


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("plain", "plain"),
        ("a,b", '"a,b"'),
        ('say "x"', '"say ""x"""'),
        ("=1+1", "'=1+1"),
        ("@SUM(A1),2", '"\'@SUM(A1),2"'),
        ("-5", "'-5"),
        ("<b>&amp;</b>", "<b>&amp;</b>"),
        (" padded", '" padded"'),
        ("two\nlines", "two\\nlines"),
    ],
)
def test_csv_escapes_by_its_own_rule(text: str, field: str) -> None:
    assert csv_text(text) == field
    (read,) = next(csv.reader(io.StringIO(field)))
    assert read.removeprefix("'") == text.replace("\n", "\\n")


HOSTILE = ["=1+1", '"quoted"', "<b>&amp;", "a,b", "@x", "\u4e2d\u6587", "tab\there", "bad\x01char", "  padded  ", "5"]


def test_the_workbook_keeps_any_text_as_text() -> None:
    table = rows_to_columns(["=title", "n"], [(text, "1") for text in HOSTILE], ["n"])
    content = workbook([Sheet("it's <x>", table)])
    assert content == workbook([Sheet("it's <x>", table)])
    sheet = openpyxl.load_workbook(io.BytesIO(content))["it's <x>"]
    read = [cell for (cell,) in sheet.iter_rows(min_row=2, max_col=1)]
    assert [cell.value for cell in read] == [text.replace("\x01", "\ufffd") for text in HOSTILE]
    assert {cell.data_type for cell in read} == {"s"}
    assert sheet["A1"].value == "=title"
    assert sheet["B2"].value == 1


def test_column_letters() -> None:
    assert [column_name(i) for i in (0, 25, 26, 51, 52, 701, 702)] == ["A", "Z", "AA", "AZ", "BA", "ZZ", "AAA"]


def test_a_part_title_that_starts_like_a_formula_is_escaped(tmp_path: Path) -> None:
    folder = tmp_path / "switch"
    folder.mkdir()
    shipped = load_catalog().path("switch", "nvidia-qm9700")
    assert shipped
    text = shipped.read_text()
    title = next(line for line in text.splitlines() if line.startswith("title:"))
    (folder / "nvidia-qm9700.yaml").write_text(text.replace(title, 'title: "=cmd|x, \\"y\\" <b>"'))
    design = "name: t\ngpus: 64\nhost: h800-node\nnetworks: {compute: {family: ft2, switch: nvidia-qm9700}}\n"
    plan = make_plan(parse_design(design, catalog=load_catalog([tmp_path])))
    rows = list(csv.DictReader(io.StringIO(build_files(plan, ["bom"])["bom.csv"].decode())))
    assert rows[0]["title"] == '\'=cmd|x, "y" <b>'
