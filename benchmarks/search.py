"""Design search of default spaces: closed forms a second, the search with its proof, and its verification:
`python benchmarks/search.py [GPUS ...]`. With `--stages`, a search of sequences of growth; with `--scaling`, the same
batch of tasks on one and on two processes, and a picture with a model beyond (docs/pictures/search-scaling.svg)."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(PROJECT))

from benchmarks._measure import environment, machine, timed_process, topo  # noqa: E402
from benchmarks._results import write  # noqa: E402
from benchmarks._scaling import plot  # noqa: E402
from topo.catalog import load_catalog  # noqa: E402
from topo.pool import open_pool  # noqa: E402
from topo.searching.candidates.candidate import design_text  # noqa: E402
from topo.searching.candidates.request import parse_request  # noqa: E402
from topo.searching.candidates.space import candidates  # noqa: E402
from topo.searching.record.result import OPEN  # noqa: E402
from topo.searching.running.judge import Task, judge  # noqa: E402
from topo.searching.running.run import counter_of, first_look  # noqa: E402

SIZES = (2048, 16384, 65536)
STAGES = (1024, 4096, 16384)
TASKS, REPEATS = 40, 3
NOTES = (
    "Every family of bought switches, every switch that fits, endpoint all-to-all at 1.0; two jobs. `verify_s` proves "
    "the claim again, groups bounded where that is enough; `verify_share` is its processor time over search_cpu_s.",
    "The same tasks, each a design of 8,192 GPUs judged by the engine.",
    "The cheapest sequence of growth of the default space through all stages; two jobs.",
)
REQUEST = "name: bench\ngpus: {}\nhost: h800-node\n"


def counted(gpus: int) -> dict[str, object]:
    """Processor time of the closed forms of every candidate of the default space."""
    request = parse_request(REQUEST.format(gpus), "request.yaml", load_catalog())
    counter = counter_of(request)
    start = time.process_time()
    number = sum(1 for n, c in enumerate(candidates(request)) if first_look(n, c, counter, request))
    spent = time.process_time() - start
    return {"candidates": number, "count_cpu_s": round(spent, 2), "candidates_per_s": round(number / spent)}


def row_of(gpus: int, folder: Path) -> dict[str, object]:
    return {"gpus": gpus, **counted(gpus), **searched(REQUEST.format(gpus), folder / f"{gpus}")}


def searched(text: str, folder: Path) -> dict[str, object]:
    """A search of a request and its verification, each in a process of its own."""
    folder.mkdir()
    (folder / "request.yaml").write_text(text)
    found = timed_process(topo("search", str(folder / "request.yaml"), "-o", str(folder / "out")), runs=1)
    verify = topo("verify", str(folder / "out" / "search.json"))
    again = timed_process(verify, runs=1)
    told = subprocess.run(verify, capture_output=True, text=True, check=True, env=environment())
    bounded = re.search(r"^([\d,]+) candidates bounded as groups", told.stdout, re.MULTILINE)
    return {
        "search_s": round(found.wall_s, 1), "search_cpu_s": round(found.cpu_s, 1),
        "search_peak_mb": round(found.peak_mb), "verify_s": round(again.wall_s, 1),
        "verify_cpu_s": round(again.cpu_s, 1), "verify_share": round(again.cpu_s / found.cpu_s, 2),
        "verify_peak_mb": round(again.peak_mb), "bounded_as_groups": bounded.group(1) if bounded else "none",
    }  # fmt: skip


def scaling() -> list[dict[str, object]]:
    """Judgments a second of the same tasks on one and on two processes."""
    request = parse_request(
        "name: s\ngpus: 8192\nhost: h800-node\nchoose: {families: [ft3, mpft, mrft]}\n",
        "request.yaml", load_catalog(),
    )  # fmt: skip
    folders = tuple(Path(f) for f in request.catalog.folders)
    counter = counter_of(request)
    every = [c for n, c in enumerate(candidates(request)) if first_look(n, c, counter, request).state == OPEN]
    some = every[:: max(len(every) // TASKS, 1)][:TASKS]
    texts = [design_text(c, request.common, request.network, "x", "x") for c in some]
    tasks = [Task(text, "designs/x.yaml", request.network, ("cost_usd",), folders, 60.0) for text in texts] * REPEATS
    rows = []
    for width in (1, 2):
        with open_pool(width) as pool:
            pool.outcomes(judge, tasks[: 2 * width])
            start = time.perf_counter()
            pool.outcomes(judge, tasks)
            spent = time.perf_counter() - start
        rows.append(
            {
                "processes": width,
                "tasks": len(tasks),
                "seconds": round(spent, 2),
                "tasks_per_s": round(len(tasks) / spent, 2),
            }
        )
    picture = plot(len(tasks), [(int(str(row["processes"])), float(str(row["seconds"]))) for row in rows])
    (PROJECT / "docs" / "pictures" / "search-scaling.svg").write_text(picture, encoding="utf-8")
    return rows


if __name__ == "__main__":
    words = sys.argv[1:]
    sizes = [int(word) for word in words if word.isdigit()] or list(SIZES)
    if "--scaling" in words:
        write("search-scaling", "Judgments on one and two processes", NOTES[1:2], machine(), scaling())
        raise SystemExit
    with tempfile.TemporaryDirectory() as temporary:
        if "--stages" in words:
            text = f"name: bench\nhost: h800-node\nstages: {list(STAGES)}\n"
            row = {"gpus": " to ".join(f"{n:,}" for n in STAGES), **searched(text, Path(temporary) / "stages")}
            write("search-stages", "Design search of a sequence of growth", NOTES[2:], machine(), [row])
        else:
            rows = [row_of(gpus, Path(temporary)) for gpus in sizes]
            write("search", "Design search of default spaces", NOTES[:1], machine(), rows)
