"""Rewrites the expected messages: `python tests/errors/rewrite.py`, then review the difference."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from run_cli import FOLDER, catalog_runs, catalog_text, design_run, names, with_tokens

if __name__ == "__main__":
    for name in names("designs"):
        (FOLDER / "designs" / f"{name}.txt").write_text(with_tokens(design_run(name, "/nonexistent/out").stderr))
    for name in names("catalogs"):
        lint, show = catalog_runs(name)
        (FOLDER / "catalogs" / f"{name}.txt").write_text(with_tokens(catalog_text(lint, show)))
