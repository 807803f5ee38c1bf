"""From a design to its fabric and closed forms, with the design's lines in every error."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from topo.design.loader import placed
from topo.design.model import Design, Network
from topo.design.sizes import with_nearest_sizes
from topo.errors import InputError, Problem, nearest, shown
from topo.fabric import Fabric
from topo.generators import Attached, Counts, NetworkPiece, assemble, attached
from topo.generators.assemble import host_names
from topo.generators.family import families
from topo.generators.growth import Kept, regrown
from topo.generators.rule import by_tiers
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
    pieces: list[NetworkPiece] = []
    problems: list[Problem] = []
    for network in design.networks:
        try:
            pieces.append(_piece(design, network))
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    return pieces


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
    return {network.name: _counts(design, network) for network in design.networks}


def _piece(design: Design, network: Network) -> NetworkPiece:
    params = network.params
    prefix = "" if network.name == design.networks[0].name else f"{network.name}-"
    try:
        ends = _attached(design, network)
        wiring = families.get(params.family).wire(params, ends, design.catalog, prefix)
    except InputError as error:
        raise _placed(error, design, network) from None
    return NetworkPiece(network.name, params.family, ends, wiring)


def _counts(design: Design, network: Network) -> Counts:
    try:
        ends = _attached(design, network)
        return families.get(network.params.family).counts(network.params, ends, design.catalog)
    except InputError as error:
        raise _placed(error, design, network) from None


def _attached(design: Design, network: Network) -> Attached:
    return attached(design.groups, network.name, design.catalog, network.params.speed_of, network.params.speed_key)


def _placed(error: InputError, design: Design, network: Network) -> InputError:
    return placed(with_nearest_sizes(error, design, network), design.document, ("networks", network.name))
