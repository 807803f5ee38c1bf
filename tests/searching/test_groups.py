"""Bounds of whole groups: none is above what a candidate is counted to need, and whatever is passed over by them, no
winner, no point of the front and no best of a family can be hidden."""

from __future__ import annotations

import contextlib
import json
import random
import shutil
from collections.abc import Iterator
from dataclasses import replace
from itertools import chain, product
from pathlib import Path
from typing import Any

import pytest

from tests.searching.small import CATALOG, found, request, write
from tests.searching.test_verify import ASKED, TAMPERED
from topo.errors import InputError
from topo.exporters.folder import manifest
from topo.report.verify import Entry, sound
from topo.searching.bounds.groups import FIGURES, bounds_of
from topo.searching.bounds.passed_over import VERDICT, passing
from topo.searching.bounds.places import names_of_product
from topo.searching.candidates.count import Counted, Refusal
from topo.searching.candidates.request import Request
from topo.searching.candidates.space import candidates
from topo.searching.output.files import files_of
from topo.searching.record.result import DOMINATED, HELD, OPEN, REFUSED, REFUTED, Row, Search
from topo.searching.running.judge import judge
from topo.searching.running.run import assembled, best_vector, book_of, counter_of, covers, first_look, task_of
from topo.searching.verify import recount
from topo.searching.verify.verify import verify_search

HOSTS = {"example-host-1": "example-switch-8", "example-host-1-two-ports": "dell-z9432f"}
FAMILIES = ("dragonfly", "dragonfly-plus", "dual-plane", "ft2", "ft3", "hyperx", "jellyfish", "mpft", "mrft",
            "rail-only", "slim-fly", "torus", "zcube")  # fmt: skip
BOOKS = ("published-fabric-links", "published-endpoint-copper", "slim-fly-layout")
GOALS = ("cost_usd", "power_w", "switches", "rack_units")
SEARCHED = (
    "gpus: 24\nhost: example-host-1\nchoose: {families: [ft2, ft3, jellyfish, hyperx], "
    "switches: [example-switch-4, example-switch-8], oversubscription: [1, 1.5, 3]}\n"
)
DEFAULT = "gpus: 64\nhost: dgx-h100\nchoose: {switches: [nvidia-qm9700, nvidia-qm8700, nvidia-q3400]}\n"


def rows_of(asked: Request) -> Iterator[Row]:
    counter = counter_of(asked)
    for number, candidate in enumerate(candidates(asked)):
        yield first_look(number, candidate, counter, asked)


@pytest.mark.sampled(5)
@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize(("host", "gpus", "book"), [
    (host, gpus, book) for host in HOSTS for gpus in (8, 16, 24, 40) for book in BOOKS
])  # fmt: skip
def test_no_bound_of_a_group_is_above_what_is_counted(family: str, host: str, gpus: int, book: str) -> None:
    for share in (1.0, 0.5):
        asked = request(
            f"gpus: {gpus}\nhost: {host}\nprice_book: {book}\nobjectives: [{', '.join(GOALS)}]\n"
            f"choose: {{families: [{family}], switches: [{HOSTS[host]}, arista-7060dx5-64s]}}\n"
            f"requirements:\n  - throughput: {{at_least: {share}}}\n"
        )
        bounds = bounds_of(asked, book_of(asked))
        assert bounds is not None
        for row in rows_of(asked):
            told, best, figures = bounds.of(host, family, [row.candidate.keys])
            if not told[0]:
                continue
            bound = dict(zip(FIGURES, figures[0].tolist(), strict=True))
            assert not bound["impossible"] or isinstance(row.counted, Refusal), row.candidate.text
            if not isinstance(row.counted, Counted):
                continue
            assert bound["least_switches"] <= row.counted.total, row.candidate.text
            assert bound["least_usd"] <= row.counted.cost_lower * (1 + 1e-9), row.candidate.text
            if row.state == OPEN and not covers(tuple(best[0].tolist()), best_vector(row, GOALS)):
                judgment = judge(task_of(row, asked, 10.0))
                assert judgment.verdict != HELD, f"{row.candidate.text}: {bound} above {row.counted}"


def verified(folder: Path) -> list[Entry]:
    return verify_search(folder / "search.json", CATALOG)


def written(search: Search, folder: Path) -> Path:
    for name, content in files_of(search).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return sealed(folder)


def sealed(folder: Path) -> Path:
    """The folder with a manifest of the list as it is: what was changed cannot be told by its digest."""
    files = {"candidates.json": (folder / "candidates.json").read_bytes()}
    (folder / "manifest.json").write_bytes(manifest(files))
    return folder


