"""Each component is cut on its own: the same sides as one flow over all of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from topo.analysis.bisection import sides
from topo.analysis.bisection.sides import with_switches
from topo.certificates.reading import cut
from topo.certificates.reading.cut import CutGraph


def planes(equal: bool, seed: int) -> CutGraph:
    """Three planes of six hosts on three leaves and two spines, of random speeds; or of those of the first."""
    rng = np.random.default_rng(seed)
    edges = [(h, 6 + h // 2) for h in range(6)] + [(6 + leaf, 9 + spine) for leaf in range(3) for spine in range(2)]
    u, v = np.array(edges).T
    drawn = rng.integers(1, 9, size=(3, len(u)))
    capacity = np.tile(drawn[0], 3) if equal else drawn.ravel()
    shifted = [np.where(end < 6, end, end + 5 * p) for p in range(3) for end in (u, v)]
    all_u, all_v = np.concatenate(shifted[::2]), np.concatenate(shifted[1::2])
    order = np.lexsort((all_v, all_u))
    return CutGraph(np.arange(21), 6, all_u[order], all_v[order], capacity[order], cut.whole_numbers(np.ones(1))[1])


@pytest.mark.parametrize("equal", [True, False])
@pytest.mark.parametrize("seed", range(4))
def test_components_are_cut_as_the_whole_is(equal: bool, seed: int) -> None:
    graph = planes(equal, seed)
    assert len(graph.parts) == 3
    assert [part.equals(graph.parts[0]) for part in graph.parts] == [True, equal, equal]
    rng = np.random.default_rng(seed)
    for _ in range(5):
        hosts = np.sort(rng.choice(6, 3, replace=False))
        whole, found = sides._with_switches(graph, hosts), with_switches(graph, hosts)
        assert found.cut == whole.cut
        assert found.on_a.tolist() == whole.on_a.tolist()


def test_a_part_with_one_other_capacity_is_not_equal() -> None:
    first = planes(True, 0).parts[0]
    capacity = first.capacity.copy()
    capacity[-1] += 1
    assert not replace(first, capacity=capacity).equals(first)
