"""One self-contained HTML page a design (or two side by side): verdict, proofs, drawings, loads, every cable."""

from topo.report.html.gather import Page, gather, invalid_page
from topo.report.html.page import render_page

__all__ = ["Page", "gather", "invalid_page", "render_page"]
