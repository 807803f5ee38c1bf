"""A run that is ended leaves no process of its own behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests import heard

DESIGN = """name: n{i}
gpus: 16384
host: h800-node
networks: {{compute: {{family: jellyfish, switch: nvidia-qm9700}}}}
requirements:
  - throughput: {{traffic: permutation, routing: adaptive, at_least: 0.1}}
"""


def alive(group: int) -> list[int]:
    """The processes of a group that still run."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                state, _, number = (entry / "stat").read_text().rsplit(")", 1)[1].split()[:3]
            except OSError:
                continue
            if int(number) == group and state != "Z":
                found.append(int(entry.name))
    return found


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="processes are counted in /proc")
@pytest.mark.parametrize(
    ("number", "whole_group", "code"),
    [(signal.SIGTERM, False, 143), (signal.SIGINT, True, 130), (signal.SIGINT, False, 130)],
)
def test_no_worker_outlives_the_run(tmp_path: Path, number: int, whole_group: bool, code: int) -> None:
    names = [tmp_path / f"n{i}.yaml" for i in range(4)]
    for i, path in enumerate(names):
        path.write_text(DESIGN.format(i=i))
    run = subprocess.Popen(
        [sys.executable, "-m", "topo", "check", *map(str, names), "--jobs", "2"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        preexec_fn=heard.interrupts,
        text=True,
    )
    try:
        end = time.monotonic() + 60
        while len(alive(run.pid)) < 4 and time.monotonic() < end:
            time.sleep(0.1)
        assert len(alive(run.pid)) >= 4
        (os.killpg if whole_group else os.kill)(run.pid, number)
        out, _ = run.communicate(timeout=60)
        assert (run.returncode, out) == (code, "")
        while alive(run.pid) and time.monotonic() < end + 60:
            time.sleep(0.1)
        assert alive(run.pid) == []
    finally:
        for left in alive(run.pid):
            os.kill(left, signal.SIGKILL)
