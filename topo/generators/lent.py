"""A network of two tiers on the spines of another: its leaves are cabled into their free ports."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from topo.errors import ParameterError
from topo.fabric import SPINE
from topo.fabric.model import SPINES_IN, IntArray
from topo.generators.family import Counts, Lent, LinkEnds, Wiring

KEY = "spines_in"


def spine_rows(wiring: Wiring) -> IntArray:
    """The rows of a network's spines among its switches."""
    return np.flatnonzero(wiring.switches.tier == SPINE)


def on_spines_of(wiring: Wiring, lender: Wiring, name: str, row: int, others: list[Wiring]) -> Wiring:
    """A wiring without its own spines: its links end on free ports of the first spines of `lender`, the network of this
    name and row, which `others` have taken ports of before. Ports that the lender reserves stay free.

    Raises ParameterError where the spines have too few free ports of the speed of the links.
    """
    own, links = spine_rows(wiring), wiring.links
    there = spine_rows(lender)[: len(own)]
    taken = _taken(lender)
    for other in others:
        mine = other.links.b_switch >= len(other.switches)
        rows = other.lent.rows[other.links.b_switch[mine] - len(other.switches)] if other.lent is not None else ()
        taken |= set(zip(np.asarray(rows).tolist(), other.links.b_port[mine].tolist(), strict=True))
    b_switch, b_port = np.array(links.b_switch), np.array(links.b_port)
    kept = len(wiring.switches) - len(own)
    for nth, (mine, spine) in enumerate(zip(own.tolist(), there.tolist(), strict=True)):
        rows = np.flatnonzero(links.b_switch == mine)
        layout = lender.layouts[lender.switches.layout[spine]]
        reserved = lender.reserved[lender.switches.layout[spine]] if lender.reserved else 0
        gbps = float(links.gbps[rows[0]]) if len(rows) else 0.0
        free = [p + 1 for p in np.flatnonzero(layout.gbps == gbps).tolist() if (spine, p + 1) not in taken]
        if len(free) - reserved < len(rows):
            room = max(len(free) - reserved, 0)
            message = f"{len(rows)} links of {gbps:g} Gb/s reach each spine of {name}, which has {room} such ports free"
            speeds = " or ".join(f"{g:g}" for g in sorted(set(layout.gbps.tolist())))
            hint = f"more `spines` in {name}, fewer uplinks" + ("" if free else f", or uplink_gbps: {speeds}")
            raise ParameterError(KEY, name, message, hint=hint)
        b_port[rows] = free[: len(rows)]
        b_switch[rows] = kept + nth
    ends = LinkEnds(links.a_switch, links.a_port, b_switch, b_port, links.kind, links.gbps)
    stay = np.ones(len(wiring.switches), dtype=np.bool_)
    stay[own] = False
    shape = (*wiring.shape, (SPINES_IN, row))
    return replace(wiring, switches=wiring.switches.rows(stay), links=ends, shape=shape, lent=Lent(name, there))


def _taken(wiring: Wiring) -> set[tuple[int, int]]:
    """(switch row, port number) of each port that a network's own links use."""
    links = wiring.links
    return set(zip(links.a_switch.tolist(), links.a_port.tolist(), strict=True)) | set(
        zip(links.b_switch.tolist(), links.b_port.tolist(), strict=True)
    )


def counts_without_spines(counts: Counts, name: str) -> Counts:
    """The closed form of a network on the spines of network `name`."""
    switches, spare = ({k: n for k, n in of.items() if k != "spine"} for of in (counts.switches, counts.spare))
    note = f"its {counts.switches.get('spine', 0)} spines are switches of network {name} and counted there"
    return replace(counts, switches=switches, spare=spare, notes=(*counts.notes, note))


def counts_with_lent(counts: Counts, links: int) -> Counts:
    """The closed form of a network whose spines take `links` of other networks."""
    return replace(counts, spare={**counts.spare, "spine": counts.spare.get("spine", 0) - links})
