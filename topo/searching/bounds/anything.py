"""What any topology needs: a lower bound on switches, and so on money, that no wiring can pass.

Let a plane have N endpoints on switches with at most k ports each, p of them for endpoints of a switch v and r for
links, p + r <= k, however endpoints and links are placed. In all-to-all traffic at t of line rate every message loads
as many links as lie between its two switches, so links carry t N D in all, D the mean distance over ordered pairs of
endpoints. Every link has two ports and every endpoint one: S k >= N + t N D = N (1 + t D).

D has a least value. At most p - 1 others are on an endpoint's own switch. Ordered pairs that lie j links apart are at
most as many as walks of j links that never turn back, each counted with the endpoints of both ends; as p q <= (p^2 +
q^2) / 2, they are at most the sum over switches of p^2 (k - p) (k - 1)^(j - 1). With C_j(p) = p - 1 + p (k - p) (1 +
(k - 1) + ... + (k - 1)^(j - 1)) the share of pairs further than j apart is at least the mean over endpoints of
1 - C_j(p) / (N - 1), whence for every m

    D >= min over p of the sum over j = 0 .. m of (1 - C_j(p) / (N - 1)),

and the best m counts. With Gb/s instead of ports the same holds for capacities, k being the most ports of a switch.
Ports slower than the endpoints' are left out: the bound speaks of links that are at least as fast.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from topo.catalog import PriceBook, Switch
from topo.checks.requirements.throughput import ThroughputParams
from topo.generators.family import families, spanning
from topo.searching.candidates.request import Request
from topo.searching.candidates.space import chosen_switches
from topo.units import amount

ONE_PLANE = ("ft2", "ft3", "mrft", "dragonfly", "hyperx", "jellyfish", "slim-fly", "torus", "dragonfly-plus")


def least_distance(endpoints: int, ports: int) -> Fraction:
    """The least mean distance, in links, over ordered pairs of endpoints on switches with so many ports."""
    if endpoints < 2:
        return Fraction(0)
    others, best = endpoints - 1, Fraction(0)
    totals = [0] * (ports + 1)
    walks = 0
    for m in range(64):
        least = None
        for p in range(1, ports + 1):
            totals[p] += others - (p - 1 + p * (ports - p) * walks)
            least = totals[p] if least is None else min(least, totals[p])
        result = Fraction(least or 0, others)
        if result <= best and m:
            break
        best = max(best, result)
        walks += (ports - 1) ** m
    return best


def least_switches(endpoints: int, ports: int, share: Fraction) -> int:
    """The fewest switches with so many ports, as fast as endpoints, that carry all-to-all at `share` of line rate."""
    return math.ceil(endpoints * (1 + share * least_distance(endpoints, ports)) / ports)


@dataclass(frozen=True)
class Kind:
    """A switch part as the bound sees it: the most ports and the most Gb/s of any configuration, and its price."""

    part: str
    ports: int
    gbps: Fraction
    usd: float | None


def kind_of(switch: Switch, gbps_at_least: Fraction, book: PriceBook | None) -> Kind:
    """A switch part as the bound sees it, with ports at least as fast as the endpoints'."""
    ports, gbps = 0, Fraction(0)
    for group in switch.groups:
        fast = [b for b in group.breakouts if Fraction(str(b.gbps)) >= gbps_at_least]
        ports += max((b.ports for b in fast), default=0) * group.cages
        gbps += max((Fraction(str(b.gbps)) * b.ports for b in fast), default=Fraction(0)) * group.cages
    return Kind(switch.id, ports, gbps, book.switch_price_usd(switch.id, switch.ports) if book else None)


def lower_bound(request: Request, book: PriceBook | None) -> dict[str, Any]:
    """What any topology of the request's switches and planes needs, with what it rests on."""
    result = [_of_host(request, host, book) for host in request.file.host]
    result = [bound for bound in result if bound]
    if not result:
        return {}
    if any(families.get(str(name)).own_routers for name in request.axes.get("family", ())):
        for bound in result:
            bound.pop("cost_usd", None)  # switches that nobody buys
    return min(result, key=lambda bound: (bound.get("cost_usd", 0.0), bound["switches"]))


