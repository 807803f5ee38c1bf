"""Runs the wiring checks."""

from __future__ import annotations

from dataclasses import replace

from topo.checks.model import Context, Finding
from topo.checks.registries import wiring_checks


def run_wiring(context: Context) -> list[Finding]:
    """Every finding of every wiring check, in the order of the checks' names, each check's worst first.

    Links and endpoints on ports that do not exist are named by `link-ends` and left out of all other checks.
    """
    from topo.checks.wiring.link_ends import sound

    whole = sound(context.fabric)
    readable = context if whole is context.fabric else replace(context, fabric=whole)
    found: list[Finding] = []
    for name in wiring_checks.names():
        found += wiring_checks.get(name).run(context if name == "link-ends" else readable)
    return found
