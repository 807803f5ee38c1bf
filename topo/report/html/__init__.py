"""One self-contained HTML page a design (or two side by side): verdict, proofs, drawings, loads, every cable."""

from topo.report.html.gather import Answers, Page, answers_of, gather, invalid_page
from topo.report.html.page import render_page

__all__ = ["Answers", "Page", "answers_of", "gather", "invalid_page", "render_page"]
