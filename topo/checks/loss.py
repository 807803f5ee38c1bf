"""What requirements about losses share: the traffic that is asked about, and exactly one bound."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Annotated

from pydantic import Field, ValidationInfo, field_validator, model_validator

from topo.checks.bounded import Answer, bounded
from topo.checks.model import Outcome, RequirementParams
from topo.checks.traffic import Routing, Traffic, reachable
from topo.units import amount

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


def by_bound(
    params: LossParams,
    loss: str,
    then: str,
    least: Callable[[], Answer],
    most: Callable[[str, Callable[[FailureRow], int]], Answer],
) -> Outcome:
    """Judges the one bound that is given. `loss` is what is lost, `then` what follows both statements of it (how often
    it is so); `least` answers with the throughput that is left, `most` with how many of a unit are lost."""
    if params.throughput_at_least is not None:
        share = params.throughput_at_least
        keeps = f"{params.traffic} traffic keeps {share:g} of line rate under {params.routing} routing{then}"
        statement = f"After the {loss}{',' if then else ''} {keeps}"
        return bounded(statement, "of line rate", share, least, from_below=True, by_certificate=True)
    if params.cut_off_at_most is not None:
        gpus = params.cut_off_at_most
        statement = f"The {loss} cuts off at most {amount(gpus, 'GPU')}{then}"
        return bounded(statement, "GPUs", gpus, lambda: most("GPUs", lambda row: row.cut_off), by_certificate=True)
    hosts = params.hosts_disconnected_at_most or 0
    statement = f"The {loss} disconnects at most {amount(hosts, 'host')}{then}"
    return bounded(
        statement, "hosts", hosts, lambda: most("hosts", lambda row: len(row.lost.hosts)), by_certificate=True
    )


def left_out(rows: Iterable[FailureRow], by: str) -> str:
    """Whose demands no throughput of these losses counts; empty where every GPU still reaches the rest."""
    most = max((row.cut_off for row in rows), default=0)
    return f"leaves out up to {most:,} GPU{'' if most == 1 else 's'} that {by} cuts off" if most else ""
