"""The cheapest design of a space is found, whatever the order, and everything written about it is so."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

import topo
from tests.searching.small import CATALOG, TREES, brute_force, found, request, write
from topo.design import parse_design
from topo.searching.candidates.candidate import design_text
from topo.searching.output.files import files_of
from topo.searching.output.render import RENDERERS
from topo.searching.record.result import Judgment
from topo.searching.running.run import Run, best_vector, covers, held_vector

FLOOR = [
    "throughput: {traffic: all-to-all, routing: adaptive, at_least: 1.0}",
    "connected: {}",
]


@pytest.mark.slow
@pytest.mark.parametrize("gpus", [8, 3, 12, 17, 32])
def test_the_winner_is_that_of_a_search_written_otherwise(gpus: int) -> None:
    search = found(TREES.format(gpus=gpus))
    space = {"family": ["ft2", "ft3"], "switch": ["example-switch-4", "example-switch-8"]}
    space |= {"spine_switch": [None, "example-switch-4", "example-switch-8"], "oversubscription": [1, 3]}
    space |= {"spine_oversubscription": [None, 2], "spread": [None, "by-one"]}
    cheapest = None
    for family in space.pop("family"):
        rest = {k: v for k, v in space.items() if family == "ft3" or k != "spine_oversubscription"}
        least = brute_force(gpus, "example-host-1", {"family": [family], **rest}, FLOOR, "published-fabric-links")
        cheapest = least if cheapest is None else min(cheapest, least) if least is not None else cheapest
    assert search.complete
    assert cheapest is not None
    assert search.winner is not None
    assert search.winner.cost_usd == pytest.approx(cheapest)


def test_every_candidate_has_one_fate_and_the_claim_is_whole() -> None:
    search = found(TREES.format(gpus=12))
    space = search.space
    assert (
        sum(space[state] for state in ("refused", "refuted", "dominated", "held", "undecided")) == space["candidates"]
    )
    assert space["candidates"] == len(search.rows) > 10
    assert search.claim == f"least cost_usd of all {space['candidates']:,} candidates, proved"
    winner = search.winner
    assert winner is not None
    for row in search.rows:
        if row.state == "dominated":
            assert covers(held_vector(search.rows[row.proof["by"]], ("cost_usd",)), best_vector(row, ("cost_usd",)))


def test_the_folder_has_the_contract_s_shape(tmp_path: Path) -> None:
    path = write(tmp_path, TREES.format(gpus=12))
    search = topo.search(path, tmp_path / "out")
    value = json.loads((tmp_path / "out" / "search.json").read_text())
    assert value["schema"] == "topo.search/1"
    assert value["complete"] is True
    assert set(value["space"]) == {"candidates", "refused", "refuted", "dominated", "held", "undecided"}
    assert value["winner"]["cost_usd"] == search.winner.cost_usd
    assert value["winner"]["switches"]["total"] == search.winner.values["switches"]
    assert set(value["lower_bound"]) == {"switches", "cost_usd", "certificate"}
    assert value["lower_bound"]["switches"] <= value["winner"]["switches"]["total"]
    assert value["lower_bound"]["cost_usd"] <= value["winner"]["cost_usd"]
    for point in value["front"]:
        design = topo.load_design(tmp_path / "out" / point["design"])
        report = topo.check(design)
        assert report.verdict == "held"
        assert report.metrics.cost_usd["total"] == pytest.approx(point["objectives"]["cost_usd"])
        assert (tmp_path / "out" / point["certificate"]["file"]).is_file()
    for reason in value["why_not"].values():
        assert {"requirement", "design", "certificate"} <= set(reason)
    listed = json.loads((tmp_path / "out" / value["candidates"]).read_text())
    assert len(listed) == value["space"]["candidates"]


def test_a_design_is_searched_around_and_values_show_themselves_shortly(tmp_path: Path) -> None:
    text = (
        "name: around\ngpus: 8\nhost: example-host-1\nnetworks:\n  compute: {family: ft2, switch: example-switch-4}\n"
    )
    path = write(tmp_path, text + "requirements: [{hops: {at_most: 3}}]\n")
    of_design, of_file = topo.search(topo.load_design(path)), topo.search(path)
    assert of_design.winner is not None
    assert (of_design.winner, of_design.space, of_design.claim) == (of_file.winner, of_file.space, of_file.claim)
    assert repr(of_design.winner).startswith(f"<Point {of_design.winner.name}: cost_usd ")
    assert of_design.claim in repr(of_design)
    assert max(len(repr(of_design)), len(repr(of_design.winner))) < 200


def test_a_front_holds_no_dominated_point_and_every_trade() -> None:
    text = TREES.format(gpus=24) + "objectives: [cost_usd, adaptive]\nrequirements:\n  - connected: {}\n"
    search = found(text)
    vectors = [(p.values["cost_usd"], -p.values["adaptive"]) for p in search.front]
    assert len(vectors) > 1
    for i, one in enumerate(vectors):
        assert not any(covers(other, one) for j, other in enumerate(vectors) if j != i)
    for row in search.rows:
        if row.judgment is not None and row.state == "held":
            mine = held_vector(row, search.request.objectives)
            assert any(covers(v, mine) for v in vectors)


def test_top_names_the_cheapest_in_order() -> None:
    text = TREES.format(gpus=12)
    search = found(text, 4)
    costs = [point.values["cost_usd"] for point in search.top]
    assert len(costs) == 4
    assert costs == sorted(costs)
    assert costs[0] == found(text).winner.cost_usd


def test_what_is_assumed_is_said() -> None:
    search = found(TREES.format(gpus=8))
    words = " ".join(search.request.assumed)
    assert "all-to-all at 1.0" in words
    assert "objectives: cost_usd" in words
    assert "no market prices" in words
    stated = found(TREES.format(gpus=8) + "requirements:\n  - connected: {}\nobjectives: [switches]\n")
    assert stated.request.assumed == ()


@pytest.mark.sampled(2)
@pytest.mark.parametrize("book", CATALOG.ids("price-book"))
def test_what_a_cost_rests_on_and_leaves_out_stands_beside_it_as_in_the_report(book: str) -> None:
    """Of a book that prices whole links and one of parts."""
    search = found(TREES.format(gpus=8) + f"price_book: {book}\n")
    terms = search.to_json()["prices"]
    if search.winner:
        request = search.request
        text = design_text(search.winner.row.candidate, request.common, request.network, "x", "x")
        cost = topo.check(parse_design(text, "x.yaml", CATALOG)).to_json()["metrics"]["cost_usd"]
        own = [cost[key] for key in ("price_book", "leaves_out")], cost.get("basis", "")
        assert ([terms["price_book"], terms["leaves_out"]], terms["basis"]) == own
    for form in ("text", "md"):
        shown = RENDERERS[form](search)
        assert f"ost by {book}" in shown
        assert all(word in shown for word in [terms["basis"], *terms["leaves_out"]])


def test_where_there_is_no_money_nothing_is_said_of_it() -> None:
    stated = found(TREES.format(gpus=8) + "objectives: [switches]\n")
    assert "prices" not in stated.to_json()
    assert "ost by" not in RENDERERS["text"](stated)


def test_nothing_holds_is_told_with_the_requirement_of_each_family() -> None:
    search = found(TREES.format(gpus=12) + "requirements:\n  - switches: {at_most: 1}\n")
    assert search.exit_code == 1
    assert search.complete
    assert search.winner is None
    assert {reason["requirement"] for reason in search.why_not.values()} == {"switches-1"}


def test_an_undecided_candidate_below_the_winner_spoils_the_claim() -> None:
    asked = request(TREES.format(gpus=12))
    whole = Run(asked).search()
    best = whole.winner.row.candidate

    def shy(tasks: Any, done: Any) -> None:
        from topo.searching.running.judge import judge

        for i, task in enumerate(tasks):
            unsure = f"switch: {best.get('switch')}, " in task.text and f"family: {best.family}" in task.text
            done(i, Judgment("undecided", "time", "throughput-1") if unsure else judge(task))

    search = Run(asked, workers=shy).search()
    assert search.exit_code == 3
    assert not search.complete
    assert search.undecided_below
    assert "undecided" in search.claim
    assert search.to_json()["undecided"][0]["number"] == search.undecided_below[0]


def test_the_same_request_gives_the_same_bytes_however_wide_it_looks_ahead() -> None:
    text = TREES.format(gpus=24) + "objectives: [cost_usd, adaptive]\nrequirements:\n  - connected: {}\n"
    assert files_of(Run(request(text), width=7).search()) == files_of(found(text))


def test_an_interrupted_search_is_resumed_to_the_same_bytes(tmp_path: Path) -> None:
    text = TREES.format(gpus=24) + "objectives: [cost_usd, adaptive]\nrequirements:\n  - connected: {}\n"
    path = write(tmp_path, text)
    asked = 0

    def until(tasks: Any, done: Any) -> None:
        from topo.searching.running.judge import judge

        nonlocal asked
        asked += 1
        if asked == 2:
            raise KeyboardInterrupt
        for i, task in enumerate(tasks):
            done(i, judge(task))

    from topo.exporters import write_set
    from topo.searching import read_request

    half = Run(read_request(path, CATALOG), workers=until).search()
    write_set(tmp_path / "out", files_of(half))
    stopped = json.loads((tmp_path / "out" / "search.json").read_text())
    assert stopped["complete"] is False
    assert stopped["stopped"] == "interrupted"
    assert stopped["space"]["open"] > 0
    assert half.exit_code == 3
    topo.search(path, tmp_path / "out", resume=True)
    topo.search(path, tmp_path / "whole")
    names = sorted(p.relative_to(tmp_path / "whole") for p in (tmp_path / "whole").rglob("*") if p.is_file())
    assert names == sorted(p.relative_to(tmp_path / "out") for p in (tmp_path / "out").rglob("*") if p.is_file())
    for name in names:
        assert (tmp_path / "out" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes(), name


def test_relaxing_a_requirement_never_makes_the_winner_dearer_nor_does_another_part() -> None:
    draw = random.Random(7)
    for _ in range(4):
        gpus = draw.randrange(4, 30)
        strict, loose = sorted((draw.choice([0.3, 0.5, 0.8, 1.0]), draw.choice([0.2, 0.4, 0.6])), reverse=True)
        ask = "requirements:\n  - throughput: {{at_least: {}}}\n"
        one = "name: x\ngpus: {}\nhost: example-host-1\nchoose: {{families: [ft2, jellyfish], switches: [{}]}}\n"
        few, more = one.format(gpus, "example-switch-8"), one.format(gpus, "example-switch-8, example-switch-4")
        costs = [
            found(text).winner for text in (few + ask.format(strict), few + ask.format(loose), more + ask.format(loose))
        ]
        values = [float("inf") if point is None else point.cost_usd for point in costs]
        assert values[0] >= values[1] >= values[2]


def test_a_design_s_neighbourhood_holds_the_design_and_what_beats_it(tmp_path: Path) -> None:
    from topo.searching import read_request
    from topo.searching.candidates.space import candidates

    text = Path("designs/tiny-mrft.yaml").read_text() if Path("designs/tiny-mrft.yaml").is_file() else ""
    assert text
    path = write(tmp_path, text, "tiny.yaml")
    asked = read_request(path, CATALOG)
    assert asked.neighbour_of
    design = topo.load_design(path)
    main = design.networks[0].params
    same = [c for c in candidates(asked) if c.family == main.family and c.get("switch") == main.switch]
    assert same
    search = topo.search(path)
    assert search.request.common["requirements"] == [dict(r) for r in design.file.requirements]
