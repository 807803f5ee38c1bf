"""Draws of random failures are examined by a pool: the same rows, reports and judgments as in one process."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import TypeVar

import pytest

import topo
from tests.searching.small import CATALOG, write
from topo.analysis.failures import random_failures
from topo.api import check_file
from topo.errors import InputError
from topo.pool import Spread, open_pool
from topo.report.many import check_many

T = TypeVar("T")
R = TypeVar("R")
TEXT = """\
name: drawn
gpus: 32
host: example-host-1
networks: {compute: {family: ft2, switch: example-switch-8, oversubscription: 1}}
requirements:
  - random_failures: {any: cable, count: 3, seeds: 7, throughput_at_least: 0.3}
  - random_failures: {any: switch, count: 1, seeds: 5, cut_off_at_most: 8}
"""


class Here:
    """Does the tasks in this process, and counts them."""

    width = 2

    def __init__(self) -> None:
        self.sizes: list[int] = []

    def __call__(self, work: Callable[[T], R], tasks: Sequence[T], /) -> list[R]:
        self.sizes.append(len(tasks))
        return [work(task) for task in tasks]


@pytest.mark.sampled(3)
@pytest.mark.parametrize("seeds", [1, 2, 3, 4, 5, 11])
@pytest.mark.parametrize("what", ["cable", "leaf", "host"])
def test_parts_of_the_draws_are_the_draws(what: str, seeds: int) -> None:
    fabric = topo.build(topo.load_design("designs/tiny-ft2.yaml"))
    here = Here()
    whole = random_failures(fabric, what, 1, range(3, 3 + seeds))
    parts = random_failures(fabric, what, 1, range(3, 3 + seeds), spread=here)
    assert whole == parts
    assert here.sizes == ([min(4, seeds)] if seeds > 1 else [])


def test_a_design_checked_alone_has_its_draws_examined_by_processes(tmp_path: Path) -> None:
    path = write(tmp_path, TEXT, "drawn.yaml")
    alone = check_file(path, CATALOG, date(2026, 1, 1))
    assert alone.verdict in ("held", "broken")
    with open_pool(2) as pool:
        spread = check_file(path, CATALOG, date(2026, 1, 1), spread=Spread(pool))
        assert pool._executor is not None, "the pool did nothing"  # type: ignore[attr-defined]
    assert spread.to_json() == alone.to_json()
    assert [one.kind for one in topo.load_design(path).requirements] == ["random_failures"] * 2


def test_many_gives_a_single_design_the_pool_where_there_are_jobs(tmp_path: Path) -> None:
    path = write(tmp_path, TEXT, "drawn.yaml")
    widths = []

    def alone(one: Path, spread: Spread) -> object:
        widths.append(spread.width)
        return check_file(one, CATALOG, date(2026, 1, 1))

    def check(one: Path) -> object:
        return check_file(one, CATALOG, date(2026, 1, 1))

    first = check_many([path], check, 3, alone=alone)  # type: ignore[arg-type]
    second = check_many([path], check, 1, alone=alone)  # type: ignore[arg-type]
    assert widths == [3]
    assert first[0].to_json() == second[0].to_json()


def _wrong(task: int) -> int:
    if task == 1:
        raise InputError([])
    return 1 // task


def test_what_keeps_a_task_from_an_answer_is_raised() -> None:
    with open_pool(1) as pool:
        spread = Spread(pool)
        assert spread(_wrong, [2, 3]) == [0, 0]
        with pytest.raises(InputError):
            spread(_wrong, [2, 1])
        with pytest.raises(RuntimeError, match="ZeroDivisionError"):
            spread(_wrong, [0])
    with pytest.raises(RuntimeError, match="over"):
        spread(_wrong, [2])
