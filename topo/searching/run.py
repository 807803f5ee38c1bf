"""Goes through a space in order of cost: closed forms first, the engine last and only where they leave it open."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, Protocol

from topo.catalog import PriceBook
from topo.errors import InputError, Problem
from topo.searching.anything import lower_bound
from topo.searching.candidate import Candidate, design_text
from topo.searching.count import Counted, Counter, Refusal
from topo.searching.judge import Task, judge
from topo.searching.limited import filling_hint, limits_bound
from topo.searching.objectives import OBJECTIVES
from topo.searching.refute import over_limit, refuted
from topo.searching.request import Request
from topo.searching.result import DOMINATED, HELD, OPEN, REFUSED, REFUTED, UNDECIDED, Judgment, Point, Row, Search
from topo.searching.space import candidates
from topo.searching.why import why_not

AT_MOST = 100_000
"""A space of more candidates is not searched unless asked for."""
SAMPLE = 200
"""How many candidates are counted to estimate how long all take."""

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

    def search(self, at_most: int = AT_MOST) -> Search:
        """The search, to its end or to an interruption. Raises InputError for a space that is empty or too large."""
        rows = self._counted(at_most)
        self.within = limits_bound(self.request, rows, counter_of(self.request), self.time_limit_s)
        refuse_empty(self.request, rows, self.within)
        order = [
            row.number for row in sorted(rows, key=lambda row: (*self._best(row), row.number)) if row.state == OPEN
        ]
        started = time.monotonic()
        try:
            for place, number in enumerate(order):
                row = rows[number]
                by = self._dominated_by(row, rows)
                if by is not None:
                    rows[number] = replace(row, state=DOMINATED, proof={"kind": "counts", "by": by})
                    continue
                rows[number] = self._judged(row, rows, order[place:])
                held = sum(r.state == HELD for r in rows)
                self.say(f"{place + 1:,} of {len(order):,} open candidates decided, {held:,} held")
                if time.monotonic() - started > self.keep_every_s:
                    self.keep(self._result(rows, "still running"))
                    started = time.monotonic()
        except KeyboardInterrupt:
            return self._result(rows, "interrupted")
        except ConnectionError as error:
            return self._result(rows, f"the scheduler is lost: {error}")
        return self._result(rows, "")

    def _counted(self, at_most: int) -> list[Row]:
        counter, rows = counter_of(self.request), []
        started = time.monotonic()
        for number, candidate in enumerate(candidates(self.request)):
            if number == SAMPLE:
                _refuse_many(self.request, at_most, (time.monotonic() - started) / SAMPLE)
            rows.append(first_look(number, candidate, counter, self.request))
        if len(rows) > at_most:
            _refuse_many(self.request, at_most, (time.monotonic() - started) / len(rows))
        self.say(f"{len(rows):,} candidates counted")
        return rows

    def _best(self, row: Row) -> Vector:
        return best_vector(row, self.request.objectives)

    def _dominated_by(self, row: Row, rows: Sequence[Row]) -> int | None:
        """A held candidate that is at least as good in everything as this one can be; None where there are fewer than
        `top` of them."""
        best = self._best(row)
        found = [r.number for r in rows if r.state == HELD and covers(held_vector(r, self.request.objectives), best)]
        return found[0] if len(found) >= self.top else None

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
                if named not in self.known and self._dominated_by(other, rows) is None:
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
        key = "key" if judgment.verdict == REFUSED else "requirement"
        proof = {"kind": "engine", key: judgment.requirement}
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
    title = f"{request.file.gpus:,} GPUs: {row.candidate.text}"
    return title if len(title) <= 180 else title[:177] + "..."


def assembled(request: Request, rows: Sequence[Row], top: int, stopped: str, within: Mapping[str, Any]) -> Search:
    """The search's result from what is known of every candidate, and `within` its limits."""
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
        lower_bound(request, book_of(request)), why_not(request, rows, held[:1]), below, stopped, within,
    )  # fmt: skip


def _point(row: Row, request: Request) -> Point:
    name = design_name(row, request)
    text = design_text(row.candidate, request.common, request.network, name, title_of(row, request))
    return Point(name, row, text, row.judgment.values if row.judgment else {})


def _refuse_many(request: Request, at_most: int, each_s: float) -> None:
    """Raises InputError where the space has more candidates than allowed, with how long they would take."""
    number = 0
    for _ in candidates(request):
        number += 1
        if number > 20 * at_most:
            break
    if number <= at_most:
        return
    more = "more than " if number > 20 * at_most else ""
    minutes = number * each_s / 60
    took = f"{minutes:,.0f} minutes" if minutes >= 2 else f"{minutes * 60:,.0f} seconds"
    raise InputError(
        Problem(
            f"the space has {more}{number:,} candidates; counting them alone takes about {took}",
            "--at-most", f"{at_most:,}", f"at least {number:,}", "choose fewer values, or allow that many",
            request.document.path, request.document.line(("choose",)),
        )
    )  # fmt: skip


def refuse_empty(request: Request, rows: Sequence[Row], within: Mapping[str, Any] = MappingProxyType({})) -> None:
    """Raises InputError where no candidate can be built within the limits: the first key that leaves none, what would
    be enough, and whether parts that share a tier would be."""
    if any(row.state != REFUSED for row in rows):
        return
    document = request.document
    if not rows:
        host = request.file.host[0]
        known = ", ".join(request.catalog.ids("switch"))
        message = f"no switch of the catalog fits the NICs of {host} on network {request.network}"
        raise InputError(Problem(message, "host", host, known, "", document.path, document.line(("host",))))
    limits = [r.counted for r in rows if isinstance(r.counted, Refusal) and r.counted.key.startswith("limits.")]
    if limits:
        nearest = min(limits, key=lambda refusal: refusal.needed or 0.0)
        keys = tuple(nearest.key.split("."))
        message = f"the limits leave none of {len(rows):,} candidates: the nearest {nearest.message}"
        allowed = f"at least {nearest.needed:,.0f}" if nearest.needed is not None else ""
        raise InputError(
            Problem(
                message,
                nearest.key,
                _limit(request, keys),
                allowed,
                filling_hint(within),
                document.path,
                document.line(keys),
            )
        )
    first = rows[0].counted
    key = first.key if isinstance(first, Refusal) else ""
    same = [r for r in rows if isinstance(r.counted, Refusal) and r.counted.key == key]
    near = _nearest(same)
    at = next((k for k in ((key,), ("networks", request.network, key), ("choose",)) if k in document.lines), (key,))
    message = f"none of {len(rows):,} candidates can be built; {near.candidate.text}: {near.reason}"
    allowed = near.reason.partition("; ")[2]
    value = f"{request.file.gpus:,}" if key == "gpus" else str(near.candidate.get(key, ""))
    raise InputError(Problem(message, key, value, allowed, "", document.path, document.line(at)))


def _nearest(rows: Sequence[Row]) -> Row:
    """The refusal that is the least far from being none: the one that allows the most."""
    import re

    def largest(row: Row) -> int:
        numbers = re.findall(r"\d[\d,]*", row.reason.partition("; ")[2])
        return max((int(n.replace(",", "")) for n in numbers), default=0)

    return max(rows, key=largest)


def _limit(request: Request, keys: tuple[str, ...]) -> str:
    value: Any = request.document.value
    for key in (*keys, "at_most"):
        value = value.get(key, value) if isinstance(value, dict) else value
    return str(value)
