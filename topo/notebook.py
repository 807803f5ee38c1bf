"""How values show themselves in a notebook: small HTML tables, escaped."""

from __future__ import annotations

from collections.abc import Iterable


def table(title: str, rows: Iterable[tuple[str, str]]) -> str:
    """An HTML table of two columns under a title."""
    from html import escape  # it takes 10 ms, and few programs are notebooks

    body = "".join(f"<tr><th style='text-align:left'>{escape(a)}</th><td>{escape(b)}</td></tr>" for a, b in rows)
    return f"<table><caption>{escape(title)}</caption><tbody>{body}</tbody></table>"
