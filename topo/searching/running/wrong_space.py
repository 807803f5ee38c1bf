"""Spaces that are not searched: one with more candidates than allowed, and one in which nothing can be built."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from topo.errors import InputError, Problem
from topo.generators.family import spanning
from topo.searching.bounds.limited import filling_hint
from topo.searching.candidates.count import Counter, Refusal
from topo.searching.candidates.flat_sizes import SETTINGS
from topo.searching.candidates.hints import hint_of
from topo.searching.candidates.request import Request
from topo.searching.candidates.space import chosen_switches, how_many, some_of_each
from topo.searching.record.result import REFUSED, Row
from topo.units import amount
from topo.yamlfile import dotted

AT_MOST = 500_000
"""A space of more candidates is not searched unless asked for."""
SAMPLE = 20
"""How many candidates of each family are counted to estimate how long all take."""


def refuse_many(request: Request, at_most: int, counter: Counter) -> None:
    """Raises InputError where the space has more candidates than allowed, with how long they would take."""
    number = how_many(request)
    if number <= at_most:
        return
    started, sample = time.monotonic(), 0
    for sample, candidate in enumerate(some_of_each(request, SAMPLE), 1):  # noqa: B007
        counter.count(candidate)
    seconds = number * (time.monotonic() - started) / max(sample, 1)
    took = f"{seconds / 60:,.0f} minutes" if seconds >= 120 else f"{seconds:,.0f} seconds"
    raise InputError(
        Problem(
            f"the space has {amount(number, 'candidate')}; counting them alone takes about {took}",
            "--at-most", f"{at_most:,}", f"at least {number:,}", "choose fewer values, or allow that many",
            request.document.path, request.document.line(("choose",)),
        )
    )  # fmt: skip


def refuse_empty(request: Request, rows: Sequence[Row], within: Mapping[str, Any] = MappingProxyType({})) -> None:
    """Raises InputError where no candidate can be built within the limits: the first key that leaves none, what would
    be enough, and whether parts that share a tier would be."""
    if any(row.state != REFUSED for row in rows):
        return
    document = request.document
    if not rows:
        raise InputError(_no_candidate(request))
    limits = [r.counted for r in rows if isinstance(r.counted, Refusal) and r.counted.key.startswith("limits.")]
    if limits:
        nearest = min(limits, key=lambda refusal: refusal.needed or 0.0)
        keys = tuple(nearest.key.split("."))
        message = f"the limits leave none of {amount(len(rows), 'candidate')}: the nearest {nearest.message}"
        allowed = f"at least {nearest.needed:,.0f}" if nearest.needed is not None else ""
        raise InputError(
            Problem(
                message,
                nearest.key,
                _limit(request, keys),
                allowed,
                filling_hint(within) or hint_of(nearest.key),
                document.path,
                document.line(keys),
            )
        )
    first = rows[0].counted
    key = first.key if isinstance(first, Refusal) else ""
    same = [r for r in rows if isinstance(r.counted, Refusal) and r.counted.key == key]
    near = _nearest(same)
    at = next((k for k in ((key,), ("networks", request.network, key), ("choose",)) if k in document.lines), (key,))
    message = f"none of {amount(len(rows), 'candidate')} can be built; {near.candidate.text}: {near.reason}"
    allowed = near.reason.partition("; ")[2]
    value = f"{request.file.gpus:,}" if key == "gpus" else str(near.candidate.get(key, ""))
    raise InputError(Problem(message, key, value, allowed, hint_of(key), document.path, document.line(at)))


def _no_candidate(request: Request) -> Problem:
    """Why a space has no candidate: no switch fits the NICs, or no size of the families holds the GPUs."""
    document, catalog, network = request.document, request.catalog, request.network
    host = catalog.host(request.file.host[0])
    parts = chosen_switches(request, host)
    if parts:
        families = ", ".join(map(str, request.axes["family"]))
        message = f"no size of {families} with {', '.join(parts)} holds {amount(request.file.gpus, 'GPU')}"
        others = ", ".join(name for name in spanning() if name not in SETTINGS)
        hint = "choose switches with more ports, or other families: those that are allowed have their sizes by the GPUs"
        at = next((k for k in (("choose", "families"), ("choose", "family"), ("networks", network, "family"))
                   if k in document.lines), ("choose",))  # fmt: skip
        return Problem(message, dotted(at), families, others, hint, document.path, document.line(at))
    known = ", ".join(catalog.ids("switch"))
    stated = request.axes.get("endpoint_gbps")
    if stated:
        at = next((k for k in (("choose", "endpoint_gbps"), ("networks", network, "endpoint_gbps"))
                   if k in document.lines), ("choose",))  # fmt: skip
        speeds = sorted({f"{catalog.nic(nics.nic).gbps:g}" for nics in host.nics if nics.network == network})
        message = f"no switch of the catalog that fits the NICs of {host.id} has ports of this speed"
        hint = "leave it out for the speed of the NICs"
        said = ", ".join(f"{float(gbps):g}" for gbps in stated if gbps)
        return Problem(message, dotted(at), said, ", ".join(speeds), hint, document.path, document.line(at))
    message = f"no switch of the catalog fits the NICs of {host.id} on network {network}"
    return Problem(message, "host", host.id, known, hint_of("host"), document.path, document.line(("host",)))


def _nearest(rows: Sequence[Row]) -> Row:
    """The refusal that is the least far from being none: the one that allows the most."""
    import re

    def largest(row: Row) -> int:
        numbers = re.findall(r"\d[\d,]*", row.reason.partition("; ")[2])
        return max((int(n.replace(",", "")) for n in numbers), default=0)

    return max(rows, key=largest)


def _limit(request: Request, keys: tuple[str, ...]) -> str:
    value: Any = request.document.value
    for key in (*keys, "at_most"):
        value = value.get(key, value) if isinstance(value, dict) else value
    return str(value)
