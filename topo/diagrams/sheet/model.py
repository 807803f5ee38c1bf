"""What a view takes and gives. Lengths are points (1/72 inch); y grows upwards; (x, y) of a box is its centre."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from topo.fabric import Fabric
from topo.fabric.model import BoolArray, FloatArray, IntArray
from topo.placement import Places

if TYPE_CHECKING:
    from topo.analysis.bisection import Bisection

FORMATS = ("svg", "png", "pdf", "dot")
"""The formats `render` writes."""

Anchor = Literal["middle", "left", "right"]


@dataclass(frozen=True)
class Box:
    """A rectangle. `name` is unique in its drawing and tells a reader (and a search) what it stands for. A fill of
    "none" lets the lines below show: for frames around other things."""

    name: str
    x: float
    y: float
    w: float
    h: float
    fill: str = "#ffffff"
    stroke: str = "#5f6b76"
    stroke_width: float = 1.0
    rounded: bool = False


@dataclass(frozen=True)
class Line:
    """A polyline between two boxes of the drawing, given by their names. `title` is what hovering shows."""

    a: str
    b: str
    points: tuple[tuple[float, float], ...]
    width: float = 1.0
    colour: str = "#5f6b76"
    dashed: bool = False
    title: str = ""


@dataclass(frozen=True)
class Text:
    """One line of text; `anchor` says which point of it (x, y) is, vertically its middle."""

    x: float
    y: float
    text: str
    size: float = 11.0
    colour: str = "#1b1f24"
    anchor: Anchor = "middle"


@dataclass(frozen=True)
class Drawing:
    """A finished picture: lines lie under boxes, boxes under texts, each in the order given. `holds` tells which device
    rows a box stands for, by the box's name; boxes that stand for none are not in it."""

    title: str
    width: float
    height: float
    boxes: tuple[Box, ...]
    lines: tuple[Line, ...]
    texts: tuple[Text, ...]
    holds: Mapping[str, IntArray] = field(default_factory=dict, compare=False, repr=False)


@dataclass(frozen=True)
class DiagramInput:
    """What may be drawn: a fabric, what part of it, and the answers of analyses where there are any.

    `pair` names two hosts and a GPU of each; `load` is a utilisation per link row and direction (shape (links, 2), a to
    b first, 1.0 = full); `cut_side` is True per device row on one side of a cut, `halves` a bisection that is known
    already, drawn where no `cut_side` is given; `failed` is True per device row and
    `failed_links` per link row that are out of service; `places` says where devices stand, None without a floor plan.
    """

    fabric: Fabric
    title: str = ""
    network: int = 0
    plane: int = 0
    pod: int = 0
    rail: int = 0
    host: str = ""
    pair: tuple[str, int, str, int] | None = None
    load: FloatArray | None = None
    load_title: str = ""
    cut_side: BoolArray | None = None
    cut_title: str = ""
    halves: Bisection | None = None
    failed: BoolArray | None = None
    failed_links: BoolArray | None = None
    places: Places | None = None


@dataclass(frozen=True)
class View:
    """A way to look at a fabric. `draw` raises ParameterError where the fabric has nothing of the kind."""

    title: str
    draw: Callable[[DiagramInput], Drawing]
