"""From a design to its fabric and closed forms, with the design's lines in every error."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from topo.design.model import Design, Network
from topo.design.placed import placed
from topo.design.sizes import with_nearest_sizes
from topo.design.unread import NO_LENDER
from topo.errors import InputError, ParameterError, Problem, nearest, shown
from topo.fabric import LEAF, SPINE, Fabric
from topo.fabric.model import IntArray
from topo.generators import Attached, Counts, NetworkParams, NetworkPiece, assemble, attached
from topo.generators.assemble import host_names
from topo.generators.family import Wiring, families
from topo.generators.lent import Loan, counts_with_lent, counts_without_lent, on_switches_of, ports_taken, rows_on
from topo.generators.rule import by_tiers
from topo.generators.trees.leaf_kinds import LendingParams
from topo.placement.floor.lengths import SCALE_UP, scale_up_links
from topo.units import amount

if TYPE_CHECKING:
    from topo.generators.growing.growth import Kept


def build(design: Design) -> Fabric:
    """The fabric of a design; raises InputError with the problems of every network that cannot be built."""
    fabric = design.given if design.given is not None else _planned(design)
    if design.site is None:
        return fabric
    from topo.importers.site_names import named

    return named(fabric, design.site)


def _planned(design: Design) -> Fabric:
    """The fabric under the names that topo gives."""
    pieces, _ = _kept(design, _pieces(design))
    try:
        fabric = assemble(design.name, design.groups, pieces, design.catalog)
    except InputError as error:
        raise placed(error, design.document, ()) from None
    _refuse_lengths_of_nothing(design, fabric)
    return fabric


def _pieces(design: Design) -> list[NetworkPiece]:
    """The networks as their families wire them. One on switches of another that cannot be wired is not looked at: what
    it would be told of switches of its own is no mistake of its design."""
    result: dict[str, NetworkPiece] = {}
    problems: list[Problem] = []
    wrong = set[str | None]()
    for network in sorted(design.networks, key=lambda n: lender_of(n) is not None):
        if lender_of(network) in wrong:
            continue
        try:
            result[network.name] = _piece(design, network, result)
        except InputError as error:
            problems += error.problems
            wrong.add(network.name)
    if problems:
        raise InputError(problems)
    return [result[network.name] for network in design.networks]


def lender_of(network: Network) -> str | None:
    """The name of the network some of whose switches are this one's too."""
    return network.params.lender if isinstance(network.params, LendingParams) else None


def lends(design: Design, network: Network) -> bool:
    """Whether a network shares switches with another."""
    return lender_of(network) is not None or network.name in map(lender_of, design.networks)


def _lender(design: Design, network: Network) -> Network | None:
    """That network; raises ParameterError where it is none that can lend switches, or keys contradict it."""
    own = network.params
    if not isinstance(own, LendingParams):
        return None
    for on, where in (("spines_on", "spines_in"), ("leaves_on", "leaves_in")):
        if getattr(own, on) is not None and getattr(own, where) is None:
            message = f"says which switches of the network that {where} names"
            raise ParameterError(on, getattr(own, on), message, f"with {where}, or leave it out")
    name = own.lender
    if name is None:
        return None
    if own.spines_in and own.leaves_in and own.spines_in != own.leaves_in:
        raise ParameterError("leaves_in", own.leaves_in, "a network shares switches with one other", own.spines_in)
    able = [n for n in design.networks if n is not network and isinstance(n.params, LendingParams) and not lender_of(n)]
    lender = next((n for n in able if n.name == name), None)
    key = "spines_in" if own.spines_in else "leaves_in"
    if lender is None:
        names = ", ".join(n.name for n in able)
        raise ParameterError(key, name, NO_LENDER, names or "none of this design", nearest(name, names.split(", ")))
    if own.spines_in and own.spine_switch is not None:
        raise ParameterError("spine_switch", own.spine_switch, f"the spines are those of {name}", "leave it out")
    if own.spines_in and own.reserve_ports.spine:
        message = f"the spines are those of {name}"
        raise ParameterError("reserve_ports", f"spine: {own.reserve_ports.spine}", message, f"there: {name}")
    if own.leaves_in and own.reserve_ports.leaf:
        message = f"the leaves are those of {name}"
        raise ParameterError("reserve_ports", f"leaf: {own.reserve_ports.leaf}", message, f"there: {name}")
    if own.leaves_in and own.leaves:
        message = f"the leaves are those of {name}"
        raise ParameterError("leaves", amount(len(own.leaves), "kind"), message, "leave it out")
    if own.leaves_in and own.spines_in and (own.spines_on or "spine") != "spine":
        message = "leaves that are shared lead to spines, not to leaves"
        raise ParameterError("spines_on", own.spines_on, message, "spine")
    if design.grown is not None:
        message = "a network on switches of another does not grow"
        raise ParameterError(key, name, message, "leave grow_from out")
    return lender


