"""What the rows of one family say, each different text once, and whether it agrees with the bounds of their groups."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from topo.fabric.model import BoolArray, IntArray
from topo.searching.bounds.places import Groups
from topo.searching.record.result import DOMINATED, REFUSED, REFUTED
from topo.searching.record.said import Said, said

LESS = 1 - 1e-9
"""A stated price may be less than a bound by more than floats round."""
STATES = ("", REFUSED, REFUTED, DOMINATED)
"""Verdicts by number, after that of a row that has to be counted whatever its group."""


class Says:
    """What rows say after their keys, by number. `held` are the designs that are said to hold, `asked` the requirements
    that may be broken."""

    def __init__(self, held: Iterable[int], asked: frozenset[str]) -> None:
        self._held = {number: place for place, number in enumerate(held)}
        self._asked = asked
        self._numbers: dict[str, int] = {}
        self._rows: list[Said | None] = []

    def numbers(self, tails: Sequence[str]) -> list[int]:
        """The number of each of these texts."""
        known = self._numbers
        for tail in tails:
            if tail not in known:
                known[tail] = len(self._rows)
                self._rows.append(said(f'{{"verdict": {tail}'))
        return [known[tail] for tail in tails]

    def kinds(self) -> tuple[IntArray, list[tuple[str, str]]]:
        """Shape (texts,): the kind of each, -1 where it is none; and the verdict and key of each kind."""
        kinds: dict[tuple[str, str], int] = {}
        of = [-1 if row is None else kinds.setdefault((row.state, row.key), len(kinds)) for row in self._rows]
        return np.array(of, dtype=np.intp), list(kinds)

    def follow(self, rows: IntArray, groups: Groups, group_of: IntArray) -> BoolArray:
        """Shape (candidates,): whether each can be passed over, by the number of what its row says and of its group (-1
        where it has none). What is said to be refused can; so can other rows whose figures are no less than the bounds,
        of a requirement that is asked, or dominated by a design that holds and is at least as good."""
        if not len(groups.figures) or not self._rows:
            return np.zeros(len(rows), dtype=bool)
        state, switches, usd, by = np.array([self._figures(row) for row in self._rows]).T[:, rows]
        impossible, least_switches, least_usd, needs_switches, needs_usd = groups.figures.T[:, group_of]
        better = np.pad(groups.better, ((0, 0), (0, 1)))
        refused = state == STATES.index(REFUSED)
        enough = (switches >= least_switches) & (usd >= least_usd * LESS) & (impossible == 0)
        beaten = better[group_of, by.astype(np.intp)] & (switches >= needs_switches) & (usd >= needs_usd * LESS)
        right = (state == STATES.index(REFUTED)) | ((state == STATES.index(DOMINATED)) & beaten)
        result: BoolArray = (group_of >= 0) & (refused | (enough & right))
        return result

    def _figures(self, row: Said | None) -> tuple[float, float, float, float]:
        """The verdict, the switches, the price, and the place among those that hold of the one that is named, that of
        none being the last."""
        if row is None or (row.state == REFUTED and row.requirement not in self._asked):
            return 0.0, 0.0, 0.0, len(self._held)
        return STATES.index(row.state), row.switches, row.usd, self._held.get(row.by, len(self._held))
