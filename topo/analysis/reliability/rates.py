"""How often things break: the keys of a design's `failure_rates` and `risk_groups`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Literal

from pydantic import Field, ValidationInfo, field_validator

from topo.catalog.models import Positive, Strict, Text
from topo.errors import NotAllowedError, either

HOURS_A_YEAR = 8760
"""365 days."""
HOURS_A_MONTH = HOURS_A_YEAR / 12
"""A twelfth of a year, 730 hours."""
GIVEN_BY = ("afr", "percent_per_month", "mtbf_hours")


class Rate(Strict):
    """How often one thing of a kind breaks: exactly one of `afr`, `percent_per_month` and `mtbf_hours`. A thing that
    breaks is replaced, so that `afr: 0.01` of 2,048 modules is 20.48 a year."""

    afr: Annotated[float, Field(gt=0, le=1)] | None = Field(None, description="share that breaks in a year")
    percent_per_month: Annotated[float, Field(gt=0, le=100)] | None = Field(
        None, description="percent that break in a month (730 hours)"
    )
    mtbf_hours: Positive | None = Field(None, description="mean hours between failures of one thing")
    repair_hours: Positive | None = Field(None, description="mean hours until it works again; default: the design's")
    flaps_per_month: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = Field(
        None, description="short losses that heal by themselves, of one thing; counted apart from failures"
    )
    source: Text = Field("", validate_default=True, description="where the figure comes from")

    @field_validator("source")
    @classmethod
    def _one(cls, source: str, info: ValidationInfo) -> str:
        given = [key for key in GIVEN_BY if info.data.get(key) is not None]
        valid = all(key in info.data for key in GIVEN_BY)
        if valid and len(given) != 1:
            message = f"a rate is exactly one of {', '.join(GIVEN_BY)}; given: {', '.join(given) or 'none'}"
            raise NotAllowedError(message, either(GIVEN_BY))
        return source

    @property
    def per_hour(self) -> float:
        """Failures of one thing in an hour."""
        if self.afr is not None:
            return self.afr / HOURS_A_YEAR
        if self.percent_per_month is not None:
            return self.percent_per_month / 100 / HOURS_A_MONTH
        assert self.mtbf_hours is not None
        return 1 / self.mtbf_hours


class GroupRule(Strict):
    """What fails together: one group of all that `devices` and `racks` name (patterns with * and ?), or with `each` one
    for every rack, row, hall, pod or plane."""

    each: Literal["rack", "row", "hall", "pod", "plane"] | None = Field(None, description="one group for each of these")
    devices: tuple[str, ...] = Field((), strict=False, description="names of devices, with * and ?")
    racks: tuple[str, ...] = Field((), strict=False, validate_default=True, description="names of racks, with * and ?")

    @field_validator("racks")
    @classmethod
    def _some(cls, racks: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        named = bool(racks or info.data.get("devices"))
        if {"each", "devices"} <= info.data.keys() and named == (info.data.get("each") is not None):
            message = "a group is either `each` of something, or what `devices` and `racks` name"
            raise NotAllowedError(message, "each: rack, row, hall, pod or plane; or names in devices or racks")
        return racks


@dataclass(frozen=True)
class Rates:
    """The rates of a design by kind, part or risk group; `groups` are the free risk groups by name. `repair_hours` is
    for what has none of its own; None where nobody says."""

    by_key: dict[str, Rate]
    repair_hours: float | None = None
    groups: dict[str, GroupRule] = field(default_factory=dict)

    def repair_of(self, key: str) -> float | None:
        """Hours until a thing of this key works again."""
        return self.by_key[key].repair_hours or self.repair_hours
