"""Whether what a row says agrees with the bounds of its group: arrays against one row at a time."""

from __future__ import annotations

import json
import math
import random
from typing import Any, NamedTuple

import numpy as np
import pytest

from topo.searching.bounds.groups import FIGURES
from topo.searching.bounds.places import Groups
from topo.searching.bounds.says import Says
from topo.searching.record.result import DOMINATED, REFUSED, REFUTED
from topo.searching.record.said import Said, said

HELD, ASKED = (7, 30, 500), frozenset({"throughput-1"})
NOTHING = Groups(np.zeros((0, len(FIGURES))), np.zeros((0, 0), dtype=bool))


class Group(NamedTuple):
    """A group, and the designs that hold and are at least as good. The fields are in the order of `FIGURES`."""

    impossible: bool
    least_switches: float
    least_usd: float
    switches: float
    usd: float
    better: frozenset[int]


def tails(draw: random.Random, number: int) -> list[str]:
    """What rows may say, and a few that none may."""
    result = []
    for _ in range(number):
        switches = {"leaf": draw.choice([0, 5, 10, 20]), "spine": draw.choice([0, 5])}
        rows: list[dict[str, Any]] = [
            {"verdict": REFUSED, "reason": "x", "proof": {"kind": "recount", "key": draw.choice(["gpus", "p"])}},
            {"verdict": REFUTED, "reason": "throughput-1", "switches": switches, "links": {},
             "proof": {"kind": "recount", "requirement": "throughput-1"}},
            {"verdict": REFUTED, "reason": "other", "switches": switches, "links": {},
             "proof": {"kind": "recount", "requirement": "other"}},
            {"verdict": DOMINATED, "switches": switches, "links": {},
             "proof": {"kind": "counts", "by": draw.choice([*HELD, 8, 10**400])}},
            {"verdict": "held", "switches": switches, "links": {}, "proof": {}},
            {"verdict": DOMINATED, "switches": {"leaf": 10**400}, "links": {}, "proof": {"kind": "counts", "by": 7}},
        ]  # fmt: skip
        row = draw.choice(rows)
        if row["verdict"] in (REFUTED, DOMINATED) and draw.random() < 0.8:
            row["cost_usd_at_least"] = draw.choice([0.0, 99.0, 100.0, 100.0 * (1 - 1e-12), 250.0])
        result.append(json.dumps(row).removeprefix('{"verdict": '))
    return result


def group(draw: random.Random) -> Group:
    least = draw.choice([(0, 0), (5, 10), (10, 25)])
    more = draw.choice([0.0, 5.0, math.inf])
    needs = least[0] + more, least[1] * 10.0 + more
    return Group(
        draw.random() < 0.1, least[0], least[0] * 10.0, *needs, frozenset(draw.sample(HELD, draw.randrange(4)))
    )


def as_arrays(groups: list[Group]) -> Groups:
    better = [[number in one.better for number in HELD] for one in groups]
    return Groups(np.array([one[:5] for one in groups], dtype=float), np.array(better))


def follows(row: Said | None, group: Group) -> bool:
    if row is None or row.state == REFUSED or group.impossible:
        return row is not None and row.state == REFUSED
    if row.switches < group.least_switches or row.usd < group.least_usd * (1 - 1e-9):
        return False
    if row.state == REFUTED:
        return row.requirement in ASKED
    return row.by in group.better and row.switches >= group.switches and row.usd >= group.usd * (1 - 1e-9)


@pytest.mark.parametrize("seed", range(3))
def test_rows_follow_their_groups_as_one_by_one(seed: int) -> None:
    draw = random.Random(seed)
    says, some = Says(HELD, ASKED), [group(draw) for _ in range(40)]
    texts = tails(draw, 3000)
    numbers = says.numbers(texts)
    of = [draw.randrange(-1, len(some)) for _ in texts]
    found = says.follow(np.array(numbers), as_arrays(some), np.array(of)).tolist()
    own = [n >= 0 and follows(said(f'{{"verdict": {text}'), some[n]) for text, n in zip(texts, of, strict=True)]
    assert found == own
    assert 300 < sum(own) < 2700
    kind_of, kinds = says.kinds()
    for text, number in zip(texts, numbers, strict=True):
        row = said(f'{{"verdict": {text}')
        assert (kind_of[number] < 0) if row is None else (kinds[kind_of[number]] == (row.state, row.key))


def test_nothing_is_passed_over_without_groups_or_rows() -> None:
    says = Says((), frozenset())
    assert says.follow(np.zeros(0, dtype=int), NOTHING, np.zeros(0, dtype=int)).tolist() == []
    assert says.follow(np.array(says.numbers(["5}"])), NOTHING, np.array([-1])).tolist() == [False]
