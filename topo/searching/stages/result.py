"""What a search of sequences found, and its files."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from topo.searching.bounds.anything import lower_bound
from topo.searching.candidates.count import Counted
from topo.searching.output.page import front_svg, search_page
from topo.searching.record.listed import Lines, as_json
from topo.searching.record.result import (
    DOMINATED,
    HELD,
    OPEN,
    REFUTED,
    STATES,
    UNDECIDED,
    Judgment,
    Point,
    Row,
    Search,
    point_json,
)
from topo.searching.record.why import why_not
from topo.searching.running.run import book_of, covers
from topo.searching.stages.judge import Line, stage_task
from topo.searching.stages.options import stage_requests
from topo.searching.stages.walk import Node, Walk, goals
from topo.units import amount


@dataclass(frozen=True)
class StagedPoint(Point):
    """A sequence that holds, by its last design. `stages` describes each."""

    stages: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True)
class StagedSearch(Search):
    """A search of sequences. `rows` are those of the last stage, then a row for each sequence of the result;
    `looked_at` holds the candidates of every stage, `judged` what the engine said of lines."""

    looked_at: tuple[tuple[Row, ...], ...] = ()
    judged: Mapping[Line, Judgment] | None = None
    written: frozenset[Line] = frozenset()

    @property
    def space(self) -> dict[str, int]:
        """How many candidates the stages have, and what became of them: held where some line with it held, dominated
        where every sequence with it costs no less than one that holds."""
        fate = self.fates()
        result = {state: sum(one == state for one in fate.values()) for state in STATES}
        left = sum(one == OPEN for one in fate.values())
        return {"candidates": len(fate), **result, **({OPEN: left} if left else {})}

    def fates(self) -> dict[tuple[int, int], str]:
        """What became of a candidate, by stage and number."""
        result = {(s, row.number): row.state for s, rows in enumerate(self.looked_at) for row in rows}
        rank = {HELD: 3, UNDECIDED: 2, REFUTED: 1}
        said: dict[tuple[int, int], str] = {}
        for line, judgment in (self.judged or {}).items():
            at = (len(line) - 1, line[-1])
            if rank.get(judgment.verdict, 0) >= rank.get(said.get(at, ""), 0):
                said[at] = judgment.verdict
        rest = OPEN if self.stopped else DOMINATED
        return {at: said.get(at, rest) if state == OPEN else state for at, state in result.items()}

    @property
    def claim(self) -> str:
        """What is proved, in words."""
        goal = self.request.objectives[0]
        if self.stopped or self.undecided_below or not self.top:
            return super().claim.replace("the space holds", "the space holds through all stages")
        return f"least {goal} of all sequences of {amount(self.space['candidates'], 'candidate')}, proved"

    def to_json(self) -> dict[str, Any]:
        """The search of the contract, as plain data."""
        result = super().to_json()
        result["request"]["stages"] = list(self.request.file.stages)
        result["request"]["move_usd"] = self.request.file.move_usd or 0.0
        if self.winner:
            result["winner"] = _sequence_json(self.winner)
        result["top"] = [_sequence_json(point) for point in self.top]
        for shown, point in zip(result["front"], self.front, strict=True):
            shown["stages"] = _stages(point)
        result["sequences"] = "sequences.json"
        return result


def _stages(point: Point) -> list[dict[str, Any]]:
    return [dict(one) for one in point.stages] if isinstance(point, StagedPoint) else []


def _sequence_json(point: Point) -> dict[str, Any]:
    return {**point_json(point), "stages": _stages(point)}


def assembled(walk: Walk, stages: Sequence[Sequence[Row]], stopped: str) -> StagedSearch:
    """The result of a walk."""
    request = walk.request
    last = stage_requests(request)[-1]
    held = sorted(walk.held, key=lambda one: (*goals(request, *one), one[1].moved, one[1].line))
    front: list[tuple[float, Node]] = []
    for one in held:
        if not any(covers(goals(request, *other), goals(request, *one)) for other in front):
            front.append(one)
    best = held[: walk.top]
    shown = list({one[1].line: one for one in (*best, *front)}.values())
    first = len(stages[-1])
    points = {one[1].line: _point(walk, one, first + i) for i, one in enumerate(shown)}
    below = [node for least, node in walk.undecided if not walk.covered(least, node)]
    rows = [*stages[-1], *(point.row for point in points.values())]
    doubts = range(len(rows), len(rows) + len(below))
    for number, node in zip(doubts, below, strict=True):
        row, judgment = walk.rows_of(node)[-1], walk.judged[node.line]
        rows.append(replace(row, number=number, state=UNDECIDED, reason=judgment.reason, judgment=judgment))
    asked = {line: walk.judged[line] for line in sorted(walk.asked)}
    return StagedSearch(
        request, tuple(rows), tuple(points[node.line] for _, node in front),
        tuple(points[node.line] for _, node in best), lower_bound(last, book_of(last)),
        _why_not(walk, stages, best), tuple(doubts), stopped, {}, {}, tuple(map(tuple, stages)), asked,
        frozenset(node.line[: i + 1] for _, node in shown for i in range(len(node.line))),
    )  # fmt: skip


def _point(walk: Walk, one: tuple[float, Node], number: int) -> StagedPoint:
    cost, node = one
    request, rows = walk.request, walk.rows_of(node)
    described = []
    for i, row in enumerate(rows):
        task = stage_task(request, rows[: i + 1], 0.0)
        judgment, counted = walk.judged[node.line[: i + 1]], row.counted
        assert isinstance(counted, Counted)
        described.append(
            {
                "gpus": request.file.stages[i], "design": f"designs/{task.name}.yaml", "keys": row.candidate.to_json(),
                "switches": {**counted.counts.switches, "total": counted.total},
                "cost_usd": judgment.values["cost_usd"], "bought_usd": round(node.bought_usd[i], 6),
                "moves": int(judgment.values["moves"]), "moves_at_least": int(judgment.values["moves_at_least"]),
                "moves_usd": (request.file.move_usd or 0.0) * judgment.values["moves"],
                "certificate": {"kind": "report", "file": f"reports/{task.name}.json"},
            }
        )  # fmt: skip
    judgment = walk.judged[node.line]
    values = {"cost_usd": cost, "moves": node.moved, "switches": judgment.values["switches"]}
    row = replace(rows[-1], number=number, state=HELD, judgment=replace(judgment, values=values))
    task = stage_task(request, rows, 0.0)
    return StagedPoint(task.name, row, task.files[-1][1], values, tuple(described))


def _why_not(
    walk: Walk, stages: Sequence[Sequence[Row]], best: Sequence[tuple[float, Node]]
) -> dict[str, dict[str, Any]]:
    """For every family but the winner's what stands in its way: no size of a stage, the least cost of its sequences, or
    the requirement that its lines broke."""
    won = walk.rows_of(best[0][1])[-1].candidate.family if best else ""
    cost = best[0][0] if best else None
    result: dict[str, dict[str, Any]] = {}
    for size, request, rows in zip(walk.request.file.stages, stage_requests(walk.request), stages, strict=True):
        for family, reason in why_not(request, rows, ()).items():
            if family != won and family not in result and reason["verdict"] != OPEN:
                result[family] = {**reason, "stage": size}
    for family, least in walk.left.items():
        if family != won and family not in result and cost is not None:
            rows = [row for row in stages[-1] if row.candidate.family == family and row.state == OPEN]
            result[family] = {
                "requirement": walk.request.objectives[0], "design": rows[0].candidate.to_json(), "verdict": DOMINATED,
                "reason": f"its sequences cost at least {least:,.0f} USD, the winner's {cost:,.0f}",
                "certificate": {"kind": "counts", "at_least": least, "winner": cost},
            }  # fmt: skip
    for line in sorted(walk.asked):
        row, judgment = stages[len(line) - 1][line[-1]], walk.judged[line]
        family = row.candidate.family
        if family != won and family not in result and judgment.verdict != HELD:
            result[family] = {
                "requirement": judgment.requirement, "design": row.candidate.to_json(), "verdict": judgment.verdict,
                "reason": judgment.reason, "certificate": {"kind": "engine", "requirement": judgment.requirement},
            }  # fmt: skip
    return dict(sorted(result.items()))


def files_of(search: StagedSearch) -> dict[str, bytes]:
    """Every file by relative path; the same search gives the same bytes."""
    files: dict[str, bytes] = {
        "search.json": as_json(search.to_json()),
        "request.yaml": search.request.document.text.encode(),
        "search.html": search_page(search),
        "front.svg": front_svg(search).encode(),
    }
    listed, fate = [], search.fates()
    for stage, rows in enumerate(search.looked_at):
        first, text = f'{{"stage": {search.request.file.stages[stage]}, ', Lines()
        for row in rows:
            became = fate[stage, row.number]
            listed.append(first + text.line(row if row.state == became else replace(row, state=became))[1:])
    files["candidates.json"] = ("[\n" + ",\n".join(listed) + "\n]\n").encode()
    lines = []
    for line, judgment in (search.judged or {}).items():
        task = stage_task(search.request, rows_of(search.looked_at, line), 0.0)
        folder = "designs" if line in search.written else "judged"
        value: dict[str, Any] = {"line": list(line), "verdict": judgment.verdict}
        for key, said in (("reason", judgment.reason), ("requirement", judgment.requirement)):
            value |= {key: said} if said else {}
        value |= {"values": dict(judgment.values)} if judgment.values else {}
        if judgment.report:
            value["report"] = f"reports/{task.name}.json"
            design = {**judgment.report["design"], "path": f"../{folder}/{task.name}.yaml"}
            files[f"reports/{task.name}.json"] = as_json([{**judgment.report, "design": design}])
        files |= {f"{folder}/{name}.yaml": text.encode() for name, text in task.files}
        lines.append(json.dumps(value, ensure_ascii=False))
    files["sequences.json"] = ("[\n" + ",\n".join(lines) + "\n]\n").encode()
    return files


def rows_of(stages: Sequence[Sequence[Row]], line: Line) -> list[Row]:
    """The rows of a line."""
    return [stages[place][number] for place, number in enumerate(line)]
