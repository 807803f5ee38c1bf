"""Each rule of the catalog's lint, on a folder that breaks it."""

from __future__ import annotations

from pathlib import Path

import pytest

from topo.catalog import Catalog, details, lint, listed
from topo.catalog.loader import shipped_folder
from topo.errors import InputError, ParameterError

SHIPPED = shipped_folder()

SWITCH = """\
id: bad
title: A switch
network: [ethernet]
cages: 4
cage: osfp-twin
breakouts:
  - {ports: 2, gbps: 400, lanes: 4}
ports: 8
port_name: "{cage}/{sub}"
source: {document: a test, read: true}
"""

HOST = """\
id: bad
title: A host
gpus: 2
nics:
  - {nic: nvidia-cx7-osfp, count: 2, port_name: "nic{nic0}"}
source: {document: a test, read: true}
"""

PRICE_BOOK = """\
id: bad
title: Prices
parts_usd: {nvidia-qm9700: 20000}
source: {document: a test, read: true}
"""

TEXTS = {"switch": SWITCH, "host": HOST, "price-book": PRICE_BOOK}


def found(folder: Path) -> list[tuple[str, int, str, str]]:
    """(file, line, key, message) of every problem in a folder that stands on the shipped catalog."""
    problems = lint(Catalog((SHIPPED, folder)))
    return [(Path(p.file).name, p.line, p.key, p.message) for p in problems]


def put(folder: Path, kind: str, text: str, name: str = "bad") -> None:
    (folder / kind).mkdir(exist_ok=True)
    (folder / kind / f"{name}.yaml").write_text(text)


def test_the_shipped_catalog_is_clean() -> None:
    assert lint(Catalog((SHIPPED,))) == []


@pytest.mark.parametrize("kind", sorted(TEXTS))
def test_the_unbroken_texts_are_clean(tmp_path: Path, kind: str) -> None:
    put(tmp_path, kind, TEXTS[kind])
    assert found(tmp_path) == []


@pytest.mark.parametrize(
    ("kind", "old", "new", "line", "key", "message"),
    [
        ("switch", "source: {document: a test, read: true}\n", "", 1, "source", "is missing"),
        ("switch", "document: a test, ", "", 10, "source.document", "is missing"),
        ("switch", "ports: 8\n", "ports: 9\n", 8, "ports", "4 cages of 2 give 8 ports"),
        ("switch", "cages: 4", "cages: 5", 8, "ports", "5 cages of 2 give 10 ports"),
        ("switch", "id: bad", "id: other", 1, "id", "the id is not the file's name"),
        ("switch", "ports: 8\n", "ports: 8\npower: 700\n", 9, "power", "a number whose key has no unit"),
        ("switch", "ports: 8\n", "ports: 8\npower_w: 700\n", 9, "power_w", "unknown key"),
        ("switch", "ports: 8\n", "ports: 8\npower_max_w: 0\n", 9, "power_max_w", "is out of range"),
        ("switch", "ports: 8\n", "ports: 8\nlatency_ns: .nan\n", 9, "latency_ns", "is out of range"),
        (
            "switch",
            '"{cage}/{sub}"',
            '"{cage}"',
            9,
            "port_name",
            "gives two ports of a 2 x 400 Gb/s breakout the same name",
        ),
        (
            "switch",
            '"{cage}/{sub}"',
            '"{slot}"',
            9,
            "port_name",
            "{slot} stands for nothing; allowed are number, cage, sub, cage0, sub0, lane0",
        ),
        (
            "switch",
            "lanes: 4}",
            "lanes: 8}",
            6,
            "breakouts",
            "2 x 8 lanes do not fit: a cage of form osfp-twin has 8",
        ),
        (
            "switch",
            "read: true}",
            "read: true, doubtful: [rack_units]}",
            10,
            "source.doubtful[0]",
            "names a field that this part does not give",
        ),
        (
            "host",
            "nic: nvidia-cx7-osfp",
            "nic: nvidia-cx7-ospf",
            5,
            "nics[0].nic",
            "no nic with this id in the catalog",
        ),
        ("host", '"nic{nic0}"', '"nic"', 4, "nics", "gives two ports of the host the same name"),
        (
            "host",
            "count: 2,",
            "count: 2, nics_per_cage: 2,",
            5,
            "nics[0].nics_per_cage",
            "2 NICs of 1 x 4 lanes do not share a cage of 4",
        ),
        (
            "price-book",
            "nvidia-qm9700:",
            "qm9701:",
            3,
            "parts_usd.qm9701",
            "prices a part that no catalog has",
        ),
    ],
)  # fmt: skip
def test_one_mistake(tmp_path: Path, kind: str, old: str, new: str, line: int, key: str, message: str) -> None:
    assert old in TEXTS[kind]
    put(tmp_path, kind, TEXTS[kind].replace(old, new))
    assert found(tmp_path) == [("bad.yaml", line, key, message)]


