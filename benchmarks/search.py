"""Design search of default spaces: closed forms a second, the search with its proof, and its verification:
`python benchmarks/search.py [GPUS ...]`. With `--scaling`, the same batch of tasks on one and on two processes."""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(PROJECT))

from benchmarks._measure import machine, timed_process, topo  # noqa: E402
from benchmarks._results import write  # noqa: E402
from topo.catalog import load_catalog  # noqa: E402
from topo.pool import open_pool  # noqa: E402
from topo.searching.candidate import design_text  # noqa: E402
from topo.searching.judge import Task, judge  # noqa: E402
from topo.searching.request import parse_request  # noqa: E402
from topo.searching.run import counter_of, first_look  # noqa: E402
from topo.searching.space import candidates  # noqa: E402

SIZES = (2048, 16384)
NOTES = (
    "Every family, every switch that fits, endpoint all-to-all at 1.0; two jobs. `verify_s` checks all of it again.",
    "The same tasks, each a design of 2,048 GPUs judged by the engine.",
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
    request = folder / f"{gpus}.yaml"
    request.write_text(REQUEST.format(gpus))
    out = folder / f"out-{gpus}"
    found = timed_process(topo("search", str(request), "-o", str(out)), runs=1)
    again = timed_process(topo("verify", str(out / "search.json")), runs=1)
    return {
        "gpus": gpus, **counted(gpus), "search_s": round(found.wall_s, 1), "search_cpu_s": round(found.cpu_s, 1),
        "search_peak_mb": round(found.peak_mb), "verify_s": round(again.wall_s, 1),
    }  # fmt: skip


def scaling() -> list[dict[str, object]]:
    """Judgments a second of the same tasks on one and on two processes."""
    request = parse_request(
        "name: s\ngpus: 2048\nhost: h800-node\nchoose: {families: [ft2, mpft, mrft], switches: [nvidia-qm9700]}\n",
        "request.yaml", load_catalog(),
    )  # fmt: skip
    folders = tuple(Path(f) for f in request.catalog.folders)
    texts = [design_text(c, request.common, request.network, "x", "x") for c in candidates(request)]
    tasks = [Task(text, "designs/x.yaml", request.network, ("cost_usd",), folders, 60.0) for text in texts]
    rows = []
    for width in (1, 2):
        with open_pool(width) as pool:
            pool.outcomes(judge, tasks[: 2 * width])
            start = time.perf_counter()
            pool.outcomes(judge, tasks)
            spent = time.perf_counter() - start
        rows.append({"processes": width, "tasks": len(tasks), "tasks_per_s": round(len(tasks) / spent, 1)})
    return rows


if __name__ == "__main__":
    words = sys.argv[1:]
    sizes = [int(word) for word in words if word.isdigit()] or list(SIZES)
    with tempfile.TemporaryDirectory() as temporary:
        rows = scaling() if "--scaling" in words else [row_of(gpus, Path(temporary)) for gpus in sizes]
    if "--scaling" in words:
        write("search-scaling", "Judgments on one and two processes", NOTES[1:], machine(), rows)
    else:
        write("search", "Design search of default spaces", NOTES[:1], machine(), rows)
