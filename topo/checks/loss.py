"""What requirements about losses share: the traffic that is asked about, and exactly one bound."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated

from pydantic import Field, ValidationInfo, field_validator, model_validator

from topo.checks.model import RequirementParams
from topo.checks.traffic import Routing, Traffic, reachable

if TYPE_CHECKING:
    from topo.analysis.failures import FailureRow

Limit = Annotated[int, Field(ge=0)]
BOUNDS = ("throughput_at_least", "cut_off_at_most", "hosts_disconnected_at_most")


class LossParams(RequirementParams):
    """Keys of every requirement about losses."""

    traffic: Traffic = Field("all-to-all", description="who sends to whom")
    routing: Routing = Field("adaptive", description="how traffic is spread over paths")
    throughput_at_least: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = Field(
        None, description="share of the intact fabric's line rate that the rest still gets"
    )
    cut_off_at_most: Limit | None = Field(None, description="GPUs that reach nobody any more")
    hosts_disconnected_at_most: Limit | None = Field(None, description="hosts that reach nobody any more")

    @field_validator("throughput_at_least")
    @classmethod
    def _reachable(cls, share: float | None, info: ValidationInfo) -> float | None:
        reachable(share or 0.0, info.data.get("traffic", ""))
        return share

    @model_validator(mode="after")
    def _one_bound(self) -> LossParams:
        given = [name for name in BOUNDS if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError(f"needs exactly one of {', '.join(BOUNDS)}; state one requirement for each")
        return self


def left_out(rows: Iterable[FailureRow], by: str) -> str:
    """Whose demands no throughput of these losses counts; empty where every GPU still reaches the rest."""
    most = max((row.cut_off for row in rows), default=0)
    return f"leaves out up to {most:,} GPU{'' if most == 1 else 's'} that {by} cuts off" if most else ""
