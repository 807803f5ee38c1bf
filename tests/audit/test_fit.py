"""Plans of others whose parts do not fit: every class of misfit is put into our own schedule, and named."""

from __future__ import annotations

import csv
import io

import pytest

from topo.audit import lint_plan
from topo.catalog import load_catalog
from topo.design import parse_design
from topo.exporters import build_files, make_plan
from topo.importers.as_built.reader import parse_as_built

Table = list[dict[str, str]]
CATALOG = load_catalog()


def schedule(keys: str = "", lengths: str = "") -> Table:
    text = (
        f"name: t\ngpus: 512\nhost: h800-node\nnetworks: {{compute: {{family: mrft, switch: nvidia-qm9700{keys}}}}}\n"
    )
    plan = make_plan(parse_design(text + (f"lengths_m: {{{lengths}}}\n" if lengths else "")))
    return list(csv.DictReader(io.StringIO(build_files(plan, ["cable-schedule-csv"])["cable-schedule.csv"].decode())))


OPTICAL, COPPER = schedule(), schedule(lengths="endpoint: 2, leaf_spine: 1")


def linted(rows: Table) -> list[tuple[str, str]]:
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return [(f.code, f.message) for f in lint_plan(parse_as_built(out.getvalue().encode(), "plan.csv"), CATALOG)]


def test_our_own_schedules_fit() -> None:
    assert {r["media"] for r in COPPER} != {r["media"] for r in OPTICAL}
    assert linted(OPTICAL) == linted(COPPER) == []


def test_a_smaller_plug_in_a_cage_that_takes_it_is_no_mistake() -> None:
    """100G cables with qsfp28 plugs sit in the qsfp112 cages of a host; one with osfp plugs does not."""
    keys = "family: ft2, switch: nvidia-sn3700c"
    text = (
        "name: t\ngpus: 128\nhost: dgx-h100-4-networks\nnetworks:\n"
        f"  compute: {{family: mrft, switch: nvidia-qm9700}}\n  in-band: {{{keys}}}\n"
    )
    files = build_files(make_plan(parse_design(text)), ["cable-schedule-csv"])
    rows = list(csv.DictReader(io.StringIO(files["cable-schedule.csv"].decode())))
    mine = [r for r in rows if r["network"] == "in-band" and r["kind"] == "endpoint"]
    assert {r["a_connector"] for r in mine} == {"qsfp112"}
    assert {r["b_connector"] for r in mine} == {"qsfp28"}
    assert "cage-mismatch" not in {code for code, _ in linted(mine)}
    assert "cage-mismatch" in {code for code, _ in linted(changed(mine, {"a_connector": "sfp28"}))}


def changed(rows: Table, change: dict[str, str]) -> Table:
    return [{**rows[5], **change}, *rows[:5], *rows[6:]]


@pytest.mark.parametrize(
    ("rows", "change", "code", "message"),
    [
        (OPTICAL, {"a_module": "nvidia-mms4x00-ns400"}, "module-mismatch", "is DR4 single-mode, module nvidia-mma4z"),
        (OPTICAL, {"a_module": ""}, "module-mismatch", "cable nvidia-mfp7e10 is fibre, and one end has no module"),
        (OPTICAL, {"cable_part": "lc-duplex-os2"}, "cage-mismatch", "takes mpo-12-apc, cable lc-duplex-os2 ends"),
        (OPTICAL, {"length_m": "70"}, "too-long", "70 m are more than the 50 m that module nvidia-"),
        (OPTICAL, {"speed_gbps": "100"}, "wrong-speed", "Gb/s, not of 100"),
        (OPTICAL, {"b_module": "nvidia-mma4z00-ns400"}, "cage-mismatch", "has osfp-twin cages, but a plug"),
        (COPPER, {"b_connector": "qsfp112"}, "cage-mismatch", "the plan has an end in qsfp112, cable nvidia-"),
        (COPPER, {"speed_gbps": "100"}, "wrong-speed", "carries links of "),
        (COPPER, {"a_module": "nvidia-mma4z00-ns400"}, "module-mismatch", "has plugs of its own, and one end"),
        (COPPER, {"length_m": "9"}, "too-long", "9 m are more than the "),
    ],
)  # fmt: skip
def test_a_misfit_is_named(rows: Table, change: dict[str, str], code: str, message: str) -> None:
    found = linted(changed(rows, change))
    assert found, change
    line = f"{rows[5]['a_device']}:{rows[5]['a_port']} to {rows[5]['b_device']}:{rows[5]['b_port']} (line 2)"
    assert any(c == code and message in m and line in m for c, m in found), found
    assert all(line in m for _, m in found)


def test_both_ends_of_an_uneven_cable_in_one_form() -> None:
    row = next(r for r in COPPER if {r["a_connector"], r["b_connector"]} == {"osfp", "osfp-twin"})
    wrong = [{**r, "b_connector": "osfp", "a_connector": "osfp"} if r is row else r for r in COPPER]
    found = linted(wrong)
    assert ("cage-mismatch", "both ends are osfp, cable") in {(c, m[:25]) for c, m in found}


def test_part_numbers_of_a_links_sheet_without_the_maker_and_parts_nobody_knows() -> None:
    rows = [
        {
            "A-Node": r["a_device"], "A-Port": r["a_port"], "Z-Node": r["b_device"], "Z-Port": r["b_port"],
            "A-Module-PN": r["a_module"].removeprefix("nvidia-").upper(), "Z-Module-PN": r["b_module"],
        }
        for r in OPTICAL
    ]  # fmt: skip
    assert linted(rows) == []
    rows[5]["A-Module-PN"] = "MMS4X00-NS400"
    assert [code for code, _ in linted(rows)] == ["module-mismatch"]
    rows[5]["A-Module-PN"] = "SOMETHING-ELSE"
    assert linted(rows) == []
    rows[5]["A-Module-PN"] = ""
    assert [message.split(":")[0] for _, message in linted(rows)] == ["one end has a module, the other has none"]


STORAGE = """name: t
gpus: 256
host: h800-node
other_hosts: [{host: storage-server, count: 40}]
networks:
  compute: {family: mrft, switch: nvidia-qm9700}
  storage: {family: ft2, switch: nvidia-qm9700, oversubscription: "3:1"}
"""


def test_networks_are_judged_each_by_itself() -> None:
    """Storage beside compute: other speeds, other numbers of uplinks, two ports of a server on one leaf."""
    plan = make_plan(parse_design(STORAGE))
    rows = list(csv.DictReader(io.StringIO(build_files(plan, ["cable-schedule-csv"])["cable-schedule.csv"].decode())))
    plain = [
        {k: v for k, v in r.items() if "module" not in k and "connector" not in k and k != "cable_part"} for r in rows
    ]
    slow = [{**r, "speed_gbps": "200" if r["network"] == "storage" else r["speed_gbps"]} for r in plain]
    assert linted(rows) == linted(slow) == []
    at = next(i for i, r in enumerate(slow) if r["network"] == "storage" and r["kind"] == "leaf_spine")
    slow[at]["speed_gbps"] = "400"
    assert [code for code, _ in linted(slow)] == ["wrong-speed"]