def test_counts_need_no_unit(tmp_path: Path) -> None:
    put(tmp_path, "switch", SWITCH.replace("ports: 8", "ports: 8\nline_cards: 2"))
    panel = (SHIPPED / "panel" / "mpo-144-panel-1u.yaml").read_text()
    put(tmp_path, "panel", panel.replace("id: mpo-144-panel-1u", "id: bad-panel"), "bad-panel")
    assert found(tmp_path) == []


def test_the_id_of_another_kind_is_a_duplicate(tmp_path: Path) -> None:
    put(tmp_path, "switch", SWITCH)
    put(tmp_path, "host", HOST)
    assert found(tmp_path) == [("bad.yaml", 1, "id", "this id is given twice")]


def test_every_problem_of_every_file_at_once(tmp_path: Path) -> None:
    put(tmp_path, "switch", SWITCH.replace("ports: 8\n", "ports: 7\nweight: 4\n").replace("cages: 4", "cages: -4"))
    put(tmp_path, "switch", "a: [", "torn")
    put(tmp_path, "switch", SWITCH.replace("id: bad", "id: twin"), "twin")
    put(tmp_path, "switch", SWITCH.replace("id: bad", "id: twin"), "twine")
    put(tmp_path, "swich", SWITCH)
    (tmp_path / "switch" / "lost.yml").write_text(SWITCH)
    assert sorted(found(tmp_path)) == sorted(
        [
            ("swich", 0, "", "is no kind of part"),
            ("lost.yml", 0, "", "is not read: a part's file ends in .yaml"),
            ("bad.yaml", 4, "cages", "is out of range"),
            ("bad.yaml", 9, "weight", "a number whose key has no unit"),
            ("torn.yaml", 1, "", "is not valid YAML: did not find expected node content"),
            ("twine.yaml", 1, "id", "the id is not the file's name"),
            ("twine.yaml", 1, "id", "this id is given twice"),
        ]
    )


def test_a_hint_names_the_nearest_part(tmp_path: Path) -> None:
    put(tmp_path, "host", HOST.replace("nvidia-cx7-osfp", "nvidia-cx7-ospf"))
    (problem,) = lint(Catalog((SHIPPED, tmp_path)))
    assert problem.hint == "did you mean nvidia-cx7-osfp?"


def test_an_override_is_no_duplicate(tmp_path: Path) -> None:
    put(tmp_path, "switch", SWITCH.replace("id: bad", "id: nvidia-qm9700"), "nvidia-qm9700")
    assert found(tmp_path) == []


def test_listing_knows_every_file() -> None:
    catalog = Catalog((SHIPPED,))
    files = sorted(f"{f.parent.name}/{f.stem}" for f in SHIPPED.glob("*/*.yaml"))
    assert sorted(f"{row.kind}/{row.id}" for row in listed(catalog)) == files
    assert {row.kind for row in listed(catalog, "nic")} == {"nic"}
    with pytest.raises(ParameterError, match="no such kind of part"):
        listed(catalog, "nics")


def test_details_leave_out_what_is_absent_and_mark_what_is_doubtful() -> None:
    row, figures = details(Catalog((SHIPPED,)), "nvidia-qm9700")
    shown = dict(figures)
    assert (row.kind, row.read) == ("switch", True)
    assert shown["power_max_w"] == "1720 (doubtful)"
    assert shown["ports"] == "64"
    assert "power_max_w" not in dict(details(Catalog((SHIPPED,)), "nvidia-q3450-ld")[1])
    with pytest.raises(ParameterError, match=r"did you mean nvidia-qm9700\?"):
        details(Catalog((SHIPPED,)), "nvidia-qm97000")


def test_a_design_meets_the_same_errors(tmp_path: Path) -> None:
    put(tmp_path, "switch", SWITCH.replace("ports: 8\n", "ports: 9\n"))
    with pytest.raises(InputError, match="4 cages of 2 give 8 ports"):
        Catalog((SHIPPED, tmp_path)).switch("bad")
