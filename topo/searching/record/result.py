"""What a search found: frozen values, and the JSON of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from topo.searching.candidates.candidate import Candidate
from topo.searching.candidates.count import Counted, Refusal
from topo.searching.candidates.request import Request
from topo.units import amount

SCHEMA = "topo.search/1"
REFUSED, REFUTED, DOMINATED, HELD, UNDECIDED, OPEN = "refused", "refuted", "dominated", "held", "undecided", "open"
STATES = (REFUSED, REFUTED, DOMINATED, HELD, UNDECIDED)


@dataclass(frozen=True)
class Judgment:
    """The engine's answer on one candidate, picklable. `requirement` is the one that is broken or undecided, `report`
    a JSON report of what was judged, with its certificates, `values` the measured objectives by name."""

    verdict: str
    reason: str = ""
    requirement: str = ""
    report: Mapping[str, Any] = field(default_factory=dict)
    values: Mapping[str, float] = field(default_factory=dict)


def by_engine(judgment: Judgment) -> dict[str, Any]:
    """What a verdict of the engine rests on: the key that is refused, or the requirement."""
    return {"kind": "engine", "key" if judgment.verdict == REFUSED else "requirement": judgment.requirement}


@dataclass(frozen=True)
class Row:
    """One candidate and what became of it. `proof` says what the verdict rests on: a key, a cut, a count or the number
    of the candidate that is at least as good in everything."""

    number: int
    candidate: Candidate
    state: str
    reason: str
    counted: Counted | Refusal
    proof: Mapping[str, Any] = field(default_factory=dict)
    judgment: Judgment | None = None

    def to_json(self) -> dict[str, Any]:
        """What the list of candidates says of it."""
        result: dict[str, Any] = {"number": self.number, "design": self.candidate.to_json(), "verdict": self.state}
        if self.reason:
            result["reason"] = self.reason
        if isinstance(self.counted, Counted):
            result |= self.counted.to_json()
        if self.proof:
            result["proof"] = dict(self.proof)
        if self.judgment is not None and self.judgment.values:
            result["objectives"] = dict(self.judgment.values)
        return result


@dataclass(frozen=True)
class Point:
    """One design that holds: its name, its file and its objectives."""

    name: str
    row: Row
    text: str
    values: Mapping[str, float]

    def __repr__(self) -> str:
        figures = ", ".join(f"{key} {value:,.10g}" for key, value in self.values.items())
        return f"<Point {self.name}: {figures}>"

    @property
    def path(self) -> str:
        """The design file within the folder."""
        return f"designs/{self.name}.yaml"

    @property
    def report_path(self) -> str:
        """The report within the folder."""
        return f"reports/{self.name}.json"

    @property
    def design(self) -> str:
        """The design file within the folder."""
        return self.path

    @property
    def objectives(self) -> Mapping[str, float]:
        """The objectives' values by name."""
        return self.values

    @property
    def cost_usd(self) -> float | None:
        """The price of the network, where there is a price book."""
        return self.values.get("cost_usd")

    def certificate(self) -> dict[str, Any]:
        """What proves it: the report in its file."""
        report = self.row.judgment.report if self.row.judgment else {}
        held = {r["id"]: r["verdict"] for r in report.get("requirements", [])}
        return {"kind": "report", "file": self.report_path, "requirements": held}