def _on_lent(design: Design, network: Network, lender: Network, wiring: Wiring) -> tuple[NetworkParams, list[Loan]]:
    """The keys of a network as if its lender's switches were its own, and those switches; raises ParameterError."""
    own, there = network.params, lender.params
    assert isinstance(own, LendingParams)
    assert isinstance(there, LendingParams)
    result: dict[str, object] = {}
    loans = []
    parts = [layout.part for layout in wiring.layouts]
    if own.leaves_in:
        rows = _rows(wiring, there, own.leaves_on or "leaf", "leaves_in", lender.name)
        part = parts[int(wiring.switches.layout[rows[0]])]
        if "switch" in own.model_fields_set and own.switch != part and own.spines_in:
            raise ParameterError("switch", own.switch, f"the leaves and spines are those of {lender.name}", part)
        speeds = _attached(design, network).speeds()
        taken = ports_taken(wiring, rows, speeds[0]) if len(speeds) == 1 else 0
        room = int((wiring.layouts[int(wiring.switches.layout[rows[0]])].gbps == speeds[0]).sum()) if speeds else 0
        if speeds and room <= taken:
            gbps = sorted(set(wiring.layouts[int(wiring.switches.layout[rows[0]])].gbps.tolist()))
            said = " or ".join(f"{g:g}" for g in gbps)
            message = f"its leaves have no port of {speeds[0]:,g} Gb/s free, of {room:,}"
            hint = f"fewer hosts_per_leaf, or `min_leaves`, in {lender.name}" if room else f"endpoint_gbps: {said}"
            raise ParameterError("leaves_in", lender.name, message, hint=hint)
        result |= {"switch": part, "reserve_ports": own.reserve_ports.model_copy(update={"leaf": taken})}
        result |= {"spine_switch": own.spine_switch or own.switch}
        loans.append(Loan(LEAF, rows, "leaves_in"))
    if own.spines_in:
        on = own.spines_on or "spine"
        rows = _rows(wiring, there, on, "spines_in", lender.name)
        if own.spines and own.spines > len(rows):
            raise ParameterError("spines", own.spines, f"{lender.name} has {len(rows):,}", f"at most {len(rows):,}")
        result |= {"spines": own.spines or len(rows)}
        result |= {"spine_switch": parts[int(wiring.switches.layout[rows[0]])]}
        loans.append(Loan(SPINE, rows, "spines_in"))
    return own.model_copy(update=result), loans


def _rows(wiring: Wiring, params: NetworkParams, role: str, key: str, name: str) -> IntArray:
    """The lender's switches that are meant; raises ParameterError where it has none."""
    rows = rows_on(wiring, params, role)
    if len(rows):
        return rows
    if role == "spine":
        raise ParameterError(key, name, "that network has one leaf and no spines", hint="spines: 1 there")
    have = [one for one in ("leaf", "service", "border") if len(rows_on(wiring, params, one))]
    on = key.replace("_in", "_on")
    raise ParameterError(on, role, f"network {name} has no such leaves", " or ".join(have))


def growth(design: Design) -> dict[str, dict[str, Kept]]:
    """By network and kind of link: what a design keeps of the one that it grows from; raises InputError as `build`."""
    return _kept(design, _pieces(design))[1]


def _kept(design: Design, pieces: list[NetworkPiece]) -> tuple[list[NetworkPiece], dict[str, dict[str, Kept]]]:
    """The networks wired around those of the design that this one grows from."""
    if design.grown is None:
        return pieces, {}
    from topo.generators.growing.growth import regrown

    old = _planned(design.grown)
    hosts, kept, result = host_names(design.groups), {}, []
    for piece in pieces:
        wiring = piece.wiring
        if piece.name in old.networks:
            trees = families.get(piece.family).rule is by_tiers
            row = old.network_row(piece.name)
            wiring, kept[piece.name] = regrown(wiring, piece.attached, hosts, old, row, trees)
        result.append(replace(piece, wiring=wiring))
    return result, kept


