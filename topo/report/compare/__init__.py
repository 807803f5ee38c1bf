"""Designs side by side: what they are made of, what they cost, and what they carry."""

from topo.report.compare.chart import as_svg
from topo.report.compare.render import FORMATS, render
from topo.report.compare.resize import resized
from topo.report.compare.table import ROUTINGS, compare
from topo.report.figure import PARTS, Cell, Comparison, Row

__all__ = ["FORMATS", "PARTS", "ROUTINGS", "Cell", "Comparison", "Row", "as_svg", "compare", "render", "resized"]
