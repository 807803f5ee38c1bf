"""Makes the report: wiring, requirements, metrics."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

from topo.checks import Context, Finding, Outcome, Verdict, requirement_kinds
from topo.checks.domains import domain_notes
from topo.checks.plugs import UNDECIDED, plug_findings
from topo.checks.policy import Policy, judge_policy
from topo.checks.prices import price_notes
from topo.checks.rack_hosts import rack_notes
from topo.checks.ratios import ratio_notes
from topo.checks.run import answerable, run_wiring
from topo.design import Design
from topo.design.placed import placed
from topo.errors import InputError, Problem
from topo.escape import one_line
from topo.report.answers.cluster import cluster_of
from topo.report.metrics import default_certificates, network_metrics
from topo.report.model import Metrics, Report, RequirementResult, Subject
from topo.report.question import Question
from topo.report.spare import spare_of


def make_report(
    design: Design | None,
    context: Context,
    questions: tuple[Question, ...],
    policy: Policy | None = None,
    today: date | None = None,
    ask: bool = True,
) -> Report:
    """The report of a fabric, with the design's name and place where there is one. A policy's rules are judged beside
    the requirements; its waivers hold until `today`. Unless `ask`, no solver is asked what avoids spare parts."""
    findings = list(run_wiring(context))
    context = answerable(context)
    findings += plug_findings(context)
    findings += domain_notes(context)
    findings += price_notes(context)
    findings += ratio_notes(context)
    findings += rack_notes(context, design.document if design is not None else None)
    results = []
    outcomes = _outcomes(design, context, questions)
    if not len(context.fabric.endpoints):
        findings.append(_NOTHING_SENDS)
        outcomes = [replace(o, verdict=Verdict.UNDECIDED, certificate=None, findings=()) for o in outcomes]
    for question, outcome in zip(questions, outcomes, strict=True):
        results.append(_result(question, outcome))
        findings += [replace(f, line=question.line, requirement=question.id) for f in outcome.findings]
    if policy and design and today:
        judged = judge_policy(policy, design.name, context, today)
        findings += judged.findings
        for rule, outcome in judged.outcomes:
            question = Question(f"policy-{rule.id}", rule.kind, rule.params, rule.line)
            results.append(replace(_result(question, outcome), path=policy.path))
            findings += [
                replace(f, path=policy.path, line=rule.line, requirement=question.id) for f in outcome.findings
            ]
    names = context.fabric.networks
    metrics = {name: network_metrics(context, name) for name in names}
    if design is not None:
        metrics |= _with_spare(design, context, metrics, ask)
    subject = Subject(context.fabric.name)
    if design is not None:
        subject = Subject(design.name, design.path, design.sha256, "" if design.given else design.document.text)
    return Report(
        subject,
        _verdict(results, {f.severity for f in findings}),
        tuple(results),
        tuple(findings),
        metrics[names[0]],
        {name: metrics[name] for name in names[1:]},
        default_certificates(context, [r.certificate for r in results]),
        cluster=cluster_of(context, metrics) if design is not None else None,
        catalog=design.catalog.sha256 if design is not None else "",
        policy=policy.sha256 if policy and design and today else "",
    )


def _with_spare(design: Design, context: Context, metrics: dict[str, Metrics], ask: bool) -> dict[str, Metrics]:
    """The metrics of a design's networks, with what each has beyond need."""
    result = {}
    for network in design.networks:
        if network.name in metrics and network.name in context.counts:
            own = (design, network, context.counts[network.name], context.fabric, context.price_book)
            spare = spare_of(*own, ask, context.time_limit_s)
            result[network.name] = replace(metrics[network.name], spare=[one.to_json() for one in spare])
    return result


_NOTHING_SENDS = Finding(
    "nothing-sends",
    UNDECIDED,
    "nothing sends in this fabric: it has no endpoints, so nothing that is asked of it can be held",
    hint="mark who sends: `endpoints=<count>` on nodes, or `topo import --hosts PATTERN`, `--endpoints N`",
)


def _outcomes(design: Design | None, context: Context, questions: tuple[Question, ...]) -> list[Outcome]:
    """Each requirement judged; raises InputError with the place of every one that cannot be asked of this fabric."""
    result: list[Outcome] = []
    problems: list[Problem] = []
    for i, question in enumerate(questions):
        try:
            result.append(requirement_kinds.get(question.kind).judge(context, question.params))
        except InputError as error:
            if design is not None and question.line:
                problems += placed(error, design.document, ("requirements", i, question.kind)).problems
            else:
                at = f"requirements[{i}].{question.kind}"
                problems += [replace(p, key=f"{at}.{p.key}" if p.key else at) for p in error.problems]
    if problems:
        raise InputError(problems)
    return result


def invalid(path: Path, error: InputError) -> Report:
    """The report of a design that cannot be read or built."""
    return Report(Subject(one_line(path.stem), str(path)), "invalid", errors=error.problems)


def _result(question: Question, outcome: Outcome) -> RequirementResult:
    return RequirementResult(
        question.id,
        outcome.statement,
        outcome.verdict.value,
        outcome.measured,
        outcome.bound,
        outcome.unit,
        outcome.certificate,
        question.line,
        note=outcome.note,
    )


def _verdict(results: list[RequirementResult], severities: set[str]) -> str:
    verdicts = {r.verdict for r in results}
    if "error" in severities or Verdict.BROKEN in verdicts:
        return Verdict.BROKEN.value
    open_ = UNDECIDED in severities or Verdict.UNDECIDED in verdicts
    return Verdict.UNDECIDED.value if open_ else Verdict.HELD.value
