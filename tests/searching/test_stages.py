"""Sequences of growth: the cheapest one is found, what it buys and moves is counted, and all of it is verified."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from itertools import product
from pathlib import Path
from typing import Any

import pytest

import topo
from tests.searching.small import CATALOG, request, write
from tests.slow import slow
from topo.design.wire import growth
from topo.errors import InputError
from topo.exporters import write_set
from topo.searching import Search, read_request
from topo.searching.candidates.candidate import Candidate
from topo.searching.candidates.count import Counter
from topo.searching.record.result import Judgment
from topo.searching.running.how import How
from topo.searching.stages.judge import StageTask
from topo.searching.stages.result import files_of
from topo.searching.stages.start import alone, search_stages
from topo.searching.verify.verify import verify_search

ASKED = """\
name: line
host: example-host-1
choose: {{families: [ft2], switches: [{switches}], oversubscription: [1, 3], spread: [even]}}
stages: [4, 8, 14]
move_usd: {move}
objectives: [{objectives}]
requirements:
  - throughput: {{at_least: 0.4}}
"""
BOOK = {"switch": 82500.0, "leaf_spine": 520.0}
"""Prices of published-fabric-links."""


def _asked(switches: str = "example-switch-8", move: float = 0, objectives: str = "cost_usd") -> str:
    return ASKED.format(switches=switches, move=move, objectives=objectives)


@pytest.fixture(scope="module")
def every(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[float, float]]:
    """Price of the parts and links moved of every sequence, each design written and checked as any is."""
    folder = tmp_path_factory.mktemp("every")
    settings = [{"oversubscription": r, "build_for_gpus": built} for r, built in product((1, 3), (None, 14))]
    lines: list[tuple[str, dict[str, float], float, float]] = [("", {}, 0.0, 0.0)]
    for stage, gpus in enumerate((4, 8, 14)):
        grown = []
        for number, (line, keys) in enumerate(product(lines, settings if stage < 2 else settings[::2])):
            before, owned, cost, moves = line
            flow = {k: v for k, v in keys.items() if v is not None} | {"family": "ft2", "switch": "example-switch-8"}
            name = f"s{stage}-{number}"
            text = f"name: {name}\ngpus: {gpus}\nhost: example-host-1\nnetworks: {json.dumps({'compute': flow})}\n"
            text += f"grow_from: {before}\n" if before else ""
            text += "requirements:\n  - throughput: {at_least: 0.4}\n"
            try:
                design = topo.load_design(write(folder, text, f"{name}.yaml"))
                report = topo.check(design)
            except InputError:
                continue
            if report.verdict != "held":
                continue
            metrics: dict[str, Any] = report.to_json()["metrics"]
            needs = {"switch": metrics["switches"]["total"], "leaf_spine": metrics["links"].get("leaf_spine", 0)}
            cost += sum(BOOK[item] * max(0.0, number - owned.get(item, 0.0)) for item, number in needs.items())
            has = {item: max(owned.get(item, 0.0), number) for item, number in needs.items()}
            moves += sum(kept.moved for kept in growth(design).get("compute", {}).values())
            grown.append((f"{name}.yaml", has, cost, moves))
        lines = grown
    return [(cost, moves) for _, _, cost, moves in lines]


@pytest.mark.slow
@pytest.mark.parametrize("move", [0, 40_000])
def test_the_cheapest_sequence_is_that_of_trying_all(
    move: float, every: list[tuple[float, float]], tmp_path: Path
) -> None:
    priced = [(cost + move * moves, moves) for cost, moves in every]
    search = topo.search(write(tmp_path, _asked(move=move, objectives="cost_usd, moves")))
    assert search.complete
    assert len(every) > 10
    assert search.winner.cost_usd == pytest.approx(min(cost for cost, _ in priced))
    front = {(p.values["cost_usd"], p.values["moves"]) for p in search.front}
    assert front == {one for one in priced if not any(o != one and o[0] <= one[0] and o[1] <= one[1] for o in priced)}


@pytest.fixture(scope="module")
def searched(tmp_path_factory: pytest.TempPathFactory) -> tuple[Search, Path]:
    folder = tmp_path_factory.mktemp("stages")
    text = _asked("example-switch-8, example-switch-4", 1000, "cost_usd, moves")
    return topo.search(write(folder, text), folder / "out"), folder / "out"


def test_the_folder_has_the_contract_s_shape_and_every_stage_checks_green(searched: tuple[Search, Path]) -> None:
    search, folder = searched
    value = json.loads((folder / "search.json").read_text())
    assert value["schema"] == "topo.search/1"
    space = value["space"]
    assert sum(space[k] for k in ("refused", "refuted", "dominated", "held", "undecided")) == space["candidates"]
    stages = value["winner"]["stages"]
    assert [stage["gpus"] for stage in stages] == [4, 8, 14]
    bought = sum(stage["bought_usd"] + stage["moves_usd"] for stage in stages)
    assert value["winner"]["cost_usd"] == pytest.approx(bought)
    assert value["winner"]["moves"] == sum(stage["moves"] for stage in stages)
    assert stages[0]["bought_usd"] == pytest.approx(stages[0]["cost_usd"])
    for stage in stages:
        assert stage["moves"] >= stage["moves_at_least"]
        design = topo.load_design(folder / stage["design"])
        report = topo.check(design)
        assert report.verdict == "held"
        assert report.metrics.gpus == stage["gpus"]
        assert (folder / stage["certificate"]["file"]).is_file()
    page = (folder / "search.html").read_text()
    assert "Stages of the winner" in page
    assert all(stage["design"] in page for stage in stages)
    assert search.to_json() == value


def test_all_of_it_is_verified_and_nothing_that_was_changed(searched: tuple[Search, Path], tmp_path: Path) -> None:
    import shutil

    _, folder = searched
    assert not [entry.text() for entry in verify_search(folder / "search.json", CATALOG) if not entry.proved]

    def fewer_moves(value: Any) -> None:
        value["winner"]["stages"][1]["moves"] = 77

    def cheaper(value: Any) -> None:
        value["winner"]["cost_usd"] -= 1

    def unasked(value: Any) -> None:
        value.pop()

    def never_moved(value: Any) -> None:
        next(one for one in value if len(one["line"]) > 1 and "values" in one)["values"]["moves"] = 123.0

    def praised(value: Any) -> None:
        value[0]["note"] = "the best there is"

    def with_a_reason(value: Any) -> None:
        value[0]["reason"] = "nobody wants it"

    of_lines = (unasked, never_moved, praised, with_a_reason)
    tampered = ((fewer_moves, "search"), (cheaper, "search"), *((change, "sequences") for change in of_lines))
    for change, name in tampered:
        other = tmp_path / change.__name__
        shutil.copytree(folder, other)
        value = json.loads((other / f"{name}.json").read_text())
        change(value)
        (other / f"{name}.json").write_text(json.dumps(value))
        assert [e for e in verify_search(other / "search.json", CATALOG) if not e.proved], change.__name__


def test_an_interrupted_search_goes_on_to_the_same_bytes(searched: tuple[Search, Path], tmp_path: Path) -> None:
    _, folder = searched
    asked = 0

    def until(tasks: Sequence[StageTask], done: Callable[[int, Judgment], None]) -> None:
        nonlocal asked
        asked += 1
        if asked == 3:
            raise KeyboardInterrupt
        alone(tasks, done)

    path = write(tmp_path, (folder / "request.yaml").read_text())
    half = search_stages(read_request(path, CATALOG), until, {})
    assert half.stopped == "interrupted"
    assert half.exit_code == 3
    write_set(tmp_path / "out", files_of(half))
    assert json.loads((tmp_path / "out" / "search.json").read_text())["space"]["open"] > 0
    assert not [entry.text() for entry in verify_search(tmp_path / "out" / "search.json", CATALOG) if not entry.proved]
    topo.search(path, tmp_path / "out", resume=True)
    topo.search(path, tmp_path / "whole")
    names = sorted(p.relative_to(tmp_path / "whole") for p in (tmp_path / "whole").rglob("*") if p.is_file())
    assert names == sorted(p.relative_to(tmp_path / "out") for p in (tmp_path / "out").rglob("*") if p.is_file())
    for name in names:
        assert (tmp_path / "out" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes(), name


def test_a_host_of_32_leaves_moves_as_growth_says() -> None:
    """512 to 1,024 GPUs on rails of 64-port switches: 256 links move where nothing was kept ready for them."""
    text = (
        "name: rails\nhost: dgx-h100\nchoose: {families: [mrft], switches: [nvidia-qm9700], oversubscription: [1],\n"
        "  pods: [scalable-unit], rails_per_leaf: [8], spread: [even], build_for_gpus: [null]}\nstages: [512, 1024]\n"
    )
    search = topo.search(_value(text))
    assert search.complete
    assert search.winner.values["moves"] == 256
    assert search.winner.stages[1]["moves_at_least"] == 256
    ready = topo.search(_value(text.replace(", build_for_gpus: [null]", "") + "objectives: [moves, cost_usd]\n"))
    assert ready.winner.values["moves"] == 0


def _stands(point: Any) -> list[int]:
    """The switches of each stage of a sequence."""
    return [stage["switches"]["total"] for stage in point["stages"]]


@pytest.mark.parametrize("tried", [1, slow(9)])
def test_stock_and_racks_bind_every_stage(tried: int, tmp_path: Path) -> None:
    """The cheapest of all sequences whose stages keep the limits, as they stand in a search without limits."""
    text = _asked(objectives="cost_usd, moves")
    write(tmp_path, text)
    topo.search(tmp_path / "request.yaml", tmp_path / "free", top=200)
    every = json.loads((tmp_path / "free" / "search.json").read_text())["top"]
    numbers = sorted({max(_stands(point)) for point in every})
    assert len(numbers) > 1, "nothing to choose from"
    for most in numbers[:-1][:tried]:
        kept = [point["cost_usd"] for point in every if max(_stands(point)) <= most]
        for limit in (f"parts: {{example-switch-8: {{at_most: {most}}}}}", f"racks: 1, {_stock(most)}"):
            folder = tmp_path / f"{most}-{len(limit)}"
            found = topo.search(write(tmp_path, text + f"limits: {{{limit}}}\n"), folder)
            stated = json.loads((folder / "search.json").read_text())
            assert found.complete
            assert max(_stands(stated["winner"])) <= most
            assert stated["winner"]["cost_usd"] == pytest.approx(min(kept))
            assert not [one.text() for one in verify_search(folder / "search.json", CATALOG) if not one.proved]


def _stock(most: int) -> str:
    return f"parts: {{example-switch-8: {{at_most: {most}}}}}"


def test_limits_that_no_stage_keeps_are_told(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        topo.search(write(tmp_path, _asked() + "limits: {parts: {example-switch-8: {at_most: 1}}}\n"), tmp_path / "out")
    assert caught.value.problems[0].key == "limits.parts.example-switch-8"
    assert not (tmp_path / "out").exists()


def _value(text: str) -> dict[str, Any]:
    from topo import yamlfile

    return dict(yamlfile.parse(text, "r.yaml").value)


HEAD = "host: example-host-1\n"


@pytest.mark.parametrize(
    ("text", "key", "says"),
    [
        (HEAD + "stages: [8]\n", "stages", "two sizes or more"),
        (HEAD + "stages: [16, 8]\n", "stages", "larger than the one before"),
        (HEAD + "gpus: 12\nstages: [8, 16]\n", "gpus", "none of the stages"),
        (HEAD + "stages: [8, 16]\nobjectives: [spray]\n", "objectives[0]", "moves"),
        (HEAD + "gpus: 8\nobjectives: [moves]\n", "objectives[0]", "without stages"),
        (HEAD + "gpus: 8\nmove_usd: 3\n", "move_usd", "without stages"),
        (HEAD + "stages: [8, 16]\nmove_usd: -3\n", "move_usd", "at least 0"),
        (HEAD + "stages: [8, 16]\nlimits: {cost_usd: 3}\n", "limits.cost_usd", "one size"),
        (HEAD + "stages: [8, 16]\nlimits: {racks: 3, power_w: 3}\n", "limits.power_w", "one size"),
        ("host: h800-node\nstages: [8, 12]\n", "stages", "8 or 16"),
        (HEAD + "stages: [8, many]\n", "gpus", "missing"),
    ],
)
def test_a_wrong_line_of_stages_is_told_with_its_place(text: str, key: str, says: str) -> None:
    with pytest.raises(InputError) as caught:
        request(text)
    problem = next(p for p in caught.value.problems if p.key == key)
    assert problem.line
    assert says in problem.text()


@pytest.mark.parametrize("after", [slow(0), 5, slow(39)])
def test_an_interrupt_while_stages_are_counted_leaves_a_search_to_resume(
    after: int, searched: tuple[Search, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path, (searched[1] / "request.yaml").read_text())
    original, left = Counter.count, after

    def count(self: Counter, candidate: Candidate) -> object:
        nonlocal left
        left -= 1
        if left < 0:
            raise KeyboardInterrupt
        return original(self, candidate)

    with monkeypatch.context() as patch:
        patch.setattr(Counter, "count", count)
        half = topo.search(path, tmp_path / "out")
    assert (half.stopped, half.complete, half.space["candidates"]) == ("interrupted", False, after)
    assert json.loads((tmp_path / "out" / "search.json").read_text())["complete"] is False
    assert not [entry.text() for entry in verify_search(tmp_path / "out" / "search.json", CATALOG) if not entry.proved]
    assert topo.search(path, tmp_path / "out", resume=True).complete
    files, left = {p: p.read_bytes() for p in (tmp_path / "out").rglob("*") if p.is_file()}, after
    with monkeypatch.context() as patch:
        patch.setattr(Counter, "count", count)
        topo.search(path, tmp_path / "out", resume=True)
    assert files == {p: p.read_bytes() for p in (tmp_path / "out").rglob("*") if p.is_file()}, "work is lost"


def test_stages_of_too_many_candidates_are_told_before_any_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    from topo.searching.stages import options

    monkeypatch.setattr(options, "first_look", None)
    with pytest.raises(InputError) as caught:
        search_stages(request(_asked()), alone, {}, How(at_most=1))
    assert caught.value.problems[0].key == "--at-most"
