"""Medians of repeated runs, whole processes, and what machine it was."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Timing:
    """Medians over `runs` runs: time on the clock, and processor time, which other work disturbs less."""

    wall_ms: float
    cpu_ms: float
    runs: int


@dataclass(frozen=True)
class ProcessTiming:
    """Medians over `runs` runs of one command in a process of its own."""

    wall_s: float
    cpu_s: float
    peak_mb: float
    runs: int


def timed(run: Callable[[], object], runs: int = 9, limit_s: float = 20.0) -> Timing:
    """Median of up to `runs` runs after one to warm up; fewer where they take longer than `limit_s` together."""
    start = time.perf_counter()
    run()
    walls, cpus = [], []
    if time.perf_counter() - start > limit_s / 2:
        runs = 1
    while len(walls) < runs and (not walls or time.perf_counter() - start < limit_s):
        wall, cpu = time.perf_counter(), time.process_time()
        run()
        walls.append(time.perf_counter() - wall)
        cpus.append(time.process_time() - cpu)
    return Timing(statistics.median(walls) * 1e3, statistics.median(cpus) * 1e3, len(walls))


def timed_process(
    arguments: Sequence[str], runs: int = 3, before: Callable[[], object] = lambda: None
) -> ProcessTiming:
    """Median of `runs` runs of a command after one to warm up (none before a single run); `before` clears what the
    last run left. Raises RuntimeError where the command fails."""
    walls, cpus, peaks = [], [], []
    warm = 1 if runs > 1 else 0
    for _ in range(warm + runs):
        before()
        start = time.perf_counter()
        process = subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=environment())
        assert process.stderr is not None
        said = process.stderr.read().decode()
        _, status, usage = os.wait4(process.pid, 0)
        walls.append(time.perf_counter() - start)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode not in (0, 1, 3):
            raise RuntimeError(f"{' '.join(arguments)} ended with {process.returncode}: {said.strip()}")
        cpus.append(usage.ru_utime + usage.ru_stime)
        peaks.append(usage.ru_maxrss / 1024)
    return ProcessTiming(statistics.median(walls[warm:]), statistics.median(cpus[warm:]), max(peaks), runs)


def environment() -> dict[str, str]:
    """The environment of a measured process: this checkout first on its path, compiled modules kept as usual."""
    kept = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "PYTHONPATH": str(Path(__file__).resolve().parents[1])}


def topo(*arguments: str) -> list[str]:
    """The command line of topo with these arguments."""
    return [sys.executable, "-m", "topo", *arguments]


def machine() -> dict[str, str]:
    """What the figures were measured on, and how busy it was."""
    packages = ("numpy", "networkx", "infragraph", "pydantic", "ortools")
    found = {"processor": _processor(), "cores": str(os.cpu_count()), "system": platform.system()}
    found["python"] = platform.python_version()
    found |= {name: importlib.metadata.version(name) for name in packages}
    found["load_average_1_min"] = f"{os.getloadavg()[0]:.1f}"
    return found


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def rounded(value: Timing | ProcessTiming) -> dict[str, float]:
    """As plain numbers of three digits, for JSON."""
    return {
        key: float(f"{number:.3g}") if isinstance(number, float) else number for key, number in asdict(value).items()
    }
