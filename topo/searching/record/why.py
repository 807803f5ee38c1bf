"""Why a family does not win: its best candidate, and what stands in the way."""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from topo.searching.candidates.count import Counted
from topo.searching.candidates.objectives import OBJECTIVES, figure
from topo.searching.candidates.request import Request
from topo.searching.record.result import HELD, REFUSED, REFUTED, UNDECIDED, Row
from topo.units import amount


def why_not(
    request: Request, rows: Sequence[Row], winner: Sequence[Row],
    unseen: Mapping[tuple[str, str, str], int] = MappingProxyType({}),
) -> dict[str, dict[str, Any]]:  # fmt: skip
    """For every family but the winner's: the requirement, key or objective that its best candidate fails, that
    candidate, and what shows it. `unseen` candidates, by family, verdict and key, are none of these."""
    goal = request.objectives[0]
    won = winner[0].candidate.family if winner else ""
    by_family: dict[str, list[Row]] = {}
    for row in rows:
        by_family.setdefault(row.candidate.family, []).append(row)
    result = {}
    for family, own in by_family.items():
        if family != won:
            more = {key: n for (of, state, key), n in unseen.items() if of == family and state == REFUSED}
            result[family] = _reason(request, own, winner, goal, more)
    return result


def _reason(
    request: Request, own: Sequence[Row], winner: Sequence[Row], goal: str, more: Mapping[str, int]
) -> dict[str, Any]:
    objective = OBJECTIVES[goal]

    def value(row: Row) -> float:
        if row.state == HELD and row.judgment:
            return objective.least(row.judgment.values[goal])
        return objective.least(objective.bound(row.counted)) if isinstance(row.counted, Counted) else 0.0

    alive = [row for row in own if row.state not in (REFUSED, REFUTED)]
    if alive:
        best = min(alive, key=lambda row: (value(row), row.number))
        unit = f" {objective.unit}" if objective.unit else ""
        at = abs(value(best))
        won = abs(objective.least(winner[0].judgment.values[goal])) if winner and winner[0].judgment else None
        text = f"its best {goal} is {figure(at)}{unit}" + (f", the winner's {figure(won)}" if won is not None else "")
        if best.state == UNDECIDED:
            text = f"undecided: {best.reason}"
        certificate = {"kind": "counts", "at_least": at, **({"winner": won} if won is not None else {})}
        return {
            "requirement": goal, "design": best.candidate.to_json(), "number": best.number, "verdict": best.state,
            "reason": text, "certificate": certificate,
        }  # fmt: skip
    broken = [row for row in own if row.state == REFUTED]
    if broken:
        best = min(broken, key=lambda row: (-_reached(row), value(row), row.number))
        name = str(best.proof.get("requirement", ""))
        reached = _reached(best)
        text = f"breaks {name}" + (f": at most {reached:.4g} of line rate" if reached else "")
        return {
            "requirement": name, "design": best.candidate.to_json(), "number": best.number, "verdict": REFUTED,
            "reason": text, "certificate": dict(best.proof),
        }  # fmt: skip
    tally = Tally(str(row.proof.get("key", "")) for row in own)
    tally.update(more)
    key, number = tally.most_common(1)[0]
    row = next(r for r in own if str(r.proof.get("key", "")) == key)
    return {
        "requirement": key, "design": row.candidate.to_json(), "number": row.number, "verdict": REFUSED,
        "reason": f"{number:,} of {amount(tally.total(), 'candidate')}: {row.reason}", "certificate": dict(row.proof),
    }  # fmt: skip


def _reached(row: Row) -> float:
    """The most that a refuted candidate can carry, 0 where that is not why."""
    if row.judgment is not None:
        results = row.judgment.report.get("requirements", [])
        return float(results[0]["measured"]) if results and results[0]["unit"] == "of line rate" else 0.0
    return float(row.proof["at_most"]) if "cut" in row.proof else 0.0
