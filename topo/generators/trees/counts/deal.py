"""Links dealt from switches to those above them: how many between each two, and on which ports.

The links of all lower switches of a group, in order, go to its upper switches in turn: link t to upper switch t mod n.
So the numbers of parallel links of a lower switch differ by at most one, and so do the links of the upper switches;
where n divides the uplinks all numbers are equal. A lower switch of at least n uplinks meets all n, so any two share
every switch above them. What a lower switch is dealt depends only on those before it: growth moves no link while n
stays.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from topo.fabric.model import IntArray


@dataclass(frozen=True)
class Dealt:
    """Links in order of lower switch, then upper switch (shape (links,) each): row of the lower switch, number of the
    upper one within its group, and how many links of either lie before this one."""

    lower: IntArray
    upper: IntArray
    lower_before: IntArray
    upper_before: IntArray


def bundles(group: IntArray, uplinks: IntArray, uppers: int) -> IntArray:
    """Numbers of links between lower switches and the upper ones of their group, shape (lowers, uppers).

    `group` and `uplinks`: shape (lowers,); every group has `uppers` upper switches.
    """
    order = np.argsort(group, kind="stable")
    start = np.empty(len(group), dtype=np.int64)
    total = np.cumsum(uplinks[order]) - uplinks[order]
    first = np.searchsorted(group[order], group[order])
    start[order] = total - total[first]
    turn = (np.arange(uppers)[None, :] - start[:, None]) % uppers
    return np.asarray(np.maximum((uplinks[:, None] - turn + uppers - 1) // uppers, 0))


def dealt(group: IntArray, times: IntArray) -> Dealt:
    """The links of a matrix of bundles (shape (lowers, uppers)), each upper switch filled in order of lower ones."""
    lowers, uppers = times.shape
    order = np.argsort(group, kind="stable")
    sums = np.cumsum(times[order], axis=0) - times[order]
    before = np.empty_like(times)
    before[order] = sums - sums[np.searchsorted(group[order], group[order])]
    flat = times.ravel()
    pair = np.repeat(np.arange(lowers * uppers), flat)
    nth = np.arange(len(pair)) - np.repeat(np.cumsum(flat) - flat, flat)
    lower, upper = np.divmod(pair, uppers)
    own = np.cumsum(times, axis=1) - times
    return Dealt(lower, upper, own.ravel()[pair] + nth, before.ravel()[pair] + nth)
