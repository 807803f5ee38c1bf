"""The package of docs/howto/own-package.md, as it stands there, adds what the page says."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "howto" / "own-package.md").read_text(encoding="utf-8")
DESIGN = """name: mine
gpus: 8
host: example-host-1
networks:
  compute: {family: my-tree, switch: example-switch-4}
requirements:
  - longest_name: {at_most: 12}
"""


@pytest.mark.slow
def test_the_package_of_the_page(tmp_path: Path) -> None:
    site = tmp_path / "site"
    files = re.findall(r"`(my_package/\w+\.py)`.*?```python\n(.*?)```", PAGE, re.DOTALL)
    assert len(files) == 5
    for name, text in files:
        path = site / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    stated = re.search(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    assert stated
    project = tomllib.loads(stated[1])["project"]
    info = site / "my_package-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n")
    points = [f"[{group}]\n" + "".join(f"{n} = {v}\n" for n, v in one.items())
              for group, one in project["entry-points"].items()]  # fmt: skip
    (info / "entry_points.txt").write_text("\n".join(points))
    (tmp_path / "mine.yaml").write_text(DESIGN)
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(site), str(ROOT)])}

    def topo(*words: str) -> str:
        command = [sys.executable, "-P", "-m", "topo", *words]
        done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    (report,) = json.loads(topo("check", "mine.yaml", "--format", "json"))
    assert (report["verdict"], report["metrics"]["longest_name"]) == ("held", 10)
    assert "No name of a device has more than 12 letters" in [r["statement"] for r in report["requirements"]]
    assert "wiring-rule" not in [f["code"] for f in report["findings"]]
    (tmp_path / "report.json").write_text(json.dumps([report]))
    topo("verify", "report.json")
    topo("build", "mine.yaml", "-o", "out", "--export", "my-wires")
    assert "right" in topo("audit", "mine.yaml", "--as-built", "out/my/wires.txt")
