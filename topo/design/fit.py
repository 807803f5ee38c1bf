"""Whether the hosts' NICs and a network's switches can talk to each other at all."""

from __future__ import annotations

from topo.design.model import Design, Network
from topo.errors import InputError, ParameterError, Problem


def check_fit(design: Design, network: Network) -> None:
    """Raises InputError where no host has a NIC for the network, or where a NIC and a switch of it have no protocol
    in common."""
    nics = {nics.nic for group in design.groups for nics in group.part.nics if nics.network == network.name}
    if not nics:
        known = sorted({nics.network for group in design.groups for nics in group.part.nics})
        raise InputError(Problem("no host of this design has a NIC for this network", allowed=", ".join(known)))
    params = network.params
    for key in sorted(type(params).model_fields):
        part_id = getattr(params, key)
        if part_id is None or not (key == "switch" or key.endswith("_switch")):
            continue
        switch = design.catalog.switch(part_id, key)
        for nic_id in sorted(nics):
            nic = design.catalog.nic(nic_id)
            if not set(nic.network) & set(switch.network):
                raise ParameterError(
                    key,
                    switch.id,
                    f"speaks {' and '.join(switch.network)}, but the NIC {nic.id} {' and '.join(nic.network)}",
                )
