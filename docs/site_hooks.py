"""MkDocs hook: draws the gallery from designs/ before the site is built."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent


def on_pre_build(config: Any) -> None:
    """Writes docs/gallery.md and docs/gallery/*.svg."""
    sys.path.insert(0, str(HERE))
    from write_gallery import write_gallery

    write_gallery(HERE.parent / "designs", HERE)