def _of_host(request: Request, host_id: str, book: PriceBook | None) -> dict[str, Any]:
    host = request.catalog.host(host_id)
    if not host.gpus or request.file.gpus % host.gpus:
        return {}
    nics = [(n.count, request.catalog.nic(n.nic)) for n in host.nics if n.network == request.network]
    each = sum(count * nic.ports for count, nic in nics)
    speeds = {nic.gbps for _, nic in nics}
    if not each or len(speeds) != 1:
        return {}
    given = [float(g) for g in request.axes.get("endpoint_gbps", ()) if g]
    gbps = Fraction(str(min(given) if given else speeds.pop()))
    share = asked_share(request)
    numbers = [n for n in range(1, each + 1) if each % n == 0] if _several_planes(request) else [1]
    endpoints = request.file.gpus // host.gpus * each
    kinds = [kind_of(request.catalog.switch(part), gbps, book) for part in switch_parts(request, host_id)]
    kinds = [kind for kind in kinds if kind.ports]
    if not kinds or not endpoints:
        return {}
    return least_of([bound_of(kinds, endpoints // n, n, gbps, share, book) for n in numbers])


def least_of(bounds: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What holds whichever of these numbers of planes there are. Few planes fill their switches better, many have
    shorter ways: neither is always the least."""
    fewest = min(bounds, key=lambda bound: (bound["switches"], bound.get("cost_usd", 0.0)))
    result = {**fewest, "certificate": {**fewest["certificate"]}}
    if len(bounds) > 1:
        proof = result["certificate"]
        numbers = [str(bound["certificate"]["planes"]) for bound in bounds]
        proof["statement"] = (
            f"any topology of {', '.join(numbers[:-1])} or {numbers[-1]} planes with "
            f"{amount(proof['planes'] * proof['endpoints'], 'endpoint')} in all that carries all-to-all at "
            f"{proof['throughput']:g} of line rate has at least "
            f"{result['switches']:,} of these switches: S k >= N (1 + t D) a plane, least with {_planes_text(proof)}"
        )
    if "cost_usd" in fewest:
        cheapest = min(bounds, key=lambda bound: float(bound["cost_usd"]))
        result["cost_usd"] = cheapest["cost_usd"]
        if cheapest is not fewest:
            kept = ("planes", "endpoints", "mean_distance_at_least")
            result["certificate"]["cost_usd_with"] = {key: cheapest["certificate"][key] for key in kept}
    return result


def _planes_text(proof: Mapping[str, Any]) -> str:
    number, (above, below) = proof["planes"], proof["mean_distance_at_least"]
    return f"{amount(number, 'plane')} of {proof['endpoints']:,}, D >= {above / below:.4g}"


def bound_of(
    kinds: Sequence[Kind], endpoints: int, planes: int, gbps: Fraction, share: Fraction, book: PriceBook | None
) -> dict[str, Any]:
    """The bound for `planes` planes of `endpoints` endpoints each."""
    ports = max(kind.ports for kind in kinds)
    distance = least_distance(endpoints, ports)
    needed = endpoints * gbps * (1 + share * distance)
    number = planes * math.ceil(needed / max(kind.gbps for kind in kinds))
    result: dict[str, Any] = {"switches": number}
    if all(kind.usd is not None for kind in kinds):
        each = min(_fill_usd(needed, kinds), key=float)
        result["cost_usd"] = float(planes * each) + planes * _links_usd(endpoints, gbps, share * distance, kinds, book)
    result["certificate"] = {
        "kind": "ports-against-distance",
        "endpoints": endpoints,
        "planes": planes,
        "endpoint_gbps": float(gbps),
        "throughput": float(share),
        "mean_distance_at_least": [distance.numerator, distance.denominator],
        "switches": [{"part": k.part, "ports": k.ports, "gbps": float(k.gbps), "usd": k.usd} for k in kinds],
        "statement": (
            f"any topology of {amount(planes, 'plane')} of {amount(endpoints, 'endpoint')} "
            "that carries "
            f"all-to-all at {float(share):g} of line rate has at least {number:,} of these switches: "
            f"S k >= N (1 + t D), D >= {float(distance):.4g}"
        ),
    }
    return result


def _fill_usd(needed: Fraction, kinds: Sequence[Kind]) -> list[Fraction]:
    """The least price of so much capacity: whole switches of one kind, or any mix without rounding."""
    if len(kinds) == 1:
        return [math.ceil(needed / kinds[0].gbps) * Fraction(str(kinds[0].usd))]
    return [needed / kind.gbps * Fraction(str(kind.usd)) for kind in kinds]


def _links_usd(
    endpoints: int, gbps: Fraction, carried: Fraction, kinds: Sequence[Kind], book: PriceBook | None
) -> float:
    """The least price of a plane's links, where a book prices them by class."""
    if book is None or (book.optical_link_usd is None and book.electric_link_usd is None):
        return 0.0
    prices = [usd for usd in (book.optical_link_usd, book.electric_link_usd) if usd is not None]
    fastest = max(kind.gbps for kind in kinds)
    speeds = [gbps, *(Fraction(800),)] if fastest > 64 * gbps else [gbps]
    links = math.ceil(endpoints * gbps * carried / (2 * max(speeds)))
    ends = {"electric": book.electric_link_usd, "optical": book.optical_link_usd}.get(book.endpoint_links or "")
    return links * min(prices) + endpoints * (ends or 0.0)


def asked_share(request: Request) -> Fraction:
    """The most that requirements ask of all-to-all traffic among endpoints, 0 where none does. Where pairs without a
    path may be left out a topology may fall apart, and needs no links."""
    asked = [
        Fraction(str(r.params.at_least))
        for r in request.requirements
        if isinstance(r.params, ThroughputParams)
        and r.params.network == request.network
        and r.params.traffic == "all-to-all"
        and r.params.unreachable == "zero"
    ]
    return max(asked, default=Fraction(0))


def _several_planes(request: Request) -> bool:
    """Whether some family of the request may split the endpoints into planes."""
    chosen = request.axes.get("family", spanning())
    return any(family not in ONE_PLANE for family in chosen)


def switch_parts(request: Request, host_id: str) -> tuple[str, ...]:
    """Every switch part that a candidate may have."""
    result = list(chosen_switches(request, request.catalog.host(host_id)))
    for key, values in request.axes.items():
        result += [str(part) for part in values if part and key.endswith("_switch")]
    return tuple(dict.fromkeys(result))


def gap(value: float, bound: Mapping[str, Any], key: str = "cost_usd") -> float | None:
    """How far above the bound a value is, 0.2 for 20 percent; None where there is no bound."""
    least = bound.get(key)
    return value / float(least) - 1 if least else None


__all__ = ["Kind", "asked_share", "bound_of", "gap", "least_distance", "least_switches", "lower_bound"]
