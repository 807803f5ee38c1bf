"""Every candidate of a request, in a fixed order.

The values of a key are those that the request states, or else those listed here: a family has an axis for each of its
keys that is named in `DEFAULTS`, and families whose sizes depend on one another bring whole settings in `SETTINGS`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain, islice, product
from types import MappingProxyType
from typing import Any, NamedTuple

from topo.catalog import Catalog, Host
from topo.generators.family import families, spanning
from topo.searching.candidates.candidate import Candidate, ports_at
from topo.searching.candidates.flat_sizes import FLAT, SETTINGS
from topo.searching.candidates.request import Request
from topo.searching.candidates.site import Site
from topo.units import ratio

RATIOS = (1, 1.5, 2, 3, 4)
"""Oversubscription, down to up."""


def _others(site: Site) -> Sequence[Any]:
    """No part of its own, or any other that speaks the same protocol."""
    own = set(site.switch.network)
    return (None, *(p for p in site.fits if p != site.switch.id and own & set(site.catalog.switch(p).network)))


def _faster(site: Site) -> Sequence[Any]:
    return (None, *sorted({b.gbps for b in site.switch.breakouts if b.gbps > site.endpoint_gbps}))


def _planes(site: Site) -> Sequence[Any]:
    """As many as the family takes of itself, or any other number that divides a host's NIC ports."""
    each = site.endpoints // site.hosts
    return (None, *(n for n in range(1, each) if each % n == 0))


DEFAULTS: Mapping[str, Callable[[Site], Sequence[Any]]] = MappingProxyType(
    {
        "spine_switch": _others,
        "uplink_gbps": _faster,
        "link_gbps": _faster,
        "oversubscription": lambda site: RATIOS,
        "spine_oversubscription": lambda site: (None, 2),
        "pods": lambda site: (None, "rail"),
        "spread": lambda site: (None, "by-one"),
        "rails_per_leaf": lambda site: (None, 1),
        "planes": _planes,
    }
)
"""Values of keys that families share; None leaves the key out."""

Pair = tuple[str, Any]
Setting = tuple[Pair | None, ...]

IDLE = {(family, "spine_oversubscription") for family in ("ft2", "mpft", "rail-only", "mrft", "dual-plane")} | {
    (family, "rails_per_leaf") for family in ("mpft", "dual-plane")
}
"""Keys that are left out of a family's space unless a request states them."""


