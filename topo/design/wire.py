"""From a design to its fabric and closed forms, with the design's lines in every error."""

from __future__ import annotations

from topo.design.loader import placed
from topo.design.model import Design
from topo.errors import InputError
from topo.fabric import Fabric
from topo.generators import Attached, Counts, NetworkPiece, assemble, attached, families


def build(design: Design) -> Fabric:
    """The fabric of a design; raises InputError where a network cannot be built at this size."""
    pieces = []
    for network in design.networks:
        params = network.params
        prefix = "" if network.name == design.networks[0].name else f"{network.name}-"
        try:
            ends = _attached(design, network.name, params.endpoint_gbps)
            wiring = families.get(params.family).wire(params, ends, design.catalog, prefix)
        except InputError as error:
            raise placed(error, design.document, ("networks", network.name)) from None
        pieces.append(NetworkPiece(network.name, params.family, ends, wiring))
    return assemble(design.name, design.groups, pieces, design.catalog)


def closed_forms(design: Design) -> dict[str, Counts]:
    """The closed-form counts of each network, from the design alone."""
    found = {}
    for network in design.networks:
        params = network.params
        ends = _attached(design, network.name, params.endpoint_gbps)
        try:
            found[network.name] = families.get(params.family).counts(params, ends, design.catalog)
        except InputError as error:
            raise placed(error, design.document, ("networks", network.name)) from None
    return found


def _attached(design: Design, network: str, endpoint_gbps: float | None) -> Attached:
    return attached(design.groups, network, design.catalog, endpoint_gbps)
