"""What the report says of failures over time, where the design states rates."""

from __future__ import annotations

import contextlib
from typing import Any

from topo.analysis.reliability import Steady
from topo.analysis.reliability.rates import HOURS_A_MONTH, HOURS_A_YEAR
from topo.analysis.reliability.stock import spares
from topo.checks import Context, questions
from topo.errors import LimitReachedError

LEAD_DAYS, SERVICE_LEVEL = 30.0, 0.99
"""A month until a spare part comes, and 99 of 100 times one is there: what is assumed stands beside the figures."""
FLOORS = (0.99, 0.95, 0.9, 0.5)
"""Shares of the throughput for which it is told how much of the time they are met."""
HARDWARE = (
    ("link", "endpoint_link", "fabric_link", "cable"),
    ("module",),
    ("switch", "leaf", "spine", "core"),
    ("host", "nic"),
)


def failure_rates_of(context: Context, network: str) -> dict[str, Any] | None:
    """Rates, what breaks a month and a year, spares, interruptions, and the steady states that were asked (the adaptive
    all-to-all where none was and repairs are known); None where the design states no rates."""
    families = context.ask(questions.Families(network))
    if not families:
        return None
    job = context.ask(questions.Interruptions(network))
    kept = {one.key: one for one in spares(families, LEAD_DAYS, SERVICE_LEVEL)}
    rows = []
    for family in families:
        row: dict[str, Any] = {
            "key": family.key,
            "count": family.size,
            "per_month": family.size * family.per_hour * HOURS_A_MONTH,
            "per_year": family.size * family.per_hour * HOURS_A_YEAR,
            "spares": kept[family.key].spares,
            "interruptions_per_month": job.by_key[family.key],
        }
        if family.unavailable is not None:
            row |= {"repair_hours": family.repair_hours, "mean_broken": family.size * family.unavailable}
        if family.flaps_per_month:
            row["flaps_per_month"] = family.size * family.flaps_per_month
        rows.append({**row, "source": family.source or "not stated"})
    result: dict[str, Any] = {
        "broken_per_month": sum(row["per_month"] for row in rows),
        "broken_per_year": sum(row["per_year"] for row in rows),
        "by_key": rows,
        "spares_for": {"lead_days": LEAD_DAYS, "service_level": SERVICE_LEVEL},
        "job_gpus": job.gpus,
        "interruptions_per_month": job.single,
        "interruptions_per_month_upper": job.upper,
    }
    keys = {family.key for family in families}
    none = [kinds[0] for kinds in HARDWARE if not keys & set(kinds) and not _by_part(context, keys, kinds[0])]
    out = [f"no rate is stated of any {kind}" for kind in none]
    if all(family.unavailable is not None for family in families):
        states = [one.to_json(FLOORS) for one in _states(context, network)]
        result |= {"expected_throughput": states[0]} if states else {}
        result |= {"more_expected_throughput": states[1:]} if states[1:] else {}
    else:
        out.append("expected throughput: the time of repair is not known (repair_hours)")
    return {**result, "leaves_out": out}


def _states(context: Context, network: str) -> list[Steady]:
    """The steady states that were asked, the adaptive all-to-all where none was; none where no solver may be asked."""
    asked = context.asked(questions.Steady, network)
    if not asked:
        with contextlib.suppress(LimitReachedError):
            return [context.ask(questions.Steady(network))]
    return [context.ask(one) for one in asked]


def _by_part(context: Context, keys: set[str], kind: str) -> bool:
    catalog = context.catalog
    folders = {"link": "cable", "module": "transceiver", "switch": "switch", "host": "host"}
    return any(catalog.path(folders[kind], key) for key in keys)
