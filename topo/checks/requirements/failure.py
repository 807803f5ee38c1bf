"""After the loss of any one cable, NIC, host, switch or plane: who may be cut off, and what the rest still carries."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field, ValidationInfo, field_validator

from topo.checks import questions
from topo.checks.bounded import Answer, bounded
from topo.checks.loss import LossParams, by_bound, left_out
from topo.checks.model import Context, Finding, Outcome, RequirementKind
from topo.checks.registries import requirement_kinds
from topo.errors import LimitReachedError, ParameterError
from topo.interval import span
from topo.units import amount, between, verb

if TYPE_CHECKING:
    from topo.analysis.failures import FailureRow

Thing = Literal[
    "cable", "nic", "host", "leaf", "spine", "core", "switch", "plane", "module", "line_card", "trunk", "rack", "pod",
    "group", "pair",
]  # fmt: skip
WHOLE = ("module", "line_card", "trunk", "rack", "pod", "group", "pair")
"""Groups that fail as a whole, and pairs of things."""
PAIRED = ("cable", "module", "nic", "host", "leaf", "spine", "core", "switch", "line_card", "trunk", "rack", "pod")
IN_PAIRS = ("leaf", "spine", "core", "cable")


class FailureParams(LossParams):
    """Keys of `failure`: what fails, and exactly one bound."""

    any: Thing = Field(
        description="what fails, any one of them; a cable with all links it carries, a switch of any tier, a group of "
        "`of`; `pair`: any two of what `of` names"
    )
    of: tuple[str, ...] = Field(
        (),
        strict=False,
        validate_default=True,
        description="with `group` names of risk_groups; with `pair` kinds or risk groups, default: leaf, spine, core "
        "and cable, as far as there are any",
    )

    @field_validator("of")
    @classmethod
    def _of_groups(cls, of: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        kind = info.data.get("any")
        if of and kind not in ("group", "pair", None):
            raise ValueError("belongs to `any: group` and `any: pair`")
        if kind == "group" and not of:
            raise ValueError("`any: group` needs `of`: names of risk_groups")
        return of


def _judge(context: Context, params: FailureParams) -> Outcome:
    loss = f"loss of any one {params.any} of the {params.network} network"
    if params.any in WHOLE:
        return _whole(context, params)
    return by_bound(
        params, loss, "", functools.partial(_least, context, params), functools.partial(_most, context, params)
    )


def _whole(context: Context, params: FailureParams) -> Outcome:
    """Groups and pairs: every class of verified symmetry, each with a throughput whose certificate was checked."""
    of = groups_asked(context, params)
    things = f"any two of {', '.join(of)}" if params.any == "pair" else f"any one {' or '.join(of)}"
    loss = f"loss of {things} of the {params.network} network"
    try:
        asked = questions.Together(params.network, of, params.any == "pair", params.traffic, params.routing)
        rows = context.ask(asked)
    except LimitReachedError as error:
        return _not_looked_at(params, loss, error)
    how = f"{sum(row.stands_for for row in rows):,} in {amount(len(rows), 'class')} of verified symmetry"
    if params.throughput_at_least is not None:
        least = params.throughput_at_least
        keeps = f"{params.traffic} traffic keeps {least:g} of line rate under {params.routing} routing"
        statement = f"After the {loss} {keeps} ({how})"
        low, high = min(rows, key=lambda row: row.lower), min(rows, key=lambda row: row.upper)
        message = f"without {high.worst}: {params.traffic} keeps {span(high.lower, high.upper)} of line rate"
        worst = functools.partial(_finding, message, high, {})
        note = left_out(rows, "a failure")
        result = Answer(low.lower, high.upper, context.ask(asked.proof()), worst, note)
        return bounded(statement, "of line rate", least, lambda: result, from_below=True)
    by_gpus = params.cut_off_at_most is not None
    most = params.cut_off_at_most if params.cut_off_at_most is not None else params.hosts_disconnected_at_most or 0
    what = "GPUs" if by_gpus else "hosts"
    most_cut = max(rows, key=lambda row: row.cut_off if by_gpus else len(row.lost.hosts))
    value = float(most_cut.cut_off if by_gpus else len(most_cut.lost.hosts))
    statement = f"The {loss} cuts off at most {most:,} {what} ({how})"
    message = f"without {most_cut.worst}: {value:,.0f} {what} cut off"
    return bounded(statement, what, most, lambda: Answer(value, value, None, lambda: _finding(message, most_cut, {})))


def _not_looked_at(params: FailureParams, loss: str, error: LimitReachedError) -> Outcome:
    """Undecided: there are too many groups or pairs for the limit."""

    def refused() -> Answer:
        raise error

    if params.throughput_at_least is not None:
        words = f"{params.traffic} traffic keeps {params.throughput_at_least:g} of line rate"
        statement = f"After the {loss} {words} under {params.routing} routing"
        return bounded(statement, "of line rate", params.throughput_at_least, refused, from_below=True)
    gpus = params.cut_off_at_most is not None
    most = params.cut_off_at_most if params.cut_off_at_most is not None else params.hosts_disconnected_at_most or 0
    what = "GPUs" if gpus else "hosts"
    return bounded(f"The {loss} cuts off at most {most:,} {what}", what, most, refused)


def groups_asked(context: Context, params: FailureParams) -> tuple[str, ...]:
    """The kinds of groups that a requirement on whole groups or pairs is about; raises ParameterError for one that
    the design does not have."""
    if params.any == "pair" and not params.of:
        from topo.analysis.failures import kinds_of

        there = kinds_of(context.fabric, context.fabric.network_row(params.network))
        tiers = tuple(kind for kind in IN_PAIRS if kind in there)
        return tiers if len(tiers) > 1 else ("switch", "cable")
    free = context.rates.groups if context.rates else {}
    wrong = [name for name in params.of if name not in free and (params.any == "group" or name not in PAIRED)]
    if wrong:
        known = (*free, *(PAIRED if params.any == "pair" else ()))
        raise ParameterError("of", ", ".join(wrong), "the design has no such risk group", ", ".join(known))
    return params.of or (params.any,)


def _rows(context: Context, params: FailureParams) -> tuple[FailureRow, ...]:
    rows = context.ask(_question(params))
    if not rows:
        from topo.analysis.failures import kinds_of

        message = f"network {params.network} has no {params.any} that could fail alone"
        possible = kinds_of(context.fabric, context.fabric.network_row(params.network))
        raise ParameterError("any", params.any, message, ", ".join(possible))
    return rows


def _least(context: Context, params: FailureParams) -> Answer:
    """The least throughput over all failures."""
    rows = _rows(context, params)
    low, high = min(rows, key=lambda row: row.lower), min(rows, key=lambda row: row.upper)
    interval = between(low.lower, high.upper)
    message = f"{_without(high)}: {params.traffic} under {params.routing} keeps {interval} of line rate"
    proof = _proof(context, params)
    worst = functools.partial(_finding, message, high, proof)
    return Answer(0.0 if proof is None else low.lower, high.upper, proof, worst, left_out(rows, "a failure"))


def _most(context: Context, params: FailureParams, what: str, of: Callable[[FailureRow], int]) -> Answer:
    """The most GPUs or hosts that one failure cuts off."""
    worst = max(_rows(context, params), key=of)
    value = float(of(worst))
    message = f"{_without(worst)}: {of(worst):,} {what} cut off"
    proof = _proof(context, params)
    return Answer(value, math.inf if proof is None else value, proof, lambda: _finding(message, worst, proof))


def _proof(context: Context, params: FailureParams) -> dict[str, Any] | None:
    return context.ask(_question(params).proof())


def _question(params: FailureParams) -> questions.Failures:
    return questions.Failures(params.network, params.any, params.traffic, params.routing)


def _without(row: FailureRow) -> str:
    like = (
        f" ({amount(row.stands_for - 1, 'other')} {verb(row.stands_for - 1, 'are')} like it)"
        if row.stands_for > 1
        else ""
    )
    return f"without {row.worst}{like}"


def _finding(message: str, row: FailureRow, proof: dict[str, Any] | None) -> tuple[Finding, ...]:
    """What the worst failure looked at does; where nothing proves that it stands for all, that too."""
    if proof is None:
        message += "; that no other of its kind is worse was not proved"
    return (Finding("failure", "error", message, (row.worst, *row.lost.hosts[:8])),)


requirement_kinds.add("failure", RequirementKind("loss of any one part", FailureParams, _judge))
