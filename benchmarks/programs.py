"""Whole commands in processes of their own, time and memory: `python benchmarks/programs.py`."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(PROJECT))

from benchmarks._measure import environment, machine, rounded, timed_process, topo  # noqa: E402
from benchmarks._results import write  # noqa: E402

WORKBOOK = "cable-schedule-xlsx"


@dataclass(frozen=True)
class Program:
    """A command and what it may take. `output`: it writes a folder; `apart`: exports left out."""

    title: str
    arguments: tuple[str, ...]
    target_s: float | None = None
    target_mb: float | None = None
    output: bool = False
    apart: str = ""
    runs: int = 3


def design(name: str) -> str:
    return str(PROJECT / "designs" / f"{name}.yaml")


SIX = ("mpft-16384", "mrft-16384", "ft3-16384", "slim-fly-16928", "dragonfly-16384", "hyperx-16384")
PROGRAMS = (
    Program("--help", ("--help",), 0.3),
    Program("show --help", ("show", "--help"), 0.5),
    Program("show ft2-2048", ("show", design("ft2-2048")), 1),
    Program("show mpft-16384", ("show", design("mpft-16384")), 1),
    Program("show ft3-65536", ("show", design("ft3-65536"))),
    Program("build mpft-16384, no workbook", ("build", design("mpft-16384")), 5, 600, True, WORKBOOK),
    Program("build mpft-16384", ("build", design("mpft-16384")), 15, 600, True),
    Program("build ft3-65536, no workbook", ("build", design("ft3-65536")), 20, None, True, WORKBOOK, 1),
    Program("build ft3-65536", ("build", design("ft3-65536")), 60, None, True, runs=1),
    Program("check mpft-16384", ("check", design("mpft-16384")), runs=1),
    Program("check ft3-65536", ("check", design("ft3-65536")), runs=1),
    Program("compare six of 16,384 GPUs", ("compare", *map(design, SIX), "--gpus", "16384"), 30, runs=1),
)


def whole_set(path: str) -> list[str]:
    """Every export that fits a design; asked in another process, whose memory does not count as a child's."""
    code = (
        "from topo.design import load_design; from topo.exporters import make_plan, whole_set; "
        f"print(*whole_set(make_plan(load_design({path!r}))))"
    )
    return subprocess.check_output([sys.executable, "-c", code], env=environment(), text=True).split()


def row(program: Program, folder: Path) -> dict[str, object]:
    arguments = list(program.arguments)
    if program.output:
        arguments += ["-o", str(folder / "out")]
    if program.apart:
        for name in whole_set(program.arguments[1]):
            arguments += ["--export", name] if name != program.apart else []
    found = rounded(
        timed_process(topo(*arguments), program.runs, lambda: shutil.rmtree(folder / "out", ignore_errors=True))
    )
    result: dict[str, object] = {
        "topo": program.title,
        "wall s": found["wall_s"],
        "processor s": found["cpu_s"],
        "target s": program.target_s or "",
        "peak MB": found["peak_mb"],
        "target MB": program.target_mb or "",
    }
    if program.output:
        result["written MB"] = float(f"{sum(f.stat().st_size for f in (folder / 'out').rglob('*')) / 1e6:.3g}")
    print(result, file=sys.stderr)
    return result


if __name__ == "__main__":
    wanted = sys.argv[1:]
    with tempfile.TemporaryDirectory() as name:
        rows = [row(one, Path(name)) for one in PROGRAMS if not wanted or one.title in wanted]
    if not wanted:
        notes = [
            "Medians of whole processes: of three runs after one to warm up, where they take long of a single run.",
            "Other work on the machine lengthens the wall time much and the processor time a little: see the load.",
            "The workbook is the cable schedule as XLSX.",
        ]
        write("programs", "Whole commands", notes, machine(), rows)
