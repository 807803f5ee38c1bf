"""What a fabric's planes, pods or rails are, side by side: the columns of the overview."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from topo.diagrams.facts import short_list, switch_rows
from topo.diagrams.sheet.palette import NEUTRAL, colour
from topo.fabric import HOST, LEAF, Fabric
from topo.fabric.model import IntArray
from topo.units import amount


@dataclass(frozen=True)
class Column:
    """One column: `devices` are switch rows; empty `devices` stand for the columns left out."""

    title: str
    note: str
    colour: str
    devices: IntArray


def columns(fabric: Fabric, network: int, most: int) -> tuple[str, list[Column]]:
    """How the network's switches split into columns, and the columns: by plane, or pod, or rail, or one for all.

    The first column title says what they are. Switches that belong to no column (cores above pods, spines above rails)
    are in none.
    """
    rows = switch_rows(fabric, network)
    d = fabric.devices
    leaf = rows[(d.tier[rows] == LEAF)]
    for kind, key, among in (("plane", d.plane, rows), ("pod", d.pod, rows), ("rail", d.rail, leaf)):
        values = np.unique(key[among])
        values = values[values >= 0].tolist()
        if len(values) > 1:
            return kind, _split(fabric, kind, key, among, values, most)
    return "", [Column("", "", NEUTRAL, rows)]


def _split(fabric: Fabric, kind: str, key: IntArray, among: IntArray, values: list[int], most: int) -> list[Column]:
    result = []
    shown = short_list(values, most)
    for value in shown:
        if value is None:
            left_out = [v for v in values if v not in shown]
            rows = among[np.isin(key[among], left_out)]
            result.append(Column(f"+ {amount(len(left_out), kind)}", _alike(fabric, key, left_out, rows), "", rows))
        else:
            rows = among[key[among] == value]
            result.append(Column(f"{kind} {value}", "", _shade(fabric, kind, value, rows), rows))
    return result


def _shade(fabric: Fabric, kind: str, value: int, rows: IntArray) -> str:
    if kind != "pod":
        return colour(value)
    rail = np.unique(fabric.devices.rail[rows[fabric.devices.tier[rows] == LEAF]])
    return colour(int(rail[0])) if len(rail) == 1 and rail[0] >= 0 else NEUTRAL


def _alike(fabric: Fabric, key: IntArray, values: list[int], rows: IntArray) -> str:
    """'alike', or how many switches the smallest and the largest of these have."""
    sizes = np.bincount(key[rows])[values]
    low, high = int(sizes.min()), int(sizes.max())
    return f"{amount(low, 'switch')} each" if low == high else f"{low:,} to {amount(high, 'switch')} each"


def hosts_under(fabric: Fabric, network: int, group: IntArray) -> Callable[[int], int] | None:
    """Hosts by the group (shape (devices,)) of their switches, or None where a host reaches several groups."""
    ends = np.flatnonzero((fabric.endpoints.network == network) & (fabric.endpoint_switch >= 0))
    host, of = fabric.endpoints.host[ends], group[fabric.endpoint_switch[ends]]
    low = np.full(len(fabric.devices), np.iinfo(np.int64).max)
    high = np.full(len(fabric.devices), -1, dtype=np.int64)
    np.minimum.at(low, host, of)
    np.maximum.at(high, host, of)
    reached = np.flatnonzero(fabric.devices.tier == HOST)
    reached = reached[high[reached] >= 0]
    if not len(reached) or (low[reached] != high[reached]).any():
        return None
    count = np.bincount(high[reached], minlength=int(group.max(initial=0)) + 1)
    return lambda row: int(count[row])
