"""Ports of switches as numbers: what is kept or in closed form, against trying every number."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import pytest

from tests.slow import slow
from topo.catalog import load_catalog
from topo.catalog.switches import Switch
from topo.errors import ParameterError
from topo.generators.flat import Radix
from topo.generators.layout import breakout_of, fits, fitted, no_split, parted, uniform
from topo.generators.trees.counts.ports import LEAF_KEYS, tier_ports

CATALOG = load_catalog()
PARTS = [CATALOG.switch(name) for name in CATALOG.ids("switch")]


def _speeds(part: Switch) -> list[tuple[float, float]]:
    each = sorted({b.gbps for b in part.breakouts})
    return list(product(each, each))


@pytest.mark.sampled(14)
@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.id)
def test_what_fits_beside_a_number_of_ports_is_what_trying_every_number_finds(part: Switch) -> None:
    for down, up in _speeds(part):
        radix = Radix(part, down, up)
        most = max(part.ports_at(down), part.ports_at(up))
        for held in sorted({0, 1, 2, part.cages // 3, part.cages, most // 2, most, most + 1}):
            links = [n for n in range(most + 2) if fits(part, held, down, n, up)]
            ends = [n for n in range(most + 2) if fits(part, n, down, held, up)]
            assert radix.most_links(held) == max(links, default=-1)
            assert radix.most_endpoints(held) == max(ends, default=-1)


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.id)
def test_a_split_has_the_ports_that_its_layout_names(part: Switch) -> None:
    for down, up in _speeds(part):
        for ends in (1, part.cages // 2, part.cages):
            links = Radix(part, down, up).most_links(ends)
            split = fitted(part, ends, down, max(links, 0), up)
            if split is None:
                continue
            named = uniform(part, down) if down == up else None
            layout = split.layout
            assert named is None or layout is named
            assert split.total == len(layout.names)
            assert len(split.down_at) >= ends
            assert len(split.up_at) >= max(links, 0)
            assert set(layout.gbps[split.down_at - 1].tolist()) <= {down}
            assert set(layout.gbps[split.up_at - 1].tolist()) <= {up}
            assert not set(split.down_at[:ends].tolist()) & set(split.up_at[: max(links, 0)].tolist())
            tier = tier_ports(part, down, up, 0, LEAF_KEYS)
            number = max(tier.most_up(ends), 0)
            own = uniform(part, down) if down == up else parted(part, down, number, up)
            assert tier.count(number) == tier.split(ends, number).total == len(own.names)


@pytest.mark.parametrize("pairs", [1, slow(99)])
def test_the_ratios_that_an_error_names_are_the_nearest_that_any_split_gives(pairs: int) -> None:
    part, ratio = CATALOG.switch("arista-7060x6-64pe"), Fraction(41, 7)
    for down, up in [*_speeds(part)][:pairs]:
        low, high = breakout_of(part, down, "switch"), breakout_of(part, up, "switch")
        ways = product(range(1, part.ports_at(down)), range(1, part.ports_at(up)))
        every = {
            Fraction(d, u) * Fraction(str(down)) / Fraction(str(up)) for d, u in ways if fits(part, d, down, u, up)
        }
        near = sorted(sorted(every, key=lambda r: (abs(r - ratio), r))[:2])
        problem = no_split(part, low, high, ratio, "oversubscription", lambda r: True).problems[0]
        assert problem.allowed == " or ".join(f"{r.numerator}:{r.denominator}" for r in near)


def test_a_speed_that_the_switch_does_not_have_is_told() -> None:
    with pytest.raises(ParameterError, match="no ports of this speed"):
        fits(CATALOG.switch("example-switch-8"), 1, 400.0, 1, 123.0)
