"""What moves together in a drawing that an editor takes apart: boxes inside boxes, and texts on boxes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from topo.diagrams.sheet.model import Drawing, Text
from topo.diagrams.sheet.textwidth import text_width
from topo.fabric.model import BoolArray, FloatArray

AT_ONCE = 512
"""Boxes compared with all others at a time, which bounds the memory."""
CENTRED = 1.5
"""Points by which a label may be off the middle of its box."""


@dataclass(frozen=True)
class Nested:
    """`parent`, shape (boxes,): the box that holds the box, -1 for none. `holder`, shape (texts,): the box that holds
    the text, -1 for none. `label`: the only text on a box, in its middle, by the box's row."""

    parent: list[int]
    holder: list[int]
    label: dict[int, int]


def nested(drawing: Drawing) -> Nested:
    """The smallest box that holds each box whole and was drawn before it or is a frame; the smallest under the middle
    of each text."""
    boxes = drawing.boxes
    x, y, w, h = (np.array([getattr(b, key) for b in boxes], dtype=np.float64) for key in "xywh")
    edges = np.stack([x - w / 2, x + w / 2, y - h / 2, y + h / 2]) if boxes else np.zeros((4, 0))
    frame = np.array([b.fill == "none" for b in boxes], dtype=np.bool_)
    order, area = np.arange(len(boxes)), w * h
    parent: list[int] = []
    for first in range(0, len(boxes), AT_ONCE):
        own = order[first : first + AT_ONCE]
        holds = _holds(edges, edges[:, own]) & (area > area[own, None] * (1 + 1e-9))
        parent += _smallest(holds & (frame | (order < own[:, None])), area)
    middle = np.array([_middle(t) for t in drawing.texts], dtype=np.float64).reshape(-1, 2).T
    holder: list[int] = []
    for first in range(0, len(drawing.texts), AT_ONCE):
        at = middle[:, first : first + AT_ONCE]
        holder += _smallest(_holds(edges, at[[0, 0, 1, 1]]), area)
    return Nested(parent, holder, _labels(drawing, parent, holder))


def _labels(drawing: Drawing, parent: list[int], holder: list[int]) -> dict[int, int]:
    """The text of each box that holds nothing else, where it stands in its middle."""
    taken = {p for p in parent if p >= 0}
    result: dict[int, list[int]] = {}
    for row, box in enumerate(holder):
        if box >= 0:
            result.setdefault(box, []).append(row)
    alone = {box: rows[0] for box, rows in result.items() if len(rows) == 1 and box not in taken}
    return {box: row for box, row in alone.items() if _is_centred(drawing, box, row)}


def _is_centred(drawing: Drawing, box: int, text: int) -> bool:
    b, t = drawing.boxes[box], drawing.texts[text]
    return t.anchor == "middle" and abs(t.x - b.x) <= CENTRED and abs(t.y - b.y) <= CENTRED


def _holds(outer: FloatArray, inner: FloatArray) -> BoolArray:
    """Shape (inner, outer): the outer (left, right, low, high) hold the inner."""
    near = 1e-6
    return np.asarray(
        (outer[0] <= inner[0][:, None] + near)
        & (outer[1] >= inner[1][:, None] - near)
        & (outer[2] <= inner[2][:, None] + near)
        & (outer[3] >= inner[3][:, None] - near)
    )


def _smallest(holds: BoolArray, area: FloatArray) -> list[int]:
    if not holds.shape[1]:
        return [-1] * len(holds)
    best = np.argmin(np.where(holds, area, np.inf), axis=1)
    return [int(b) for b in np.where(holds.any(axis=1), best, -1)]


def left_of(text: Text) -> float:
    """Where a text begins, in the width of the shipped font."""
    wide = text_width(text.text, text.size)
    return text.x - {"left": 0.0, "middle": wide / 2, "right": wide}[text.anchor]


def _middle(text: Text) -> tuple[float, float]:
    return left_of(text) + text_width(text.text, text.size) / 2, text.y
