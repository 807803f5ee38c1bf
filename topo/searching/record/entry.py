"""Statements of a search that were checked again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from topo.report.verify import Entry, first_difference
from topo.searching.record.result import Judgment


def counted(name: str, statement: str, wrong: list[str]) -> Entry:
    """The entry of a statement about many things, of which some differ."""
    reason = "" if not wrong else f"{len(wrong):,} differ; {wrong[0]}"
    return Entry(name, statement, not wrong, "recount", reason)


def not_the_same(stated: Judgment, again: Judgment) -> str:
    """Where the engine's answer differs from what is judged again by its certificates alone, empty where nowhere."""
    if stated.verdict != again.verdict:
        return f"it is {again.verdict}: {again.reason or again.requirement}"
    if stated.reason != again.reason:
        return f"it is so for another reason: {again.reason or 'none is told'}"
    reports = [_bare(one.report) for one in (again, stated)]
    values = [{"objectives": dict(one.values)} for one in (again, stated)]
    return first_difference(reports[0], reports[1]) or first_difference(values[0], values[1])


def otherwise(stated: Judgment, again: Judgment | None) -> str:
    """Where a refusal differs from what refuses the design again, empty where nowhere."""
    if again is None:
        return "nothing refuses it"
    if stated.requirement != again.requirement:
        return f"it is refused by {again.requirement}"
    return "" if stated.reason == again.reason else f"it is refused by: {again.reason}"


BESIDE = ("certificates", "design")
"""Keys of a report that are looked at by themselves."""


def _bare(report: Mapping[str, Any]) -> dict[str, Any]:
    """A report without its certificates."""
    stated = [{k: v for k, v in one.items() if k != "certificate"} for one in report.get("requirements", [])]
    return {**{k: v for k, v in report.items() if k not in BESIDE}, "requirements": stated}
