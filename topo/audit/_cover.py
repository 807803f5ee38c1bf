"""Which of the plan's links the files can say anything about.

A form of reports covers the links of the devices that report. A form that tells of a fabric from outside (a subnet's
dump, a table) covers each part of the plan that hangs together by links between switches and of which it names a
switch; where one device is an end of all its cables, it is about that device alone.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from topo.audit._names import PortNames
from topo.checks.model import Finding
from topo.fabric import Fabric
from topo.fabric.model import BoolArray, IntArray
from topo.importers.as_built import AsBuilt
from topo.units import amount, verb


@dataclass(frozen=True)
class Uncovered:
    """Links that no file covers: how many, of which network, and which planes or devices they are of."""

    network: str
    links: int
    what: str

    def finding(self) -> Finding:
        """The words."""
        text = (
            f"{amount(self.links, 'planned cable')} of the {self.network} network {verb(self.links, 'are')} "
            "not covered by the "
            f"files: {self.what}"
        )
        return Finding("not-covered", "note", text, (self.network,))


def covered(fabric: Fabric, names: PortNames, files: Sequence[AsBuilt]) -> BoolArray:
    """Shape (links,): active links that some file covers."""
    result = np.zeros(len(fabric.links), dtype=np.bool_)
    parts = _parts(fabric)
    for file in files:
        rows = np.array(sorted({r for d in file.devices if (r := _row(names, file, d)) >= 0}), dtype=np.int64)
        switches = rows[~fabric.is_host[rows]] if len(rows) else rows
        named = np.isin(parts, parts[switches]) if len(switches) else np.zeros(len(fabric.devices), dtype=np.bool_)
        named &= ~fabric.is_host
        within = named[fabric.link_a] | named[fabric.link_b]
        speakers = _speakers(fabric, names, file)
        if speakers is not None:
            speak = np.zeros(len(fabric.devices), dtype=np.bool_)
            speak[speakers] = True
            by_switch = speak & ~fabric.is_host
            told = by_switch[fabric.link_a] | by_switch[fabric.link_b]
            by_host = speak & fabric.is_host
            told |= within & (by_host[fabric.link_a] | by_host[fabric.link_b])
            result |= told
        else:
            result |= within
    return np.asarray(result & fabric.links.active)


def _row(names: PortNames, file: AsBuilt, device: str) -> int:
    row = names.device(device)
    return row if row >= 0 or device not in file.chassis else names.device(file.chassis[device])


def _speakers(fabric: Fabric, names: PortNames, file: AsBuilt) -> list[int] | None:
    if file.reporters is not None:
        return [r for d in file.reporters if (r := names.device(d)) >= 0]
    if len(file.cables) < 2:
        return None
    ends = Counter(d for c in file.cables for d in {c.a_device, c.b_device})
    centre, number = ends.most_common(1)[0]
    row = _row(names, file, centre)
    if number < len(file.cables) or row < 0 or fabric.is_host[row]:
        return None
    return [row]


def _parts(fabric: Fabric) -> IntArray:
    """By device: the number of the part of the plan that links between switches join; hosts have parts of their own."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    between = ~fabric.is_endpoint_link
    n = len(fabric.devices)
    a, b = fabric.link_a[between], fabric.link_b[between]
    return np.asarray(connected_components(coo_matrix((np.ones(len(a)), (a, b)), shape=(n, n)), directed=False)[1])


def uncovered(fabric: Fabric, expected: BoolArray) -> tuple[Uncovered, ...]:
    """What the files do not cover, by network."""
    result = []
    for network, name in enumerate(fabric.networks):
        mask = (fabric.links.network == network) & fabric.links.active
        rest = np.flatnonzero(mask & ~expected)
        if not len(rest):
            continue
        planes: dict[int, int] = defaultdict(int)
        for plane in fabric.links.plane[rest].tolist():
            planes[plane] += 1
        whole = [p for p, n in planes.items() if n == int((mask & (fabric.links.plane == p)).sum())]
        several = len(set(fabric.links.plane[mask].tolist())) > 1
        if len(rest) == int(mask.sum()):
            what = "all of it"
        elif several and len(whole) == len(planes):
            what = f"planes {_numbers(sorted(whole))}"
        else:
            devices = [str(d) for d in fabric.devices.name[np.unique(fabric.link_b[rest])].tolist()]
            what = f"at {', '.join(devices[:5])}" + (f" and {len(devices) - 5:,} more" if len(devices) > 5 else "")
        result.append(Uncovered(name, len(rest), what))
    return tuple(result)


def _numbers(values: Sequence[int]) -> str:
    if len(values) > 2 and values[-1] - values[0] == len(values) - 1:
        return f"{values[0]} to {values[-1]}"
    return ", ".join(map(str, values))
