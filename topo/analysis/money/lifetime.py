"""The whole: what is bought, what it costs each year, and all that is left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from topo.analysis.money.amount import Amount
from topo.analysis.money.cost import not_fitted
from topo.analysis.money.housing import rack_m2, racks_by_network
from topo.analysis.money.lines import Bought, Drawn, bought, drawn, hosts, spares
from topo.analysis.money.terms import CLASSES, CostTerms
from topo.analysis.reliability.rates import HOURS_A_YEAR
from topo.catalog import Catalog, PriceBook
from topo.fabric import Fabric

if TYPE_CHECKING:
    from topo.placement import Cabling, Floor, Places
    from topo.placement import Line as BomLine

NEVER = "never part of it: installation, software licences, taxes, interest, staff"


@dataclass(frozen=True)
class Subject:
    """What is priced: a fabric with its cables, where it stands if a floor plan says so, and its bill of materials."""

    fabric: Fabric
    catalog: Catalog
    book: PriceBook
    cabling: Cabling
    bom: Sequence[BomLine] = ()
    places: Places | None = None
    floor: Floor | None = None


@dataclass(frozen=True)
class Line:
    """One class of one network: `list_price` of what is priced of it, `paid` once for it after `discount`, and what it
    costs a year; None where nothing says. `unpriced` names what has no price."""

    network: str
    kind: str
    count: float
    list_price: Amount
    discount: float
    paid: Amount
    maintenance: Amount | None
    energy: Amount | None
    housing: Amount | None
    watts: float
    unpriced: tuple[str, ...] = ()

    @property
    def is_unknown(self) -> bool:
        """Nothing of it has a price."""
        return bool(self.unpriced) and not self.list_price.high

    def over(self, years: float) -> Amount:
        """What is known of it over so many years."""
        yearly = [one for one in (self.maintenance, self.energy, self.housing) if one is not None]
        return Amount.sum([self.paid, Amount.sum(yearly).times(years)])


@dataclass(frozen=True)
class Life:
    """Money over the life of a design, in US dollars until it is shown. `leaves_out` names all that belongs to it and
    is no part of the total, `stated` what it assumes."""

    price_book: str
    basis: str
    terms: CostTerms
    lines: tuple[Line, ...]
    gpus: int
    leaves_out: tuple[str, ...] = ()
    not_fitted: tuple[str, ...] = ()
    stated: tuple[str, ...] = ()
    bisection_gbps: tuple[float, float] | None = field(default=None)

    @property
    def unpriced(self) -> tuple[str, ...]:
        """What has no price."""
        return tuple(dict.fromkeys(name for line in self.lines for name in line.unpriced))

    @property
    def complete(self) -> bool:
        """Everything has a price and nothing is left out."""
        return not self.unpriced and not self.leaves_out

    @property
    def capex(self) -> Amount:
        """Paid once, after discounts."""
        return Amount.sum(line.paid for line in self.lines)

    def yearly(self, what: str) -> Amount | None:
        """`maintenance`, `energy` or `housing` a year; None where nothing of it is known."""
        known = [one for line in self.lines if (one := getattr(line, what)) is not None]
        return Amount.sum(known) if known else None

    @property
    def opex(self) -> Amount | None:
        """What is paid beside it over the years: maintenance, energy, racks and floor; None where nothing of it is
        known."""
        every = [one for what in ("maintenance", "energy", "housing") if (one := self.yearly(what)) is not None]
        return Amount.sum(every).times(self.terms.years) if every else None

    @property
    def total(self) -> Amount:
        """What is known of it over the years."""
        return Amount.sum(line.over(self.terms.years) for line in self.lines)

    def sums(self, key: str) -> dict[str, Amount]:
        """The total by `kind` or `network`."""
        names = dict.fromkeys(getattr(line, key) for line in self.lines)
        return {
            name: Amount.sum(line.over(self.terms.years) for line in self.lines if getattr(line, key) == name)
            for name in names
        }

    @property
    def per_gpu(self) -> Amount | None:
        """The total by GPU."""
        return self.total.times(1 / self.gpus) if self.gpus else None

    @property
    def per_bisection_gbps(self) -> Amount | None:
        """The main network's total by Gb/s of its bisection, which lies between two ends; None where it is not known or
        something of that network has no price."""
        if self.bisection_gbps is None or self.bisection_gbps[0] <= 0 or not self.lines:
            return None
        main = self.lines[0].network
        if any(line.unpriced for line in self.lines if line.network == main):
            return None
        low, high = self.bisection_gbps
        total = self.sums("network")[main]
        return Amount(total.low / high, total.expected * (1 / low + 1 / high) / 2, total.high / low)

    def shown(self, amount: Amount) -> Amount:
        """An amount in the currency that the terms name."""
        return amount.times(1 / (self.terms.usd_per_unit or 1.0))

    def to_json(self) -> dict[str, Any]:
        """Plain data; amounts in the currency that the terms name. What is not known is absent."""

        def amount(value: Amount | None) -> dict[str, float] | None:
            return None if value is None else self.shown(value).to_json()

        def known(result: dict[str, Any]) -> dict[str, Any]:
            return {key: value for key, value in result.items() if value is not None}

        rows = [
            known({
                "network": line.network,
                "class": line.kind,
                "count": line.count,
                "list_price": amount(line.list_price),
                "discount": line.discount,
                "capex": amount(line.paid),
                "maintenance_per_year": amount(line.maintenance),
                "energy_per_year": amount(line.energy),
                "rack_and_floor_per_year": amount(line.housing),
                "power_w": line.watts or None,
                "total": amount(line.over(self.terms.years)),
                "unpriced": list(line.unpriced) or None,
            })
            for line in self.lines
        ]  # fmt: skip
        return known(
            {
                "price_book": self.price_book,
                "basis": self.basis or None,
                "currency": self.terms.currency,
                "usd_per_unit": self.terms.usd_per_unit,
                "years": self.terms.years,
                "capex": amount(self.capex),
                "maintenance_per_year": amount(self.yearly("maintenance")),
                "energy_per_year": amount(self.yearly("energy")),
                "rack_and_floor_per_year": amount(self.yearly("housing")),
                "total": amount(self.total),
                "per_gpu": amount(self.per_gpu),
                "per_bisection_gbps": amount(self.per_bisection_gbps),
                "complete": self.complete,
                "unpriced": list(self.unpriced),
                "leaves_out": list(self.leaves_out),
                "not_fitted": list(self.not_fitted) or None,
                "stated": list(self.stated),
                "by_class": {name: amount(value) for name, value in self.sums("kind").items()},
                "by_network": {name: amount(value) for name, value in self.sums("network").items()},
                "rows": rows,
            }
        )


def life(subject: Subject, terms: CostTerms, bisection_gbps: tuple[float, float] | None = None) -> Life:
    """What a fabric costs over its life on these terms. Prices and powers that nobody states stay unknown."""
    fabric, catalog, book = subject.fabric, subject.catalog, subject.book
    items = list(bought(fabric, catalog, book, subject.cabling))
    items += spares(subject.bom, book)
    items += hosts(fabric, book) if terms.hosts else []
    power = drawn(fabric, catalog, subject.cabling, terms.hosts)
    places = subject.places
    racks = racks_by_network(fabric, places, terms.hosts) if places is not None else {}
    if terms.usd_per_rack is not None:
        price = Amount.of(terms.usd_per_rack)
        items += [Bought(name, "racks", "racks", round(n, 2), price.times(n)) for name, n in racks.items() if n]
    keys = dict.fromkeys((item.network, item.kind) for item in items)
    keys |= dict.fromkeys(power.watts)
    rent = _rent(subject, terms)
    keys |= dict.fromkeys((name, "racks") for name, n in racks.items() if n) if rent else {}
    order = {kind: i for i, kind in enumerate(CLASSES)}
    lines = [_line(key, items, power, terms, racks, rent) for key in sorted(keys, key=lambda k: order[k[1]])]
    first = {name: i for i, name in enumerate(fabric.networks)}
    lines.sort(key=lambda line: first.get(line.network, len(first)))
    basis = " ".join(filter(None, (book.basis, f"({book.date})" if book.date else "")))
    out = _left_out(subject, terms, power, lines)
    gpus = int(fabric.devices.gpus.sum())
    odd = not_fitted(fabric, book)
    return Life(book.id, basis, terms, tuple(lines), gpus, out, odd, _stated(subject, terms), bisection_gbps)


def _rent(subject: Subject, terms: CostTerms) -> Amount | None:
    """Rent of one rack and its floor, a year."""
    result = [Amount.of(terms.usd_per_rack_year)] if terms.usd_per_rack_year is not None else []
    if terms.usd_per_m2_year is not None and subject.floor is not None:
        result.append(Amount.of(terms.usd_per_m2_year).times(rack_m2(subject.floor, subject.catalog)))
    return Amount.sum(result) if result else None


def _line(
    key: tuple[str, str],
    items: Sequence[Bought],
    power: Drawn,
    terms: CostTerms,
    racks: dict[str, float],
    rent: Amount | None,
) -> Line:
    network, kind = key
    own = [item for item in items if (item.network, item.kind) == key]
    asked = Amount.sum(item.price for item in own if item.price is not None)
    paid = asked.times(1 - terms.discount_of(kind))
    share, watts = terms.maintenance_of(kind), power.watts.get(key, 0.0)
    kwh = watts * terms.load * (terms.pue or 1.0) * HOURS_A_YEAR / 1000
    return Line(
        network,
        kind,
        sum(item.count for item in own),
        asked,
        terms.discount_of(kind),
        paid,
        None if share is None or not paid.high else paid.times(share),
        None if terms.usd_per_kwh is None or not watts else Amount.of(terms.usd_per_kwh).times(kwh),
        rent.times(racks.get(network, 0.0)) if rent is not None and kind == "racks" else None,
        watts,
        tuple(dict.fromkeys(item.name for item in own if item.price is None)),
    )


def _left_out(subject: Subject, terms: CostTerms, power: Drawn, lines: Sequence[Line]) -> tuple[str, ...]:
    """All that belongs to the life of a network and is no part of the sum, each with the key that adds it."""
    result = []
    ends = subject.fabric.is_endpoint_link.any() and not subject.book.counts_endpoint_links
    result += ["endpoint links (the price book does not count them)"] if ends else []
    result += [] if terms.hosts else ["hosts and their NICs (hosts: true)"]
    if not any(line.spares for line in subject.bom):
        result.append("spare parts (spares_percent)")
    bare = [line.kind for line in lines if line.maintenance is None and line.paid.high > 0]
    if bare:
        some = f" of {', '.join(dict.fromkeys(bare))}" if terms.maintenance_per_year else ""
        result.append(f"maintenance{some} (maintenance_per_year)")
    if terms.usd_per_kwh is None:
        result.append("energy (usd_per_kwh)")
    else:
        unknown = dict.fromkeys(name for names in power.unknown.values() for name in names)
        result += [f"energy of {', '.join(unknown)} (their power is not known)"] if unknown else []
        result += [] if terms.pue is not None else ["energy of cooling and of the hall's losses (pue)"]
    housed = {
        "racks (usd_per_rack)": terms.usd_per_rack,
        "rack rent (usd_per_rack_year)": terms.usd_per_rack_year,
        "floor (usd_per_m2_year)": terms.usd_per_m2_year,
    }
    plan = "the design has no floor plan, so its racks are not known"
    result += [f"{what.partition(' (')[0]} ({plan})" if value is not None and subject.places is None else what
              for what, value in housed.items() if value is None or subject.places is None]  # fmt: skip
    return tuple(result)


def _stated(subject: Subject, terms: CostTerms) -> tuple[str, ...]:
    result = [f"prices of {subject.book.date}"] if subject.book.date else []
    if subject.book.currency != "USD":
        result.append(f"the price book is in {subject.book.currency}")
    if terms.usd_per_kwh is not None:
        result.append(f"{terms.load:.0%} of typical power, {HOURS_A_YEAR:,} hours a year")
        result += ["hosts draw their maximum power"] if terms.hosts else []
    return (*result, NEVER)
