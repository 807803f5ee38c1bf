"""Goes through a space in order of cost: closed forms first, the engine last and only where they leave it open."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, Protocol

from topo.catalog import PriceBook
from topo.searching.bounds.anything import lower_bound
from topo.searching.bounds.limited import limits_bound
from topo.searching.bounds.refute import over_limit, refuted
from topo.searching.candidates.candidate import Candidate, design_text
from topo.searching.candidates.count import Counted, Counter, Refusal
from topo.searching.candidates.objectives import OBJECTIVES, figure
from topo.searching.candidates.request import Request
from topo.searching.candidates.space import candidates
from topo.searching.record.result import (
    DOMINATED,
    HELD,
    OPEN,
    REFUSED,
    REFUTED,
    UNDECIDED,
    Judgment,
    Point,
    Row,
    Search,
    by_engine,
)
from topo.searching.record.why import why_not
from topo.searching.running.judge import Task, judge
from topo.searching.running.wrong_space import AT_MOST, refuse_empty, refuse_many
from topo.units import amount

Vector = tuple[float, ...]


class Workers(Protocol):
    """Whoever does tasks."""

    def __call__(self, tasks: Sequence[Task], done: Callable[[int, Judgment], None], /) -> object:
        """Calls `done` with the number of each task and its judgment as it is there."""


@dataclass
class Run:
    """The state of a search: what is known of every candidate so far."""

    request: Request
    time_limit_s: float = 60.0
    top: int = 1
    workers: Workers = field(default=lambda tasks, done: [done(i, judge(task)) for i, task in enumerate(tasks)])
    width: int = 1
    known: dict[str, Judgment] = field(default_factory=dict)
    say: Callable[[str], None] = lambda text: None
    keep: Callable[[Search], None] = lambda search: None
    keep_every_s: float = 60.0
    asked: int = 0
    """How often the engine was asked: the first candidates are asked alone, as one of them often wins."""
    within: Mapping[str, Any] = field(default_factory=dict)
    """What the limits leave where parts may share a tier."""
    held: dict[int, Vector] = field(default_factory=dict)
    """What the candidates that hold reach, by number."""
    doubts: int = 0
    """How many candidates are undecided so far."""

    def search(self, at_most: int = AT_MOST) -> Search:
        """The search, to its end or to an interruption. Raises InputError for a space that is empty or too large."""
        counter = counter_of(self.request)
        refuse_many(self.request, at_most, counter)
        rows: list[Row] = []
        try:
            self._count(rows, counter)
            self.within = limits_bound(self.request, rows, counter, self.time_limit_s)
            refuse_empty(self.request, rows, self.within)
            self._decide(rows)
        except KeyboardInterrupt:
            return self._result(rows, "interrupted")
        except ConnectionError as error:
            return self._result(rows, f"the scheduler is lost: {error}")
        return self._result(rows, "")

    def _count(self, rows: list[Row], counter: Counter) -> None:
        with no_cycles():
            for number, candidate in enumerate(candidates(self.request)):
                rows.append(first_look(number, candidate, counter, self.request))
        self.say(f"{amount(len(rows), 'candidate')} counted")

    def _decide(self, rows: list[Row]) -> None:
        """Goes through what counts leave open, in order of cost."""
        order = [
            row.number for row in sorted(rows, key=lambda row: (*self._best(row), row.number)) if row.state == OPEN
        ]
        started = time.monotonic()
        for place, number in enumerate(order):
            row = rows[number]
            by = self._dominated_by(row)
            if by is not None:
                rows[number] = dominated(row, by)
                continue
            rows[number] = self._judged(row, rows, order[place:])
            if rows[number].state == HELD:
                self.held[number] = held_vector(rows[number], self.request.objectives)
            self.doubts += rows[number].state == UNDECIDED
            self.say(self._progress(place + 1, len(order), row))
            if time.monotonic() - started > self.keep_every_s:
                self.keep(self._result(rows, "still running"))
                started = time.monotonic()

    def _progress(self, decided: int, of: int, last: Row) -> str:
        """What is proved so far."""
        goal = OBJECTIVES[self.request.objectives[0]]
        text = f"{decided:,} of {amount(of, 'open candidate')} decided, {len(self.held):,} held"
        text += f", {self.doubts:,} undecided" if self.doubts else ""
        bound = figure(abs(self._best(last)[0]))
        if not self.held:
            return f"{text}; nothing with {goal.title} {'above' if goal.more else 'below'} {bound} holds"
        best = figure(abs(min(vector[0] for vector in self.held.values())))
        return f"{text}; best {goal.title} {best}, at {'most' if goal.more else 'least'} {bound} in what is left"

    def _best(self, row: Row) -> Vector:
        return best_vector(row, self.request.objectives)

    def _dominated_by(self, row: Row) -> int | None:
        """A held candidate that is at least as good in everything as this one can be; None where there are fewer than
        `top` of them."""
        best = self._best(row)
        result = [number for number, reached in self.held.items() if covers(reached, best)]
        return min(result) if len(result) >= self.top else None

    def _judged(self, row: Row, rows: Sequence[Row], ahead: Sequence[int]) -> Row:
        """The row with the engine's answer. Others that are likely to be asked next are done beside it."""
        text = row.candidate.host + " " + row.candidate.text
        if text not in self.known:
            wanted = [row.number]
            width = min(self.width, max(2 * self.asked, 1))
            self.asked += 1
            for number in ahead[1:]:
                if len(wanted) >= width:
                    break
                other = rows[number]
                named = other.candidate.host + " " + other.candidate.text
                if named not in self.known and self._dominated_by(other) is None:
                    wanted.append(number)
            tasks = [self._task(rows[number]) for number in wanted]

            def done(i: int, judgment: Judgment) -> None:
                candidate = rows[wanted[i]].candidate
                self.known[candidate.host + " " + candidate.text] = judgment

            self.workers(tasks, done)
        return self._decided(row)

    def _decided(self, row: Row) -> Row:
        """The row with the judgment that is known of it; itself where none is."""
        judgment = self.known.get(row.candidate.host + " " + row.candidate.text)
        if judgment is None:
            return row
        proof = by_engine(judgment)
        return replace(row, state=judgment.verdict, reason=judgment.reason, judgment=judgment, proof=proof)

    def _task(self, row: Row) -> Task:
        return task_of(row, self.request, self.time_limit_s)

    def _result(self, rows: Sequence[Row], stopped: str) -> Search:
        """The result; of a search that is not over, with what was decided ahead of its turn."""
        if stopped:
            rows = [self._decided(row) if row.state == OPEN else row for row in rows]
        return assembled(self.request, tuple(rows), self.top, stopped, self.within)


