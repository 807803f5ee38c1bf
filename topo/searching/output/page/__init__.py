"""The page and the picture of a search."""

from topo.searching.output.page.chart import front_svg
from topo.searching.output.page.page import search_page

__all__ = ["front_svg", "search_page"]
