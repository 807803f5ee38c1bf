"""Groups that fail as a whole, alone or two at a time: a row for each class of verified symmetry."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf

import numpy as np

from topo.analysis.failures import Asked, Asking, Failure, FailureRow, Thing, examined, is_symmetric, refuse_many
from topo.analysis.reliability.groups import Family
from topo.analysis.reliability.patterns import Alike, Broken, alike
from topo.analysis.throughput import before_failures
from topo.certificates import verify_certificate
from topo.errors import ParameterError
from topo.fabric import Fabric
from topo.solvers.budget import QUESTION_S, now

START = 0.2
"""Share of the time for what all questions start from."""
NAMED = 4
"""Devices or links of a group that are named one by one."""


def together(
    fabric: Fabric,
    network: int,
    families: Sequence[Family],
    pairs: bool,
    traffic: str = "all-to-all",
    routing: str = "adaptive",
    time_limit_s: float = QUESTION_S,
    asked_of: Asked | None = None,
) -> tuple[FailureRow, ...]:
    """What each class of groups leaves, or with `pairs` each class of two groups, of whichever families; the least
    throughput first. `stands_for` counts groups, or unordered pairs rounded up.

    The classes rest on permutations that were verified; the certificate of each throughput is checked here, without a
    solver, and a row whose certificate fails raises CertificateError. Where no time is left a row is [0, inf].
    `asked_of` answers instead of a solver. Raises ParameterError for traffic or routing that follows names,
    LimitReachedError where the classes are too many to look at each in `time_limit_s`.
    """
    if not is_symmetric(traffic, routing):
        message = "depends on names, so one failure cannot stand for those like it"
        raise ParameterError(
            "routing", f"{traffic}, {routing}", message, "all-to-all or gpu-all-to-all, adaptive or spray"
        )
    start = now()
    counting_s = time_limit_s if asked_of is None else inf
    singles = list(alike(fabric, fabric, network, families))
    refuse_many(fabric, len(singles), counting_s)
    asked: dict[Broken, tuple[str, float]] = {}

    def add(broken: Broken, what: str, count: float) -> None:
        before = asked.get(broken, (what, 0.0))
        asked[broken] = before[0], before[1] + count

    for first in singles:
        if not pairs:
            add(first.one, families[first.family].key, first.count)
            continue
        less = fabric.without(links=first.one.links, devices=first.one.devices)
        rest: list[Alike] = list(alike(fabric, less, network, families))
        for second in rest:
            what = " and ".join(sorted((families[first.family].key, families[second.family].key)))
            add(first.one.and_(second.one), what, first.count * second.count / 2)
        for number, family in enumerate(families):
            idle = family.size - (number == first.family) - sum(one.count for one in rest if one.family == number)
            if idle > 0:
                add(first.one, f"{families[first.family].key} and {family.key} within it", first.count * idle / 2)
    refuse_many(fabric, len(asked), counting_s)
    before = None if asked_of else before_failures(fabric, network, traffic, routing, START * time_limit_s)
    asking = Asking(fabric, network, (traffic, routing), before, asked_of)
    rows = []
    for i, (broken, (what, count)) in enumerate(asked.items()):
        left = max(time_limit_s - (now() - start), 0.0) / (len(asked) - i)
        thing = Thing(_named(fabric, broken), broken.links, broken.devices)
        row = examined(asking, Failure(what, 2 if pairs else 1, thing, int(np.ceil(count))), left)
        if row.certificate is not None:
            verify_certificate(fabric, row.certificate)
        rows.append(row)
    return tuple(sorted(rows, key=lambda row: (row.lower, -row.cut_off, row.worst)))


def _named(fabric: Fabric, broken: Broken) -> str:
    """What is broken, by name."""
    rows = np.flatnonzero(np.isin(fabric.links.id, list(broken.links)))
    links = []
    for a, b in zip(fabric.links.a[rows].tolist(), fabric.links.b[rows].tolist(), strict=True):
        sides = (f"{fabric.devices.name[fabric.ports.device[p]]}:{fabric.port_name(np.array([p]))[0]}" for p in (a, b))
        links.append(" - ".join(sides))
    names = [*broken.devices, *links]
    more = len(names) - NAMED
    return " and ".join(names) if more <= 0 else f"{', '.join(names[:NAMED])} and {more:,} more"
