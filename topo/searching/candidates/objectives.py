"""What can be traded: one entry each, with what closed forms say of it and what the engine measures."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from topo.checks import Context
    from topo.searching.candidates.count import Counted


@dataclass(frozen=True)
class Objective:
    """One thing to trade. `bound` is the best that closed forms leave possible, `measure` the value that the engine
    proves (the pessimistic end; None where it is not known). `more` where a larger value is better."""

    title: str
    unit: str
    more: bool
    bound: Callable[[Counted], float]
    measure: Callable[[Context, str], float | None]

    def least(self, value: float) -> float:
        """The value with its sense turned so that less is better."""
        return -value if self.more else value


def figure(value: float) -> str:
    """A figure for people."""
    return f"{value:,.0f}" if abs(value) >= 1000 or value == int(value) else f"{value:.4g}"


def _throughput(traffic: str, routing: str) -> Callable[[Context, str], float | None]:
    def measure(context: Context, network: str) -> float | None:
        from topo.checks import questions

        result = context.ask(questions.Throughput(network, traffic, routing)).lower
        return None if result is None or not math.isfinite(float(result)) else float(result)

    return measure


def _after_failure(context: Context, network: str) -> float | None:
    """The least all-to-all throughput under adaptive routing among the rest after the loss of any one switch, at most
    line rate. Raises LimitReachedError where nothing proves that the failures looked at stand for all."""
    from topo.checks import questions
    from topo.errors import LimitReachedError

    question = questions.Failures(network, "switch")
    rows = context.ask(question)
    if rows and context.ask(question.proof()) is None:
        raise LimitReachedError("that no loss of a switch is worse was not proved")
    return min((min(float(row.lower), 1.0) for row in rows), default=None)


def _cost(context: Context, network: str) -> float | None:
    from topo.checks import questions

    result = context.ask(questions.Cost(network))
    return result.total_usd if result is not None and not result.unpriced else None


def _lifetime(context: Context, network: str) -> float | None:
    """Of all networks, at the upper ends of its ranges."""
    from topo.checks import questions

    result = context.ask(questions.Life())
    return result.total.high if result is not None and not result.unpriced else None


def _power(context: Context, network: str) -> float | None:
    from topo.checks import questions

    return context.ask(questions.Power(network)).value


def _rack_units(context: Context, network: str) -> float | None:
    from topo.analysis.money.power import network_rack_units

    return network_rack_units(context.fabric, context.fabric.network_row(network), context.catalog).value


def _switches(context: Context, network: str) -> float | None:
    from topo.fabric import HOST

    devices = context.fabric.devices
    return float(((devices.network == context.fabric.network_row(network)) & (devices.tier != HOST)).sum())


def _cables(context: Context, network: str) -> float | None:
    return float(_cabled(context, network)[0])


def _optics(context: Context, network: str) -> float | None:
    return float(_cabled(context, network)[1])


def _cabled(context: Context, network: str) -> tuple[int, int]:
    import numpy as np

    from topo.checks import questions

    plan = context.ask(questions.Cabling())
    fabric = context.fabric
    mask = (fabric.links.network == fabric.network_row(network)) & ~fabric.is_inside
    cables = plan.cable_of_link[mask]
    modules = np.concatenate([plan.module_at_a[mask], plan.module_at_b[mask]])
    return len(np.unique(cables[cables >= 0])), len(np.unique(modules[modules >= 0]))


def _latency(context: Context, network: str) -> float | None:
    from topo.checks import questions

    result = context.ask(questions.Latency(network))
    values = result.to_json() if result else {}
    return max((float(v) for v in values.values()), default=None)


def _nothing(counted: Counted) -> float:
    return 0.0


def _at_line_rate(counted: Counted) -> float:
    return counted.throughput_upper


OBJECTIVES: Mapping[str, Objective] = MappingProxyType(
    {
        "cost_usd": Objective("cost", "USD", False, lambda c: c.cost_lower, _cost),
        "lifetime_cost_usd": Objective("cost over life", "USD", False, lambda c: c.lifetime_lower, _lifetime),
        "power_w": Objective("power", "W", False, lambda c: c.power_lower, _power),
        "switches": Objective("switches", "", False, lambda c: float(c.total), _switches),
        "cables": Objective("cables", "", False, _nothing, _cables),
        "optics": Objective("optics", "", False, _nothing, _optics),
        "rack_units": Objective("rack units", "U", False, lambda c: c.rack_units or 0.0, _rack_units),
        "adaptive": Objective(
            "all-to-all, adaptive", "of line rate", True, _at_line_rate, _throughput("all-to-all", "adaptive")
        ),
        "spray": Objective(
            "all-to-all, spray", "of line rate", True, _at_line_rate, _throughput("all-to-all", "spray")
        ),
        "wcmp": Objective(
            "all-to-all, wcmp", "of line rate", True, _at_line_rate, _throughput("all-to-all", "wcmp")
        ),
        "worst_permutation": Objective(
            "worst permutation, spray", "of line rate", True, lambda c: 1.0,
            _throughput("worst-permutation", "spray"),
        ),
        "after_failure": Objective(
            "all-to-all after any one switch", "of line rate", True, lambda c: 1.0, _after_failure
        ),
        "latency_us": Objective("latency", "us", False, _nothing, _latency),
        "moves": Objective("links moved from stage to stage", "", False, _nothing, lambda context, network: None),
    }
)  # fmt: skip
