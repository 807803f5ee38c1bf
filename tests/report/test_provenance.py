"""A report says which version made it, of which parts and of which design, and on what day where one was given."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.cli import forks
from tests.cli.test_contract import environment
from topo import api
from topo.catalog import Catalog, load_catalog
from topo.catalog.loader import shipped_folder
from topo.report.verify import Entry, sound, verified
from topo.version import __version__

DESIGN = """# two networks, and a comment that is part of the text
name: two
gpus: 16
host: h800-node
networks:
  compute: {family: mrft, switch: nvidia-qm9700}
  storage: {family: ft2, switch: nvidia-qm9700}
"""


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Any]]:
    folder = tmp_path_factory.mktemp("made")
    (folder / "two.yaml").write_text(DESIGN, encoding="utf-8")
    report = replace(api.check(api.load_design(folder / "two.yaml")), dated="2026-02-03")
    found = json.loads(json.dumps([report.to_json()]))
    found[0]["design"]["path"] = "two.yaml"
    return folder, found


def checked(folder: Path, report: list[Any]) -> dict[str, Entry]:
    path = folder / "report.json"
    path.write_text(json.dumps(report), encoding="utf-8")
    return {entry.id: entry for entry in verified(path, load_catalog())}


def test_what_a_json_report_says_of_itself(written: tuple[Path, list[Any]]) -> None:
    folder, report = written
    assert report[0]["made_by"] == {"topo": __version__, "catalog_sha256": load_catalog().sha256,
                                    "design_text": DESIGN, "date": "2026-02-03"}  # fmt: skip
    found = checked(folder, report)
    assert sound(list(found.values()))
    assert {id_: e.rests_on for id_, e in found.items() if id_.startswith("made_by")} == {
        "made_by.topo": "recount", "made_by.catalog_sha256": "recount", "made_by.design_text": "recount",
        "made_by.date": "nothing",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("key", "value", "is_sound"),
    [
        ("topo", "0.9.1", True),
        ("topo", "1.0.0a3", True),
        ("topo", "1.0.0rc2", False),
        ("topo", "99.0.0", False),
        ("topo", "yesterday's", False),
        ("topo", "", False),
        ("catalog_sha256", "0" * 64, False),
        ("date", "2027-01-01", True),
        ("date", "2027-02-30", False),
        ("date", "01.02.2027", False),
        ("date", 7, False),
        ("by", "somebody", False),
    ],
)
def test_what_cannot_be_so_is_not_proved(written: tuple[Path, list[Any]], key: str, value: Any, is_sound: bool) -> None:
    folder, report = written
    changed = json.loads(json.dumps(report))
    changed[0]["made_by"][key] = value
    assert sound(list(checked(folder, changed).values())) is is_sound


def test_what_is_taken_away(written: tuple[Path, list[Any]]) -> None:
    folder, report = written
    for key, is_sound in (("topo", False), ("catalog_sha256", False), ("date", True)):
        changed = json.loads(json.dumps(report))
        del changed[0]["made_by"][key]
        assert sound(list(checked(folder, changed).values())) is is_sound
    changed = json.loads(json.dumps(report))
    del changed[0]["made_by"]
    found = checked(folder, changed)
    assert found["made_by"].rests_on == "nothing"
    changed = json.loads(json.dumps(report))
    changed[0]["made_by"]["design_text"] = DESIGN.replace("comment", "word")
    assert not sound(list(checked(folder, changed).values()))


def test_a_catalogs_digest_is_of_its_parts_and_not_of_its_place(tmp_path: Path) -> None:
    import shutil

    here = load_catalog()
    moved = tmp_path / "elsewhere"
    shutil.copytree(shipped_folder(), moved)
    assert Catalog((moved,)).sha256 == here.sha256
    part = next((moved / "switch").glob("*.yaml"))
    part.write_text(part.read_text(encoding="utf-8") + "# one word\n", encoding="utf-8")
    assert Catalog((moved,)).sha256 != here.sha256


def test_a_page_says_it_too_and_every_network_has_its_row(written: tuple[Path, list[Any]]) -> None:
    folder, report = written
    text = api.report_page([folder / "two.yaml"], dated=date(2026, 2, 3))[0].decode()
    for said in (
        f"topo {__version__}",
        "2026-02-03",
        report[0]["made_by"]["catalog_sha256"],
        report[0]["design"]["sha256"],
    ):
        assert said in text
    assert "# two networks, and a comment that is part of the text" in text
    rows = text[text.index('id="d0-networks-table"') :].split("</table>")[0]
    assert [row.split("</td>")[0].split("<td>")[1] for row in rows.split("<tr>")[2:]] == ["compute", "storage"]
    assert "none was given" in api.report_page([folder / "two.yaml"])[0].decode()


def test_the_day_of_a_command_stands_in_what_it_writes(tmp_path: Path) -> None:
    design = tmp_path / "two.yaml"
    design.write_text(DESIGN, encoding="utf-8")
    for given, day in ((["--today", "2026-02-03"], "2026-02-03"), ([], None)):
        done = forks.run(["check", str(design), "--format", "json", *given], tmp_path, environment())
        assert json.loads(done.stdout)[0]["made_by"].get("date") == day
    done = forks.run(["report", str(design), "-o", "page.html", "--date", "2026-02-03"], tmp_path, environment())
    assert done.returncode == 0
    assert "2026-02-03" in (tmp_path / "page.html").read_text(encoding="utf-8")
    wrong = forks.run(["report", str(design), "-o", "other.html", "--date", "today"], tmp_path, environment())
    assert wrong.returncode == 2
    assert "--date" in wrong.stderr
    assert not (tmp_path / "other.html").exists()


def test_a_page_says_what_a_cost_leaves_out(tmp_path: Path) -> None:
    design = tmp_path / "priced.yaml"
    network = "networks:\n  compute: {family: ft2, switch: nvidia-qm9700}\nprice_book: published-fabric-links\n"
    design.write_text(f"name: priced\ngpus: 64\nhost: h800-node\n{network}", encoding="utf-8")
    page = api.report_page([design])[0].decode()
    line = page[page.index("Cost by price book") :].split("</p>")[0]
    assert line.endswith("; leaves out endpoint links.")
    assert "not everything is priced" not in line
