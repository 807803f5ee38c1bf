"""Which links share a physical cable: a splitter, or a fibre between twin-port modules."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import numpy as np

from topo.fabric.fabric import Fabric
from topo.fabric.model import IntArray, LaidLinks


def with_cables(fabric: Fabric, links: IntArray, cables: IntArray) -> Fabric:
    """The fabric that knows its cables: pairs of a link's row and the number of a cable that carries it (shapes
    (pairs,)). The fabric itself, where each link has one cable of its own."""
    if len(np.unique(links)) == len(links) and len(np.unique(cables)) == len(cables):
        return fabric
    return replace(fabric, cables=LaidLinks(fabric.links.id[links], np.array(cables, dtype=np.int64)))


def carried(fabric: Fabric, rows: IntArray) -> tuple[IntArray, IntArray]:
    """(link row, cable) for each cable that carries links of `rows`, and each of those links, by cable. Cables are
    numbered from 0 by their first link; a link whose cable is not known has one of its own."""
    laid = fabric.cables
    if laid is None:
        return np.sort(rows), np.arange(len(rows))
    ids = fabric.links.id[rows]
    order = np.argsort(ids, kind="stable")
    at = np.minimum(np.searchsorted(ids[order], laid.link), max(len(rows) - 1, 0))
    known = ids[order][at] == laid.link if len(rows) else np.zeros(len(laid), dtype=np.bool_)
    result = rows[order][at[known]] if len(rows) else rows
    alone = np.setdiff1d(rows, result)
    row = np.concatenate([result, alone]).astype(np.int64)
    cable = np.concatenate([laid.cable[known], int(laid.cable.max(initial=0)) + 1 + alone]).astype(np.int64)
    order = np.lexsort((row, cable))
    row, cable = row[order], cable[order]
    start = np.flatnonzero(np.diff(cable, prepend=-1))
    number = np.empty(len(start), dtype=np.int64)
    number[np.lexsort((cable[start], row[start]))] = np.arange(len(start))
    size = np.diff(np.append(start, len(row)))
    cable = np.repeat(number, size)
    order = np.lexsort((row, cable))
    return row[order], cable[order]


def cables_digest(fabric: Fabric, network: int) -> str:
    """A fingerprint of which active links of a network share a cable; empty where none do."""
    rows = np.flatnonzero((fabric.links.network == network) & fabric.links.active)
    row, cable = carried(fabric, rows)
    if len(np.unique(cable)) == len(row) == len(rows):
        return ""
    pairs = np.stack([fabric.links.id[row], cable]).astype("<i8")
    return hashlib.sha256(pairs.tobytes()).hexdigest()
