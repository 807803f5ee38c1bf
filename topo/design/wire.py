"""From a design to its fabric and closed forms, with the design's lines in every error."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from topo.design.loader import placed
from topo.design.model import Design, Network
from topo.design.sizes import with_nearest_sizes
from topo.errors import InputError, ParameterError, Problem, nearest, shown
from topo.fabric import Fabric
from topo.generators import Attached, Counts, NetworkParams, NetworkPiece, assemble, attached
from topo.generators.assemble import host_names
from topo.generators.family import families
from topo.generators.growth import Kept, regrown
from topo.generators.lent import counts_with_lent, counts_without_spines, on_spines_of, spine_rows
from topo.generators.rule import by_tiers
from topo.generators.tree_leaf_kinds import LendingParams
from topo.importers.site_names import named
from topo.placement.lengths import SCALE_UP, scale_up_links


def build(design: Design) -> Fabric:
    """The fabric of a design; raises InputError with the problems of every network that cannot be built."""
    if design.given is not None:
        return design.given if design.site is None else named(design.given, design.site)
    fabric = _planned(design)
    return fabric if design.site is None else named(fabric, design.site)


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
    """The networks as their families wire them."""
    found: dict[str, NetworkPiece] = {}
    problems: list[Problem] = []
    for network in sorted(design.networks, key=lambda n: lender_of(n) is not None):
        try:
            found[network.name] = _piece(design, network, found)
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    return [found[network.name] for network in design.networks]


def lender_of(network: Network) -> str | None:
    """The name of the network whose spines are this one's too."""
    return network.params.spines_in if isinstance(network.params, LendingParams) else None


def lends(design: Design, network: Network) -> bool:
    """Whether a network shares its spines with another."""
    return lender_of(network) is not None or network.name in map(lender_of, design.networks)


def _lender(design: Design, network: Network) -> Network | None:
    """That network; raises ParameterError where it is none that can lend its spines, or keys contradict it."""
    name = lender_of(network)
    if name is None:
        return None
    able = [n for n in design.networks if n is not network and isinstance(n.params, LendingParams) and not lender_of(n)]
    lender = next((n for n in able if n.name == name), None)
    if lender is None:
        names = ", ".join(n.name for n in able)
        message = "is no other network of the design that has two tiers and spines of its own"
        raise ParameterError(
            "spines_in", name, message, names or "none of this design", nearest(name, names.split(", "))
        )
    assert isinstance(network.params, LendingParams)
    if network.params.spine_switch is not None:
        message = f"the spines are those of {name}"
        raise ParameterError("spine_switch", network.params.spine_switch, message, "leave it out")
    if network.params.reserve_ports.spine:
        message = f"the spines are those of {name}"
        raise ParameterError("reserve_ports", f"spine: {network.params.reserve_ports.spine}", message, f"there: {name}")
    if design.grown is not None:
        raise ParameterError(
            "spines_in", name, "a network on the spines of another does not grow", "leave grow_from out"
        )
    return lender


def _on_spines(network: Network, lender: Network, spines: int) -> NetworkParams:
    """The keys of a network as if its lender's spines were its own; raises ParameterError."""
    mine, there = network.params, lender.params
    assert isinstance(mine, LendingParams)
    assert isinstance(there, LendingParams)
    if not spines:
        raise ParameterError(
            "spines_in", lender.name, "that network has one leaf and no spines", hint="spines: 1 there"
        )
    if mine.spines and mine.spines > spines:
        raise ParameterError("spines", mine.spines, f"{lender.name} has {spines}", f"at most {spines}")
    found = {"spines": mine.spines or spines, "spine_switch": there.spine_switch or there.switch}
    return mine.model_copy(update=found)


def growth(design: Design) -> dict[str, dict[str, Kept]]:
    """By network and kind of link: what a design keeps of the one that it grows from; raises InputError as `build`."""
    return _kept(design, _pieces(design))[1]


def _kept(design: Design, pieces: list[NetworkPiece]) -> tuple[list[NetworkPiece], dict[str, dict[str, Kept]]]:
    """The networks wired around those of the design that this one grows from."""
    if design.grown is None:
        return pieces, {}
    old = _planned(design.grown)
    hosts, kept, found = host_names(design.groups), {}, []
    for piece in pieces:
        wiring = piece.wiring
        if piece.name in old.networks:
            trees = families.get(piece.family).rule is by_tiers
            row = old.network_row(piece.name)
            wiring, kept[piece.name] = regrown(wiring, piece.attached, hosts, old, row, trees)
        found.append(replace(piece, wiring=wiring))
    return found, kept


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
    found = {network.name: _counts(design, network) for network in design.networks}
    for network in design.networks:
        lender = lender_of(network)
        if lender is not None:
            found[lender] = counts_with_lent(found[lender], found[network.name].links.get("leaf_spine", 0))
    return found


def _piece(design: Design, network: Network, before: dict[str, NetworkPiece]) -> NetworkPiece:
    params = network.params
    prefix = "" if network.name == design.networks[0].name else f"{network.name}-"
    try:
        ends = _attached(design, network)
        lender = _lender(design, network)
        if lender is not None and lender.name in before:
            there = before[lender.name].wiring
            params = _on_spines(network, lender, len(spine_rows(there)))
        wiring = families.get(params.family).wire(params, ends, design.catalog, prefix)
        if lender is not None and lender.name in before:
            row = [n.name for n in design.networks].index(lender.name)
            others = [p.wiring for p in before.values() if p.wiring.lent and p.wiring.lent.network == lender.name]
            wiring = on_spines_of(wiring, there, lender.name, row, others)
    except InputError as error:
        raise _placed(error, design, network) from None
    return NetworkPiece(network.name, params.family, ends, wiring)


def _counts(design: Design, network: Network) -> Counts:
    try:
        ends, params = _attached(design, network), network.params
        lender = _lender(design, network)
        if lender is None:
            return families.get(params.family).counts(params, ends, design.catalog)
        params = _on_spines(network, lender, _counts(design, lender).switches.get("spine", 0))
        return counts_without_spines(families.get(params.family).counts(params, ends, design.catalog), lender.name)
    except InputError as error:
        raise _placed(error, design, network) from None


def _attached(design: Design, network: Network) -> Attached:
    return attached(design.groups, network.name, design.catalog, network.params.speed_of, network.params.speed_key)


def _placed(error: InputError, design: Design, network: Network) -> InputError:
    return placed(with_nearest_sizes(error, design, network), design.document, ("networks", network.name))
