"""What refuses or refutes a candidate by counting alone."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from topo.searching.candidates.count import Counted, Refusal
from topo.searching.candidates.request import Request
from topo.units import MET_WITHIN, amount

RACK = "rack-42u"


def over_limit(counted: Counted, request: Request) -> Refusal | None:
    """The limit that a candidate passes; None where it keeps them all."""
    limits = request.file.limits
    for part, limit in limits.parts.items():
        needed = counted.parts.get(part, 0)
        if needed > limit.at_most:
            return Refusal(f"limits.parts.{part}", f"needs {needed:,}, {limit.at_most:,} can be had", needed)
    if limits.racks is not None and counted.rack_units is not None:
        needed = math.ceil(counted.rack_units / rack_units(request))
        if needed > limits.racks:
            return Refusal("limits.racks", f"needs {amount(needed, 'rack')} for its switches alone", needed)
    if limits.power_w is not None and counted.power_lower > limits.power_w * (1 + MET_WITHIN):
        return Refusal("limits.power_w", f"draws at least {counted.power_lower:,.0f} W", counted.power_lower)
    if limits.cost_usd is not None and counted.cost_lower > limits.cost_usd * (1 + MET_WITHIN):
        return Refusal("limits.cost_usd", f"costs at least {counted.cost_lower:,.0f} USD", counted.cost_lower)
    return None


def rack_units(request: Request) -> int:
    """Rack units of a rack."""
    from typing import cast

    from topo.catalog import Rack

    return cast(Rack, request.catalog.get("rack", RACK)).rack_units


def refuted(counted: Counted, request: Request) -> tuple[str, Mapping[str, Any]] | None:
    """The requirement that a candidate breaks by its closed forms, with the count or cut that shows it."""
    for requirement in request.requirements:
        params: Any = requirement.params
        if params.network != request.network:
            continue
        if requirement.kind == "throughput" and params.traffic == "all-to-all":
            upper, cut = counted.throughput_upper, counted.cut
            if params.level == "network" and upper >= 1:
                continue
            if upper < params.at_least * (1 - MET_WITHIN):
                return requirement.id, {"at_least": params.at_least, "at_most": upper, "cut": dict(cut)}
        elif requirement.kind == "hops" and counted.counts.max_hops > params.at_most:
            return requirement.id, {"at_most": params.at_most, "hops": counted.counts.max_hops}
        elif requirement.kind == "switches":
            tier = params.tier
            number = counted.total if tier is None else counted.counts.switches.get(tier, 0)
            if number > params.at_most:
                return requirement.id, {"at_most": params.at_most, "switches": number}
        elif requirement.kind == "cost_usd" and counted.cost_lower > params.at_most * (1 + MET_WITHIN):
            return requirement.id, {"at_most": params.at_most, "cost_usd_at_least": counted.cost_lower}
        elif requirement.kind == "power_w" and counted.power_lower > params.at_most * (1 + MET_WITHIN):
            return requirement.id, {"at_most": params.at_most, "power_w_at_least": counted.power_lower}
    return None
