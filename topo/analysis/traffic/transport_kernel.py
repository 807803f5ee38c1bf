"""The transportation problem behind a worst permutation, compiled. See `_worst` for what calls it."""

from __future__ import annotations

import heapq

import numpy as np

from topo.analysis.compiled.compiled import compiled
from topo.fabric.model import IntArray


@compiled
def transport(
    first: IntArray,
    column: IntArray,
    value: IntArray,
    supply: IntArray,
    room: IntArray,
    price: IntArray,
    moved: IntArray,
) -> tuple[int, int]:
    """Fills `moved` (entries,) with units moved from row to column, at most supply[r] from row r and room[c] to column
    c, such that the sum of value * moved is greatest; returns that sum and a bound that `price` proves.

    Entries first[r] .. first[r + 1] - 1 are row r's, with values >= 0; all sums must stay below 2^63. `price`
    (columns,) is filled with whole prices; with price(r) = max(0, value - price(c)) over its entries, the bound is the
    sum of supply * price(r) and room * price(c), which no choice exceeds, whatever the prices are. Successive shortest
    paths with potentials (J. Edmonds, R. M. Karp, J. ACM 19, 1972): the sum meets the bound.
    """
    rows, columns = len(first) - 1, len(room)
    entries = first[rows]
    far = 1 << 62
    in_first = np.zeros(columns + 1, np.int64)
    for k in range(entries):
        in_first[column[k] + 1] += 1
    for c in range(columns):
        in_first[c + 1] += in_first[c]
    fill = in_first[:-1].copy()
    into = np.empty(entries, np.int64)
    row = np.empty(entries, np.int64)
    for r in range(rows):
        for k in range(first[r], first[r + 1]):
            row[k] = r
            into[fill[column[k]]] = k
            fill[column[k]] += 1
    moved[:] = 0
    price[:] = 0
    left = room.copy()
    own = np.zeros(rows, np.int64)
    row_far, column_far = np.full(rows, far), np.full(columns, far)
    row_by, column_by = np.full(rows, -1, np.int64), np.full(columns, -1, np.int64)
    rows_seen, columns_seen = np.empty(rows, np.int64), np.empty(columns, np.int64)
    for source in range(rows):
        unsent = supply[source]
        while unsent > 0:
            gain = 0
            for k in range(first[source], first[source + 1]):
                gain = max(gain, value[k] - price[column[k]])
            own[source] = gain
            if gain == 0:
                break
            best, end_row, end_column = gain, source, -1
            row_far[source] = 0
            rows_seen[0] = source
            seen, touched = 1, 0
            heap = [(0, 0)]
            heap.pop()
            scan = 0
            while True:
                while scan < seen:
                    r = rows_seen[scan]
                    scan += 1
                    if row_far[r] + own[r] < best:
                        best, end_row, end_column = row_far[r] + own[r], r, -1
                    for k in range(first[r], first[r + 1]):
                        c = column[k]
                        d = row_far[r] + own[r] + price[c] - value[k]
                        if d < column_far[c] and d < best:
                            if column_far[c] == far:
                                columns_seen[touched] = c
                                touched += 1
                            column_far[c] = d
                            column_by[c] = k
                            heapq.heappush(heap, (d, c))
                if len(heap) == 0:
                    break
                d, c = heapq.heappop(heap)
                if d >= best:
                    break
                if d > column_far[c]:
                    continue
                if left[c] > 0:
                    best, end_row, end_column = d, -1, c
                    break
                for i in range(in_first[c], in_first[c + 1]):
                    k = into[i]
                    if moved[k] > 0 and row_far[row[k]] == far:
                        row_far[row[k]] = d
                        row_by[row[k]] = k
                        rows_seen[seen] = row[k]
                        seen += 1
            for i in range(seen):
                r = rows_seen[i]
                if row_far[r] < best:
                    own[r] -= best - row_far[r]
            for i in range(touched):
                c = columns_seen[i]
                if column_far[c] < best:
                    price[c] += best - column_far[c]
            amount = unsent
            r, c = end_row, end_column
            if c >= 0:
                amount = min(amount, left[c])
                r = row[column_by[c]]
            while r != source:
                amount = min(amount, moved[row_by[r]])
                r = row[column_by[column[row_by[r]]]]
            r = end_row
            if c >= 0:
                left[c] -= amount
                moved[column_by[c]] += amount
                r = row[column_by[c]]
            while r != source:
                moved[row_by[r]] -= amount
                k = column_by[column[row_by[r]]]
                moved[k] += amount
                r = row[k]
            unsent -= amount
            for i in range(seen):
                row_far[rows_seen[i]] = far
                row_by[rows_seen[i]] = -1
            for i in range(touched):
                column_far[columns_seen[i]] = far
    reached, bound = 0, 0
    for r in range(rows):
        gain = 0
        for k in range(first[r], first[r + 1]):
            reached += value[k] * moved[k]
            gain = max(gain, value[k] - price[column[k]])
        bound += supply[r] * gain
    for c in range(columns):
        bound += room[c] * price[c]
    return reached, bound
