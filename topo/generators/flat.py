"""What families without tiers share: equal switches, each with endpoints on its first ports and links on the rest.

Endpoints are spread evenly over all switches in host order. Hosts stay whole on one switch while that leaves room for
all of them; otherwise their NIC ports are spread one by one, and a host may straddle two neighbouring switches.
Where some switches get one host (or port) more than others, a family may say which ones, so that much of its symmetry
survives.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from pydantic import Field

from topo.catalog import Catalog, Switch
from topo.catalog.models import Gbps
from topo.errors import ParameterError
from topo.fabric import SWITCH, Fabric
from topo.fabric.model import IntArray
from topo.generators.family import Attached, Counts, LinkEnds, NetworkParams, Switches, Wiring
from topo.generators.layout import Split, breakout_of, fits, fitted
from topo.units import amount, verb

DENSE = 4096
"""Up to this many switches the longest shortest path is measured where no closed form says it."""


class FlatParams(NetworkParams):
    """Keys of every family without tiers."""

    link_gbps: Gbps | None = Field(None, description="speed of switch-to-switch links; default: as endpoint links")


@dataclass(frozen=True)
class Radix:
    """The switch of a family without tiers and the speeds of its ports."""

    part: Switch
    endpoint_gbps: float
    link_gbps: float

    def split(self, endpoints: int, links: int) -> Split | None:
        """The ports, `endpoints` down and `links` up; None where the switch has too few."""
        return fitted(self.part, endpoints, self.endpoint_gbps, links, self.link_gbps)

    def fits(self, endpoints: int, links: int) -> bool:
        """Whether the switch has ports for so many of each."""
        return fits(self.part, endpoints, self.endpoint_gbps, links, self.link_gbps)

    def most_endpoints(self, links: int) -> int:
        """How many endpoints fit beside so many links, -1 where not even the links do."""
        if self.endpoint_gbps == self.link_gbps:
            return max(self.part.ports_at(self.link_gbps) - links, -1)
        return _most_endpoints(self, links)

    def most_links(self, endpoints: int) -> int:
        """How many links fit beside so many endpoints, -1 where not even the endpoints do."""
        if self.endpoint_gbps == self.link_gbps:
            return max(self.part.ports_at(self.link_gbps) - endpoints, -1)
        return _most_links(self, endpoints)

    def needed(self, endpoints: int, links: int, key: str, value: object, allowed: Callable[[], str]) -> Split:
        """The ports; raises ParameterError where they do not fit, with what is `allowed` instead: that is found for
        those alone, as a search counts tens of thousands that do."""
        result = self.split(endpoints, links)
        if result is None:
            message = (
                f"{amount(endpoints, 'endpoint')} and {amount(links, 'link')} do not fit on the ports of {self.part.id}"
            )
            raise ParameterError(key, value, message, allowed(), "take a switch with more ports")
        return result


@lru_cache(maxsize=4096)
def _most_endpoints(radix: Radix, links: int) -> int:
    return _most(radix.part, lambda n: radix.fits(n, links))


@lru_cache(maxsize=4096)
def _most_links(radix: Radix, endpoints: int) -> int:
    return _most(radix.part, lambda n: radix.fits(endpoints, n))


def _most(part: Switch, holds: Callable[[int], bool]) -> int:
    if not holds(0):
        return -1
    low, high = 0, 2 * part.cages * max(b.ports for b in part.breakouts)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if holds(middle) else (low, middle - 1)
    return low


def radix(params: FlatParams, ends: Attached, catalog: Catalog) -> Radix:
    """Resolves the switch; raises ParameterError where the endpoints have several speeds or none."""
    speeds = ends.speeds()
    if len(speeds) != 1:
        raise ParameterError(
            "endpoint_gbps",
            ", ".join(f"{s:g}" for s in speeds) or "no NIC",
            "equal switches need one speed of endpoints",
            hint="set endpoint_gbps, or give the hosts NICs for this network",
        )
    down = speeds[0]
    breakout_of(catalog.switch(params.switch, "switch"), down, "switch")
    return Radix(catalog.switch(params.switch, "switch"), down, params.link_gbps or down)


def check_room(ends: Attached, switches: int, per_switch: int) -> None:
    """Raises ParameterError where the endpoints do not fit, with the largest size that does."""
    room = switches * per_switch
    if len(ends) <= room:
        return
    hosts = ends.hosts
    gpus = max((int((k.one.gpu_first + k.one.gpu_count).max(initial=0)) for k in ends.kinds if k.count), default=0) or 1
    most = room * hosts // len(ends)
    raise ParameterError(
        "gpus",
        f"{hosts * gpus:,}",
        f"{amount(switches, 'switch')} with {amount(per_switch, 'endpoint')} each {verb(switches, 'hold')} "
        f"{amount(room, 'endpoint')}, {len(ends):,} are wanted",
        f"at most {amount(most * gpus, 'GPU')}" if most else "",
        "take a larger order, more endpoints per switch or a switch with more ports",
    )


More = Callable[[int], IntArray]
"""count -> rows of that many switches, the ones to hold more than the others."""


def seats(ends: Attached, switches: int, per_switch: int, more: More | None = None) -> tuple[IntArray, IntArray]:
    """Switch row and port number of each endpoint (shape (endpoints,)), as the module says. Without `more`, and where
    some switches stay empty, those that hold more are spread evenly."""
    hosts, width = np.unique(ends.host, return_counts=True)
    widest = int(width.max(initial=1))
    alike = bool((width == widest).all())
    whole = alike and -(-len(hosts) // switches) * widest <= per_switch
    items = len(hosts) if whole else len(ends)
    if more is None or items < switches:
        switch_of = np.arange(items) * switches // max(items, 1)
    else:
        held = np.full(switches, items // switches)
        held[more(items % switches)] += 1
        switch_of = np.repeat(np.arange(switches), held)
    switch = switch_of[np.searchsorted(hosts, ends.host)] if whole else switch_of
    return switch, np.arange(len(ends)) - np.searchsorted(switch, switch) + 1


def in_turn(switch: IntArray) -> IntArray:
    """Shape (endpoints,): the port of each endpoint, counted from 1 on its switch in the order of endpoints."""
    order = np.argsort(switch, kind="stable")
    port = np.empty(len(switch), np.int64)
    port[order] = np.arange(len(switch)) - np.searchsorted(switch[order], switch[order]) + 1
    return port


@dataclass(frozen=True)
class FlatLinks:
    """Links between switch rows u and v (shape (links,) each): codes of `kinds`, and which of its switch's links each
    is at either end, from 0."""

    u: IntArray
    v: IntArray
    kind: IntArray
    u_slot: IntArray
    v_slot: IntArray
    kinds: tuple[str, ...]


def numbered(u: IntArray, v: IntArray, kind: IntArray, kinds: tuple[str, ...]) -> FlatLinks:
    """Links in order of kind, u, v; each switch numbers its own in order of kind and far end."""
    order = np.lexsort((v, u, kind))
    u, v, kind = u[order], v[order], kind[order]
    here, far = np.concatenate([u, v]), np.concatenate([v, u])
    by_switch = np.lexsort((np.tile(np.arange(len(u)), 2), far, np.tile(kind, 2), here))
    slot = np.empty(len(here), np.int64)
    slot[by_switch] = np.arange(len(here)) - np.searchsorted(here[by_switch], here[by_switch])
    return FlatLinks(u, v, kind, slot[: len(u)], slot[len(u) :], kinds)


def dimensions(count: int) -> tuple[str, ...]:
    """The kinds of links of a grid."""
    return tuple(f"dimension_{d + 1}" for d in range(count))


@dataclass(frozen=True)
class FlatNames:
    """Names, pods and indices within their pods of the switches (shape (switches,) each)."""

    name: Sequence[str]
    pod: IntArray
    index: IntArray


def wire_flat(
    names: FlatNames,
    ports: Split,
    ends: Attached,
    links: FlatLinks,
    shape: tuple[tuple[str, int], ...],
    seated: More | IntArray | None = None,
) -> Wiring:
    """The wiring of equal switches in plane 0, whose sizes `shape` names. Endpoints are spread evenly over all unless
    `seated` says which switches have one more, or on which each is (shape (endpoints,))."""
    n = len(names.name)
    zero = np.zeros(n, np.int32)
    switches = Switches(
        np.array(names.name, dtype=np.str_),
        np.full(n, SWITCH, np.int32),
        zero,
        np.full(n, -1, np.int32),
        names.pod.astype(np.int32),
        names.index.astype(np.int32),
        zero.copy(),
    )
    if isinstance(seated, np.ndarray):
        at_switch, seat = seated, in_turn(seated)
    else:
        at_switch, seat = seats(ends, n, ports.down, seated)
    at_port = ports.down_at[seat - 1].astype(seat.dtype)
    link_ends = LinkEnds(
        links.u.astype(np.int32),
        ports.up_at[links.u_slot].astype(np.int32),
        links.v.astype(np.int32),
        ports.up_at[links.v_slot].astype(np.int32),
        links.kind.astype(np.int32),
        np.full(len(links.u), ports.gbps[1]),
    )
    plane = np.zeros(len(ends), np.int32)
    return Wiring(switches, (ports.layout,), at_switch, at_port, plane, ends.nic, link_ends, links.kinds, shape)


class Cited(NamedTuple):
    """The closed form in words, where it is published, and what is to be said of the size."""

    formula: str
    source: str
    notes: tuple[str, ...] = ()


def flat_counts(
    switches: int,
    links: dict[str, int],
    ports: Split,
    ends: Attached,
    max_hops: int,
    cited: Cited,
) -> Counts:
    """Closed-form counts of equal switches."""
    used = len(ends) + 2 * sum(links.values())
    return Counts(
        {"switch": switches},
        {"endpoint": len(ends), **links},
        max_hops if len(ends) else 0,
        cited.formula,
        cited.source,
        {"switch": switches * ports.total - used},
        cited.notes,
    )


def longest_path(
    ends: Attached,
    switches: int,
    per_switch: int,
    links: Callable[[], FlatLinks],
    known: int | None = None,
    measured: bool = True,
) -> int:
    """Switches on the longest shortest path between two endpoints: `known` where every switch has endpoints (or there
    are too many to measure), else measured on the links; 0 where some pair is not joined, or it is not `measured`."""
    if not measured:
        return 0
    widths = {len(k.one) for k in ends.kinds if k.count and len(k.one)}
    whole = len(widths) == 1 and -(-ends.hosts // switches) * max(widths) <= per_switch
    full = (ends.hosts if whole else len(ends)) >= switches
    if known is not None and (full or switches > DENSE):
        return known
    at = np.unique(seats(ends, switches, per_switch)[0])
    wired = links()
    near = np.zeros((switches, switches), np.float32)
    near[wired.u, wired.v] = near[wired.v, wired.u] = 1
    reached = np.zeros((len(at), switches), np.bool_)
    reached[np.arange(len(at)), at] = True
    hops = 1
    while not reached[:, at].all():
        wider = reached | ((reached.astype(np.float32) @ near) > 0)
        if (wider == reached).all():
            return 0
        reached, hops = wider, hops + 1
    return hops


def device_permutations(
    fabric: Fabric, network: int, switches: Sequence[IntArray], tier: int = SWITCH
) -> list[IntArray]:
    """Permutations of a network's switches (local rows, shape (switches,)) as permutations of all device rows; hosts
    stay in place. Empty where the fabric has lost switches."""
    rows = np.flatnonzero((fabric.devices.network == network) & (fabric.devices.tier == tier))
    result: list[IntArray] = []
    for local in switches:
        if len(local) == len(rows):
            result.append(np.arange(len(fabric.devices)))
            result[-1][rows] = rows[local]
    return result
