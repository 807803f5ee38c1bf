"""Families that bring no rule of where links belong: nobody looks at theirs."""

from __future__ import annotations

from topo.checks.model import Context, Finding, WiringCheck
from topo.checks.registries import wiring_checks
from topo.checks.wiring.flat_links import rule_of
from topo.generators.family import families

CODE = "wiring-rule"
HINT = "give the family's value a `rule` (topo.generators.rule); `by_tiers` where every switch has a tier"


def _run(context: Context) -> list[Finding]:
    result = []
    for origin in context.fabric.origins:
        if not origin.family or rule_of(origin.family) is not None:
            continue
        if origin.family in families.names():
            message = f"the family {origin.family} of network {origin.network} brings no wiring rule"
        else:
            message = f"the family {origin.family} of network {origin.network} is not known here"
        what = f"{message}: whether its links join the right switches was not looked at"
        result.append(Finding(CODE, "warning", what, (), HINT))
    return result


wiring_checks.add(CODE, WiringCheck("every family says where its links belong", _run))
