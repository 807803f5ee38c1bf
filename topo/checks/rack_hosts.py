"""Whether a rack can hold as many hosts as its floor allows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from topo.checks import questions
from topo.checks.model import Context, Finding
from topo.fabric import HOST
from topo.units import amount
from topo.yamlfile import Document

if TYPE_CHECKING:
    from topo.placement import Places


def rack_notes(context: Context, document: Document | None = None) -> list[Finding]:
    """A warning for each host part of which an empty rack holds fewer than `hosts_per_rack` says, by its units or by
    its power: the number is a ceiling that no rack reaches. Figures that no part states hold nothing back.
    `document`: the design's, for the line of the key."""
    laid = context.ask(questions.Laid()) if context.laid and context.fabric.origins else None
    if laid is None:
        return []
    devices, result = context.fabric.devices, list[Finding]()
    for row in np.unique(devices.part[devices.tier == HOST]).tolist():
        part = context.fabric.parts[row] if row >= 0 else ""
        asked = laid.floor.most_hosts(part)
        if asked is None:
            continue
        first = int(np.flatnonzero((devices.tier == HOST) & (devices.part == row))[0])
        most, why = _most(laid.places, first)
        if most < asked:
            keys = ("hosts_per_rack_of", part) if part in laid.floor.hosts_per_rack_of else ("hosts_per_rack",)
            key, line = ".".join(keys), document.line(("floor", *keys)) if document is not None else 0
            message = f"{key} is {asked}, and a rack holds at most {most:,} of {part}: {why}"
            hint = f"{key}: {most}, or another rack"
            result.append(Finding("hosts-per-rack", "warning", message, (part,), hint, line=line))
    return result


def _most(places: Places, host: int) -> tuple[float, str]:
    """How many devices like one an empty rack of its kind holds, and what it is short of."""
    kind = places.kinds[int(places.kind[places.rack[host]])]
    units, watts = int(places.units[host]), float(places.power_w[host])
    limits = [(np.inf, "")]
    if units:
        limits.append(
            (kind.most_units // units, f"{amount(kind.most_units, 'unit')} of {kind.part.id} for {units:,} each")
        )
    if watts > 0:
        left = kind.most_power_w - kind.power_w
        limits.append((left // watts, f"{left:,.0f} W of {kind.part.id} for {watts:,.0f} W each"))
    most, why = min(limits)
    return (most if most == np.inf else int(most)), why
