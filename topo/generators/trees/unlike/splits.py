"""The splits of a leaf's ports where more than a ratio says them: hosts of a leaf, uplinks, or both."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction

from topo.errors import ParameterError
from topo.generators.trees.counts.ports import TierPorts
from topo.generators.trees.counts.reseat import options
from topo.generators.trees.counts.seats import Rails, WholeHosts
from topo.generators.trees.leaf_kinds import LeafKind, UnlikeParams
from topo.generators.trees.unlike.sizes import SPLITS
from topo.units import amount

Split = tuple[int, int]
OF_NETWORK = ("rails_per_leaf", "hosts_per_leaf", "uplinks", "peer_links", "homing")
"""Keys that a kind of leaves has from its network where it does not state them, or always."""


@dataclass(frozen=True)
class Wanted:
    """What the keys of a kind of leaves, or else of its network, say: hosts of a leaf, its uplinks, and a ratio."""

    hosts: int | None
    uplinks: int | None
    ratio: float | str
    stated: bool

    @classmethod
    def of(cls, params: UnlikeParams, kind: LeafKind) -> Wanted:
        """Those of one kind."""
        own = kind.oversubscription
        return cls(
            kind.hosts_per_leaf or params.hosts_per_leaf, kind.uplinks or params.uplinks,
            params.oversubscription if own is None else own,
            own is not None or "oversubscription" in params.model_fields_set,
        )  # fmt: skip


def tried_splits(
    wanted: Wanted, ports: TierPorts, seats: WholeHosts | Rails
) -> tuple[WholeHosts | Rails, tuple[Split, ...]]:
    """The (ports down, ports up) that a leaf may have, and how hosts then sit; none where the ratio alone says it.
    Raises ParameterError for what has no room, or exceeds the ratio."""
    ratio = ports.ratio_of(wanted.ratio)
    if wanted.hosts is not None:
        return _of_hosts(wanted, ports, seats, ratio)
    if wanted.uplinks is None:
        return seats, ()
    down = ports.allowed_down(wanted.uplinks, ratio) if wanted.stated else ports.most_down(wanted.uplinks)
    if down < 1 or not seats.most(down):
        most = next((n for n in range(wanted.uplinks - 1, 0, -1) if _holds(wanted, ports, seats, n)), 0)
        least = next((n for n in range(wanted.uplinks, ports.total) if _holds(wanted, ports, seats, n)), 0)
        allowed = f"at most {most:,}" if most else f"at least {least:,}" if least else "a switch with more ports"
        raise ParameterError("uplinks", wanted.uplinks, "leave no port for a host", allowed)
    return seats, ((down, wanted.uplinks),)


def _holds(wanted: Wanted, ports: TierPorts, seats: WholeHosts | Rails, up: int) -> bool:
    """Whether a leaf of so many uplinks holds a host."""
    down = ports.allowed_down(up, ports.ratio_of(wanted.ratio)) if wanted.stated else ports.most_down(up)
    return down > 0 and seats.most(down) > 0


def _of_hosts(
    wanted: Wanted, ports: TierPorts, seats: WholeHosts | Rails, ratio: Fraction
) -> tuple[WholeHosts | Rails, tuple[Split, ...]]:
    seats = replace(seats, cap=wanted.hosts)
    first: ParameterError | None = None
    for one in options(seats):
        down = one.wanted(0)
        least = wanted.uplinks or ports.needed_up(down, ratio)
        if least > ports.most_up(down):
            first = first or _too_many(wanted, ports, one, ratio)
            continue
        needed = ports.needed_up(down, ratio)
        if wanted.uplinks and wanted.stated and needed > wanted.uplinks:
            message = f"{amount(down, 'port')} down and {wanted.uplinks:,} up exceed the ratio {wanted.ratio}"
            raise ParameterError("uplinks", wanted.uplinks, message, f"at least {needed:,}")
        most = wanted.uplinks or min(2 * least, least + SPLITS, ports.most_up(down))
        return one, tuple((down, up) for up in range(least, most + 1))
    assert first is not None
    raise first


def _too_many(wanted: Wanted, ports: TierPorts, seats: WholeHosts | Rails, ratio: Fraction) -> ParameterError:
    hosts = wanted.hosts or 1
    each = max(seats.wanted(0) // hosts, 1)

    def up(n: int) -> int:
        return wanted.uplinks or ports.needed_up(n * each, ratio)

    most = next((n for n in range(hosts - 1, 0, -1) if ports.most_up(n * each) >= max(up(n), 1)), 0)
    return ParameterError(
        "hosts_per_leaf", hosts, f"a leaf has no room for {amount(hosts * each, 'port')} down and {up(hosts):,} up",
        f"at most {most:,}" if most else "a switch with more ports", "or a higher oversubscription",
    )  # fmt: skip
