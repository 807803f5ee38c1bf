"""A run that is killed outright takes its processes with it, even those that are deep in a library."""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cli.test_contract import ROOT
from topo.pool import orphan
from topo.pool.local import Local

LONG = 300
"""Seconds of work: far more than the test waits for its end."""


def busy(path: str) -> None:
    """Computes in Python."""
    Path(path, str(os.getpid())).touch()
    end = time.monotonic() + LONG
    while time.monotonic() < end:
        pass


def deep(path: str) -> None:
    """In a library that keeps the interpreter for itself, as a solver may."""
    Path(path, str(os.getpid())).touch()
    ctypes.PyDLL(None).sleep(LONG)


def unsignalled(path: str) -> None:
    """Computes on a system whose pipes send no signals."""
    orphan.fcntl = None  # type: ignore[assignment]
    orphan.end_with_parent()
    busy(path)


def pooled(work: str, path: str) -> None:
    """Two processes of a pool."""
    with Local(2) as pool:
        pool.outcomes(globals()[work], [path] * 2)


def plain(work: str, path: str) -> None:
    """Two processes without one."""
    context = multiprocessing.get_context("spawn")
    for _ in range(2):
        context.Process(target=globals()[work], args=(path,)).start()
    time.sleep(LONG)


def running(process: int) -> bool:
    """Whether a process is there and no zombie."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="processes are looked up in /proc")
@pytest.mark.parametrize(("way", "work"), [("pooled", "busy"), ("pooled", "deep"), ("plain", "unsignalled")])
def test_processes_end_with_a_killed_run(way: str, work: str, tmp_path: Path) -> None:
    code = f"from tests.pool import test_orphan as t\nif __name__ == '__main__': t.{way}({work!r}, {str(tmp_path)!r})\n"
    (tmp_path / "main.py").write_text(code)
    run = subprocess.Popen([sys.executable, tmp_path / "main.py"], env={**os.environ, "PYTHONPATH": str(ROOT)})
    end = time.monotonic() + 100
    numbers: list[int] = []
    try:
        while len(numbers) < 2 and time.monotonic() < end and run.poll() is None:
            time.sleep(0.05)
            numbers = [int(p.name) for p in tmp_path.iterdir() if p.name.isdigit()]
        assert len(numbers) == 2
        assert all(map(running, numbers))
        run.send_signal(signal.SIGKILL)
        run.wait()
        while any(map(running, numbers)) and time.monotonic() < end:
            time.sleep(0.05)
        assert not any(map(running, numbers))
    finally:
        run.kill()
        for number in filter(running, numbers):
            os.kill(number, signal.SIGKILL)
