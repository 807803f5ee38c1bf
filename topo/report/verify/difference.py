"""Where what a report shows differs from what follows."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from typing import Any

from topo.units import amount, verb

SAME = 1e-9
"""Relative difference up to which two floats are one number."""


def metric_pairs(made: Mapping[str, Any], stated: Mapping[str, Any]) -> Iterator[tuple[str, str, Any, Any]]:
    """Place, name, what was made again and what is shown, of every metric of every network."""
    for key in sorted({*made, *stated}):
        want, have = made.get(key), stated.get(key)
        inner = want if isinstance(want, Mapping) else {}
        if "switches" in inner and "links" in inner:
            more = have if isinstance(have, Mapping) else {}
            for name in sorted({*inner, *more}):
                yield f"metrics.{key}.{name}", name, inner.get(name), more.get(name)
        else:
            yield f"metrics.{key}", key, want, have


def without_costs(spare: Any) -> Any:
    """What is spare, without what the alternatives cost in throughput."""
    if not isinstance(spare, list) or not all(isinstance(one, Mapping) for one in spare):
        return spare
    kept = [dict(one) for one in spare]
    for one in kept:
        if isinstance(one.get("avoid"), Mapping):
            one["avoid"] = {key: value for key, value in one["avoid"].items() if key != "costs"}
    return kept


def as_told(finding: Mapping[str, Any]) -> Mapping[str, Any]:
    """A finding without what no certificate holds: the worst links of a throughput, and why a limit was reached."""
    code = finding.get("code")
    if code == "throughput":
        return {key: value for key, value in finding.items() if key != "where"}
    if code == "limit-reached":
        return {key: value for key, value in finding.items() if key != "message"}
    return finding


def apart(requirement: Mapping[str, Any]) -> dict[str, Any]:
    """A requirement without its certificate."""
    return {key: value for key, value in requirement.items() if key != "certificate"}


def first_difference(want: Any, have: Any, at: str = "") -> str:
    """Where and how what is shown differs from what follows; empty where it does not."""
    if isinstance(want, Mapping) and isinstance(have, Mapping):
        for key in sorted({*want, *have}, key=str):
            place = f"{at}.{key}" if at else str(key)
            if key not in have:
                return f"{place} is missing: {short(want[key])} follows"
            if key not in want:
                return f"{place} is {short(have[key])}, which follows from nothing"
            result = first_difference(want[key], have[key], place)
            if result:
                return result
        return ""
    if isinstance(want, list) and isinstance(have, list):
        if len(want) != len(have):
            return f"{at or 'the list'} has {amount(len(have), 'entry')}, {len(want)} {verb(len(want), 'follow')}"
        pairs = enumerate(zip(want, have, strict=True))
        return next((result for i, (a, b) in pairs if (result := first_difference(a, b, f"{at}[{i}]"))), "")
    return "" if _same(want, have) else f"{at + ' ' if at else ''}is {short(have)}, {short(want)} follows"


def _same(want: Any, have: Any) -> bool:
    if type(want) in (int, float) and type(have) in (int, float):
        return bool(want == have) or (float in (type(want), type(have)) and math.isclose(want, have, rel_tol=SAME))
    return type(want) is type(have) and bool(want == have)


def short(value: Any) -> str:
    """A value on part of a line."""
    text = "absent" if value is None else json.dumps(value, default=str)
    return text if len(text) < 80 else f"{text[:77]}..."


def listed(report: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    """A list of mappings of a report."""
    result: list[Mapping[str, Any]] = report.get(key, [])
    return result
