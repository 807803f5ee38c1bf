"""Two designs, before and after: verdicts, counts, cost, and the cables that somebody has to touch."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from topo.checks import Finding
from topo.escape import markdown
from topo.placement.cables.change import Changes
from topo.report.figure import in_order
from topo.report.formats.text import quantity
from topo.report.look import PLAIN, Look
from topo.report.model import Report, RequirementResult
from topo.report.table import table
from topo.units import amount

MARKS = {"held": ":white_check_mark:", "broken": ":x:", "undecided": ":grey_question:"}
MOST_FINDINGS = 10
"""Of a comment on a change: a screen's worth, the rest are counted."""


@dataclass(frozen=True)
class Difference:
    """The reports of the old and the new design, and the change plan."""

    old: Report
    new: Report
    changes: Changes

    @property
    def found(self) -> bool:
        """A cable or a device changes."""
        counts = self.changes.summary()
        return any(n for kind, n in counts.items() if kind != "kept")


@dataclass(frozen=True)
class Judgement:
    """One requirement or policy rule before and after; None where the design or its policy does not state it."""

    statement: str
    old: RequirementResult | None
    new: RequirementResult | None


def judgements(value: Difference) -> list[Judgement]:
    """Requirements and policy rules of either design, those of the new one first.

    Policy rules are matched by name, requirements by what they state, then those of one kind in their order.
    """
    rest = list(value.old.requirements)
    matched: dict[int, RequirementResult] = {}
    for same in (_same_rule, _same_statement, _same_kind):
        for i, new in enumerate(value.new.requirements):
            result = next((old for old in rest if same(old, new)), None) if i not in matched else None
            if result is not None:
                rest.remove(result)
                matched[i] = result
    rows = [Judgement(new.statement, matched.get(i), new) for i, new in enumerate(value.new.requirements)]
    return rows + [Judgement(old.statement, old, None) for old in rest]


def new_findings(value: Difference) -> list[Finding]:
    """Findings of the new design that the old one does not have."""
    before = {(f.code, f.message) for f in value.old.findings}
    return [f for f in value.new.findings if (f.code, f.message) not in before]


def as_json(value: Difference) -> str:
    """The difference as JSON: before and after by figure and requirement, counts by kind of change."""
    figures = {name: {"old": a, "new": b} for name, a, b in _figures(value)}
    judged = [
        {
            "statement": row.statement,
            **{
                side: {"id": result.id, "verdict": result.verdict, "measured": result.measured}
                for side, result in (("old", row.old), ("new", row.new))
                if result is not None
            },
        }
        for row in judgements(value)
    ]
    answer = {
        "figures": figures,
        "requirements": judged,
        "cables": value.changes.summary(),
        "renumbered": value.changes.renumbered,
    }
    return json.dumps({"schema": "topo.diff/1", **answer}, indent=1)


def as_text(value: Difference, look: Look = PLAIN) -> str:
    """The difference for a terminal."""
    rows = [[name, a, b, "" if a == b else "changed"] for name, a, b in _figures(value)]
    lines = table(
        ["", f"old: {value.old.subject.name}", f"new: {value.new.subject.name}", ""], rows, indent="", look=look
    )
    judged = [(_verdict(row.old), _verdict(row.new), row.statement) for row in judgements(value)]
    if judged:
        lines += ["", look.paint("requirements and policies, before and after", "bold")]
    for old, new, statement in judged:
        head = f"{old:9} {new:9} "
        first, *more = look.fold(head + statement, len(head))
        painted = f"{look.paint(f'{old:9}', old)} {look.paint(f'{new:9}', new)} "
        lines += [painted + first[len(head) :], *more]
    lines += [line for f in new_findings(value) for line in look.fold(f"new {f.severity}: {f.code}: {f.message}", 2)]
    lines += ["", *(f"{kind:16} {n:>10,}" for kind, n in value.changes.summary().items())]
    return "\n".join([*lines, *(line for text in renumbered(value.changes) for line in look.fold(text, 2))])


