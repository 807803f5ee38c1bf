"""Design search of default spaces: closed forms a second, the search with its proof, and its verification:
`python benchmarks/search.py [GPUS ...]`. With `--stages`, a search of sequences of growth; with `--scaling`, the same
batch of tasks on one and on two workers by turns, and a picture with a model beyond (docs/pictures/search-scaling.svg).
Two workers that did more than twice what one did were measured while other work came or went: nothing is written."""

from __future__ import annotations

import re
import statistics
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
from topo.pool import Pool, open_pool  # noqa: E402
from topo.searching.candidates.candidate import design_text  # noqa: E402
from topo.searching.candidates.request import parse_request  # noqa: E402
from topo.searching.candidates.space import candidates  # noqa: E402
from topo.searching.record.result import OPEN  # noqa: E402
from topo.searching.running.judge import Task, judge  # noqa: E402
from topo.searching.running.run import counter_of, first_look  # noqa: E402

SIZES = (2048, 16384, 65536)
STAGES = (1024, 4096, 16384)
TASKS, ROUNDS = 40, 7
WIDTHS = (1, 2)
MOST = 2.02
"""Two workers that did so many times what one did were not measured alike; 0.02 is what medians of a calm machine
differ by."""
NOTES = (
    "Every family of bought switches, every switch that fits, endpoint all-to-all at 1.0; two jobs. `verify_s` proves "
    "the claim again, groups bounded where that is enough; `verify_share` is its processor time over search_cpu_s.",
    "The same tasks, each a design of 8,192 GPUs judged by the engine, on one and on two warm workers by turns: "
    "medians of so many rounds. `task_cpu_s` is the processor time within the tasks, which two workers do not change; "
    "`least_s` and `most_s` are the quickest and the slowest round.",
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


def timed_judge(task: Task) -> float:
    """Processor seconds of one judgment, in the worker."""
    start = time.process_time()
    judge(task)
    return time.process_time() - start


def batch() -> list[Task]:
    """Candidates of trees of 8,192 GPUs that closed forms leave to the engine."""
    request = parse_request(
        "name: s\ngpus: 8192\nhost: h800-node\nchoose: {families: [ft3, mpft, mrft]}\n",
        "request.yaml", load_catalog(),
    )  # fmt: skip
    folders = tuple(Path(f) for f in request.catalog.folders)
    counter = counter_of(request)
    every = [c for n, c in enumerate(candidates(request)) if first_look(n, c, counter, request).state == OPEN]
    some = every[:: max(len(every) // TASKS, 1)][:TASKS]
    texts = [design_text(c, request.common, request.network, "x", "x") for c in some]
    return [Task(text, "designs/x.yaml", request.network, ("cost_usd",), folders, 60.0) for text in texts]


def one_round(pool: Pool, tasks: list[Task]) -> tuple[float, float]:
    """Seconds on the clock that a pool takes for the tasks, and processor seconds within them."""
    start = time.perf_counter()
    spent = pool.outcomes(timed_judge, tasks)
    return time.perf_counter() - start, sum(one for one in spent if isinstance(one, float))


def scaling() -> list[dict[str, object]]:
    """Judgments a second of the same tasks on one and on two workers of the same kind. They take turns, as a busy
    machine would favour whichever is measured while other work rests."""
    tasks = batch()
    rounds: dict[int, list[tuple[float, float]]] = {width: [] for width in WIDTHS}
    with open_pool(WIDTHS[0]) as one, open_pool(WIDTHS[1]) as two:
        pools = dict(zip(WIDTHS, (one, two), strict=True))
        for width, pool in pools.items():
            pool.outcomes(timed_judge, tasks * width)
        for turn in range(ROUNDS):
            for width in WIDTHS if turn % 2 else WIDTHS[::-1]:
                rounds[width].append(one_round(pools[width], tasks))
    rows = [scaling_row(width, len(tasks), rounds[width]) for width in WIDTHS]
    seconds = [(width, statistics.median(wall for wall, _ in rounds[width])) for width in WIDTHS]
    times = seconds[0][1] / seconds[1][1]
    if times > MOST:
        raise SystemExit(f"two workers did {times:.2f} times what one did: the machine was busy; nothing is written")
    (PROJECT / "docs" / "pictures" / "search-scaling.svg").write_text(plot(len(tasks), seconds), encoding="utf-8")
    return rows


def scaling_row(width: int, tasks: int, rounds: list[tuple[float, float]]) -> dict[str, object]:
    """Medians of the rounds of one pool."""
    walls = [wall for wall, _ in rounds]
    middle = statistics.median(walls)
    return {
        "processes": width, "tasks": tasks, "rounds": len(rounds), "seconds": round(middle, 2),
        "tasks_per_s": round(tasks / middle, 2), "least_s": round(min(walls), 2), "most_s": round(max(walls), 2),
        "task_cpu_s": round(statistics.median(cpu for _, cpu in rounds), 2),
    }  # fmt: skip


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
