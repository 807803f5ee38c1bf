"""Closed forms are found once for parts alike, and say of each candidate what they say of it alone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.searching.small import CATALOG, request
from topo.errors import InputError
from topo.exporters import write_set
from topo.searching.candidates.count import Counter, Known
from topo.searching.candidates.request import Request
from topo.searching.candidates.space import candidates, how_many
from topo.searching.output.files import files_of
from topo.searching.record.listed import Lines
from topo.searching.running.run import Run, counter_of, dominated, first_look
from topo.searching.verify.verify import verify_search

PARTS = "nvidia-sn5600, tomahawk-5, arista-7060x6-64pe, tomahawk-6, tomahawk-6-1600, nvidia-qm9700, dell-z9432f"
PAIRS = (
    f"gpus: 256\nhost: h800-node\nchoose: {{families: [ft2, mrft, jellyfish, slim-fly], switches: [{PARTS}], "
    "oversubscription: [1, 3], spread: [by-one], p: [2, 30], pods: [rail], rails_per_leaf: [1]}\n"
)
SPACES = [
    PAIRS,
    "gpus: 16\nhost: example-host-1\n",
    "gpus: 16\nhost: [example-host-1, example-host-2]\nchoose: {families: [ft2, jellyfish]}\n"
    "requirements:\n  - failure: {any: spine, throughput_at_least: 0.9}\n",
    "gpus: 16\nhost: example-host-1\nnetworks: {compute: {family: [ft2, ft3], spines: [1, 2, 4]}}\n"
    "objectives: [cost_usd, spray]\n",
    "gpus: 16\nhost: example-host-1\nchoose: {families: [hyperx, ft2], p: [1, 2], oversubscription: [1, 2]}\n"
    "objectives: [after_failure]\n",
]


def alone(asked: Request) -> Counter:
    """A counter that remembers nothing."""
    counter = counter_of(asked)

    class Forgetful(dict):  # type: ignore[type-arg]
        def __setitem__(self, key: object, value: object) -> None:
            pass

    return Counter(**{**vars(counter), "known": Known(alike=Forgetful())})


def test_what_parts_share_is_what_each_has_alone() -> None:
    asked = request(PAIRS)
    shared, fresh = counter_of(asked), alone(asked)
    every = list(candidates(asked))
    for number, candidate in enumerate(every):
        one = first_look(number, candidate, shared, asked)
        assert one.to_json() == first_look(number, candidate, fresh, asked).to_json()
        assert one.counted == first_look(number, candidate, fresh, asked).counted
    assert 4 * len(shared.known.alike) < 3 * len(every), "nothing is shared"
    assert not fresh.known.alike


@pytest.mark.sampled(2)
@pytest.mark.parametrize("text", SPACES)
def test_a_space_has_as_many_candidates_as_are_listed(text: str) -> None:
    asked = request(text)
    every = list(candidates(asked))
    assert how_many(asked) == len(every) == len(set(every))


def test_a_million_candidates_are_told_without_listing_them() -> None:
    numbers = ", ".join(map(str, range(1, 2001)))
    text = f"gpus: 2048\nhost: h800-node\nchoose: {{families: [ft2], spines: [{numbers}]}}\n"
    asked = request(text)
    with pytest.raises(InputError) as caught:
        Run(asked).search()
    (problem,) = caught.value.problems
    assert problem.key == "--at-most"
    assert f"{how_many(asked):,}" in problem.message
    assert how_many(asked) > 1_000_000
    assert problem.allowed == f"at least {how_many(asked):,}"


@pytest.mark.parametrize("after", [0, 5])
def test_an_interrupt_while_candidates_are_counted_leaves_a_search_that_is_not_complete(
    after: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    text = "gpus: 16\nhost: example-host-1\nchoose: {families: [ft2], switches: [example-switch-4]}\n"
    asked = request(text + "limits: {power_w: 90000}\n")
    original, left = Counter.count, after

    def count(self: Counter, candidate: object) -> object:
        nonlocal left
        left -= 1
        if left < 0:
            raise KeyboardInterrupt
        return original(self, candidate)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(Counter, "count", count)
        found = Run(asked).search()
    assert not found.complete
    assert found.stopped == "interrupted"
    assert len(found.rows) == after
    assert b'"complete": false' in files_of(found)["search.json"]
    write_set(tmp_path, files_of(found))
    assert not [entry.text() for entry in verify_search(tmp_path / "search.json", CATALOG) if not entry.proved]


@pytest.mark.sampled(2)
@pytest.mark.parametrize("text", SPACES)
def test_a_row_is_written_as_json_writes_it(text: str) -> None:
    asked = request(text)
    counter, lines = counter_of(asked), Lines()
    some = [c for n, c in enumerate(candidates(asked)) if n % 97 == 0 or n < 500]
    for number, candidate in enumerate(some):
        row = first_look(number, candidate, counter, asked)
        assert lines.line(row) == json.dumps(row.to_json(), ensure_ascii=False)
        other = dominated(row, number)
        assert lines.line(other) == json.dumps(other.to_json(), ensure_ascii=False)
