"""Reads `policy.yaml`: every mistake of the file at once, each with its line."""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from topo import yamlfile
from topo.catalog.models import Strict, printable
from topo.checks import requirement_kinds
from topo.checks.policy import Policy, Rule, Severity, Waiver
from topo.errors import InputError, Problem, nearest
from topo.files.reading import STDIN
from topo.generators.family import families
from topo.yamlfile import Document, Keys

RuleId = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=64)]
Reason = Annotated[str, Field(min_length=10, max_length=400)]
Pattern = Annotated[str, Field(pattern=r"^[A-Za-z0-9._*?-]+$", max_length=64)]


class RuleFile(Strict):
    """A rule for every design of the folder."""

    id: RuleId = Field(description="name of the rule, kept when the rule is moved")
    require: dict[str, Any] = Field(min_length=1, max_length=1, description="one kind of requirement with its keys")
    severity: Severity = Field("error", description="error counts like a requirement of the design")
    reason: Reason = Field(description="why the rule exists")
    designs: tuple[Pattern, ...] = Field(("*",), min_length=1, strict=False, description="names of designs, * for any")
    families: tuple[str, ...] = Field((), strict=False, description="only networks of these families")


class WaiverFile(Strict):
    """An excuse of one design from one rule."""

    rule: RuleId = Field(description="id of the rule")
    design: Annotated[str, Field(max_length=64), AfterValidator(printable)] = Field(description="name of the design")
    until: date = Field(strict=False, description="last day, as 2027-03-31")
    reason: Reason = Field(description="why the design may break the rule for that long")


class PolicyFile(Strict):
    """Rules and waivers."""

    rules: tuple[RuleFile, ...] = Field(min_length=1, strict=False, description="rules for all designs of the folder")
    waivers: tuple[WaiverFile, ...] = Field((), strict=False, description="who is excused from what, and until when")


def load_policy(path: str | Path) -> Policy:
    """The policy in a file; raises InputError with every problem found."""
    return _policy(yamlfile.read(path))


def parse_policy(text: str, name: str = "policy.yaml") -> Policy:
    """The policy in a text; `name` stands for the file in errors."""
    return _policy(yamlfile.parse(text, name))


def policy_beside(path: str | Path) -> Policy | None:
    """The policy that holds for a design file: `policy.yaml` in its folder; None where there is none, and for a design
    from standard input. One that is there and cannot be read raises InputError."""
    result = Path(path).parent / "policy.yaml"
    return load_policy(result) if str(path) != STDIN and os.path.lexists(result) else None


def _policy(document: Document) -> Policy:
    file = yamlfile.validated(PolicyFile, document)
    problems: list[Problem] = []
    rules: list[Rule] = []
    for i, rule in enumerate(file.rules):
        try:
            rules.append(_rule(document, i, rule))
        except InputError as error:
            problems += error.problems
    known = [rule.id for rule in file.rules]
    for name, times in Counter(known).items():
        if times > 1:
            problems.append(_problem(document, ("rules", known.index(name), "id"), "is given to two rules", name))
    waivers = []
    for i, waiver in enumerate(file.waivers):
        if waiver.rule not in known:
            at: Keys = ("waivers", i, "rule")
            hint = nearest(waiver.rule, known)
            problems.append(_problem(document, at, "no rule has this id", waiver.rule, ", ".join(known), hint))
        line = document.line(("waivers", i))
        waivers.append(Waiver(waiver.rule, waiver.design, waiver.until, waiver.reason, line))
    if problems:
        raise InputError(sorted(problems, key=lambda problem: problem.line))
    digest = hashlib.sha256(document.text.encode()).hexdigest()
    return Policy(document.path, tuple(rules), tuple(waivers), digest)


def _rule(document: Document, i: int, rule: RuleFile) -> Rule:
    ((kind, value),) = rule.require.items()
    at: Keys = ("rules", i, "require")
    if kind not in requirement_kinds.names():
        names = requirement_kinds.names()
        raise InputError(
            _problem(document, (*at, kind), "unknown requirement", kind, ", ".join(names), nearest(kind, names))
        )
    given = {} if value is None else value
    params = yamlfile.validated(requirement_kinds.get(kind).params, document, given, (*at, kind))
    for n, family in enumerate(rule.families):
        if family not in families.names():
            names = families.names()
            where: Keys = ("rules", i, "families", n)
            raise InputError(
                _problem(document, where, "unknown family", family, ", ".join(names), nearest(family, names))
            )
    line = document.line(("rules", i))
    return Rule(rule.id, kind, params, rule.severity, rule.reason, rule.designs, rule.families, line)


def _problem(document: Document, at: Keys, message: str, value: str, allowed: str = "", hint: str = "") -> Problem:
    return Problem(message, yamlfile.dotted(at), value, allowed, hint, document.path, document.line(at))