def counter_of(request: Request) -> Counter:
    """What counts the candidates of a request."""
    others = tuple((other.host, other.count) for other in request.file.other_hosts)
    return Counter(
        request.catalog, request.network, request.file.gpus, others, book_of(request), request.file.lengths_m,
        request.file.floor is not None, request.file.cost,
    )  # fmt: skip


def book_of(request: Request) -> PriceBook | None:
    """The price book of a request."""
    book = request.common.get("price_book")
    return request.catalog.price_book(str(book)) if book else None


@contextmanager
def no_cycles() -> Iterator[None]:
    """Many values without cycles are made: looking for cycles among them again and again takes as long as they do."""
    before = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if before:
            gc.enable()


def dominated(row: Row, by: int) -> Row:
    """The row of a candidate that can be no better than a held one."""
    return replace(row, state=DOMINATED, proof={"kind": "counts", "by": by})


def first_look(number: int, candidate: Candidate, counter: Counter, request: Request) -> Row:
    """A candidate with what closed forms say: refused, refuted or open."""
    counted = counter.count(candidate)
    if isinstance(counted, Refusal):
        return Row(number, candidate, REFUSED, counted.message, counted, {"kind": "recount", "key": counted.key})
    limit = over_limit(counted, request)
    if limit is not None:
        return Row(number, candidate, REFUSED, limit.message, limit, {"kind": "recount", "key": limit.key})
    broken = refuted(counted, request)
    if broken is not None:
        proof = {"kind": "recount", "requirement": broken[0], **broken[1]}
        return Row(number, candidate, REFUTED, broken[0], counted, proof)
    return Row(number, candidate, OPEN, "", counted)


