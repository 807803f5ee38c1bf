"""What failures leave of a network."""

from __future__ import annotations

from typing import Any

from topo.checks import Context, questions
from topo.report.figure import Figure, figures


def failures_json(context: Context, network: str) -> list[dict[str, Any]] | None:
    """The rows of every failure that was asked about, as the report's keys."""
    asked = [*context.asked(questions.Failures, network), *context.asked(questions.RandomFailures, network)]
    rows = [row for question in asked for row in context.ask(question)]
    return [dict(row.to_json()) for row in rows] or None


figures.add(
    "failures",
    Figure(
        "failures",
        {
            "[].what": "what fails: `link`, `cable`, `leaf`, `spine`, ...",
            "[].count": "how many fail at once",
            "[].stands_for": "alike failures that this one stands for, by verified symmetry",
            "[].traffic": "the traffic that is asked",
            "[].routing": "the routing that is asked",
            "[].worst": "the failure that was examined",
            "[].cut_off": "GPUs without a path to others",
            "[].hosts_cut_off": "hosts of them; absent where there are none",
            "[].lower": "proved lower end of the throughput that is left; absent ends are unbounded",
            "[].upper": "proved upper end",
        },
        at=170, rests_on="certificate", metric=failures_json,
    ),
)  # fmt: skip
