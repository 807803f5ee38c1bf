"""Random failures: stated seeds, the same draw each time, never better than intact."""

from __future__ import annotations

import pytest

from topo.analysis.failures import random_failures
from topo.analysis.throughput import throughput
from topo.errors import ParameterError

from .test_single import small


def test_seeds_make_the_draw() -> None:
    fabric = small("ft2", 16, 8, nics=1)
    found = random_failures(fabric, "cable", 3, seeds=(5, 6, 7))
    again = random_failures(fabric, "cable", 3, seeds=(7, 5))
    assert found.lower[[2, 0]].tolist() == again.lower.tolist()
    assert [r.worst for r in found.rows] == ["seed 5", "seed 6", "seed 7"]
    assert found.worst.lower == found.lower.min()
    intact = throughput(fabric)
    assert (found.lower <= intact.upper).all()
    assert (found.lower <= found.upper).all()
    assert {r.count for r in found.rows} == {3}


def test_all_spines_lost_cuts_everyone_but_one_leaf_off() -> None:
    fabric = small("ft2", 8, 8, nics=2)
    spines = int((fabric.devices.tier == 2).sum())
    (row,) = random_failures(fabric, "spine", spines, seeds=(0,)).rows
    assert row.cut_off == 16 - 4
    assert len(row.lost.hosts) == 6


@pytest.mark.parametrize(("what", "count"), [("plane", 1), ("cable", 0), ("spine", 99)])
def test_what_cannot_fail(what: str, count: int) -> None:
    with pytest.raises(ParameterError):
        random_failures(small("ft2", 8, 8), what, count)
