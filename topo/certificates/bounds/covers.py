"""What any permutation can put on an arc, at most: what senders and receivers pay for it.

Of what sender s sends receiver t at most the share f(s, t) crosses an arc. Whatever the line rates allow is a matrix
whose rows and columns sum to at most the line rates, so prices with a(s) + b(t) >= f(s, t) bound the load by the sum of
a and b times these rates (Towles, Dally, SPAA 2002; for shares of 0 and 1, a cover of the pairs by senders and
receivers). The least b that goes with a is b(t) = max over s of f(s, t) - a(s). Three choices of a need no list: 0,
the greatest share of every sender, and that of the senders at the arc's tail alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from topo.certificates.bounds.crossing import Crossing
from topo.fabric.model import IntArray

CHUNK = 1 << 22
"""Shares that are added up at once."""
Values = npt.NDArray[Any]
"""Greatest shares: booleans where shares are 0 or 1, else whole numbers."""


@dataclass(frozen=True)
class Prices:
    """Arc `arc[i]` asks `price[i]` of sender number `sender[i]`; nothing of the other senders of the arcs `listed`."""

    arc: IntArray
    sender: IntArray
    price: IntArray
    listed: IntArray

    def of(self, arcs: IntArray) -> Prices:
        """The same by numbers of the given arcs, which are in order and among which all of them are."""
        at = np.searchsorted(arcs, self.arc)
        return Prices(at, self.sender, self.price, np.searchsorted(arcs, self.listed))


def worst_loads(
    crossings: Iterable[Crossing], at_tail: IntArray, weight: IntArray, room: IntArray, scale: int, prices: Prices
) -> IntArray:
    """Shape (arcs,): no traffic within the line rates puts more units than this / `scale` on an arc. `at_tail` (arcs,)
    is the sender at an arc's tail, -1 where there is none; `weight` (senders,) and `room` (receivers,) are line rates
    whose sum times the scale stays below 2^62."""
    arcs, senders = len(at_tail), len(weight)
    kind: type[np.bool_ | np.int64] = np.bool_ if scale == 1 else np.int64
    top: Values = np.zeros(arcs * senders, dtype=kind)
    key = prices.arc * senders + prices.sender
    order = np.argsort(key)
    key, asked = key[order], prices.price[order]
    listed = np.zeros(arcs, dtype=np.bool_)
    listed[prices.listed] = True
    by_all, by_senders, by_others, by_listed = (np.zeros(arcs, dtype=np.int64) for _ in range(4))
    np.add.at(by_listed, prices.arc, prices.price * weight[prices.sender])
    for block in crossings:
        arc = block.arc[block.pair]
        place = arc * senders + block.sender
        _raise(top, place, block.share)
        own = block.sender == at_tail[arc]
        best: Values = np.zeros(len(block), dtype=kind)
        _raise(best, block.pair[~own], block.share[~own])
        _pay(by_others, block, best, room)
        some = listed[arc]
        if some.any():
            paid = np.zeros(int(some.sum()), dtype=np.int64)
            if len(key):
                at = np.minimum(np.searchsorted(key, place[some]), len(key) - 1)
                paid = np.where(key[at] == place[some], asked[at], 0)
            short = block.share[some] - paid
            rest: Values = np.zeros(len(block), dtype=kind)
            _raise(rest, block.pair[some][short > 0], short[short > 0])
            _pay(by_listed, block, rest, room)
        _raise(best, block.pair[own], block.share[own])
        _pay(by_all, block, best, room)
    full = top.reshape(arcs, senders)
    step = max(CHUNK // max(senders, 1), 1)
    for first in range(0, arcs, step):
        by_senders[first : first + step] = full[first : first + step] @ weight
    tails = np.flatnonzero(at_tail >= 0)
    by_others[tails] += full[tails, at_tail[tails]] * weight[at_tail[tails]]
    bound = np.minimum(np.minimum(by_all, by_senders), by_others)
    return np.where(listed, np.minimum(bound, by_listed), bound)


def _raise(values: Values, at: IntArray, to: IntArray) -> None:
    """The entries `at` become `to` where they are less; in a table of booleans all become True."""
    if values.dtype == np.bool_:
        values[at] = True
    else:
        np.maximum.at(values, at, to)


def _pay(bound: IntArray, block: Crossing, best: Values, room: IntArray) -> None:
    """Adds what the receivers pay: the price `best` of every pair times their line rate."""
    some = np.flatnonzero(best)
    np.add.at(bound, block.arc[some], best[some] * room[block.to[some]])
