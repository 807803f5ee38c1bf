"""Drawings of a fabric that stay readable at 16,384 GPUs: one file per view under `topo.diagrams.views`.

A view places every box, line and text itself; `render` lets Graphviz write what was placed, nothing is laid out there.
"""

from topo.diagrams.registry import draw
from topo.diagrams.sheet.model import FORMATS, Box, DiagramInput, Drawing, Line, Text, View
from topo.diagrams.written.render import render, to_dot

__all__ = [
    "FORMATS",
    "Box",
    "DiagramInput",
    "Drawing",
    "Line",
    "Text",
    "View",
    "draw",
    "render",
    "to_dot",
]
