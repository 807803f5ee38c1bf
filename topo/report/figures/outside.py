"""How a network leads out of the fabric."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from topo.checks import Context
from topo.report.counts import outside_of
from topo.report.figure import Figure, figures
from topo.report.model import Metrics
from topo.units import amount, gbps


def _metric(context: Context, network: str) -> Mapping[str, float] | None:
    return outside_of(context.fabric, context.fabric.network_row(network))


def _lines(m: Metrics) -> Sequence[str]:
    """How a network leads out of the fabric, and what of it is in no bill."""
    if not m.outside:
        return ()
    switches, ports = (int(m.outside[key]) for key in ("switches", "ports"))
    return (
        f"leads outside: {amount(ports, 'port')} on {amount(switches, 'switch')}, "
        f"{gbps(m.outside['gbps'])}; modules and cables of these "
        "ports are in no bill here",
    )


figures.add(
    "outside",
    Figure(
        "outside",
        {
            "switches": "switches with ports that lead out of the fabric; absent where none does",
            "ports": "these ports",
            "gbps": "their speeds together, in Gb/s",
        },
        at=125,
        metric=_metric,
        lines=_lines,
    ),
)
