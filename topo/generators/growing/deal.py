"""Which numbers of links between lower and upper switches keep the most of the links that lie there already.

Where every pair has equally many links, nothing can be chosen. Where the numbers differ by at most one, any dealing is
as good as another: the one that keeps the most old links is a transport problem, whose linear program has whole
answers. Its dual, rounded and summed here in whole numbers, is the bound: no other dealing keeps more.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from topo.fabric.model import IntArray


@dataclass(frozen=True)
class Redealt:
    """Links between each lower and each upper switch (shape (lowers, uppers)), how many old ones they keep, and the
    most that any dealing of the same spread keeps."""

    times: IntArray
    kept: int
    most: int


def redealt(old: IntArray, now: IntArray) -> Redealt:
    """The dealing of the same spread as `now` that keeps the most of `old` (shape (lowers, uppers) each, old links of
    new switches 0). `now` holds at most two numbers, one apart, and its columns sum to numbers at most one apart."""
    kept, base = int(np.minimum(old, now).sum()), int(now.min())
    gain = np.asarray(old > base, dtype=np.int64)
    surplus = now.sum(axis=1) - base * now.shape[1]
    sure = int(np.minimum(old, base).sum())
    if not surplus.any():
        return Redealt(now, kept, kept)
    most = sure + int(np.minimum(gain.sum(axis=1), surplus).sum())
    if kept == most:
        return Redealt(now, kept, most)
    return _dealt_by_program(now, base, gain, surplus, sure, most)


def _dealt_by_program(now: IntArray, base: int, gain: IntArray, surplus: IntArray, sure: int, most: int) -> Redealt:
    from scipy.sparse import coo_matrix

    from topo.solvers.linear import LinearProgram, minimize

    lowers, uppers = now.shape
    least, more = divmod(int(surplus.sum()), uppers)
    high = least + bool(more)
    pair = np.arange(lowers * uppers)
    row, column = np.divmod(pair, uppers)
    matrix = coo_matrix(
        (np.ones(2 * len(pair)), (np.concatenate([row, lowers + column]), np.tile(pair, 2))),
        shape=(lowers + uppers, len(pair)),
    )
    low = np.concatenate([surplus, np.full(uppers, least)]).astype(np.float64)
    top = np.concatenate([surplus, np.full(uppers, high)]).astype(np.float64)
    cost, zero, one = -gain.ravel().astype(np.float64), np.zeros(len(pair)), np.ones(len(pair))
    answer = minimize(LinearProgram(cost, matrix, low, top, zero, one))
    extra: IntArray = np.rint(answer.x).astype(np.int64).reshape(lowers, uppers)
    sums = extra.sum(axis=0)
    fits = (extra.sum(axis=1) == surplus).all() and (sums >= least).all() and (sums <= high).all()
    if not fits or extra.min() < 0 or extra.max() > 1:
        extra = now - base  # no whole answer: the family's own dealing
    dual = -np.rint(answer.dual).astype(np.int64)
    bound = sure + dual_bound(gain, surplus, (least, high), dual[:lowers], dual[lowers:])
    return Redealt(base + extra, sure + int((extra * gain).sum()), min(most, bound))


def dual_bound(gain: IntArray, surplus: IntArray, column: tuple[int, int], y: IntArray, z: IntArray) -> int:
    """The most that a dealing gains, by weak duality, whatever y (shape (lowers,)) and z (shape (uppers,)) are: each
    lower switch has `surplus` pairs of one link more, each upper one from column[0] to column[1] of them."""
    rest = np.maximum(gain - y[:, None] - z[None, :], 0).sum()
    columns = np.where(z > 0, column[1] * z, column[0] * z).sum()
    return int((surplus * y).sum() + columns + rest)