def variants(site: Site, down_up: float) -> Iterator[dict[str, Any]]:
    """Sizes of a tree that change what it carries after losses and under fixed routings, and hardly its price: leaves
    filled equally, a host fewer on a leaf, more spines than needed."""
    width = max(site.endpoints // site.hosts, 1)
    uplinks = int(site.ports / (1 + down_up))
    yield {"packing": "balanced"}
    if (site.ports - uplinks) // width > 1:
        yield {"hosts_per_leaf": (site.ports - uplinks) // width - 1}
    for eighths in range(4, 9):
        if uplinks and uplinks * eighths % 8 == 0:
            yield {"spines": uplinks * eighths // 8}


def candidates(request: Request) -> Iterator[Candidate]:
    """Every candidate once, by host, family, switch and the values of the keys in the family's order."""
    for host_id, family, blocks in spaces(request):
        seen = set()
        for setting in chain.from_iterable(map(Block.settings, blocks)):
            keys = tuple(filter(None, setting))
            if keys not in seen:
                seen.add(keys)
                yield Candidate(host_id, family, keys)


def chosen_switches(request: Request, host: Host) -> tuple[str, ...]:
    """The parts that a switch of any tier may be: those that the request names, or all that fit."""
    if "switch" in request.axes:
        return tuple(str(part) for part in request.axes["switch"])
    given = [float(g) for g in request.axes.get("endpoint_gbps", ()) if g]
    return fitting_switches(request.catalog, host, request.network, given[0] if given else None)


def fitting_switches(catalog: Catalog, host: Host, network: str, endpoint_gbps: float | None) -> tuple[str, ...]:
    """Switches that speak a protocol of the host's NICs and have ports of their speed."""
    nics = [catalog.nic(n.nic) for n in host.nics if n.network == network]
    protocols = {p for nic in nics for p in nic.network}
    speeds = {endpoint_gbps or nic.gbps for nic in nics}
    every = (catalog.switch(i) for i in catalog.ids("switch"))
    return tuple(s.id for s in every if protocols & set(s.network) and all(ports_at(s, g) for g in speeds))


def how_many(request: Request) -> int:
    """How many candidates a request has, without listing them."""
    total = 0
    for host_id in request.file.host:
        for family in request.axes.get("family", spanning()):
            for site in _sites(request, host_id):
                axes = _axes(request, str(family), site)
                ratios = axes.values.get("oversubscription", (1,))
                each = math.prod(len(values) for key, values in axes.values.items() if key != "oversubscription")
                total += sum(1 for _ in axes.own()) * each * sum(1 + len(axes.more(site, ratio)) for ratio in ratios)
    return total


def some_of_each(request: Request, number: int) -> Iterator[Candidate]:
    """So many candidates of each host and family, or all where there are fewer."""
    for host_id in request.file.host:
        for family in request.axes.get("family", spanning()):
            blocks = _of_family(request, _sites(request, host_id), str(family))
            for setting in islice(chain.from_iterable(map(Block.settings, blocks)), number):
                yield Candidate(host_id, str(family), tuple(filter(None, setting)))


def _sites(request: Request, host_id: str) -> Iterator[Site]:
    catalog, host = request.catalog, request.catalog.host(host_id)
    wanted = [float(g) for g in request.axes.get("endpoint_gbps", ()) if g]
    fits = chosen_switches(request, host)
    nics = [(n.count, catalog.nic(n.nic)) for n in host.nics if n.network == request.network]
    speed = wanted[0] if wanted else max((nic.gbps for _, nic in nics), default=0.0)
    hosts = max(request.file.gpus // max(host.gpus, 1), 1)
    endpoints = hosts * sum(count * nic.ports for count, nic in nics)
    for part in fits:
        nics_each = sum(count for count, _ in nics)
        yield Site(catalog, host, hosts, max(endpoints, 1), speed, catalog.switch(str(part)), fits, nics_each)


@dataclass(frozen=True)
class Axes:
    """The choices of one family with one switch part: whole settings of sizes, values by key, and whether sizes beside
    the cheapest are tried."""

    fields: Sequence[str]
    own: Callable[[], Iterator[dict[str, Any]]]
    values: Mapping[str, Sequence[Any]]
    stated: frozenset[str]
    wide: bool

    def more(self, site: Site, oversubscription: Any) -> list[dict[str, Any]]:
        """Sizes beside the cheapest; none for a key that the request states."""
        result = variants(site, float(ratio(oversubscription or 1))) if self.wide else ()
        return [extra for extra in result if not self.stated & set(extra)]


def _axes(request: Request, family: str, site: Site) -> Axes:
    fields = list(families.get(family).params.model_fields)
    stated = {k: v for k, v in request.axes.items() if k in fields and k not in ("family", "switch")}
    values = {
        k: stated[k] if k in stated else DEFAULTS[k](site)
        for k in fields
        if k in stated or (k in DEFAULTS and (family, k) not in IDLE)
    }  # fmt: skip
    make = SETTINGS.get(family)
    own = partial(make, site.room) if make is not None and not any(k in FLAT for k in stated) else partial(iter, [{}])
    return Axes(fields, own, values, frozenset(stated), "packing" in fields and asks_for_more(request))


class Choices(NamedTuple):
    """The choices beside a switch part. Each box has those of a value for each key, in order, the last key's changing
    fastest. `more` are sizes that follow each setting, by its oversubscription, in the order of `keys`."""

    boxes: Sequence[Sequence[Sequence[Pair | None]]]
    more: Mapping[Any, Sequence[Mapping[str, Any]]]
    keys: Sequence[str]


class Block(NamedTuple):
    """Settings of one family with one switch part. `rest` is the same value for parts that have the same choices."""

    switch: Pair
    rest: Choices

    def settings(self) -> Iterator[Setting]:
        """The values of every key, one setting at a time; None for a key that is left out."""
        every = chain.from_iterable(product((self.switch,), *values) for values in self.rest.boxes)
        return self._with_more(every) if self.rest.more else every

    def _with_more(self, every: Iterable[Setting]) -> Iterator[Setting]:
        for setting in every:
            yield setting
            given = dict(filter(None, setting))
            for sizes in self.rest.more[given.get("oversubscription")]:
                changed = {**given, **sizes}
                yield tuple((k, changed[k]) for k in self.rest.keys if k in changed)


def spaces(request: Request) -> Iterator[tuple[str, str, Iterator[Block]]]:
    """Every host and family with its settings, repeated ones among them."""
    for host_id in dict.fromkeys(request.file.host):
        sites = tuple(_sites(request, host_id))
        for family in request.axes.get("family", spanning()):
            yield host_id, str(family), _of_family(request, sites, str(family))


def _of_family(request: Request, sites: Iterable[Site], family: str) -> Iterator[Block]:
    """A block for each switch part. Sizes are found once for all parts with as many ports and the same values."""
    fields = families.get(family).params.model_fields
    extra = [(k, request.axes[k][0]) for k in sorted(k for k in request.fixed if k not in fields)]
    last = tuple([(pair,) for pair in extra if pair[1] is not None])
    known: dict[tuple[Any, ...], Choices] = {}
    for site in sites:
        axes = _axes(request, family, site)
        question = (site.ports, *((key, tuple(values)) for key, values in axes.values.items()))
        if question not in known:
            ratios = axes.values.get("oversubscription", (None,)) if axes.wide else ()
            more = {ratio: axes.more(site, ratio) for ratio in ratios}
            order = ("switch", *(k for k in axes.fields if k != "switch"), *(pair[0] for pair in extra))
            known[question] = Choices([(*values, *last) for values in _boxes(axes)], more, order)
        yield Block(("switch", site.switch.id), known[question])


def _boxes(axes: Axes) -> Iterator[tuple[Sequence[Pair | None], ...]]:
    """A setting of sizes each."""
    lists = {k: _pairs(k, values) for k, values in axes.values.items()}
    orders: dict[tuple[str, ...], list[str]] = {}
    for own in axes.own():
        names = tuple(own)
        if names not in orders:
            orders[names] = [k for k in axes.fields if k in own or k in lists]
        yield tuple([lists[k] if k in lists else ((k, own[k]),) for k in orders[names]])


def _pairs(key: str, values: Sequence[Any]) -> list[Pair | None]:
    return [None if value is None else (key, value) for value in values]


def asks_for_more(request: Request) -> bool:
    """Whether anything is asked that sizes beside the cheapest can change: a loss, a fixed routing, another traffic."""
    plain = {"all-to-all", "gpu-all-to-all"}
    for requirement in request.requirements:
        params: Any = requirement.params
        if requirement.kind in ("failure", "random_failures"):
            return True
        if requirement.kind == "throughput" and (params.routing != "adaptive" or params.traffic not in plain):
            return True
    return bool({"spray", "wcmp", "worst_permutation", "after_failure"} & set(request.objectives))