def _refuse_lengths_of_nothing(design: Design, fabric: Fabric) -> None:
    """Raises InputError for lengths of kinds of links that no network of the design has."""
    if not design.file.lengths_m:
        return
    kinds = [fabric.link_kinds[kind] for kind in np.unique(fabric.links.kind).tolist()]
    kinds += [SCALE_UP] if scale_up_links(fabric).any() else []
    problems = [
        Problem(
            "no network of the design has such links",
            f"lengths_m.{kind}",
            shown(metres),
            ", ".join(kinds),
            nearest(kind, kinds),
            design.path,
            design.document.line(("lengths_m", kind)),
        )
        for kind, metres in design.file.lengths_m.items()
        if kind not in kinds
    ]
    if problems:
        raise InputError(problems)


def closed_forms(design: Design) -> dict[str, Counts]:
    """The closed-form counts of each network, from the design alone; none of an imported fabric."""
    if design.given is not None:
        return {}
    result: dict[str, Counts] = {}
    problems: list[Problem] = []
    for network in design.networks:
        try:
            result[network.name] = _counts(design, network)
        except InputError as error:
            problems += [p for p in error.problems if p not in problems]
    if problems:
        raise InputError(problems)
    for network in design.networks:
        lender = lender_of(network)
        if lender is not None:
            result[lender] = counts_with_lent(result[lender], _ports_there(network, result[network.name]))
    return result


def _ports_there(network: Network, counts: Counts) -> dict[str, int]:
    """How many ports of its lender's switches a network uses, by their tier there."""
    own, result = network.params, dict[str, int]()
    assert isinstance(own, LendingParams)
    up = counts.links.get("leaf_spine", 0)
    if own.spines_in:
        result["spine" if (own.spines_on or "spine") == "spine" else "leaf"] = up
    if own.leaves_in:
        result["leaf"] = result.get("leaf", 0) + counts.links.get("endpoint", 0) + up
    return result


def _piece(design: Design, network: Network, before: dict[str, NetworkPiece]) -> NetworkPiece:
    params = network.params
    prefix = "" if network.name == design.networks[0].name else f"{network.name}-"
    try:
        ends = _attached(design, network)
        lender = _lender(design, network)
        loans: list[Loan] = []
        if lender is not None and lender.name in before:
            there = before[lender.name].wiring
            params, loans = _on_lent(design, network, lender, there)
        wiring = families.get(params.family).wire(params, ends, design.catalog, prefix)
        if lender is not None and loans:
            row = [n.name for n in design.networks].index(lender.name)
            others = [p.wiring for p in before.values() if p.wiring.lent and p.wiring.lent.network == lender.name]
            wiring = on_switches_of(wiring, there, lender.name, row, others, loans)
    except InputError as error:
        raise _placed(error, design, network) from None
    return NetworkPiece(network.name, params.family, ends, wiring)


def _counts(design: Design, network: Network) -> Counts:
    try:
        ends, params = _attached(design, network), network.params
        lender = _lender(design, network)
        if lender is None:
            return families.get(params.family).counts(params, ends, design.catalog)
        params, loans = _on_lent(design, network, lender, _piece(design, lender, {}).wiring)
        on = params.spines_on or "spine" if isinstance(params, LendingParams) else "spine"
        tiers = {"leaf": "leaf"} if any(loan.tier == LEAF for loan in loans) else {}
        tiers |= {"spine": "spine" if on == "spine" else "leaf"} if any(loan.tier == SPINE for loan in loans) else {}
        return counts_without_lent(families.get(params.family).counts(params, ends, design.catalog), lender.name, tiers)
    except InputError as error:
        raise _placed(error, design, network) from None


def _attached(design: Design, network: Network) -> Attached:
    return attached(design.groups, network.name, design.catalog, network.params.speed_of, network.params.speed_key)


def _placed(error: InputError, design: Design, network: Network) -> InputError:
    return placed(with_nearest_sizes(error, design, network), design.document, ("networks", network.name))
