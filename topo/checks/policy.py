"""Policies: requirements that hold for every design of a folder, with severity and reasoned, dated waivers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from fnmatch import fnmatchcase
from typing import Literal

from topo.checks.model import Context, Finding, Outcome, RequirementParams, Verdict
from topo.checks.registries import requirement_kinds
from topo.errors import InputError

Severity = Literal["error", "warning", "note"]


@dataclass(frozen=True)
class Rule:
    """A requirement for all designs whose name matches one of `designs` and that have the network it is about.

    `families`, where given, narrows it to networks of these families. `line` is where the policy file states it.
    """

    id: str
    kind: str
    params: RequirementParams
    severity: Severity
    reason: str
    designs: tuple[str, ...] = ("*",)
    families: tuple[str, ...] = ()
    line: int = 0

    def applies_to(self, design: str, context: Context) -> bool:
        """Whether this rule speaks about a design."""
        if self.params.network not in context.fabric.networks:
            return False
        family = next((o.family for o in context.fabric.origins if o.network == self.params.network), "")
        named = any(fnmatchcase(design, pattern) for pattern in self.designs)
        return named and (not self.families or family in self.families)


@dataclass(frozen=True)
class Waiver:
    """One design is excused from one rule up to and including a day, for a reason."""

    rule: str
    design: str
    until: date
    reason: str
    line: int = 0


@dataclass(frozen=True)
class Policy:
    """The rules and waivers of a folder, and the fingerprint of the file that states them."""

    path: str
    rules: tuple[Rule, ...]
    waivers: tuple[Waiver, ...] = ()
    sha256: str = ""

    def waiver(self, rule: str, design: str) -> Waiver | None:
        """The waiver of a design from a rule that lasts longest."""
        own = [w for w in self.waivers if w.rule == rule and w.design == design]
        return max(own, key=lambda w: w.until, default=None)


@dataclass(frozen=True)
class Judged:
    """What a policy says of one design: the rules that count like requirements, and findings about all others."""

    outcomes: tuple[tuple[Rule, Outcome], ...]
    findings: tuple[Finding, ...]


def judge_policy(policy: Policy, design: str, context: Context, today: date) -> Judged:
    """Every rule that speaks about a design.

    A rule of severity error counts like a requirement of the design unless a waiver excuses it today; a rule of lower
    severity, or a waived one, only leaves a finding where it does not hold. A waiver that is over or that nothing needs
    any more is a finding too. `today` is stated by the caller, so that the same input gives the same answer.
    """
    outcomes: list[tuple[Rule, Outcome]] = []
    findings: list[Finding] = []
    for rule in policy.rules:
        if not rule.applies_to(design, context):
            continue
        try:
            outcome = requirement_kinds.get(rule.kind).judge(context, rule.params)
        except InputError as error:
            raise error.at(policy.path, rule.line) from None
        waiver = policy.waiver(rule.id, design)
        findings += [replace(result, path=policy.path) for result in _about_waiver(rule, waiver, outcome, today)]
        if waiver and waiver.until >= today:
            continue
        if rule.severity == "error":
            outcomes.append((rule, outcome))
        elif outcome.verdict is not Verdict.HELD:
            findings.append(replace(_below_error(rule, outcome), path=policy.path))
    return Judged(tuple(outcomes), tuple(findings))


def _below_error(rule: Rule, outcome: Outcome) -> Finding:
    where = outcome.findings[0].where if outcome.findings else ()
    message = f"policy rule {rule.id}: {outcome.verdict.value}: {outcome.statement}: measured {outcome.measured:.6g}"
    return Finding(
        f"policy-{rule.id}", rule.severity, f"{message} {outcome.unit}".rstrip(), where, rule.reason, line=rule.line
    )


def _about_waiver(rule: Rule, waiver: Waiver | None, outcome: Outcome, today: date) -> list[Finding]:
    if waiver is None:
        return []
    code, held = f"policy-{rule.id}", outcome.verdict is Verdict.HELD
    if held:
        message = f"policy rule {rule.id} holds: its waiver until {waiver.until} is not needed"
        return [Finding(code, "note", message, (), "remove the waiver", line=waiver.line)]
    if waiver.until < today:
        message = f"the waiver of policy rule {rule.id} ended on {waiver.until}: {waiver.reason}"
        hint = "meet the rule, or reason anew and set a later day"
        return [Finding(code, "warning", message, (), hint, line=waiver.line)]
    message = f"policy rule {rule.id} is {outcome.verdict.value} and waived until {waiver.until}: {waiver.reason}"
    return [replace(_below_error(rule, outcome), severity="note", message=message, line=waiver.line)]