def renumbered(changes: Changes) -> list[str]:
    """What to know of cables that stay and get another number."""
    n = changes.renumbered
    links = amount(n, "link")
    keep = (
        "a design that has grow_from, or placement: {keep: ...} where it has a floor, keeps the numbers of its cables"
    )
    return [f"{links} that nobody touches: another cable number on the labels ({keep})"] if n else []


def as_markdown(value: Difference) -> str:
    """The difference as a comment for a pull request."""
    lines = [f"### {_cell(value.new.subject.name)}: {value.old.verdict} → {value.new.verdict}", ""]
    judged = judgements(value)
    if judged:
        lines += ["| | requirement or policy | before | after |", "|---|---|---:|---:|"]
        lines += [_judged(row) for row in judged] + [""]
    result = new_findings(value)
    lines += [f"- new {f.severity} `{f.code}`: {_cell(f.message)}" for f in result[:MOST_FINDINGS]]
    lines += [f"- and {amount(len(result) - MOST_FINDINGS, 'more finding')}"] if len(result) > MOST_FINDINGS else []
    lines += [""] if result else []
    touched = {kind: n for kind, n in value.changes.summary().items() if n and kind != "kept"}
    lines += [f"Cables to touch: **{value.changes.touched:,}**", ""]
    lines += [*(f"- {kind}: {n:,}" for kind, n in touched.items()), ""] if touched else []
    lines += [line for text in renumbered(value.changes) for line in (_cell(text), "")]
    lines += ["| | before | after |", "|---|---:|---:|"]
    lines += [f"| {_cell(name)} | {a} | {b if a == b else f'**{b}**'} |" for name, a, b in _figures(value)]
    return "\n".join(lines)


def _same_rule(old: RequirementResult, new: RequirementResult) -> bool:
    return old.id == new.id and old.id.startswith("policy-")


def _same_statement(old: RequirementResult, new: RequirementResult) -> bool:
    return old.statement == new.statement and old.id.startswith("policy-") == new.id.startswith("policy-")


def _same_kind(old: RequirementResult, new: RequirementResult) -> bool:
    kinds = [result.id.rpartition("-")[0] for result in (old, new)]
    return kinds[0] == kinds[1] and not old.id.startswith("policy-") and not new.id.startswith("policy-")


def _verdict(result: RequirementResult | None) -> str:
    return result.verdict if result else "-"


def _judged(row: Judgement) -> str:
    mark = MARKS.get(row.new.verdict, "") if row.new else ":heavy_minus_sign:"
    rule = (row.new or row.old or _NOTHING).id
    name = f"policy `{rule.removeprefix('policy-')}`: " if rule.startswith("policy-") else ""
    was = f" (was: {_cell(row.old.statement)})" if row.old and row.old.statement != row.statement else ""
    cells = [f"{_outcome(result)}" for result in (row.old, row.new)]
    if _verdict(row.old) != _verdict(row.new):
        cells[1] = f"**{cells[1]}**"
    return f"| {mark} | {name}{_cell(row.statement)}{was} | {cells[0]} | {cells[1]} |"


def _outcome(result: RequirementResult | None) -> str:
    if not result:
        return "not asked"
    note = f" ({_cell(result.note)})" if result.note else ""
    return f"{result.verdict}: {_cell(quantity(result.measured, result.unit))}{note}"


_NOTHING = RequirementResult("", "", "", 0, 0, "")


def _cell(text: str) -> str:
    """Text that neither ends a table's cell nor is markup."""
    return markdown(text)


def _figures(value: Difference) -> Sequence[tuple[str, str, str]]:
    """(name, old, new) for everything that both reports or one of them know."""
    old, new = (
        {name: text for _, figure in in_order() for name, text in figure.changes(report.metrics).items()}
        for report in (value.old, value.new)
    )
    names = list(dict.fromkeys([*old, *new]))
    return [("verdict", value.old.verdict, value.new.verdict), *((n, old.get(n, "-"), new.get(n, "-")) for n in names)]
