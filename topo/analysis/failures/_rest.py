"""A fabric without what failed, with its network read off the intact one where that is plain."""

from __future__ import annotations

import numpy as np

from topo.analysis.failures._things import Thing
from topo.analysis.network import remaining, switch_network
from topo.certificates.reading.flow_graph import remaining as remaining_graph
from topo.certificates.reading.flow_graph import switch_graph
from topo.fabric import Fabric
from topo.fabric.model import BoolArray
from topo.fabric.once import once
from topo.fabric.plain import is_plain
from topo.fabric.shape_keys import LEAVES_IN, SPINES_IN


def without(fabric: Fabric, network: int, thing: Thing) -> Fabric:
    """What a failure leaves. Where devices alone are gone, switches and links that stay are as they were: they are not
    read again."""
    less = fabric.without(links=thing.links, devices=thing.devices)
    stays = _staying(fabric, network, thing)
    if stays is not None:
        once(less, ("switch network", network), lambda: remaining(switch_network(fabric, network), fabric, stays))
        at = fabric.endpoint_switch[stays[fabric.endpoints.host]]
        row = np.cumsum(stays) - 1
        vars(less)["endpoint_switch"] = np.where((at >= 0) & stays[at], row[at], -1)  # where the property keeps it
    return less


def with_digest(fabric: Fabric, network: int, thing: Thing, less: Fabric) -> None:
    """Keeps, for the certificate that is written of `less`, the checker's reading of the network that is left."""
    stays, name = _staying(fabric, network, thing), fabric.networks[network]
    if stays is not None:
        once(less, ("switch graph", name), lambda: remaining_graph(switch_graph(fabric, name), fabric, stays))


def _staying(fabric: Fabric, network: int, thing: Thing) -> BoolArray | None:
    """Shape (devices,): which devices stay; None where what stays may not be as it was."""
    shape = next((dict(o.shape) for o in fabric.origins if o.network == fabric.networks[network]), {})
    if thing.links or not thing.devices or SPINES_IN in shape or LEAVES_IN in shape or not is_plain(fabric):
        return None
    result = np.ones(len(fabric.devices), dtype=np.bool_)
    result[[fabric.device_row[name] for name in thing.devices]] = False
    return result
