"""Failures over time, where a design states how often things break."""

from __future__ import annotations

from collections.abc import Sequence

from topo.report.figure import Figure, figures
from topo.report.model import Metrics
from topo.report.rates_text import lines_of
from topo.report.reliability import failure_rates_of


def _lines(m: Metrics) -> Sequence[str]:
    return lines_of(m.failure_rates) if m.failure_rates else ()


figures.add(
    "failure_rates",
    Figure(
        "failures over time",
        {
            "broken_per_month": "things that break in a month of 730 hours; `broken_per_year` likewise",
            "broken_per_year": "see `broken_per_month`",
            "by_key": "one row for each key of the design's `failure_rates`: `key`, `count`, `per_month`, `per_year`, "
            "`spares`, `interruptions_per_month`, `repair_hours`, `mean_broken`, `flaps_per_month`, `source`",
            "spares_for": "`lead_days` and `service_level` that `spares` are for",
            "job_gpus": "GPUs of the job whose interruptions are counted",
            "interruptions_per_month": "how often it is interrupted by single failures",
            "interruptions_per_month_upper": "no more, with failures that meet; absent where repairs are not known",
            "expected_throughput": "steady state of the first traffic and routing asked: `lower`, `upper` of the mean "
            "in line rate, `quantiles`, `gpus_cut_off`, `seeds` and `confidence` where patterns were drawn",
            "more_expected_throughput": "those of the others that were asked",
            "leaves_out": "what no rate or repair is stated of",
        },
        at=180, metric=failure_rates_of, lines=_lines,
    ),
)  # fmt: skip
