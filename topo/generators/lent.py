"""A network of two tiers on switches of another: its leaves are cabled into free ports of spines or leaves there, or
its hosts sit on free ports of leaves there."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from topo.errors import ParameterError
from topo.fabric import LEAF, SPINE, TIER_NAMES
from topo.fabric.model import FloatArray, IntArray
from topo.fabric.shape_keys import LEAVES_FROM, LEAVES_IN, SPINES_FROM, SPINES_IN, SPINES_TIER
from topo.generators.family import Counts, Lent, LinkEnds, NetworkParams, Wiring
from topo.generators.trees.leaf_kinds import UnlikeParams
from topo.units import amount

Port = tuple[int, int]
"""A switch row and the number of one of its ports."""


@dataclass(frozen=True)
class Loan:
    """Rows among the lender's switches that are a borrower's switches of a tier; `key` is that of the design."""

    tier: int
    rows: IntArray
    key: str


def rows_on(wiring: Wiring, params: NetworkParams, role: str) -> IntArray:
    """The rows of a network's spines, or of its leaves of a role: the first kind of that role, which has one part.
    `leaf`: those that hold hosts and have no role."""
    tier = wiring.switches.tier
    if role == "spine":
        return np.flatnonzero(tier == SPINE)
    leaves = np.flatnonzero(tier == LEAF)
    sizes = [n for key, n in wiring.shape if key.startswith("leaves-")]
    if not sizes:
        return leaves if role == "leaf" else leaves[:0]
    told = [kind.role for kind in params.leaves] if isinstance(params, UnlikeParams) else []
    roles = [*told, *["leaf"] * (len(sizes) - len(told))]
    kind = np.repeat(np.arange(len(sizes)), sizes)
    first = next((i for i, one in enumerate(roles) if one == role and sizes[i]), None)
    return leaves[:0] if first is None else leaves[kind == first]


def ports_taken(wiring: Wiring, rows: IntArray, gbps: float) -> int:
    """The most ports of a speed that are in use, lead out or are kept on any of some switches."""
    used, most = _taken(wiring), 0
    for row in rows.tolist():
        layout = wiring.switches.layout[row]
        ports = np.flatnonzero(wiring.layouts[layout].gbps == gbps) + 1
        kept = wiring.reserved[layout] if wiring.reserved else 0
        most = max(most, sum((row, port) in used for port in ports.tolist()) + kept)
    return most


def on_switches_of(
    wiring: Wiring, lender: Wiring, name: str, row: int, others: list[Wiring], loans: list[Loan]
) -> Wiring:
    """A wiring without its own switches of the tiers of `loans`: its endpoints and links end on free ports of those of
    `lender`, the network of this name and row, which `others` have taken ports of before. Ports that the lender
    reserves stay free.

    Raises ParameterError where those switches are too few, or have too few free ports of the speed.
    """
    taken = _taken(lender)
    for other in others:
        taken |= _lent_ports(other)
    own = {loan.tier: np.flatnonzero(wiring.switches.tier == loan.tier) for loan in loans}
    gone = np.concatenate(list(own.values()))
    stay = np.ones(len(wiring.switches), dtype=np.bool_)
    stay[gone] = False
    number = np.cumsum(stay) - 1
    links, at_port = wiring.links, np.array(wiring.at_port)
    a_port, b_port = np.array(links.a_port), np.array(links.b_port)
    there: list[IntArray] = []
    for loan in loans:
        selected = own[loan.tier]
        if len(selected) > len(loan.rows):
            what = "leaves" if loan.tier == LEAF else "spines"
            message = f"{len(selected):,} {what} are needed, {name} has {amount(len(loan.rows), 'such switch')}"
            raise ParameterError(loan.key, name, message, hint="more hosts or ports to a leaf, or more leaves there")
        rows = loan.rows[: len(selected)]
        number[selected] = int(stay.sum()) + sum(map(len, there)) + np.arange(len(selected))
        there.append(rows)
        for switch, lent in zip(selected.tolist(), rows.tolist(), strict=True):
            ends = np.flatnonzero(wiring.at_switch == switch)
            ends = ends[np.argsort(wiring.at_port[ends], kind="stable")]
            low, high = np.flatnonzero(links.a_switch == switch), np.flatnonzero(links.b_switch == switch)
            speed = wiring.layouts[wiring.switches.layout[switch]].gbps[wiring.at_port[ends] - 1]
            wanted = np.concatenate([speed, links.gbps[low], links.gbps[high]])
            ports = _free_ports(lender, lent, wanted, taken, loan, name)
            at_port[ends], a_port[low] = ports[: len(ends)], ports[len(ends) : len(ends) + len(low)]
            b_port[high] = ports[len(ends) + len(low) :]
    at = np.where(wiring.at_switch >= 0, number[wiring.at_switch], wiring.at_switch)
    ends_of = LinkEnds(number[links.a_switch], a_port, number[links.b_switch], b_port, links.kind, links.gbps)
    return replace(
        wiring, switches=wiring.switches.rows(stay), links=ends_of, at_switch=at, at_port=at_port,
        shape=(*wiring.shape, *_shape(lender, row, loans)), lent=Lent(name, np.concatenate(there)),
    )  # fmt: skip


def _free_ports(lender: Wiring, row: int, gbps: FloatArray, taken: set[Port], loan: Loan, name: str) -> IntArray:
    """The numbers of free ports of a lent switch, one of each of the speeds, which are taken then."""
    layout = lender.layouts[lender.switches.layout[row]]
    reserved = lender.reserved[lender.switches.layout[row]] if lender.reserved else 0
    result = np.zeros(len(gbps), dtype=np.int64)
    for speed in np.unique(gbps).tolist():
        rows = np.flatnonzero(gbps == speed)
        free = [p + 1 for p in np.flatnonzero(layout.gbps == speed).tolist() if (row, p + 1) not in taken]
        if len(free) - reserved < len(rows):
            room = max(len(free) - reserved, 0)
            tier = TIER_NAMES[int(lender.switches.tier[row])]
            what, key, fewer = "links", "uplink_gbps", f"more `{tier}s` in {name}, fewer uplinks"
            if loan.tier == LEAF:
                what, key = "hosts' ports and uplinks", "endpoint_gbps and uplink_gbps"
                fewer = f"fewer hosts_per_leaf or uplinks, or `min_leaves` in {name}"
            elif tier == "leaf":
                fewer = f"fewer uplinks, or `min_leaves` in {name}"
            message = (
                f"{len(rows):,} {what} of {speed:,g} Gb/s reach each {tier} of {name}, which has "
                f"{amount(room, 'such port')}"
            )
            speeds = " or ".join(f"{g:g}" for g in sorted(set(layout.gbps.tolist())))
            hint = fewer + ("" if free else f", or {key}: {speeds}")
            raise ParameterError(loan.key, name, f"{message} free", hint=hint)
        result[rows] = free[: len(rows)]
        taken |= {(row, port) for port in free[: len(rows)]}
    return result


def _shape(lender: Wiring, row: int, loans: list[Loan]) -> tuple[tuple[str, int], ...]:
    result: list[tuple[str, int]] = []
    for loan in loans:
        first = int(lender.switches.index[loan.rows[0]])
        if loan.tier == LEAF:
            result += [(LEAVES_IN, row), (LEAVES_FROM, first)]
            continue
        result.append((SPINES_IN, row))
        if int(lender.switches.tier[loan.rows[0]]) != SPINE:
            result += [(SPINES_TIER, LEAF), (SPINES_FROM, first)]
    return tuple(result)


def _taken(wiring: Wiring) -> set[Port]:
    """Each port that a network's own links and endpoints use, or that leads out of the fabric."""
    links, joined = wiring.links, wiring.at_switch >= 0
    pairs = [
        (links.a_switch, links.a_port), (links.b_switch, links.b_port),
        (wiring.at_switch[joined], wiring.at_port[joined]),
    ]  # fmt: skip
    result = {port for rows, ports in pairs for port in zip(rows.tolist(), ports.tolist(), strict=True)}
    for layout, ports in enumerate(wiring.outside):
        rows = np.flatnonzero(wiring.switches.layout == layout).tolist() if ports else []
        result |= {(row, port) for row in rows for port in ports}
    return result


