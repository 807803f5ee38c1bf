"""Renderers of reports, one a file: `render(reports) -> text`."""
