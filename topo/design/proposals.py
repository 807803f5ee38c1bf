"""The values that a refusal proposes, read from what a user reads, so that no proposal is told that was not tried."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any

from topo.errors import Problem, either
from topo.generators import NetworkParams

LEFT_OUT = "leave it out"
SINGLE = ("build_for_gpus", "endpoint_gbps", "uplink_gbps")
"""Keys of whose bounds the bound itself is tried."""
KINDS = "leaves"
"""The key without which hosts of several speeds have no leaves: no refusal proposes to leave it out."""
_NUMBER = r"\d[\d,]*(?::\d+)?"
_BOUND = re.compile(r"(?:(leaf|spine|core): )?(at most|at least) (\d[\d,]*)(?: GPUs)?")
_RANGE = re.compile(r"(\d[\d,]*) to (\d[\d,]*)")
_LIST = re.compile(rf"{_NUMBER}(?:(?:, | or ){_NUMBER})*")


@dataclass(frozen=True)
class Proposal:
    """The values of a key that a problem proposes, the nearest to the given one first. `tier` names the one entry of a
    key that is meant; `top` is the highest of all numbers from 1, `low` the lowest of all numbers up to `top`."""

    key: str
    values: tuple[Any, ...]
    tier: str = ""
    low: int = 0
    top: int = 0

    @property
    def ranged(self) -> bool:
        """All numbers from `low` to `top` are proposed."""
        return self.top > 0

    def text(self, values: tuple[Any, ...], low: int, top: int) -> str:
        """What is said of those of the values, or of the range, that work."""
        if self.ranged and top > low:
            said = f"at most {top:,}" if low == (0 if self.tier else 1) else f"{low:,} to {top:,}"
        else:
            said = LEFT_OUT if values == (None,) else either([str(v).lower() for v in sorted(values, key=_order)])
        return f"{self.tier}: {said}" if self.tier else said

    def into(self, params: NetworkParams, value: Any) -> NetworkParams:
        """The keys with this value for the one proposed; None leaves it out."""
        fields = type(params).model_fields
        if value is None:
            value = fields[self.key].get_default(call_default_factory=True)
        elif self.tier:
            value = getattr(params, self.key).model_copy(update={self.tier: value})
        return params.model_copy(update={self.key: value})


def proposal(problem: Problem, params: NetworkParams) -> Proposal | None:
    """What a problem proposes; leaving its key out where it names no value, None where that cannot be."""
    key, said = problem.key, problem.allowed
    field = type(params).model_fields.get(key)
    if field is None or key.endswith("switch") or key == KINDS:
        return None
    at = _number(problem.value.rpartition(" ")[2])
    if bound := _BOUND.fullmatch(said):
        number, tier = int(bound[3].replace(",", "")), bound[1] or ""
        if bound[2] == "at least" or key in SINGLE:
            return Proposal(key, (number,), tier)
        low = 0 if tier else 1
        return Proposal(key, _spread(low, number), tier, low, number)
    if both := _RANGE.fullmatch(said):
        low, top = (int(n.replace(",", "")) for n in both.groups())
        result = _spread(low, top)
        return Proposal(key, result if at is None or at > low else result[::-1], "", low, top)
    if _LIST.fullmatch(said):
        words = re.split(r", | or ", said)
        values: list[Any] = [w if ":" in w else int(w.replace(",", "")) for w in words]
        if at is not None and all(isinstance(v, int) for v in values):
            values.sort(key=lambda v: (abs(v - at), v))
        return Proposal(key, tuple(values))
    if said in ("single", "rail", "scalable-unit", "false", "even", "by-one"):
        return Proposal(key, (False if said == "false" else said,))
    return None if field.is_required() else Proposal(key, (None,))


def told_as(problem: Problem, wanted: Proposal, values: tuple[Any, ...], low: int, top: int) -> Problem:
    """The problem with those of its proposals that work. One that names no value says that the key can be left out."""
    if values == (None,) and problem.allowed:
        return problem
    if wanted.values == values and (low, top) == (wanted.low, wanted.top) and values != (None,):
        return problem
    return replace(problem, allowed=wanted.text(values, low, top))


def _spread(low: int, top: int) -> tuple[int, ...]:
    """The ends and the middle of a range, the highest first."""
    return tuple(sorted({top, max((low + top) // 2, low), low}, reverse=True))


def _number(word: str) -> int | None:
    word = word.replace(",", "")
    return int(word) if word.isdecimal() else None


def _order(value: Any) -> tuple[float, str]:
    first, _, second = str(value).partition(":")
    try:
        return float(first) / float(second or 1), ""
    except ValueError:
        return 0.0, str(value)
