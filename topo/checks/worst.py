"""What the wiring checks share: capped lists of findings, and columns seen from both ends of a link."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from topo.catalog import Catalog, Host, Switch
from topo.checks.model import Finding
from topo.fabric import Fabric
from topo.fabric.model import IntArray
from topo.fabric.once import once

LISTED = 20
"""Findings that one check writes out; the rest are counted."""


def capped(
    code: str, rows: IntArray, describe: Callable[[int], Finding], what: str, severity: str = "error"
) -> list[Finding]:
    """A finding for each of the first `LISTED` rows (worst first), then one that counts the rest as `what`."""
    result = [describe(int(row)) for row in rows[:LISTED]]
    if len(rows) > LISTED:
        result.append(Finding(code, severity, f"and {len(rows) - LISTED:,} more {what} ({len(rows):,} in all)"))
    return result


def worst_first(rows: IntArray, badness: IntArray) -> IntArray:
    """The rows by falling `badness` (shape (rows,)), ties in row order."""
    return rows[np.argsort(-badness, kind="stable")]


def switch_part(catalog: Catalog, part: str) -> Switch | None:
    """The switch of this id; None for parts that are no switch of the catalog, as in imported fabrics."""
    return catalog.switch(part) if part and catalog.path("switch", part) else None


def host_part(catalog: Catalog, part: str) -> Host | None:
    """The host of this id; None for parts that are no host of the catalog."""
    return catalog.host(part) if part and catalog.path("host", part) else None


def endpoint_of_port(fabric: Fabric) -> IntArray:
    """Shape (ports,): the endpoint row that a port is, -1 for all others."""

    def read() -> IntArray:
        result = np.full(len(fabric.ports), -1, dtype=np.int64)
        result[fabric.endpoints.port] = np.arange(len(fabric.endpoints))
        return result

    return once(fabric, "endpoint of port", read)


def at_ends(fabric: Fabric, of_device: IntArray, of_endpoint: IntArray) -> tuple[IntArray, IntArray]:
    """Shape (links,) twice: a value at end a and at end b, from the device's column for switches and from the
    endpoint's for hosts; -1 where it does not apply."""
    padded, row = np.append(of_endpoint, -1), endpoint_of_port(fabric)

    def at(port: IntArray, device: IntArray) -> IntArray:
        result = of_device[device].astype(np.result_type(of_device, padded))
        hosts = np.flatnonzero(fabric.is_host[device])
        result[hosts] = padded[row[port[hosts]]]
        return result

    return at(fabric.links.a, fabric.link_a), at(fabric.links.b, fabric.link_b)


def networks_at_ends(fabric: Fabric) -> tuple[IntArray, IntArray]:
    """Shape (links,) twice: the network at end a and at end b, the link's own where that uses another's switch."""

    def read() -> tuple[IntArray, IntArray]:
        rows = np.arange(len(fabric.links))
        a, b = at_ends(fabric, fabric.devices.network, fabric.endpoints.network)
        if all(fabric.lender(row) == row for row in range(len(fabric.networks))):
            return a, b
        return (
            np.where(fabric.is_host[fabric.link_a], a, fabric.network_at(fabric.link_a, rows)),
            np.where(fabric.is_host[fabric.link_b], b, fabric.network_at(fabric.link_b, rows)),
        )

    return once(fabric, "networks at ends", read)


def differ(first: IntArray, second: IntArray) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Where both values apply and are not equal."""
    return np.asarray((first >= 0) & (second >= 0) & (first != second))


def typical(group: IntArray, value: IntArray, groups: int) -> IntArray:
    """Shape (groups,): the value that most members of a group have (the largest of equally frequent ones), 0 for an
    empty group."""
    width = int(value.max(initial=0)) + 1
    key, times = np.unique(group * width + value, return_counts=True)
    order = np.lexsort((key, times))
    result = np.zeros(groups, dtype=np.int64)
    result[key[order] // width] = key[order] % width
    return result