def best_vector(row: Row, objectives: Sequence[str]) -> Vector:
    """The best that a candidate can reach in each objective, less being better."""
    if not isinstance(row.counted, Counted):
        return ()
    return tuple(OBJECTIVES[name].least(OBJECTIVES[name].bound(row.counted)) for name in objectives)


def held_vector(row: Row, objectives: Sequence[str]) -> Vector:
    """What a held candidate reaches in each objective, less being better."""
    values = row.judgment.values if row.judgment else {}
    return tuple(OBJECTIVES[name].least(values[name]) for name in objectives)


def covers(one: Vector, other: Vector) -> bool:
    """Whether one is at least as good in everything, within what floats round."""
    return all(a <= b + 1e-9 * max(abs(a), abs(b)) for a, b in zip(one, other, strict=True))


def task_of(row: Row, request: Request, time_limit_s: float) -> Task:
    """The task of judging a candidate."""
    name = design_name(row, request)
    text = design_text(row.candidate, request.common, request.network, name, title_of(row, request))
    folders = tuple(Path(folder) for folder in request.catalog.folders)
    kept = request.file.limits
    limits = tuple(
        (k, most) for k, most in (("cost_usd", kept.cost_usd), ("power_w", kept.power_w)) if most is not None
    )
    return Task(text, f"designs/{name}.yaml", request.network, request.objectives, folders, time_limit_s, limits)


def design_name(row: Row, request: Request) -> str:
    """What the design of a candidate is called."""
    return f"{request.name[:40]}-{row.candidate.family}-{row.number:05d}"


def title_of(row: Row, request: Request) -> str:
    """One line about the design of a candidate."""
    title = f"{amount(request.file.gpus, 'GPU')}: {row.candidate.text}"
    return title if len(title) <= 180 else title[:177] + "..."


def assembled(
    request: Request, rows: Sequence[Row], top: int, stopped: str, within: Mapping[str, Any],
    unseen: Mapping[tuple[str, str, str], int] = MappingProxyType({}),
) -> Search:  # fmt: skip
    """The search's result from what is known of every candidate, and `within` its limits; `unseen` are those that
    cannot matter to it."""
    goals = request.objectives
    held = [row for row in rows if row.state == HELD]
    held.sort(key=lambda row: (*held_vector(row, goals), row.number))
    front: list[Row] = []
    for row in held:
        if not any(covers(held_vector(other, goals), held_vector(row, goals)) for other in front):
            front.append(row)
    below = tuple(
        row.number
        for row in rows
        if row.state == UNDECIDED
        and not any(covers(held_vector(other, goals), best_vector(row, goals)) for other in held)
    )
    best = held[: max(top, 1)]
    points = {row.number: _point(row, request) for row in (*front, *best)}
    return Search(
        request, tuple(rows), tuple(points[row.number] for row in front), tuple(points[row.number] for row in best),
        lower_bound(request, book_of(request)), why_not(request, rows, held[:1], unseen), below, stopped,
        within, unseen,
    )  # fmt: skip


def _point(row: Row, request: Request) -> Point:
    name = design_name(row, request)
    text = design_text(row.candidate, request.common, request.network, name, title_of(row, request))
    return Point(name, row, text, row.judgment.values if row.judgment else {})
