"""A search of more than 10,000 candidates as it is written and verified: most are passed over by bounds, and whatever
is changed in what is claimed is refused."""

from __future__ import annotations

import contextlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import topo
from tests.searching.small import CATALOG, write
from tests.searching.test_groups import bounded, sealed
from topo.errors import InputError
from topo.report.verify import Entry, sound
from topo.searching.record.result import DOMINATED, HELD, REFUSED, REFUTED
from topo.searching.verify.recount import COUNTED_WHOLE
from topo.searching.verify.verify import verify_search

ASKED = "gpus: 512\nhost: h800-node\nchoose: {families: [ft2, jellyfish], oversubscription: [1, 1.5, 2, 3, 4, 5]}\n"


@pytest.fixture(scope="module")
def searched(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("long")
    search = topo.search(write(folder, ASKED), folder / "out")
    assert search.complete
    assert len(search.rows) > COUNTED_WHOLE
    return folder / "out"


def verified(folder: Path) -> list[Entry]:
    return verify_search(folder / "search.json", CATALOG)


def cheaper(rows: list[Any], stated: Any, verdict: str) -> list[Any]:
    """The candidates with a verdict that are counted to cost less than the winner."""
    most = stated["winner"]["cost_usd"]
    return [row for row in rows if row["verdict"] == verdict and row.get("cost_usd_at_least", most) < most]


def test_it_is_proved_and_most_is_passed_over(searched: Path) -> None:
    entries = verified(searched)
    assert sound(entries), [entry.text() for entry in entries if not entry.proved]
    [said] = bounded(entries)
    over, again = (int(words.split()[0].replace(",", "")) for words in said.split("groups, "))
    rows = json.loads((searched / "candidates.json").read_text())
    stated = json.loads((searched / "search.json").read_text())
    assert over + again == len(rows)
    assert again < len(rows) / 2
    assert len(cheaper(rows, stated, REFUTED)) > 500
    assert stated["space"] == {"candidates": len(rows), **{
        state: sum(row["verdict"] == state for row in rows)
        for state in (REFUSED, REFUTED, DOMINATED, HELD, "undecided")
    }}  # fmt: skip


def _as(verdict: str) -> Callable[[list[Any], Any], None]:
    def change(rows: list[Any], stated: Any) -> None:
        """A cheaper candidate that is refuted has another verdict, and the tallies agree with it."""
        some = cheaper(rows, stated, REFUTED)
        row = some[len(some) // 2]
        row["verdict"] = verdict
        row.pop("reason", None)
        if verdict == REFUSED:
            for key in ("switches", "links", "cost_usd_at_least", "throughput_at_most"):
                row.pop(key, None)
            row |= {"reason": "is no size", "proof": {"kind": "recount", "key": "gpus"}}
            stated["refused_by"] = dict(sorted({**stated["refused_by"], "gpus": 1}.items()))
        elif verdict == DOMINATED:
            row["proof"] = {"kind": "counts", "by": stated["winner"]["number"]}
        stated["space"][REFUTED] -= 1
        stated["space"][verdict] += 1

    return change


def _another_cost(rows: list[Any], stated: Any) -> None:
    stated["winner"]["cost_usd"] -= 1.0


def _another_winner(rows: list[Any], stated: Any) -> None:
    """The cheapest that is dominated as the winner, the winner refuted."""
    best = min((row for row in rows if row["verdict"] == DOMINATED), key=lambda row: row["cost_usd_at_least"])
    stated["winner"] |= {"number": best["number"], "keys": best["design"], "cost_usd": best["cost_usd_at_least"]}


def _one_left_out(rows: list[Any], stated: Any) -> None:
    some = cheaper(rows, stated, REFUTED)
    rows.remove(some[len(some) // 3])
    for number, row in enumerate(rows):
        row["number"] = number
    stated["space"]["candidates"] -= 1
    stated["space"][REFUTED] -= 1


def _one_doubled(rows: list[Any], stated: Any) -> None:
    """A cheaper one stands twice, in place of the one after it."""
    some = cheaper(rows, stated, REFUTED)
    number = some[len(some) // 2]["number"]
    rows[number + 1] = {**rows[number], "number": number + 1}


def _one_more(rows: list[Any], stated: Any) -> None:
    some = cheaper(rows, stated, REFUTED)
    rows.insert(some[len(some) // 2]["number"], dict(some[len(some) // 2]))
    for number, row in enumerate(rows):
        row["number"] = number
    stated["space"]["candidates"] += 1
    stated["space"][REFUTED] += 1


def _another_price(rows: list[Any], stated: Any) -> None:
    """Of one that is dominated: less than its leaves alone cost."""
    row = [row for row in rows if row["verdict"] == DOMINATED][-7]
    row["cost_usd_at_least"] /= 10


def _of_a_sister(rows: list[Any], stated: Any) -> None:
    """Cheaper ones say what others of their family say that are dominated, and the tallies agree with it."""
    worse = {row["design"]["family"]: row for row in rows if row["verdict"] == DOMINATED}
    for row in cheaper(rows, stated, REFUTED):
        other = worse.get(row["design"]["family"])
        if other is not None and "spine_switch" not in row["design"]:
            kept = {key: row[key] for key in ("number", "design")}
            row.clear()
            row |= {**other, **kept}
            stated["space"][REFUTED] -= 1
            stated["space"][DOMINATED] += 1


def _fewer_parts(rows: list[Any], stated: Any) -> None:
    row = next(row for row in reversed(rows) if row["verdict"] == DOMINATED)
    row["switches"] = dict.fromkeys(row["switches"], 1)
    row["cost_usd_at_least"] = 1.0


def _cheaper_than_it_is(rows: list[Any], stated: Any) -> None:
    cheaper(rows, stated, REFUTED)[0]["cost_usd_at_least"] = 1.0


def _another_key(rows: list[Any], stated: Any) -> None:
    rows[len(rows) // 2]["design"]["oversubscription"] = 17


def _another_tally(rows: list[Any], stated: Any) -> None:
    stated["space"][REFUTED] -= 1
    stated["space"][DOMINATED] += 1


def _winner_is_dominated(rows: list[Any], stated: Any) -> None:
    rows[stated["winner"]["number"]] |= {"verdict": DOMINATED, "proof": {"kind": "counts", "by": 0}}


def _family_s_best(rows: list[Any], stated: Any) -> None:
    for reason in stated["why_not"].values():
        reason["certificate"]["at_least"] *= 1.01


FORGED: dict[str, Callable[[list[Any], Any], None]] = {
    "a cheaper one dominated": _as(DOMINATED), "a cheaper one left out": _one_left_out,
    "another winner": _another_winner, "a cheaper one refused": _as(REFUSED), "a cheaper one held": _as(HELD),
    "a cheaper one undecided": _as("undecided"), "another cost": _another_cost, "fewer parts": _fewer_parts,
    "cheaper than it is": _cheaper_than_it_is, "another key": _another_key, "another tally": _another_tally,
    "one doubled": _one_doubled, "one more": _one_more, "another price": _another_price, "of a sister": _of_a_sister,
    "the winner dominated": _winner_is_dominated, "a family's best": _family_s_best,
}  # fmt: skip


@pytest.mark.sampled(4)
@pytest.mark.parametrize("what", FORGED)
def test_what_is_forged_is_refused(what: str, searched: Path, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    shutil.copytree(searched, folder)
    rows = json.loads((folder / "candidates.json").read_text())
    stated = json.loads((folder / "search.json").read_text())
    FORGED[what](rows, stated)
    lines = ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    (folder / "candidates.json").write_text(f"[\n{lines}\n]\n")
    (folder / "search.json").write_text(json.dumps(stated, indent=1, ensure_ascii=False) + "\n")
    sealed(folder)
    with contextlib.suppress(InputError):
        assert not sound(verified(folder))
