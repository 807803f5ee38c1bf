"""The report as a value. What was not computed is None or absent, never zero."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from topo.checks import Finding
from topo.errors import Problem
from topo.notebook import table
from topo.units import amount, unit_of
from topo.version import __version__

SCHEMA = "topo.report/1"


@dataclass(frozen=True)
class Subject:
    """The design (or the fabric without one) that a report is about."""

    name: str
    path: str = ""
    sha256: str = ""
    text: str = field(default="", repr=False)
    """The design file as it was read."""


@dataclass(frozen=True)
class RequirementResult:
    """One requirement, judged. `measured` is the proved end that decided, `line` where the design asks for it, or the
    policy at `path`."""

    id: str
    statement: str
    verdict: str
    measured: float
    bound: float
    unit: str
    certificate: Mapping[str, Any] | None = None
    line: int = 0
    path: str = ""
    note: str = ""
    """What `measured` leaves out."""


@dataclass(frozen=True)
class Metrics:
    """The numbers of one network; the keys of the JSON report."""

    gpus: int | None = None
    hosts: int | None = None
    endpoints: int | None = None
    planes: int | None = None
    rails: int | None = None
    switches: Mapping[str, int] | None = None
    links: Mapping[str, int] | None = None
    cables: int | None = None
    transceivers: int | None = None
    hops: Mapping[str, float] | None = None
    bisection: Mapping[str, Any] | None = None
    throughput: Mapping[str, Mapping[str, Mapping[str, Any]]] | None = None
    cost_usd: Mapping[str, Any] | None = None
    lifetime_cost: Mapping[str, Any] | None = None
    power_w: float | None = None
    rack_units: float | None = None
    latency_us: Mapping[str, float] | None = None
    failures: Sequence[Mapping[str, Any]] | None = None
    failure_rates: Mapping[str, Any] | None = None
    spare: Sequence[Mapping[str, Any]] | None = None
    outside: Mapping[str, float] | None = None
    more: Mapping[str, Any] = field(default_factory=dict)
    """Figures of other packages, by key."""

    def to_json(self) -> dict[str, Any]:
        """Plain data without what was not computed."""
        values = {f.name: getattr(self, f.name) for f in fields(self) if f.name != "more"} | dict(self.more)
        return {k: plain(v) for k, v in values.items() if v is not None}


@dataclass(frozen=True)
class Report:
    """Everything that is known about one design. `metrics` is the compute network's, `others` those of the rest;
    `certificates` hold the proofs of metrics that no requirement carries, by question."""

    subject: Subject
    verdict: str
    requirements: tuple[RequirementResult, ...] = ()
    findings: tuple[Finding, ...] = ()
    metrics: Metrics = field(default_factory=Metrics)
    others: Mapping[str, Metrics] = field(default_factory=dict)
    certificates: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    errors: tuple[Problem, ...] = ()
    cluster: Mapping[str, Any] | None = None
    """A row of each network and their sums, where a design has several."""
    catalog: str = ""
    """The sha256 of the catalog; empty where no design was read."""
    dated: str = ""
    """The day that the user gave for this report; empty without one."""
    policy: str = ""
    """The sha256 of the policy whose rules are judged beside the requirements; empty without one."""

    def __repr__(self) -> str:
        asked = f"{amount(len(self.requirements), 'requirement')}, {amount(len(self.findings), 'finding')}"
        return f"<Report {self.subject.name}: {self.verdict}, {asked}>"

    def _repr_html_(self) -> str:
        rows = [
            (r.verdict.upper(), f"{r.statement}: {r.measured:,.6g} {unit_of(r.measured, r.unit)}")
            for r in self.requirements
        ]
        rows += [(f.severity, f.message) for f in self.own_findings]
        return table(f"{self.subject.name}: {self.verdict.upper()}", rows)

    @property
    def own_findings(self) -> tuple[Finding, ...]:
        """The findings that are faults of their own: those that no requirement which does not hold stands for."""
        judged = {result.id for result in self.requirements if result.verdict != "held"}
        return tuple(finding for finding in self.findings if finding.requirement not in judged)

    @property
    def made_by(self) -> dict[str, str]:
        """The version of topo, the digest of the catalog, the design's text and the day that was given; what is not
        known is left out."""
        result = {
            "topo": __version__, "catalog_sha256": self.catalog, "design_text": self.subject.text, "date": self.dated,
        }  # fmt: skip
        return {name: value for name, value in result.items() if value}

    def to_json(self) -> dict[str, Any]:
        """The JSON report of the contract, as plain data."""
        subject = {name: getattr(self.subject, name) for name in ("name", "path", "sha256")}
        head = {
            "schema": SCHEMA,
            "design": {k: v for k, v in subject.items() if v},
            "made_by": self.made_by,
            "verdict": self.verdict,
        }
        if self.errors:
            return {**head, "errors": [_problem(p) for p in self.errors]}
        return {
            **head,
            "requirements": [_requirement(r) for r in self.requirements],
            "findings": [_finding(f) for f in self.findings],
            "metrics": {**self.metrics.to_json(), **{name: m.to_json() for name, m in self.others.items()}},
            **({"cluster": plain(self.cluster)} if self.cluster else {}),
            "certificates": plain(self.certificates),
            **({"policy": {"sha256": self.policy}} if self.policy else {}),
            "tolerance": "a bound counts as met within 1e-6 relative",
        }


def exit_code(reports: Sequence[Report]) -> int:
    """The gravest verdict of several designs as the exit code: 2, then 1, then 3, then 0; before them 70,
    where topo itself failed."""
    verdicts = {report.verdict for report in reports}
    codes = (("error", 70), ("invalid", 2), ("broken", 1), ("undecided", 3))
    return next((code for verdict, code in codes if verdict in verdicts), 0)


def plain(value: Any) -> Any:
    """A value as JSON can hold it; entries that are None or not finite are left out of mappings."""
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items() if v is not None and not _unbounded(v)}
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    return value.item() if hasattr(value, "item") else value


def _unbounded(value: Any) -> bool:
    return isinstance(value, float) and not math.isfinite(value)


def _requirement(result: RequirementResult) -> dict[str, Any]:
    values = {f.name: getattr(result, f.name) for f in fields(result)}
    return dict(plain({k: v for k, v in values.items() if k not in ("line", "path", "note") or v}))


def _finding(finding: Finding) -> dict[str, Any]:
    result = {"code": finding.code, "severity": finding.severity, "message": finding.message}
    more = {name: getattr(finding, name) for name in ("hint", "requirement") if getattr(finding, name)}
    return {**result, "where": list(finding.where), **more}


def _problem(problem: Problem) -> dict[str, Any]:
    names = ("file", "line", "key", "value", "message", "allowed", "hint")
    return {name: getattr(problem, name) for name in names if getattr(problem, name)}
