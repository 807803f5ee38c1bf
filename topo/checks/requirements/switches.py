"""At most so many switches."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from topo.checks.bounded import bounded, exactly
from topo.checks.model import Context, Finding, Outcome, RequirementKind, RequirementParams
from topo.checks.registries import requirement_kinds
from topo.fabric import HOST, TIER_NAMES
from topo.units import amount


class SwitchesParams(RequirementParams):
    """Keys of `switches`."""

    at_most: Annotated[int, Field(ge=0)] = Field(description="how many switches")
    tier: Literal["leaf", "spine", "core", "switch"] | None = Field(None, description="default: all tiers together")


def _judge(context: Context, params: SwitchesParams) -> Outcome:
    devices = context.fabric.devices
    mask = (devices.network == context.fabric.network_row(params.network)) & (devices.tier != HOST)
    by_tier = np.bincount(devices.tier[mask], minlength=len(TIER_NAMES))
    total = int(by_tier[TIER_NAMES.index(params.tier)] if params.tier else by_tier.sum())

    def worst() -> tuple[Finding, ...]:
        shares = ", ".join(f"{n:,} {name}" for name, n in zip(TIER_NAMES, by_tier, strict=True) if n)
        return (Finding("switches", "error", f"the {params.network} network has {amount(total, 'switch')}: {shares}"),)

    of = f"{params.tier} switches" if params.tier not in (None, "switch") else "switches"
    statement = f"The {params.network} network has at most {params.at_most:,} {of}"
    return bounded(statement, "switches", params.at_most, lambda: exactly(total, worst))


requirement_kinds.add("switches", RequirementKind("number of switches", SwitchesParams, _judge))
