"""What requirements about failures over time share: rates must be stated."""

from __future__ import annotations

from topo.checks import questions
from topo.checks.model import Context
from topo.errors import ParameterError


def refuse_unrated(context: Context, network: str, kind: str) -> None:
    """Raises ParameterError where the design states no rate of anything in the network, or no time of repair that the
    question needs."""
    families = context.ask(questions.Families(network))
    if not families:
        message = f"needs rates of what fails in the {network} network"
        raise ParameterError("", kind, message, "failure_rates: {switch: {afr: 0.02}, link: {percent_per_month: 0.05}}")
    bare = [family.key for family in families if family.unavailable is None]
    if bare and kind == "expected_throughput":
        message = f"needs the time of repair of {', '.join(bare)}"
        raise ParameterError("", kind, message, "repair_hours: 24 beside failure_rates, or in a rate of its own")
