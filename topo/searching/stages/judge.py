"""What the engine says of one stage that grows from those before it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from topo.catalog import Catalog
from topo.design import Design, build, context_of, parse_grown
from topo.design.wire import growth
from topo.errors import InputError
from topo.searching.candidates.candidate import design_text
from topo.searching.candidates.request import Request
from topo.searching.record.result import HELD, REFUSED, Judgment, Row
from topo.searching.running.judge import Task, judged
from topo.solvers.budget import counted_time
from topo.units import amount

Line = tuple[int, ...]
"""The numbers of a sequence's candidates, stage by stage; the first of them name what it grows from."""


@dataclass(frozen=True)
class StageTask:
    """A line of designs, each growing from the one before; the last one is judged."""

    line: Line
    files: tuple[tuple[str, str], ...]
    network: str
    folders: tuple[Path, ...]
    time_limit_s: float

    @property
    def name(self) -> str:
        """The name of the last design."""
        return self.files[-1][0]


def stage_task(request: Request, rows: Sequence[Row], time_limit_s: float) -> StageTask:
    """The task of judging the last of these rows, grown from the others."""
    files: list[tuple[str, str]] = []
    for place, row in enumerate(rows):
        line = tuple(one.number for one in rows[: place + 1])
        name = line_name(request, row.candidate.family, line)
        common = {**request.common, "gpus": request.file.stages[place]}
        if place:
            common["grow_from"] = f"{files[-1][0]}.yaml"
        title = f"stage {place + 1}, {amount(common['gpus'], 'GPU')}: {row.candidate.text}"
        title = title if len(title) <= 180 else title[:177] + "..."
        files.append((name, design_text(row.candidate, common, request.network, name, title)))
    folders = tuple(Path(folder) for folder in request.catalog.folders)
    line = tuple(row.number for row in rows)
    return StageTask(line, tuple(files), request.network, folders, time_limit_s)


def line_name(request: Request, family: str, line: Line) -> str:
    """What the last design of a line is called."""
    name = f"{request.name[:24]}-{family}-{'-'.join(map(str, line))}"
    if len(name) <= 64:
        return name
    from hashlib import sha256

    return f"{request.name[:24]}-{family}-{sha256(repr(line).encode()).hexdigest()[:12]}"


_CATALOGS: dict[tuple[Path, ...], Catalog] = {}


def judge_stage(task: StageTask) -> Judgment:
    """The judgment on the last design of a line, in counted time. Its values tell what moves, and the fewest links that
    could."""
    with counted_time():
        return _judge_stage(task)


def _judge_stage(task: StageTask) -> Judgment:
    catalog = _CATALOGS.setdefault(task.folders, Catalog(task.folders))
    try:
        design = parse_grown([(f"designs/{name}.yaml", text) for name, text in task.files], catalog)
        context = context_of(design, build(design), time_limit_s=task.time_limit_s)
    except InputError as error:
        first = error.problems[0]
        return Judgment(REFUSED, first.message, first.key)
    result = judged(design, context, plain_task(task))
    if result.verdict != HELD:
        return result
    return replace(result, values={**result.values, **moved(design, task.network)})


def plain_task(task: StageTask) -> Task:
    """The last design of a line as a task of its own."""
    path = f"designs/{task.name}.yaml"
    return Task(task.files[-1][1], path, task.network, ("cost_usd",), task.folders, task.time_limit_s)


def moved(design: Design, network: str) -> Mapping[str, float]:
    """Links of the network that move when a design grows from the one before it, and the proved fewest."""
    kept = growth(design).get(network, {})
    return {
        "moves": float(sum(one.moved for one in kept.values())),
        "moves_at_least": float(sum(one.least_moved for one in kept.values())),
    }
