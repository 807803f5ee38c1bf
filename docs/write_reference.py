"""Writes docs/reference.md: `python docs/write_reference.py`, from the project's folder."""

from __future__ import annotations

from pathlib import Path

from topo.design.reference import reference_page

if __name__ == "__main__":
    (Path(__file__).parent / "reference.md").write_text(reference_page(), encoding="utf-8")
