"""Links of families without tiers that are not where the family's rule has them.

The rule comes with the family (`topo.generators.rule`): which pairs of switches a kind of link joins, and how many
links at most join two switches or two groups.
"""

from __future__ import annotations

import numpy as np

from topo.checks.labels import link_label, listed
from topo.checks.model import Context, Finding, WiringCheck
from topo.checks.registries import wiring_checks
from topo.checks.worst import capped, worst_first
from topo.fabric import SWITCH, Fabric, Origin
from topo.generators.family import families
from topo.generators.rule import AtMost, Rule, SwitchLinks
from topo.units import amount, verb

CODE = "flat-links"


def rule_of(family: str) -> Rule | None:
    """The rule that a family brings; None where it brings none, or is not known here."""
    return families.get(family).rule if family in families.names() else None


def _ends(fabric: Fabric, network: int) -> SwitchLinks:
    tier, devices = fabric.devices.tier, fabric.devices
    mask = (fabric.links.network == network) & (tier[fabric.link_a] == SWITCH) & (tier[fabric.link_b] == SWITCH)
    row = np.flatnonzero(mask & (devices.network[fabric.link_a] == devices.network[fabric.link_b]))
    u, v = fabric.link_a[row], fabric.link_b[row]
    return SwitchLinks(
        row, fabric.link_kinds, fabric.links.kind[row], u, v, devices.pod[u], devices.pod[v], devices.index[u],
        devices.index[v],
    )  # fmt: skip


def _too_many(fabric: Fabric, ends: SwitchLinks, rule: AtMost) -> list[Finding]:
    order = np.argsort(rule.key, kind="stable")
    key, first = np.unique(rule.key[order], return_index=True)
    times = np.diff(np.append(first, len(order)))
    surplus = np.where(key >= 0, times - rule.most[order[first]], 0)
    rows = np.flatnonzero(surplus > 0)

    def describe(group: int) -> Finding:
        links = ends.row[order[first[group] : first[group] + times[group]]]
        labels = [link_label(fabric, int(row)) for row in links]
        many = (
            f"{amount(times[group], 'link')} {verb(times[group], 'join')} {rule.between}, the family has "
            f"{rule.most[order[first[group]]]:,}"
        )
        where = tuple(end for pair in labels[:8] for end in pair)
        return Finding(CODE, "error", f"{many}: {listed([f'{a} to {b}' for a, b in labels])}", where)

    return capped(CODE, worst_first(rows, surplus[rows]), describe, f"times too many links join {rule.between}")


def _misfit(origin: Origin, error: Exception) -> Finding:
    """The finding where a fabric that was read from a file states sizes that its switches do not have."""
    message = f"the sizes that the fabric states for {origin.family} do not fit network {origin.network}: {error}"
    return Finding(CODE, "error", message, (), "read the fabric from the file that topo wrote")


def _run(context: Context) -> list[Finding]:
    fabric = context.fabric
    result: list[Finding] = []
    for network, origin in enumerate(fabric.origins):
        rule = rule_of(origin.family)
        if rule is None:
            continue
        ends = _ends(fabric, network)
        try:
            allowed, limits = rule(ends, origin)
        except (LookupError, ValueError, ArithmeticError) as error:
            result.append(_misfit(origin, error))
            continue

        def describe(row: int) -> Finding:
            a, b = link_label(fabric, row)
            kind = fabric.link_kinds[fabric.links.kind[row]]
            return Finding(CODE, "error", f"the {kind} link from {a} to {b} joins switches that none should", (a, b))

        result += capped(CODE, ends.row[~allowed], describe, "links join switches that none of their kind should")
        for limit in limits:
            result += _too_many(fabric, ends, limit)
    return result


wiring_checks.add(CODE, WiringCheck("links of a family without tiers are where its rule has them", _run))
