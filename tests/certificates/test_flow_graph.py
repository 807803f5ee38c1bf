"""The checker's own reading of a network: arcs as sorting all links both ways gives them."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from tests.slow import often
from topo.certificates.reading.flow_graph import _arcs

LINKS = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6), st.sampled_from([100.0, 133.3, 400.0])), max_size=30)


@often(66, 400, LINKS, st.booleans())
def test_arcs_are_all_links_both_ways(links: list[tuple[int, int, float]], ascending: bool) -> None:
    """Links in any order and direction, several between two switches, or from a switch to itself."""
    listed = sorted((min(a, b), max(a, b), speed) for a, b, speed in links) if ascending else links
    a, b = (np.array([link[i] for link in listed], dtype=np.int64) for i in (0, 1))
    gbps = np.array([link[2] for link in listed], dtype=np.float64)
    expected: dict[tuple[int, int], float] = {}
    for tail, head, speed in [*listed, *((head, tail, speed) for tail, head, speed in listed)]:
        expected[tail, head] = expected.get((tail, head), 0.0) + speed
    found = list(zip(*(column.tolist() for column in _arcs(a, b, gbps, 7)), strict=True))
    assert [(tail, head) for tail, head, _ in found] == sorted(expected)
    np.testing.assert_allclose([speed for _, _, speed in found], [expected[key] for key in sorted(expected)])
