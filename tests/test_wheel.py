"""A built wheel works outside the checkout: the catalogs and the font travel with it."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
DESIGN = """
name: away
gpus: 8
host: example-host-1
networks:
  compute: {family: ft2, switch: my-switch}
requirements:
  - hops: {at_most: 3}
"""


@pytest.mark.slow
def test_wheel_outside_the_checkout(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(tmp_path), str(ROOT)]
    subprocess.run(build, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("gpu_topo-*.whl")
    site = tmp_path / "site"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    away = tmp_path / "away"
    mine = away / "parts" / "switch"
    mine.mkdir(parents=True)
    shipped = (ROOT / "catalogs" / "switch" / "example-switch-4.yaml").read_text()
    (mine / "my-switch.yaml").write_text(shipped.replace("id: example-switch-4", "id: my-switch"))
    (away / "away.yaml").write_text(DESIGN)
    env = {**os.environ, "PYTHONPATH": str(site)}
    command = [sys.executable, "-m", "topo", "check", "away.yaml", "--catalog", "parts"]
    result = subprocess.run(command, cwd=away, env=env, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
    drawn = [sys.executable, "-m", "topo", "diagram", "away.yaml", "--catalog", "parts", "-o", "away.png"]
    result = subprocess.run(drawn, cwd=away, env=env, capture_output=True, text=True, check=False)
    assert (result.returncode, result.stderr) == (0, "")
    assert (away / "away.png").read_bytes().startswith(b"\x89PNG")
