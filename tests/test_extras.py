"""How a library that is left out comes into the environment that topo runs in."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from topo.extras import how_to_install


@pytest.mark.parametrize(
    ("mark", "said"),
    [
        ("", "pip install distributed"),
        ("pipx_metadata.json", "pipx inject gpu-topo distributed"),
        ("uv-receipt.toml", "uv pip install --python {here} distributed"),
    ],
)
def test_by_what_installed_topo(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, mark: str, said: str) -> None:
    here = tmp_path / "gpu-topo"
    here.mkdir()
    if mark:
        (here / mark).write_text("")
    monkeypatch.setattr(sys, "prefix", str(here))
    assert how_to_install("distributed") == said.format(here=here)