@dataclass(frozen=True)
class Search:
    """What a search found. `complete` where the whole space is decided: no undecided candidate could be cheaper than
    the winner. `lower_bound` is what any topology needs, `within_limits` what limits leave where parts may share a
    tier; `stopped` says why a search that is not over ended."""

    request: Request
    rows: tuple[Row, ...]
    front: tuple[Point, ...]
    top: tuple[Point, ...]
    lower_bound: Mapping[str, Any]
    why_not: Mapping[str, Mapping[str, Any]]
    undecided_below: tuple[int, ...]
    stopped: str = ""
    within_limits: Mapping[str, Any] = field(default_factory=dict)
    unseen: Mapping[tuple[str, str, str], int] = field(default_factory=dict)
    """Candidates that are not among `rows`, as none of them can matter: by family, verdict and the key that refuses."""

    def __repr__(self) -> str:
        best = f", winner {self.winner.name}" if self.winner else ""
        return f"<Search {self.request.document.path}: {self.claim}{best}, {len(self.front)} on the front>"

    @property
    def winner(self) -> Point | None:
        """The design with the least first objective; None where nothing holds."""
        return self.top[0] if self.top else None

    @property
    def complete(self) -> bool:
        """Whether the claim is proved for the whole space."""
        return not self.stopped and not self.undecided_below

    @property
    def space(self) -> dict[str, int]:
        """How many candidates there are, and what became of them."""
        result = dict.fromkeys((*STATES, OPEN), 0)
        for row in self.rows:
            result[row.state] += 1
        for (_, state, _), number in self.unseen.items():
            result[state] += number
        left = result.pop(OPEN)
        return {"candidates": self.number, **result, **({OPEN: left} if left else {})}

    @property
    def number(self) -> int:
        """How many candidates there are."""
        return len(self.rows) + sum(self.unseen.values())

    @property
    def claim(self) -> str:
        """What is proved, in words."""
        goal = self.request.objectives[0]
        if self.stopped:
            return f"not over ({self.stopped}): the best known so far" if self.top else f"not over ({self.stopped})"
        if self.undecided_below:
            number = len(self.undecided_below)
            return f"best {goal} known; {number:,} undecided" if self.top else f"nothing proved; {number:,} undecided"
        if not self.top:
            return "nothing in the space holds"
        return f"least {goal} of all {amount(self.number, 'candidate')}, proved"

    @property
    def exit_code(self) -> int:
        """0 a winner proved, 1 nothing holds, 3 undecided."""
        if not self.complete:
            return 3
        return 0 if self.top else 1

    def to_json(self) -> dict[str, Any]:
        """The search of the contract, as plain data."""
        request = self.request
        result: dict[str, Any] = {
            "schema": SCHEMA,
            "request": {
                "name": request.name, "path": request.document.path, "sha256": request.sha256,
                "gpus": request.file.gpus, "network": request.network, "objectives": list(request.objectives),
                "requirements": list(request.common["requirements"]), "assumed": list(request.assumed),
                "file": "request.yaml",
            },
            "complete": self.complete,
            "claim": self.claim,
            "space": self.space,
        }  # fmt: skip
        if request.neighbour_of:
            result["request"]["neighbourhood_of"] = request.neighbour_of
        if self.stopped:
            result["stopped"] = self.stopped
        refused: dict[str, int] = {}
        for row in self.rows:
            if row.state == REFUSED and isinstance(row.counted, Refusal):
                refused[row.counted.key] = refused.get(row.counted.key, 0) + 1
            elif row.state == REFUSED:
                key = str(row.proof.get("key", ""))
                refused[key] = refused.get(key, 0) + 1
        for (_, state, key), number in self.unseen.items():
            if state == REFUSED:
                refused[key] = refused.get(key, 0) + number
        result["refused_by"] = dict(sorted(refused.items()))
        if self.winner:
            result["winner"] = point_json(self.winner)
        result["front"] = [
            {"design": p.path, "name": p.name, "objectives": dict(p.values), "certificate": p.certificate()}
            for p in self.front
        ]
        result["top"] = [point_json(p) for p in self.top]
        if request.prices:
            result["prices"] = request.prices
        result["lower_bound"] = dict(self.lower_bound)
        if self.within_limits:
            result["within_limits"] = dict(self.within_limits)
        result["why_not"] = {family: dict(reason) for family, reason in self.why_not.items()}
        if self.undecided_below:
            rows = {row.number: row for row in self.rows}
            result["undecided"] = [
                {"number": n, **rows[n].candidate.to_json(), "reason": rows[n].reason} for n in self.undecided_below
            ]
        result["candidates"] = "candidates.json"
        return result


def point_json(point: Point) -> dict[str, Any]:
    """A design that holds, with its parts and objectives."""
    counted = point.row.counted
    switches = {**counted.counts.switches, "total": counted.total} if isinstance(counted, Counted) else {}
    values = {k: v for k, v in point.values.items() if k != "switches"}
    return {
        "design": point.path, "name": point.name, "number": point.row.number, "family": point.row.candidate.family,
        "keys": point.row.candidate.to_json(), "switches": switches,
        **values, "certificate": point.certificate(),
    }  # fmt: skip
