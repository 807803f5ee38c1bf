"""Which devices a view is about: a plane, a pod, a rail, with the hosts on it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from topo.diagrams.facts import name_numbers, numbers, switch_rows
from topo.errors import ParameterError
from topo.fabric import LEAF, SPINE, SWITCH, Fabric
from topo.fabric.model import BoolArray, IntArray


def chosen(fabric: Fabric, network: int, word: str, value: int) -> IntArray:
    """The switches of a plane or pod; raises ParameterError that lists those there are."""
    rows = switch_rows(fabric, network)
    column = fabric.devices.plane if word == "plane" else fabric.devices.pod
    result = rows[column[rows] == value]
    if not len(result):
        known = [int(v) for v in np.unique(column[rows]) if v >= 0]
        raise ParameterError(word, value, f"{fabric.name} has no such {word}", numbers(known) or "none")
    return np.asarray(result)


def hosts_on(fabric: Fabric, network: int, switches: IntArray) -> IntArray:
    """Device rows of the hosts with an endpoint on one of the switches."""
    mask = (fabric.endpoints.network == network) & np.isin(fabric.endpoint_switch, switches)
    return np.unique(fabric.endpoints.host[mask])


def first_switch(fabric: Fabric, network: int, among: IntArray) -> IntArray:
    """Shape (devices,): the lowest switch row of `among` that a host has an endpoint on, -1 for all others."""
    result = np.full(len(fabric.devices), np.iinfo(np.int64).max)
    mask = (fabric.endpoints.network == network) & np.isin(fabric.endpoint_switch, among)
    np.minimum.at(result, fabric.endpoints.host[mask], fabric.endpoint_switch[mask])
    return np.where(result == np.iinfo(np.int64).max, -1, result)


def leaf_index(fabric: Fabric, network: int, among: IntArray) -> IntArray:
    """Shape (devices,): a number for a host's first switch of `among`, to group hosts that sit together: the one in the
    switch's name, or its index, where that tells them apart, else its position in `among`; -1 for all others."""
    first = first_switch(fabric, network, among)
    used = np.unique(first[first >= 0])
    number = np.full(len(fabric.devices) + 1, -1, dtype=np.int64)
    for told in (name_numbers(fabric, used)[1], fabric.devices.index[used], np.searchsorted(among, used)):
        if len(np.unique(told)) == len(used):
            number[used] = told
            break
    return np.asarray(number[first])


def neighbours_above(fabric: Fabric, network: int, switches: IntArray) -> IntArray:
    """Switches of a higher tier that links of a network join to one of these."""
    tier = fabric.devices.tier
    up = (tier[fabric.link_b] > tier[fabric.link_a]) | fabric.lent_to(network, SPINE)[fabric.link_b]
    up &= np.isin(fabric.link_a, switches) & (fabric.links.network == network)
    return np.unique(fabric.link_b[up])


def lent_above(fabric: Fabric, network: int, switches: IntArray) -> IntArray:
    """The switches of another network that stand above some of this one's: its spines, in all but name."""
    above = neighbours_above(fabric, network, switches)
    return np.asarray(above[fabric.devices.network[above] != network])


def is_tree(fabric: Fabric, network: int) -> bool:
    """Whether the network has tiers."""
    return bool((fabric.devices.tier[switch_rows(fabric, network)] != SWITCH).all())


def split_by_tier(fabric: Fabric, rows: IntArray) -> list[tuple[int, IntArray]]:
    """(tier, rows), highest tier first."""
    tier = fabric.devices.tier[rows]
    return [(int(t), rows[tier == t]) for t in np.unique(tier)[::-1]]


def leaves_of(fabric: Fabric, rows: IntArray) -> IntArray:
    """The leaves among some devices."""
    return np.asarray(rows[fabric.devices.tier[rows] == LEAF])


def between(fabric: Fabric, network: int, groups: Sequence[IntArray]) -> BoolArray:
    """Shape (links,): links of a network with both ends among the given devices."""
    inside = np.zeros(len(fabric.devices), dtype=np.bool_)
    for rows in groups:
        inside[rows] = True
    return np.asarray((fabric.links.network == network) & inside[fabric.link_a] & inside[fabric.link_b])
