"""Designs and fabrics: loading, building, checking."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from topo.catalog import Catalog, load_catalog
from topo.design import Design, context_of, with_requirements
from topo.design import build as _build
from topo.design import load_design as _load_design
from topo.design.policy import policy_beside
from topo.errors import InputError
from topo.fabric import Fabric
from topo.plain import PlainKeys
from topo.report import Report, invalid, make_report

if TYPE_CHECKING:
    from topo.analysis.failures import Spread
    from topo.checks import Context
    from topo.checks.policy import Policy


def load_design(path: str | Path, catalog: Catalog | None = None) -> Design:
    """The design in a file; raises InputError with every problem found, each with its line."""
    return _load_design(path, catalog)


def build(design: Design, cables: bool = False) -> Fabric:
    """The fabric of a design; raises InputError where it cannot be built. With `cables` it knows which links share a
    physical cable, so that the failure of a cable takes all of them away."""
    fabric = _build(design)
    if not cables:
        return fabric
    from topo.checks.questions import Cabled

    return context_of(design, fabric).ask(Cabled())


def check(
    subject: Design | Fabric,
    requirements: Sequence[PlainKeys] | None = None,
    *,
    catalog: Catalog | None = None,
    time_limit_s: float = 60.0,
    policy: Policy | None = None,
    today: date | None = None,
) -> Report:
    """Wiring, metrics and requirements of a design or a fabric.

    `requirements` have the form of a design's, such as `[{"hops": {"at_most": 3}}]`; a design's own are used where none
    are given, and a fabric without requirements gets wiring and metrics. A `policy` is judged as of `today`. Raises
    InputError for a wrong requirement.
    """
    return checked(subject, requirements, catalog, time_limit_s, policy, today)[0]


def checked(
    subject: Design | Fabric,
    requirements: Sequence[PlainKeys] | None = None,
    catalog: Catalog | None = None,
    time_limit_s: float = 60.0,
    policy: Policy | None = None,
    today: date | None = None,
    spread: Spread | None = None,
) -> tuple[Report, Context]:
    """The report, and the context that remembers the answers it rests on."""
    from topo.checks import Context, requirements_from
    from topo.report.question import Question, questions_of

    if isinstance(subject, Design):
        context = context_of(subject, _build(subject), time_limit_s=time_limit_s)
        questions = questions_of(subject)
    else:
        context, questions = Context(subject, catalog or load_catalog(), time_limit_s=time_limit_s), ()
    if requirements is not None:
        result = requirements_from(list(requirements), context.fabric.networks)
        questions = tuple(Question(id_, kind, params) for id_, kind, params in result)
    if spread is not None:
        context = replace(context, spread=spread)
    design = subject if isinstance(subject, Design) else None
    return make_report(design, context, questions, policy, today), context


def check_file(
    path: Path,
    catalog: Catalog,
    today: date,
    time_limit_s: float = 60.0,
    require: Sequence[str] = (),
    spread: Spread | None = None,
) -> Report:
    """The report of one design file under the `policy.yaml` beside it, waivers as of `today`; an invalid design or
    policy gives a report with verdict `invalid`. `spread` examines draws of random failures."""
    try:
        policy = policy_beside(path)
        design = with_requirements(_load_design(path, catalog), require)
        return checked(design, None, None, time_limit_s, policy, today, spread)[0]
    except InputError as error:
        return invalid(path, error)
