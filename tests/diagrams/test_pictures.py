"""The pictures in the README are what `topo diagram` draws today."""

from __future__ import annotations

from pathlib import Path

import pytest

from topo import api

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("view", ["overview", "pod"])
def test_picture_is_current(view: str) -> None:
    design = api.load_design(ROOT / "designs" / "mpft-16384.yaml")
    target = Path(f"mpft-16384-{view}.svg")
    drawn = api.draw(design, target, [view])[target]
    kept = (ROOT / "docs" / "pictures" / target).read_bytes()
    assert drawn == kept, "topo diagram draws it anew"
