"""Shortest paths that cross more switches than the family's closed form says."""

from __future__ import annotations

from dataclasses import replace

from topo.checks import questions
from topo.checks.example import longest_pair
from topo.checks.model import Context, Finding, WiringCheck
from topo.checks.readable import readable
from topo.checks.registries import wiring_checks
from topo.units import amount

CODE = "path-length"


def _run(context: Context) -> list[Finding]:
    result = []
    fabric = readable(context.fabric)
    context = context if fabric is context.fabric else replace(context, fabric=fabric)
    for network, counts in context.counts.items():
        longest = context.ask(questions.Hops(network)).max
        if longest <= counts.max_hops or not counts.max_hops:
            continue
        pair = longest_pair(fabric, network, longest)
        example = f", for example from {pair[0]} to {pair[1]}" if pair else ""
        message = f"shortest paths of network {network} cross up to {amount(longest, 'switch')}{example}"
        hint = f"the closed form gives at most {counts.max_hops:,}: {counts.formula}"
        result.append(Finding(CODE, "error", message, pair, hint))
    return result


wiring_checks.add(CODE, WiringCheck("no path is longer than the closed form says", _run))