def _lent_ports(wiring: Wiring) -> set[Port]:
    """The ports that a borrower uses on its lender's switches, by the rows there."""
    own = len(wiring.switches)
    rows = wiring.lent.rows.tolist() if wiring.lent is not None else []
    return {(rows[switch - own], port) for switch, port in _taken(replace(wiring, outside=())) if switch >= own}


def counts_without_lent(counts: Counts, name: str, tiers: dict[str, str]) -> Counts:
    """The closed form of a network whose switches of `tiers` (what they are here, what there) are of network `name`."""
    switches, spare = ({k: n for k, n in of.items() if k not in tiers} for of in (counts.switches, counts.spare))
    plural = {"leaf": "leaves", "spine": "spines"}
    notes = [
        f"its {counts.switches.get(tier, 0):,} {plural[tier]} are "
        + ("switches" if tier == there else plural[there])
        + f" of network {name} and counted there"
        for tier, there in tiers.items()
    ]
    return replace(counts, switches=switches, spare=spare, notes=(*counts.notes, *notes))


def counts_with_lent(counts: Counts, ports: dict[str, int]) -> Counts:
    """The closed form of a network whose switches (by tier) have `ports` in use by other networks."""
    return replace(counts, spare={t: n - ports.get(t, 0) for t, n in counts.spare.items()})
