"""How many switches stand above a tier: given, or the fewest that the spread of the links allows.

`even`: every lower switch has equally many links to each switch above it. `by-one`: the links of all lower switches are
dealt to the upper ones in turn, so that the numbers of parallel links of a lower switch differ by at most one, and so
do the numbers of links of the upper switches. A lower switch has at least one link to each switch above it, so any two
lower switches share all of them.
"""

from __future__ import annotations

from collections.abc import Sequence

from topo.errors import ParameterError, either
from topo.generators.trees.params import TreeParams
from topo.units import amount


def spines_above(uplinks: int, leaves: int, radix: int, given: int | None, spread: str | None) -> tuple[int, list[str]]:
    """The number of spines above `leaves` leaves with `uplinks` links each, where one joins `radix` links; and what
    is to be said about it. Raises ParameterError for a given number that the spread does not allow."""
    if given is None:
        if spread == "by-one":
            return max(-(-leaves * uplinks // radix), 1), []
        return next(n for n in range(1, uplinks + 1) if uplinks % n == 0 and n * radix >= leaves * uplinks), []
    enough = given <= uplinks and given * radix >= leaves * uplinks
    even = uplinks % given == 0
    if enough and (even or spread != "even"):
        said = f"{amount(uplinks, 'uplink')} of a leaf do not divide among {amount(given, 'spine')}: spread by-one"
        return given, [] if even or spread == "by-one" else [said]
    least = max(-(-leaves * uplinks // radix), 1)
    fits = [n for n in range(least, uplinks + 1) if spread != "even" or uplinks % n == 0]
    if given > uplinks:
        message = f"a leaf of {amount(uplinks, 'uplink')} cannot reach so many"
    elif not enough:
        message = f"{leaves:,} x {amount(uplinks, 'link')} do not fit on the ports of so few, {radix:,} each"
    else:
        message = f"{amount(uplinks, 'uplink')} of a leaf do not divide among so many, as spread: even wants"
    raise ParameterError("spines", given, message, _allowed(fits, given, spread), "or another number of uplinks")


def cores_above(uplinks: int, pods: int, spines: int, radix: int, params: TreeParams) -> tuple[int, int, list[str]]:
    """Cores of a group, spine indices of a group, and what is to be said. Spine j of every pod belongs to group
    j // (spine indices of a group). Groups that stand (`params.core_share`) stay where their cores have the ports.
    Raises ParameterError for a number of cores that the spread does not allow."""
    given, spread, stands = params.cores, params.spread, params.core_share
    if given is None:
        if pods <= 1:
            return 0, 1, []
        if spread != "by-one":
            return next(n for n in range(1, uplinks + 1) if uplinks % n == 0 and n * radix >= pods * uplinks), 1, []
        result = [(share, -(-pods * share * uplinks // radix)) for share in _divisors(spines)]
        fits = [(spines // share * cores, share, cores) for share, cores in result if cores <= uplinks]
        _, share, cores = min([fit for fit in fits if fit[1] == stands] or fits)
        return cores, share, []
    known = sorted(_options(uplinks, pods, spines, radix), key=lambda o: o[2] == stands)
    options = {total: (cores, share, even) for total, cores, share, even in known}
    allowed = {total: o for total, o in options.items() if o[2] or spread != "even"}
    if given in allowed:
        cores, share, even = allowed[given]
        said = (
            f"{amount(uplinks, 'uplink')} of a spine do not divide among the {amount(cores, 'core')} of its "
            "group: spread by-one"
        )
        return cores, share, [] if even or spread == "by-one" else [said]
    message = (
        f"{amount(spines, 'spine')} of {amount(pods, 'pod')}, {amount(uplinks, 'uplink')} each, do not meet "
        f"so many cores of {amount(radix, 'port')}"
    )
    raise ParameterError(
        "cores", given, message, _allowed(sorted(allowed), given, spread), "leave it out for the fewest"
    )


def _options(uplinks: int, pods: int, spines: int, radix: int) -> list[tuple[int, int, int, bool]]:
    """(all cores, cores of a group, spine indices of a group, spread evenly), the ones to be preferred last."""
    result = []
    for share in sorted(_divisors(spines), reverse=True):
        for cores in range(max(-(-pods * share * uplinks // radix), 1), uplinks + 1):
            result.append((spines // share * cores, cores, share, uplinks % cores == 0))
    return sorted(result, key=lambda o: (o[3], -o[2]))


def _divisors(n: int) -> list[int]:
    return [d for d in range(1, n + 1) if n % d == 0]


def _allowed(fits: Sequence[int], given: int, spread: str | None) -> str:
    """The numbers that work: a range where all in between do, else the nearest."""
    if not fits:
        return "none; give more uplinks, or spread: by-one" if spread == "even" else "none; give more uplinks"
    if len(fits) > 2 and fits[-1] - fits[0] == len(fits) - 1:
        return f"{fits[0]:,} to {fits[-1]:,}"
    near = sorted(sorted(fits, key=lambda n: (abs(n - given), n))[:4])
    return either(near)
