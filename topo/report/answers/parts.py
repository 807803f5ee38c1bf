"""Catalog parts as lines of text."""

from __future__ import annotations

from topo.catalog import Catalog
from topo.catalog.lint import lint
from topo.catalog.models import KINDS
from topo.errors import ParameterError, nearest
from topo.files import read_text
from topo.report.look import PLAIN, Look
from topo.report.table import table
from topo.yamlfile.reader import MAX_BYTES


def lint_lines(catalog: Catalog) -> tuple[list[str], bool]:
    """Every problem of the catalog's files, or a count of what is clean; and whether it is."""
    problems = lint(catalog)
    if problems:
        return [line for p in problems for line in p.text().splitlines()], False
    counts = [f"{len(catalog.ids(kind)):,} {kind}" for kind in KINDS]
    return [f"clean: {', '.join(counts)}"], True


def list_lines(catalog: Catalog, kind: str = "", look: Look = PLAIN) -> list[str]:
    """Every part of a kind, or of all kinds; raises ParameterError for an unknown kind."""
    if kind and kind not in KINDS:
        raise ParameterError("KIND", kind, "unknown kind of part", ", ".join(KINDS), nearest(kind, list(KINDS)))
    rows = []
    for name in [kind] if kind else KINDS:
        rows += [[name, part_id, catalog.get(name, part_id).title] for part_id in catalog.ids(name)]
    return table(["kind", "id", "title"], rows, indent="", left=3, look=look)


def show_lines(catalog: Catalog, part_id: str) -> list[str]:
    """The file of a part as it stands, with its path; raises ParameterError for an unknown id."""
    for kind in KINDS:
        path = catalog.path(kind, part_id)
        if path is not None:
            catalog.get(kind, part_id)
            return [f"# {kind}, {path}", read_text(path, MAX_BYTES).rstrip()]
    known = [i for kind in KINDS for i in catalog.ids(kind)]
    raise ParameterError("ID", part_id, "no part with this id in the catalog", hint=nearest(part_id, known))
