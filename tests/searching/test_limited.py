"""What limits leave where parts may share a tier, against plain enumeration of the same space."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import topo
from tests.searching.small import CATALOG, request, write
from topo.errors import InputError
from topo.searching import Search
from topo.searching.bounds.limited import Limited, Shape, limited, limits_bound, shapes, wrong_bound
from topo.searching.candidates.count import Counted
from topo.searching.candidates.space import candidates
from topo.searching.running.run import Run, counter_of, first_look
from topo.searching.verify.verify import verify_search

TWINS = "nvidia-qm9700, nvidia-qm9790"
"""Two parts with the same ports."""
HEAD = """\
name: stock
gpus: 512
host: h800-node
choose: {{families: [ft2, mrft], switches: [{switches}], oversubscription: [1, 2, 3]}}
requirements: [{{connected: {{}}}}]
"""


def _bound(text: str) -> tuple[dict[str, Any], list[Any], Any]:
    asked = request(text)
    counter = counter_of(asked)
    rows = [first_look(n, c, counter, asked) for n, c in enumerate(candidates(asked))]
    return limits_bound(asked, rows, counter), rows, asked


def _fillings(shape: Shape, within: Limited) -> list[float]:
    """The prices of all fillings of a shape that keep the limits, one tier after the other, each part tried."""
    each = []
    for _, number, parts in shape.tiers:
        splits = (n for n in product(range(number + 1), repeat=len(parts) - 1) if sum(n) <= number)
        each.append([dict(zip(parts, (*n, number - sum(n)), strict=True)) for n in splits])
    found = []
    for tiers in product(*each):
        held = [(part, n) for tier in tiers for part, n in tier.items()]
        used = {r: sum(within.use[r].get(part, 0) * n for part, n in held) for r in within.room}
        if all(used[r] <= room for r, room in within.room.items()):
            found.append(float(shape.links_usd + sum(within.price[part] * n for part, n in held)))
    return found


@pytest.mark.sampled(6)
@pytest.mark.parametrize("seed", range(12))
def test_the_bound_is_that_of_every_filling_tried(seed: int) -> None:
    rng = np.random.default_rng(seed)
    stock = ", ".join(f"{part}: {{at_most: {rng.integers(6, 30)}}}" for part in TWINS.split(", "))
    power = f", power_w: {int(rng.integers(8, 40)) * 1000}" if seed % 3 == 1 else ""
    racks = f", racks: {rng.integers(1, 3)}" if seed % 3 == 2 else ""
    found, rows, asked = _bound(HEAD.format(switches=TWINS) + f"limits: {{parts: {{{stock}}}{power}{racks}}}\n")
    counter = counter_of(asked)
    within = limited(asked, counter)
    assert within is not None
    every = [usd for shape in shapes(asked, rows, counter, within) for usd in _fillings(shape, within)]
    assert bool(every) == ("filling" in found)
    if every:
        assert found["filling"]["cost_usd_at_least"] == pytest.approx(min(every))
        assert found["cost_usd"] <= min(every) + 1e-6
        assert found["cost_usd"] == pytest.approx(min(every), rel=0.02)
    alone = [row.counted.cost_lower for row in rows if isinstance(row.counted, Counted)]
    assert min(alone, default=np.inf) >= found.get("cost_usd", np.inf) - 1e-6
    assert not wrong_bound(json.loads(json.dumps(found)), asked, rows, counter)


@pytest.mark.parametrize("most", [20, 24, 40])
def test_without_parts_alike_the_bound_is_the_least_of_the_candidates_that_keep_the_limits(most: int) -> None:
    found, rows, _ = _bound(
        HEAD.format(switches="nvidia-qm9700") + f"limits: {{parts: {{nvidia-qm9700: {{at_most: {most}}}}}}}\n"
    )
    kept = [row.counted.cost_lower for row in rows if isinstance(row.counted, Counted)]
    assert found["cost_usd"] == pytest.approx(min(kept))
    assert found["filling"]["shared"] is False


@pytest.fixture(scope="module")
def searched(tmp_path_factory: pytest.TempPathFactory) -> tuple[Search, Path]:
    folder = tmp_path_factory.mktemp("stock")
    text = (
        HEAD.format(switches=TWINS) + "limits: {parts: {nvidia-qm9700: {at_most: 18}, nvidia-qm9790: {at_most: 9}}}\n"
    )
    return topo.search(write(folder, text), folder / "out"), folder / "out"


def test_the_winner_costs_no_less_and_all_of_it_is_verified(searched: tuple[Search, Path]) -> None:
    search, folder = searched
    stated = json.loads((folder / "search.json").read_text())["within_limits"]
    assert search.winner is not None
    assert stated["cost_usd"] <= (search.winner.cost_usd or 0.0) + 1e-6
    entries = verify_search(folder / "search.json", CATALOG)
    assert all(entry.proved for entry in entries), [entry for entry in entries if not entry.proved]
    assert [entry.rests_on for entry in entries if entry.id == "within_limits"] == ["certificate"]


CHANGES: dict[str, Callable[[Any], object]] = {
    "dearer": lambda found: found.update(cost_usd=found["cost_usd"] * 2),
    "none": lambda found: found.pop("cost_usd"),
    "another part": lambda found: found["filling"]["tiers"].update(leaf={"nvidia-qm8700": 16}),
    "too few": lambda found: found["filling"]["tiers"]["leaf"].update({"nvidia-qm9700": 1}),
    "cheaper": lambda found: found["filling"].update(cost_usd_at_least=1.0),
    "another candidate": lambda found: found["filling"].update(number=10**6),
    "multipliers below zero": lambda found: found["certificate"].update(
        multipliers=[{"number": found["filling"]["number"], "priced": True, "worth": {"parts.nvidia-qm9700": [-9, 1]}}]
    ),
    "another statement": lambda found: found.update(statement="nothing costs less"),
    "one key more": lambda found: found.update(note="by hand"),
    "all of it": lambda found: found.clear(),
}


@pytest.mark.parametrize("what", CHANGES)
def test_another_bound_does_not_follow(what: str) -> None:
    text = (
        HEAD.format(switches=TWINS) + "limits: {parts: {nvidia-qm9700: {at_most: 18}, nvidia-qm9790: {at_most: 9}}}\n"
    )
    found, rows, asked = _bound(text)
    found = json.loads(json.dumps(found))
    assert not wrong_bound(found, asked, rows, counter_of(asked))
    CHANGES[what](found)
    assert wrong_bound(found, asked, rows, counter_of(asked))


def test_where_only_parts_that_share_a_tier_would_do_the_hint_says_which() -> None:
    text = HEAD.format(switches=TWINS).replace("[1, 2, 3]", "[1]")
    text += "limits: {parts: {nvidia-qm9700: {at_most: 13}, nvidia-qm9790: {at_most: 13}}}\n"
    with pytest.raises(InputError) as error:
        Run(request(text)).search()
    assert "parts that share a tier would do" in error.value.problems[0].hint
    assert "x nvidia-qm9790" in error.value.problems[0].hint


def test_limits_that_contradict_each_other_are_refused_with_what_would_be_enough() -> None:
    """Stock for the tree there is, and power for a fifth of it: neither limit alone leaves nothing."""
    text = HEAD.format(switches="nvidia-qm9700").replace("[1, 2, 3]", "[1]")
    stock, power = "parts: {nvidia-qm9700: {at_most: 24}}", "power_w: 4000"
    assert Run(request(text + f"limits: {{{stock}}}\n")).search().winner is not None
    with pytest.raises(InputError) as error:
        Run(request(text + f"limits: {{{stock}, {power}}}\n")).search()
    problem = error.value.problems[0]
    assert problem.key == "limits.power_w"
    assert problem.allowed.startswith("at least ")
    assert "even where parts share a tier" in problem.hint
    enough = int(problem.allowed.removeprefix("at least ").replace(",", ""))
    found = Run(
        request(text + f"objectives: [switches, power_w]\nlimits: {{{stock}, power_w: {3 * enough}}}\n")
    ).search()
    assert found.winner is not None
    assert enough < found.winner.values["power_w"] <= 3 * enough


@pytest.mark.sampled(1)
@pytest.mark.parametrize("name", ["power_w", "cost_usd"])
def test_limits_bind_what_is_built_and_not_only_its_closed_forms(name: str, tmp_path: Path) -> None:
    """Between the power of switches alone and that with modules, or prices before and after cables are laid, a design
    keeps a limit by closed forms and passes it when built; so the search refuses it, and verify shows why."""
    text = HEAD.format(switches="nvidia-qm9700").replace("[1, 2, 3]", "[1]") + f"objectives: [{name}]\n"
    text += "price_book: slim-fly-layout\n" if name == "cost_usd" else ""
    free = Run(request(text)).search()
    assert free.winner is not None
    counted, value = free.winner.row.counted, free.winner.values[name]
    least = {"power_w": counted.power_lower, "cost_usd": counted.cost_lower}[name]
    assert least < value
    limit = f"limits: {{{name}: {(least + value) / 2}}}\n"
    tight = topo.search(write(tmp_path, text + limit), tmp_path / "out")
    assert tight.winner is None
    assert tight.complete
    assert tight.exit_code == 1
    refused = [row for row in tight.rows if row.judgment is not None]
    assert {row.proof.get("key") for row in refused} == {f"limits.{name}"}
    entries = verify_search(tmp_path / "out" / "search.json", CATALOG)
    assert all(entry.proved for entry in entries), [entry for entry in entries if not entry.proved]
    listed = tmp_path / "out" / "candidates.json"
    listed.write_text(listed.read_text().replace(refused[0].reason, "nobody wants it"))
    entries = verify_search(tmp_path / "out" / "search.json", CATALOG)
    assert f"it is refused by: {refused[0].reason}" in [entry.reason for entry in entries if not entry.proved]
    loose = Run(request(text + f"limits: {{{name}: {value + 1}}}\n")).search()
    assert loose.winner is not None
    assert loose.winner.values[name] == pytest.approx(value)
