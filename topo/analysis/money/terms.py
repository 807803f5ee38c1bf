"""What is paid beside prices, and for how long: the keys of a design's `cost`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, ValidationInfo, field_validator

from topo.catalog.models import CurrencyCode, Positive, Strict, Usd
from topo.errors import NotAllowedError

CLASSES = ("switches", "optics", "copper", "fibre", "links", "panels", "spares", "hosts", "racks")
"""What money is spent on. `optics`: modules, active optical cables, and optical links of a book that prices whole
links, fibre included; `links`: what a book prices by length alone."""
ALL = "all"
SHARED = "shared"
"""In place of a network: what is bought for all of them."""


def _whole(value: Any) -> Any:
    """One share for all classes as a mapping."""
    return value if isinstance(value, Mapping) else {ALL: value}


def _known(shares: dict[str, float]) -> dict[str, float]:
    wrong = [key for key in shares if key not in (ALL, *CLASSES)]
    if wrong:
        raise NotAllowedError(f"there is no class {', '.join(wrong)}", ", ".join((ALL, *CLASSES)))
    return shares


Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Shares = Annotated[dict[str, Share], BeforeValidator(_whole, json_schema_input_type=Share | dict[str, Share])]


class CostTerms(Strict):
    """What is paid beside the prices of a book. What has no value here is no part of a total, which says so."""

    years: Annotated[float, Field(gt=0, le=100, allow_inf_nan=False)] = Field(4.0, description="how long it is used")
    discount: Shares = Field({}, description=f"share off the price: one, or by class ({', '.join(CLASSES)}; all)")
    usd_per_unit: Positive | None = Field(None, description="US dollars for one unit of `currency`")
    currency: CurrencyCode = Field(
        "USD", validate_default=True, description="what amounts are shown in; other than USD needs `usd_per_unit`"
    )
    maintenance_per_year: Shares = Field({}, description="share of what was paid, each year: one, or by class")
    usd_per_kwh: Usd | None = Field(None, description="price of energy; may be a range {low, high}")
    pue: Annotated[float, Field(ge=1, le=10, allow_inf_nan=False)] | None = Field(
        None, description="power usage effectiveness of the hall: all its energy over that of the equipment"
    )
    load: Share = Field(1.0, description="share of the parts' typical power that is drawn on average")
    usd_per_rack: Usd | None = Field(None, description="price of a rack; shared by rack units")
    usd_per_rack_year: Usd | None = Field(None, description="rent of a rack position, a year")
    usd_per_m2_year: Usd | None = Field(None, description="rent of the floor, a year; a rack takes its pitches")
    hosts: bool = Field(False, description="hosts with their NICs are part of it")

    @field_validator("discount", "maintenance_per_year")
    @classmethod
    def _by_class(cls, shares: dict[str, float]) -> dict[str, float]:
        return _known(shares)

    @field_validator("currency")
    @classmethod
    def _has_rate(cls, currency: str, info: ValidationInfo) -> str:
        rate = info.data.get("usd_per_unit")
        if currency != "USD" and "usd_per_unit" in info.data and rate is None:
            message = "needs its rate beside prices in USD: usd_per_unit, US dollars for one unit of it"
            raise NotAllowedError(message, "USD, or usd_per_unit with it")
        if currency == "USD" and rate not in (None, 1):
            raise ValueError(f"USD has no rate, but usd_per_unit is {rate:g}")
        return currency

    def discount_of(self, kind: str) -> float:
        """The share off the price of a class; its own wins over that of all."""
        return self.discount.get(kind, self.discount.get(ALL, 0.0))

    def maintenance_of(self, kind: str) -> float | None:
        """The share of what was paid for a class that is paid again each year; None where none is stated."""
        return self.maintenance_per_year.get(kind, self.maintenance_per_year.get(ALL))
