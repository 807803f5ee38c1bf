"""A tree's parts combined: the closed form of concave functions against sums one by one, and a bound on work."""

from __future__ import annotations

import numpy as np
import pytest

from topo.certificates.reading import hosttree
from topo.certificates.reading.hosttree import HostTree, least_split, plus, power
from topo.errors import CertificateError


def one_by_one(f: list[int], times: int) -> list[int]:
    """By definition: the least sum over all ways to share out, part by part."""
    found = {0: 0}
    for _ in range(times):
        step: dict[int, int] = {}
        for have, cost in found.items():
            for more, price in enumerate(f):
                step[have + more] = min(step.get(have + more, cost + price), cost + price)
        found = step
    return [found[x] for x in sorted(found)]


@pytest.mark.parametrize("seed", range(60))
def test_powers(seed: int) -> None:
    """Concave functions, which take the closed form, and any others; also those of no host and of one."""
    rng = np.random.default_rng(seed)
    steps = rng.integers(-9, 10, int(rng.integers(0, 6)))
    if seed % 3:
        steps = np.sort(steps)[::-1]
    f = np.concatenate([[int(rng.integers(0, 5))], rng.integers(0, 5) + np.cumsum(steps)]).astype(np.int64)[
        : len(steps) + 1
    ]
    f = f if seed % 3 == 0 else f[0] + np.concatenate([[0], np.cumsum(steps)]).astype(np.int64)
    for times in (1, 2, 3, 7):
        assert power(f, times).tolist() == one_by_one(f.tolist(), times)


def test_a_million_hosts_of_equal_leaves_are_shared_out_at_once() -> None:
    """250 hosts by 400 on each of 4,000 leaves with 2,000 up: half of them lie on either side of every cut."""
    leaves, hosts = 4000, 250
    classes = tuple((((leaf, 400),), hosts) for leaf in range(leaves))
    tree = HostTree((2000,) * leaves, (-1,) * leaves, (), classes)
    assert least_split(tree, leaves * hosts) == leaves // 2 * 2000


def test_what_is_too_much_is_refused_before_it_begins() -> None:
    """Convex functions of many hosts; unlike leaves by the thousand."""
    convex = np.arange(300_000, dtype=np.int64) ** 2
    with pytest.raises(CertificateError, match="steps"):
        power(convex, 4)
    with pytest.raises(CertificateError, match="steps"):
        plus(convex, convex)
    classes = tuple((((leaf, 400),), 100 + leaf) for leaf in range(900))
    with pytest.raises(CertificateError, match="steps"):
        least_split(HostTree((2000,) * 900, (-1,) * 900, (), classes), sum(n for _, n in classes))
    assert hosttree.STEPS_AT_MOST >= 1e10
