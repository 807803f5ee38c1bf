"""The list of candidates gone through in pieces is what a reader of JSON has of it."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from topo.errors import InputError
from topo.searching.verify import listing
from topo.searching.verify.listing import Listing


def rows(number: int) -> list[dict[str, Any]]:
    draw = random.Random(number)
    result: list[dict[str, Any]] = [
        {"number": n, "design": {"host": "h\u00f6st" * draw.randrange(1, 9)}, "verdict": "refused"}
        for n in range(number)
    ]
    for row in draw.sample(result, number // 3):
        row["judged"] = {"verdict": "held", "values": {"cost_usd": row["number"]}}
    return result


def written(folder: Path, text: str) -> Listing:
    (folder / "candidates.json").write_text(text, encoding="utf-8")
    return Listing(folder / "candidates.json")


def as_written(some: list[Any]) -> str:
    return "[\n" + ",\n".join(json.dumps(row, ensure_ascii=False) for row in some) + "\n]\n"


@pytest.mark.parametrize("piece", [1, 7, 100, 1 << 18])
def test_lines_are_the_rows(piece: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(listing, "PIECE", piece)
    for number in (1, 2, 3, 50):
        some = rows(number)
        of = written(tmp_path, as_written(some))
        assert [json.loads(line) for line in of.lines()] == some
        assert [*of.lines()] == of.rows()
        assert [json.loads(line) for line in of.judged()] == [row for row in some if "judged" in row]
        assert of.longer_than(number - 1)
        assert not of.longer_than(number)


def test_a_list_written_otherwise_has_its_rows_and_no_lines(tmp_path: Path) -> None:
    some = rows(9)
    for text in (json.dumps(some), json.dumps(some, indent=1), f"\ufeff{as_written(some)}"):
        of = written(tmp_path, text)
        assert [json.loads(row) for row in of.rows()] == some
        assert not [*of.lines()]
        assert not of.longer_than(0)


def test_what_is_no_list_is_refused(tmp_path: Path) -> None:
    for text in ("{}", "5", "[\n{", ""):
        with pytest.raises(InputError):
            written(tmp_path, text).rows()
    (tmp_path / "candidates.json").write_bytes(b"[\n{\xff}\n]\n")
    with pytest.raises(InputError):
        Listing(tmp_path / "candidates.json").rows()