def bounded(entries: list[Entry]) -> list[str]:
    return [entry.id for entry in entries if "bounded as groups" in entry.id]


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Short lists are bounded as long ones are."""
    monkeypatch.setattr(recount, "COUNTED_WHOLE", 0)


@pytest.mark.sampled(2)
@pytest.mark.parametrize("text", [SEARCHED, DEFAULT, SEARCHED + "objectives: [cost_usd, switches]\n"])
def test_what_is_found_is_proved_with_most_passed_over(text: str, short: None, tmp_path: Path) -> None:
    folder = written(found(text), tmp_path)
    entries = verified(folder)
    assert sound(entries), [entry.text() for entry in entries if not entry.proved]
    [said] = bounded(entries)
    over, again = (int(words.split()[0].replace(",", "")) for words in said.split("groups, "))
    assert over + again == len(found(text).rows)
    assert over > 30
    whole = verify_search(folder / "search.json", CATALOG, whole=True)
    assert sound(whole)
    assert not bounded(whole)


def outcome(stated: Any) -> Any:
    """What a search claims: the winner, the front, and the best figure of each family."""
    best = {family: (reason["verdict"], reason["certificate"]) for family, reason in stated["why_not"].items()}
    return stated.get("winner", {}).get("design"), [point["design"] for point in stated["front"]], best


def forged(row: Row, state: str, by: int) -> Row:
    if state == REFUSED:
        refusal = Refusal("gpus", "is too much")
        return Row(row.number, row.candidate, state, refusal.message, refusal, {"kind": "recount", "key": "gpus"})
    proof = {"kind": "counts", "by": by} if state == DOMINATED else {"kind": "recount", "requirement": "throughput-1",
             "at_least": 1.0, "at_most": 0.5, "cut": {"kind": "leaf-cut"}}  # fmt: skip
    return Row(row.number, row.candidate, state, "" if state == DOMINATED else "throughput-1", row.counted, proof)


@pytest.mark.parametrize(
    ("text", "number"),
    [(SEARCHED, 4), *[pytest.param(text, 25, marks=pytest.mark.slow) for text in (SEARCHED, DEFAULT)]],
)
def test_no_forged_verdict_changes_what_is_claimed(text: str, number: int, short: None, tmp_path: Path) -> None:
    search, draw = found(text), random.Random(5)
    honest = outcome(json.loads(files_of(search)["search.json"]))
    held = [row.number for row in search.rows if row.state == HELD]
    some = draw.sample(range(len(search.rows)), number)
    for number in [*held, *some]:
        for state in (REFUSED, REFUTED, DOMINATED):
            row = search.rows[number]
            if row.state == state or (state != REFUSED and not isinstance(row.counted, Counted)):
                continue
            rows = [*search.rows]
            rows[number] = forged(row, state, next((n for n in held if n != number), 0))
            other = assembled(search.request, rows, max(len(search.top), 1), "", search.within_limits)
            folder = written(other, tmp_path / f"{number}-{state}")
            claims = outcome(json.loads((folder / "search.json").read_text()))
            with contextlib.suppress(InputError):
                proved = sound(verified(folder))
                assert not proved or claims == honest, f"{row.candidate.text} as {state}"
                assert number not in held or not proved
            shutil.rmtree(folder)


def test_rows_that_state_less_than_the_bounds_are_counted(short: None, tmp_path: Path) -> None:
    """A row claims fewer switches than its own: it is not passed over, and does not stand."""
    search = found(SEARCHED)
    cheap = [row for row in search.rows if row.state == DOMINATED]
    assert cheap
    for row in random.Random(6).sample(cheap, min(len(cheap), 6)):
        folder = written(search, tmp_path / str(row.number))
        file = folder / "candidates.json"
        lines = file.read_text().split("\n")
        value = json.loads(lines[row.number + 1].removesuffix(","))
        value["switches"] = dict.fromkeys(value["switches"], 0)
        lines[row.number + 1] = json.dumps(value) + ("," if lines[row.number + 1].endswith(",") else "")
        file.write_text("\n".join(lines))
        sealed(folder)
        assert not sound(verified(folder)), row.candidate.text
        shutil.rmtree(folder)


def lines_of(search: Search) -> list[str]:
    """The line of each candidate in the list that a search writes."""
    text = files_of(search)["candidates.json"].decode()
    return [line.removesuffix(",") for line in text.split("\n")[1:-2]]


def passed_over_rightly(search: Search, lines: list[str], told: list[str]) -> int:
    """How many candidates of a list that says `told` instead of `lines` are passed over, none of which may matter."""
    bounds = bounds_of(search.request, book_of(search.request))
    assert bounds is not None
    walk = passing(json.loads(files_of(search)["search.json"]), search.request, lines, bounds)
    counted = {number for number, _, _ in walk.left(search.request, told)}
    over = [row.candidate for row in search.rows if row.number not in counted]
    for candidate in over:
        assert walk.groups(candidate.host, candidate.family, [candidate.keys])[0][0], candidate.text
    return len(over)


@pytest.mark.parametrize("share", [0.3, 0.6])
def test_what_another_row_says_passes_over_nothing_that_may_matter(share: float) -> None:
    """Each row says what one a few rows before says: a sister of another ratio, or of other parts."""
    search = found(f"{SEARCHED}requirements:\n  - throughput: {{at_least: {share}}}\n")
    lines = lines_of(search)
    over = 0
    for back in (1, 2, 3, 5, 8):
        told = lines[:back]
        for one, other in zip(lines, lines[back:], strict=False):
            told.append(VERDICT.join([other.partition(VERDICT)[0], one.partition(VERDICT)[2]]))
        over += passed_over_rightly(search, lines, told)
    assert over > 30


SISTERS = (
    "gpus: 64\nhost: h800-node\nchoose: {families: [ft2, hyperx, jellyfish, dragonfly], "
    "switches: [nvidia-qm9700, nvidia-qm9790, arista-7060dx5-64s, nvidia-sn5610]}\n"
)


@pytest.mark.parametrize("share", [pytest.param(0.5, marks=pytest.mark.slow), 1.0])
def test_what_rows_of_other_parts_and_families_say_passes_over_nothing_that_may_matter(share: float) -> None:
    """Each row says what the row in its place says of another switch part, of which some are alike, or family."""
    search = found(f"{SISTERS}requirements:\n  - throughput: {{at_least: {share}}}\n")
    lines = lines_of(search)
    blocks: dict[tuple[str, str], list[int]] = {}
    for row in search.rows:
        blocks.setdefault((row.candidate.family, row.candidate.get("switch")), []).append(row.number)
    names, over = sorted(blocks), 0
    for shift in (1, 2, 5, len(names) // 5, len(names) // 2):
        told = [*lines]
        for place, name in enumerate(names):
            other = blocks[names[(place + shift) % len(names)]]
            for n, number in enumerate(blocks[name]):
                says = lines[other[n % len(other)]].partition(VERDICT)[2]
                told[number] = VERDICT.join([lines[number].partition(VERDICT)[0], says])
        over += passed_over_rightly(search, lines, told)
    assert over > 1000


@pytest.mark.parametrize(
    "text",
    [
        SEARCHED,
        SISTERS,
        "gpus: 64\nhost: h800-node\nchoose: {families: [mpft, torus], switches: [nvidia-qm9700, nvidia-sn5610]}\n"
        "requirements:\n  - failure: {any: switch, throughput_at_least: 0.5}\n",
    ],
)
def test_a_walk_goes_through_the_candidates_as_they_are(text: str) -> None:
    """With nothing that says what it must, every candidate is left to be counted, in its place."""
    asked = request(text)
    bounds = bounds_of(asked, book_of(asked))
    assert bounds is not None
    every = [*candidates(asked)]
    lines = [f'{{"number": {n}, "design": {json.dumps(c.to_json())}, "verdict": 5}}' for n, c in enumerate(every)]
    walk = passing({"why_not": {}}, asked, lines, bounds)
    assert [*walk.left(asked, iter(lines))] == [(n, c, lines[n]) for n, c in enumerate(every)]
    assert not walk.unseen
    for other in (lines[:-1], [*lines, lines[-1]], [*lines[:5], lines[4], *lines[6:]]):
        with pytest.raises(ValueError, match="list"):
            [*walk.left(asked, other)]


@pytest.mark.sampled(3)
@pytest.mark.parametrize("change", ["removed", "swapped", "twice", "other keys", "another key", "no object"])
def test_a_list_that_is_not_the_space_is_not_proved(change: str, short: None, tmp_path: Path) -> None:
    search = found(SEARCHED)
    for number in (7, len(search.rows) // 2, len(search.rows) - 2):
        folder = written(search, tmp_path / str(number))
        file = folder / "candidates.json"
        rows = json.loads(file.read_text())
        if change == "removed":
            del rows[number]
            rows = [{**row, "number": n} for n, row in enumerate(rows)]
        elif change == "swapped":
            rows[number], rows[number + 1] = rows[number + 1], rows[number]
        elif change == "twice":
            rows.insert(number, rows[number])
        elif change == "other keys":
            rows[number]["design"]["oversubscription"] = 2
        elif change == "another key":
            rows[number]["remark"] = "cheaper"
        else:
            rows[number] = 5
        file.write_text("[\n" + ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows) + "\n]\n")
        sealed(folder)
        with contextlib.suppress(InputError):
            assert not sound(verified(folder))


@pytest.mark.sampled(1)
@pytest.mark.parametrize("more", [1.0, 1e-6, -1.0])
def test_a_family_s_best_is_what_is_stated(more: float, short: None, tmp_path: Path) -> None:
    search = found(SEARCHED)
    folder = written(search, tmp_path)
    file = folder / "search.json"
    text = file.read_text()
    families = [f for f, why in json.loads(text)["why_not"].items() if "at_least" in why["certificate"]]
    assert families
    for family in families:
        stated = json.loads(text)
        stated["why_not"][family]["certificate"]["at_least"] += more
        file.write_text(json.dumps(stated))
        assert not sound(verified(folder))


@pytest.fixture(scope="module")
def searched(tmp_path_factory: pytest.TempPathFactory) -> Path:
    import topo

    folder = tmp_path_factory.mktemp("search")
    topo.search(write(folder, ASKED), folder / "out", top=2)
    return folder / "out"


@pytest.mark.sampled(2)
@pytest.mark.parametrize("what", TAMPERED)
def test_what_was_changed_is_not_proved_by_bounds(what: str, searched: Path, short: None, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    shutil.copytree(searched, folder)
    assert sound(verified(folder))
    TAMPERED[what](folder)
    sealed(folder)
    with contextlib.suppress(InputError):
        assert not sound(verified(folder))


def test_requests_with_limits_or_other_hosts_have_no_bounds() -> None:
    for more in ("limits: {racks: 5}", "limits: {power_w: 90000}", "other_hosts: [{host: example-host-1, count: 2}]"):
        with contextlib.suppress(InputError):
            asked = request(SEARCHED + more + "\n")
            assert bounds_of(asked, book_of(asked)) is None
    plain = request(SEARCHED)
    bounds = bounds_of(plain, book_of(plain))
    assert bounds is not None
    known = {"switch": "example-switch-8", "oversubscription": 1}
    asked = [[*known.items(), *more] for more in (
        [], [("homing", "dual")], [("leaves", ())], [("leaves", ({"count": 2},))]
    )]  # fmt: skip
    assert bounds.of("example-host-1", "ft2", asked).told.tolist() == [True, False, True, False]
    assert not bounds.of("example-host-1", "torus", asked).told.any()


def test_names_of_a_product_are_those_of_its_choices_one_by_one() -> None:
    draw = random.Random(3)
    for _ in range(100):
        values: list[list[tuple[str, int] | None]] = [
            [draw.choice([None, (key, 1), (key, 2), (key, 3)]) for _ in range(draw.randrange(1, 5))] for key in "abcd"
        ]
        text_of = {pair: f"{pair[0]}={pair[1] // 2} " if pair and pair[0] != "c" else ""
                   for pair in chain.from_iterable(values)}  # fmt: skip
        found = names_of_product(values, text_of)
        names = ["".join(text_of[pair] for pair in pairs) for pairs in product(*values)]
        assert [found.names[n] for n in found.of] == names
        assert [found.of.tolist().index(n) for n in range(len(found.names))] == list(found.first)


def test_an_interrupted_search_is_counted_whole(short: None, tmp_path: Path) -> None:
    search = found(SEARCHED)
    folder = written(replace(search, stopped="interrupted"), tmp_path)
    assert not bounded(verified(folder))


@pytest.mark.parametrize("change", ["list", "no manifest", "another manifest"])
def test_a_list_that_is_not_as_it_was_written_is_counted_whole(change: str, short: None, tmp_path: Path) -> None:
    folder = written(found(SEARCHED), tmp_path)
    assert bounded(verified(folder))
    if change == "list":
        file = folder / "candidates.json"
        rows = json.loads(file.read_text())
        row = next(row for row in reversed(rows) if row["verdict"] == DOMINATED)
        row["links"] = {kind: number + 1 for kind, number in row["links"].items()}
        file.write_text("[\n" + ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows) + "\n]\n")
    elif change == "no manifest":
        (folder / "manifest.json").unlink()
    else:
        (folder / "manifest.json").write_text('{"files": [{"path": "candidates.json"}, 5]}')
    entries = verified(folder)
    assert not bounded(entries)
    assert sound(entries) == (change != "list")
