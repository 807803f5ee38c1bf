"""At least so many free ports on every switch of a tier."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from topo.checks.bounded import bounded, exactly
from topo.checks.labels import device_label
from topo.checks.model import Context, Finding, Outcome, RequirementKind, RequirementParams
from topo.checks.registries import requirement_kinds
from topo.errors import ParameterError
from topo.fabric import TIER_NAMES
from topo.units import amount, verb


class SparePortsParams(RequirementParams):
    """Keys of `spare_ports`."""

    at_least: Annotated[int, Field(ge=0)] = Field(description="free ports on every switch of the tier")
    tier: Literal["leaf", "spine", "core", "switch"] = Field("leaf", description="switches of which tier")


def _judge(context: Context, params: SparePortsParams) -> Outcome:
    fabric, devices = context.fabric, context.fabric.devices
    mask = devices.network == fabric.network_row(params.network)
    rows = np.flatnonzero(mask & (devices.tier == TIER_NAMES.index(params.tier)))
    if not len(rows):
        known = sorted({TIER_NAMES[t] for t in devices.tier[mask]})
        raise ParameterError("tier", params.tier, f"network {params.network} has no such tier", ", ".join(known))
    free = np.bincount(fabric.ports.device[fabric.link_of_port < 0], minlength=len(devices))[rows]
    least = int(np.argmin(free))

    def worst() -> tuple[Finding, ...]:
        name = device_label(fabric, int(rows[least]))
        many = np.count_nonzero(free < params.at_least)
        message = (
            f"{name} has {amount(free[least], 'free port')}; {many:,} of {amount(len(rows), 'switch')} "
            f"{verb(int(many), 'have')} too few"
        )
        return (Finding("spare-ports", "error", message, (name,)),)

    statement = (
        f"Every {params.tier} of the {params.network} network has at least {amount(params.at_least, 'free port')}"
    )
    return bounded(statement, "ports", params.at_least, lambda: exactly(int(free[least]), worst), from_below=True)


requirement_kinds.add("spare_ports", RequirementKind("free ports", SparePortsParams, _judge))
