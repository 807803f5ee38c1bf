"""Wherever a run is killed, no file is half written, and the next run puts everything right."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
POINTS = 16
COMMANDS = {
    "build": ["build", "new.yaml", "-o", "out"],
    "report": ["report", "new.yaml", "-o", "out/page.html"],
    "diff": ["diff", "old.yaml", "new.yaml", "-o", "out"],
    "search": ["search", "request.yaml", "-o", "out"],
}
REQUEST = """\
name: r
gpus: 32
host: example-host-1
choose: {families: [ft2, mrft], switches: [example-switch-8]}
"""

pytestmark = pytest.mark.slow


def furnished(folder: Path) -> Path:
    folder.mkdir()
    (folder / "out").mkdir()
    small = (ROOT / "designs" / "tiny-ft2.yaml").read_text()
    (folder / "old.yaml").write_text(small)
    (folder / "new.yaml").write_text(
        small.replace("gpus: 8", "gpus: 16").replace("example-switch-4", "example-switch-8")
    )
    (folder / "request.yaml").write_text(REQUEST)
    return folder


def begun(command: str, folder: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "topo", *COMMANDS[command]],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": "0"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def ended(command: str, folder: Path) -> tuple[int, float]:
    """The exit code of a run that nobody kills, and the seconds that it took."""
    start = time.monotonic()
    return begun(command, folder).wait(), time.monotonic() - start


def files(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


@pytest.mark.parametrize("command", COMMANDS)
def test_a_killed_run_leaves_nothing_half_and_the_next_is_whole(command: str, tmp_path: Path) -> None:
    whole = furnished(tmp_path / "whole")
    code, took = ended(command, whole)
    assert code in (0, 1)
    want = files(whole)
    killed = 0
    for point in range(POINTS):
        folder = furnished(tmp_path / f"{command}-{point}")
        run = begun(command, folder)
        # Most of a run is the start of the interpreter; what is written comes near its end.
        time.sleep(took * (0.4 + 0.6 * point / POINTS))
        killed += run.poll() is None
        os.killpg(run.pid, signal.SIGKILL) if run.poll() is None else None
        run.wait()
        if command != "search":  # its own record says whether it is complete
            for name, content in files(folder).items():
                if not any(part.startswith(".") for part in Path(name).parts):
                    assert content == want[name], name
        again, seconds = ended(command, folder)
        assert again == code
        assert files(folder) == want
        took = min(took, seconds)  # the first may have compiled what it imported
    assert killed > POINTS // 4
