"""Whether the hosts' NICs and a network's switches exist and can talk to each other at all."""

from __future__ import annotations

from collections.abc import Sequence

from topo.catalog import Catalog, Switch
from topo.design.model import Network
from topo.errors import InputError, ParameterError, Problem
from topo.generators import HostGroup
from topo.generators.trees.leaf_kinds import UnlikeParams


def check_fit(network: Network, groups: Sequence[HostGroup] | None, catalog: Catalog) -> None:
    """Raises InputError for switches that the catalog lacks, where no host has a NIC for the network, and where a NIC
    and a switch of it have no protocol in common. `groups` is None where the hosts are not known."""
    problems: list[Problem] = []
    switches: dict[str, Switch] = {}
    for key in sorted(type(network.params).model_fields):
        part_id = getattr(network.params, key)
        if isinstance(part_id, str) and (key == "switch" or key.endswith("_switch")):
            try:
                switches[key] = catalog.switch(part_id, key)
            except InputError as error:
                problems += error.problems
    for i, kind in enumerate(network.params.leaves if isinstance(network.params, UnlikeParams) else ()):
        if kind.switch:
            try:
                switches[f"leaves[{i}].switch"] = catalog.switch(kind.switch, f"leaves[{i}].switch")
            except InputError as error:
                problems += error.problems
    if groups is not None:
        problems += _strangers(network.name, groups, switches, catalog)
    if problems:
        raise InputError(problems)


def _strangers(
    network: str, groups: Sequence[HostGroup], switches: dict[str, Switch], catalog: Catalog
) -> list[Problem]:
    nics = sorted({nics.nic for group in groups for nics in group.part.nics if nics.network == network})
    if not nics:
        known = sorted({nics.network for group in groups for nics in group.part.nics})
        return [Problem("no host of this design has a NIC for this network", allowed=", ".join(known))]
    problems: list[Problem] = []
    for key, switch in switches.items():
        for nic in (catalog.nic(part_id) for part_id in nics):
            if not set(nic.network) & set(switch.network):
                message = f"speaks {' and '.join(switch.network)}, but the NIC {nic.id} {' and '.join(nic.network)}"
                speaks = sorted(s for s in catalog.ids("switch") if set(catalog.switch(s).network) & set(nic.network))
                problems += ParameterError(key, switch.id, message, ", ".join(speaks)).problems
    return problems
