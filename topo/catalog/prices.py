"""Price books: what parts cost, by class or by part, as numbers or ranges."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Literal, Self

from pydantic import Field, ValidationInfo, WrapValidator, field_validator

from topo.catalog import ranges
from topo.catalog.base import Count, Gbps, Part, PartId, Positive, Strict, Text
from topo.errors import NotAllowedError

Dollars = Annotated[float, Field(ge=0, le=1e9, allow_inf_nan=False)]


class PriceRange(Strict):
    """How a price that is known as a range is written."""

    low: Dollars = Field(description="the least it may be")
    high: Dollars = Field(description="the most it may be")
    expected: Dollars | None = Field(None, description="where it is not the middle")


Usd = Annotated[Dollars, WrapValidator(ranges.price, json_schema_input_type=Dollars | PriceRange)]
"""A price: at most a thousand million dollars a piece; or a range `{low, high}`, with `expected` where it is not the
middle."""
CurrencyCode = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]


class CablePrice(Strict):
    """The price of a link by its length: Gb/s x (metres x `usd_per_gbps_m` + `usd_per_gbps`), both ends included."""

    usd_per_gbps_m: Usd
    usd_per_gbps: Usd


_CABLE_USD = ("usd_per_gbps_m", "usd_per_gbps")


class RackLayout(Strict):
    """Racks on a near-square grid: a cable inside a rack has `inside_m`, one between racks the Manhattan distance at
    `pitch_m` a rack and `overhead_m` more. A group of a network without tiers (a dragonfly's, a Slim Fly's pair of
    subgroups) is a rack; all other switches fill racks of `rack_switches`, pod by pod and tier by tier."""

    inside_m: Positive = 1.0
    pitch_m: Positive = 1.0
    overhead_m: Positive = 2.0
    rack_switches: Count = 32


class FittedTo(Strict):
    """What the prices of classes were fitted to: switches by part, links by speed."""

    switches: tuple[PartId, ...] = Field((), strict=False)
    link_gbps: tuple[Gbps, ...] = Field((), strict=False)


class PriceBook(Part):
    """Prices of a network, by class or by part.

    A switch costs `switch_usd`, or `switch_usd_per_port` x ports + `switch_base_usd`. A link costs what its class says:
    `optical_link_usd`, or `electric_link_usd` for the kinds in `electric_links` (only within racks of
    `electric_rack_switches` switches that follow one another in a pod, where that is given) and for endpoint links as
    `endpoint_links` says; or by its length, the cheaper of `electric_cable` and `optical_cable`. With `rack_layout` the
    lengths are not the design's but those of that layout, electric inside racks, optical between. `parts_usd` prices
    parts by id: it wins over the class of a switch, and prices cables and modules in a book without prices of links:
    such a book counts endpoint links as all others, one with prices of links only where `endpoint_links` says as what.
    `basis` says in words what prices rest on that are none of the market; it stands beside every sum, and so does what
    a design has that the prices of classes were not `fitted_to`. Any price may be a range. Prices in a `currency` other
    than US dollars need `usd_per_unit`; a catalog gives out the book in US dollars.
    """

    basis: Text = ""
    date: Annotated[str, Field(pattern=r"^[0-9]{4}(-[0-9]{2}){0,2}$")] | None = None
    fitted_to: FittedTo | None = None
    usd_per_unit: Positive | None = None
    currency: CurrencyCode = Field("USD", validate_default=True)
    switch_usd: Usd | None = None
    switch_usd_per_port: Usd | None = None
    switch_base_usd: Annotated[float, Field(ge=-100_000, le=1e9, allow_inf_nan=False)] | None = None
    optical_link_usd: Usd | None = None
    electric_link_usd: Usd | None = None
    optical_cable: CablePrice | None = None
    electric_cable: CablePrice | None = None
    rack_layout: RackLayout | None = None
    endpoint_links: Literal["not-counted", "electric", "optical"] | None = None
    electric_links: tuple[str, ...] = Field((), strict=False, description="link kinds that are electric")
    electric_rack_switches: Count | None = None
    parts_usd: dict[PartId, Usd] = Field({})

    @field_validator("parts_usd")
    @classmethod
    def _counts_every_link(cls, parts: dict[str, float], info: ValidationInfo) -> dict[str, float]:
        links = ("optical_link_usd", "electric_link_usd", "optical_cable", "electric_cable")
        by_part = parts and all(info.data.get(key) is None for key in links)
        if by_part and info.data.get("endpoint_links") == "not-counted":
            raise ValueError("prices the parts of every link: endpoint_links: not-counted is for prices of whole links")
        return parts

    @field_validator("currency")
    @classmethod
    def _has_rate(cls, currency: str, info: ValidationInfo) -> str:
        rate = info.data.get("usd_per_unit")
        if currency != "USD" and "usd_per_unit" in info.data and rate is None:
            message = "a currency other than USD needs its rate: usd_per_unit, US dollars for one unit of it"
            raise NotAllowedError(message, "USD, or usd_per_unit with it")
        if currency == "USD" and rate not in (None, 1):
            raise ValueError(f"prices in USD have no rate, but usd_per_unit is {rate:g}")
        return currency

    @property
    def has_ranges(self) -> bool:
        """Some price is a range."""
        return ranges.has_range(self)

    def at(self, end: ranges.End) -> Self:
        """The book with every range at one of its ends."""
        return ranges.at(self, end)

    def in_usd(self) -> Self:
        """The book with its amounts in US dollars; `currency` still says in what they were given."""
        rate = self.usd_per_unit
        if rate is None or rate == 1:
            return self
        amounts = {name: getattr(self, name) for name in type(self).model_fields if "_usd" in name}
        cables = {name: getattr(self, name) for name in ("optical_cable", "electric_cable")}
        moved = {name: ranges.times(value, rate) for name, value in amounts.items()}
        for name, cable in cables.items():
            each = {} if cable is None else {key: ranges.times(getattr(cable, key), rate) for key in _CABLE_USD}
            moved[name] = cable and cable.model_copy(update=each)
        return self.model_copy(update={**moved, "usd_per_unit": 1.0})

    def not_fitted(self, switches: Iterable[str], link_gbps: Iterable[float]) -> tuple[str, ...]:
        """What of these parts and speeds has a price of a class that was fitted to others; nothing where the book does
        not say to what it was fitted."""
        if self.fitted_to is None:
            return ()
        parts = {name for name in switches if name not in self.parts_usd} - {*self.fitted_to.switches, ""}
        speeds = set(link_gbps) - set(self.fitted_to.link_gbps) if self.prices_links else set()
        result = [f"switch {name}" for name in sorted(parts)] if self._prices_switches else []
        return (*result, *(f"links of {gbps:g} Gb/s" for gbps in sorted(speeds)))

    @property
    def _prices_switches(self) -> bool:
        return self.switch_usd is not None or self.switch_usd_per_port is not None

    @property
    def counts_endpoint_links(self) -> bool:
        """Endpoint links are part of a network's price."""
        return self.endpoint_links in ("electric", "optical") or (self.endpoint_links is None and not self.prices_links)

    @property
    def prices_links(self) -> bool:
        """Links are priced by class or length, not by the parts they are made of."""
        prices = (self.optical_link_usd, self.electric_link_usd, self.optical_cable, self.electric_cable)
        return any(price is not None for price in prices)

    def switch_price_usd(self, part_id: str, ports: int) -> float | None:
        """The price of a switch of this part and number of ports; None where the book does not say."""
        if part_id in self.parts_usd:
            return self.parts_usd[part_id]
        if self.switch_usd is None and self.switch_usd_per_port is not None:
            return self.switch_usd_per_port * ports + (self.switch_base_usd or 0.0)
        return self.switch_usd
