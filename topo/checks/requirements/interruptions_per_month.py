"""A job is interrupted at most so often: a failure leaves one of its NICs without any link, or takes a host."""

from __future__ import annotations

import math
from typing import Annotated

from pydantic import Field

from topo.checks import questions
from topo.checks.bounded import Answer, bounded
from topo.checks.model import Context, Finding, Outcome, RequirementKind, RequirementParams
from topo.checks.rated import refuse_unrated
from topo.checks.registries import requirement_kinds
from topo.units import amount


class InterruptionsParams(RequirementParams):
    """Keys of `interruptions_per_month`."""

    at_most: Annotated[float, Field(ge=0, allow_inf_nan=False)] = Field(
        description="interruptions a month (730 hours), by the design's failure_rates"
    )
    gpus: Annotated[int, Field(gt=0)] | None = Field(
        None, description="GPUs of the job, counted from the first host; default: all"
    )


def _judge(context: Context, params: InterruptionsParams) -> Outcome:
    refuse_unrated(context, params.network, "interruptions_per_month")
    result = context.ask(questions.Interruptions(params.network, params.gpus))
    statement = (
        f"A job on {amount(result.gpus, 'GPU')} is interrupted at most {params.at_most:g} times a month by "
        "what fails in the "
        f"{params.network} network"
    )

    def answer() -> Answer:
        upper = math.inf if result.upper is None else result.upper
        by = ", ".join(f"{n:.4g} by {key}" for key, n in result.by_key.items())
        message = (
            f"a job on {amount(result.gpus, 'GPU')} is interrupted {result.single:.4g} times a month by single "
            f"failures: {by}"
        )
        return Answer(result.single, upper, None, lambda: (Finding("interruptions-per-month", "error", message),))

    return bounded(statement, "a month", params.at_most, answer)


requirement_kinds.add("interruptions_per_month", RequirementKind("interruptions of a job", InterruptionsParams, _judge))
