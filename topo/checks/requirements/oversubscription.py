"""At most so much bandwidth down for one unit of bandwidth up, at every switch of a tier as it is cabled."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
from pydantic import Field, field_validator

from topo.checks.bounded import bounded, exactly
from topo.checks.labels import device_label
from topo.checks.model import Context, Finding, Outcome, RequirementKind, RequirementParams
from topo.checks.registries import requirement_kinds
from topo.errors import ParameterError
from topo.fabric import TIER_NAMES, Fabric
from topo.fabric.model import FloatArray, IntArray
from topo.units import amount, ratio


class OversubscriptionParams(RequirementParams):
    """Keys of `oversubscription`."""

    at_most: float | str = Field(description="down:up bandwidth, as 1, 1.5 or '3:1'")
    tier: Literal["leaf", "spine"] = Field("leaf", description="switches of which tier")

    @field_validator("at_most")
    @classmethod
    def _is_ratio(cls, value: float | str) -> float | str:
        ratio(value)
        return value


def down_up(fabric: Fabric, network: int, tier: int) -> tuple[IntArray, FloatArray, FloatArray]:
    """Switch rows of a tier, and the Gb/s of their active links to lower and to higher tiers."""
    links, size = fabric.links, len(fabric.devices)
    rows = np.flatnonzero(fabric.tier_in(network, tier))
    speed = np.where(links.active & (links.network == network), links.gbps, 0.0)
    down = np.bincount(fabric.link_b, weights=speed, minlength=size).astype(np.float64)
    up = np.bincount(fabric.link_a, weights=speed, minlength=size).astype(np.float64)
    return rows, down[rows], up[rows]


def _judge(context: Context, params: OversubscriptionParams) -> Outcome:
    fabric = context.fabric
    network, tier = fabric.network_row(params.network), TIER_NAMES.index(params.tier)
    rows, down, up = down_up(fabric, network, tier)
    if not len(rows):
        known = sorted({TIER_NAMES[t] for t in fabric.devices.tier[fabric.switches_in(network)]})
        raise ParameterError("tier", params.tier, f"network {params.network} has no such tier", ", ".join(known))
    alone = np.count_nonzero(fabric.switches_in(network)) == 1 or not up.any()
    share = np.where(down > 0, np.divide(down, up, out=np.full(len(rows), math.inf), where=up > 0), 0.0)
    if alone:
        share[:] = 0.0
    row = int(np.argmax(share))

    def worst() -> tuple[Finding, ...]:
        name = device_label(fabric, int(rows[row]))
        many = np.count_nonzero(share > float(ratio(params.at_most)))
        message = (
            f"{name} has {down[row]:,g} Gb/s down and {up[row]:,g} Gb/s up; {many:,} of "
            f"{amount(len(rows), 'switch')} of tier "
            f"{params.tier} exceed the ratio"
        )
        return (Finding("oversubscription", "error", message, (name,)),)

    statement = (
        f"Every {params.tier} of the {params.network} network has at most {float(ratio(params.at_most)):g} times as "
        "much bandwidth down as up"
    )
    return bounded(statement, "down:up", float(ratio(params.at_most)), lambda: exactly(float(share[row]), worst))


requirement_kinds.add(
    "oversubscription", RequirementKind("bandwidth down for bandwidth up", OversubscriptionParams, _judge)
)
