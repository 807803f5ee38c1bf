"""Rails of a network."""

from __future__ import annotations

from topo.checks import Context
from topo.report.counts import counted
from topo.report.figure import Figure, figures


def _metric(context: Context, network: str) -> int | None:
    return counted(context, network).rails or None


figures.add(
    "rails",
    Figure(
        "rails", {"": "sets of NICs with the same index in their hosts; absent without rails"}, at=50, metric=_metric
    ),
)
