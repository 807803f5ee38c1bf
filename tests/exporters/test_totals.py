"""Every file of a complete plan, added up and compared: cables, metres, modules, switches, spares, links, watts."""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from pathlib import Path

import openpyxl
import pytest

from tests.slow import slow
from topo.design import parse_design
from topo.exporters import build_files, make_plan, whole_set

DESIGNS = Path(__file__).parents[2] / "designs"
Table = list[dict[str, str]]


def table(content: bytes) -> Table:
    return list(csv.DictReader(io.StringIO(content.decode())))


def sheet(book: openpyxl.Workbook, name: str) -> Table:
    head, *rows = book[name].iter_rows(values_only=True)
    return [{str(k): "" if v is None else str(v) for k, v in zip(head, row, strict=True)} for row in rows]


def metres(rows: Table, key: str = "length_m") -> float:
    return round(sum(float(r[key] or 0) for r in rows), 3)


@pytest.mark.parametrize(
    ("name", "gpus", "floor"),
    [
        ("deepseek-v3-2048", 512, "{rule: leaf-in-rack}"),
        slow("deepseek-v3-2048", 2048, "{rule: leaf-in-rack}"),
        slow("mpft-16384", 16384, "{improve: length, improve_work: 1}"),
    ],
)
def test_the_totals_agree_across_every_file(name: str, gpus: int, floor: str) -> None:
    shipped = (DESIGNS / f"{name}.yaml").read_text()
    text = re.sub(r"(?m)^gpus: \d+", f"gpus: {gpus}", shipped) + f"\nfloor: {floor}\nspares_percent: 2\n"
    plan = make_plan(parse_design(text))
    files = build_files(plan, {*whole_set(plan), "build-checks"})
    links = len(plan.fabric.links)

    schedule = table(files["cable-schedule.csv"])
    by_cable = {r["cable"]: r for r in schedule}
    assert len({(r["a_device"], r["a_port"]) for r in schedule} | {(r["b_device"], r["b_port"]) for r in schedule}) == (
        2 * links
    )
    assert len(schedule) == sum(int(r["leg"].split("/")[1]) for r in by_cable.values()) == links

    bom = table(files["bom.csv"])
    lines = [r for r in bom if r["kind"] in ("switch", "host", "transceiver", "cable", "rack")]
    totals = {r["title"].split()[-1]: r for r in bom if r["kind"] == "total" and r["title"].startswith("all of kind")}
    counts = Counter[str]()
    for line in lines:
        counts[line["kind"]] += int(line["count"])
    spares = {k: sum(int(r["spares"]) for r in lines if r["kind"] == k) for k in counts}
    assert {k: (int(r["count"]), int(r["spares"])) for k, r in totals.items()} == {
        k: (counts[k], spares[k]) for k in totals
    }
    assert all(int(r["spares"]) * 100 >= 2 * int(r["count"]) for r in lines if r["kind"] in ("transceiver", "cable"))
    ordered = round(sum(float(r["length_m"]) * int(r["count"]) for r in lines if r["kind"] == "cable"), 3)
    spare_m = round(sum(float(r["length_m"]) * int(r["spares"]) for r in lines if r["kind"] == "cable"), 3)
    assert float(totals["cable"]["length_m"]) == pytest.approx(ordered + spare_m)

    assert counts["cable"] == len(by_cable)
    assert ordered == metres(list(by_cable.values()))
    of_part = Counter((r["cable_part"], float(r["length_m"])) for r in by_cable.values())
    assert of_part == {(r["part"], float(r["length_m"])): int(r["count"]) for r in lines if r["kind"] == "cable"}
    cages = {
        (r[f"{end}_device"], r[f"{end}_port"].split("/")[0], r[f"{end}_module"])
        for r in schedule
        for end in "ab"
        if r[f"{end}_module"]
    }
    assert Counter(part for _, _, part in cages) == {
        r["part"]: int(r["count"]) for r in lines if r["kind"] == "transceiver"
    }

    book = openpyxl.load_workbook(io.BytesIO(files["cable-schedule.xlsx"]), read_only=True)
    assert sheet(book, "links") == schedule
    cables, devices, racks = sheet(book, "cables"), sheet(book, "devices"), sheet(book, "racks")
    assert (len(cables), metres(cables), sum(int(r["links"]) for r in cables)) == (len(by_cable), ordered, links)
    assert Counter((r["role"] == "host", r["part"]) for r in devices) == {
        (r["kind"] == "host", r["part"]): int(r["count"]) for r in lines if r["kind"] in ("switch", "host")
    }
    assert sum(int(r["ports_used"]) for r in devices) == 2 * links
    assert [r["part"] for r in sheet(book, "bom")] == [r["part"] for r in bom]
    assert sum(int(r["spares"]) for r in sheet(book, "spares")) == sum(spares.values())
    assert sum(int(r["hosts"]) for r in racks) == counts["host"]
    assert sum(int(r["switches"]) for r in racks) == counts["switch"]
    assert Counter(r["rack"] for r in devices) == {r["rack"]: int(r["hosts"]) + int(r["switches"]) for r in racks}
    inside = sum(int(r["cables_inside"]) for r in racks)
    leaving = sum(int(r["cables_leaving"]) for r in racks)
    assert inside + leaving / 2 == len(by_cable)
    assert leaving / 2 == sum(r["a_rack"] != r["b_rack"] for r in by_cable.values())

    pulls, bundles = table(files["pull-list.csv"]), table(files["bundles.csv"])
    assert Counter((r["label_a"], r["label_b"]) for r in pulls) == Counter(
        (r["label_a"], r["label_b"]) for r in schedule
    )
    assert Counter({r["pull_group"]: int(r["cables"]) for r in bundles}) == Counter(
        r["pull_group"] for r in by_cable.values()
    )
    assert metres(bundles, "metres") == ordered
    printed = Counter(block.split("\n")[0] for block in files["labels.txt"].decode().split("\n\n"))
    assert printed == Counter(r[f"label_{end}"] for r in schedule for end in "ab")

    results = {r["check"]: r["result"] for r in table(files["cabling-checks.csv"])}
    fullest = max(float(r["fill_percent"]) for r in table(files["trays.csv"]))
    assert (results.pop("tray-fill") == "fault") == (fullest > 50)
    assert results.pop("rack-limits") == "undecided"
    assert set(results.values()) == {"passed"}
    weights = [r for r in table(files["weights.csv"]) if r["kind"] == "cable"]
    assert (sum(int(r["count"]) for r in weights), metres(weights, "metres")) == (len(by_cable), ordered)
    assert metres(weights, "kg") == pytest.approx(metres(bundles, "kg_known"), abs=0.5)

    found = json.loads(files["counts.json"])
    assert (found["cables"]["total"], found["cables"]["metres"]) == (len(by_cable), ordered)
    assert found["transceivers"]["total"] == counts["transceiver"] == len(cages)
    assert sum(n["links"]["fabric"] + n["links"]["endpoint"] for n in found["networks"].values()) == links
    assert sum(n["switches"]["total"] for n in found["networks"].values()) == counts["switch"]
    assert found["placement"]["racks"] == len(racks)
    assert found["placement"]["route_m"] == pytest.approx(metres(schedule, "route_m"), abs=1e-3 * links)

    joined = {frozenset(((r["a_device"], r["a_port"]), (r["b_device"], r["b_port"]))) for r in schedule}
    netbox = table(files["netbox/cables.csv"])
    assert {
        frozenset(((r["side_a_device"], r["side_a_name"]), (r["side_b_device"], r["side_b_name"]))) for r in netbox
    } == joined
    assert len(table(files["netbox/devices.csv"])) == len(devices)
    points = table(files["cable-validation/point-to-point.csv"])
    assert {frozenset(((r["A-Node Name"], r["A-Port"]), (r["Z-Node Name"], r["Z-Port"]))) for r in points} == joined
    place = {r["device"]: (r["rack"], r["ru"]) for r in devices}
    for end, unit in (("A", "A-U"), ("Z", "Z-RU")):
        assert all(place[r[f"{end}-Node Name"]] == (r[f"{end}-Rack"], r[unit]) for r in points)
    assert all(place[r["name"]] == (r["rack"], r["position"]) for r in table(files["netbox/devices.csv"]))
    layer1 = json.loads(files["batfish/layer1_topology.json"])["edges"]
    assert {frozenset((e[n]["hostname"], e[n]["interfaceName"]) for n in ("node1", "node2")) for e in layer1} == joined
    assert files["cable-validation/topology.dot"].count(b" -- ") == links
    assert files["containerlab/topology.clab.yaml"].count(b"endpoints:") == links
    assert files["hedgehog/wiring.yaml"].count(b"{port: ") == 2 * links
    graph = json.loads(files["networkx.json"])
    assert (len(graph["nodes"]), len(graph["edges" if "edges" in graph else "links"])) == (len(devices), links)
    from_switches = [line for line in files["infiniband/fabric.ibnetdiscover"].splitlines() if line.startswith(b"[")]
    assert len(from_switches) == 2 * links
    assert files["infragraph/fabric.yaml"].count(b"ep1: {instance") == links
