"""The fabric on the way from one plan to another: some links moved, some still where they were, some out of service."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np

from topo.errors import ParameterError
from topo.fabric import Fabric, Links
from topo.fabric.fabric import keep
from topo.fabric.model import BoolArray, IntArray
from topo.units import amount, verb

GROW = "`topo grow` proposes a larger design that keeps what stands; build_for_gpus keeps room from the start"


@dataclass(frozen=True)
class OnTheWay:
    """Two fabrics of which the new one has every device and port of the old. `old` links stand in the new one's rows
    (`a`, `b`, `kind` and `network`); `hosts` says which devices stay when the hosts that come later are left out."""

    new: Fabric
    old: Links
    hosts: BoolArray

    def fabric(self, old_rows: IntArray, new_rows: IntArray) -> Fabric:
        """Old links of these rows and new links of those in service, between the hosts of the old fabric and all
        switches of the new one."""
        parts = [self.old.rows(old_rows), self.new.links.rows(new_rows)]
        columns = {f.name: np.concatenate([getattr(p, f.name) for p in parts]) for f in fields(Links)}
        device = self.new.ports.device
        ends = np.stack([device[columns["a"]], device[columns["b"]]])
        order = np.lexsort((ends[1], ends[0], columns["kind"], columns["network"]))
        columns = {name: column[order] for name, column in columns.items()}
        columns["id"] = np.arange(len(order))
        columns["bundle"] = np.unique(ends[:, order], axis=1, return_inverse=True)[1].reshape(-1)
        half = replace(self.new, links=Links(**columns), cables=None)
        return keep(half, self.hosts, np.ones(len(order), dtype=np.bool_))


def on_the_way(old: Fabric, new: Fabric) -> OnTheWay:
    """What the fabrics between the two are made of; raises ParameterError where the new one lacks a device or a port
    that the old one uses."""
    row = np.array([new.device_row.get(name, -1) for name in old.devices.name.tolist()], dtype=np.int64)
    gone = np.zeros(len(old.devices), dtype=np.bool_)
    gone[np.concatenate([old.link_a, old.link_b])] = True
    gone &= row < 0
    if gone.any():
        first = str(old.devices.name[int(np.argmax(gone))])
        raise ParameterError(
            "gpus",
            first,
            f"the larger fabric has no place for {amount(int(gone.sum()), 'device')} that "
            f"{verb(int(gone.sum()), 'stand')}",
            hint=GROW,
        )
    port: dict[tuple[int, str], int] = {}
    names = new.port_name(np.arange(len(new.ports))).tolist()
    for i, (device, name) in enumerate(zip(new.ports.device.tolist(), names, strict=True)):
        port[device, name] = i
    columns = {f.name: np.array(getattr(old.links, f.name)) for f in fields(Links)}
    for end in ("a", "b"):
        rows = columns[end]
        at = zip(row[old.ports.device[rows]].tolist(), old.port_name(rows).tolist(), strict=True)
        result = np.array([port.get(where, -1) for where in at], dtype=np.int64)
        if (result < 0).any():
            i = int(rows[int(np.argmax(result < 0))])
            name = f"{old.devices.name[old.ports.device[i]]}:{old.port_name(np.array([i]))[0]}"
            raise ParameterError("gpus", name, "the larger fabric has no such port on a switch that stands", hint=GROW)
        columns[end] = result
    kinds, networks = list(new.link_kinds), list(new.networks)
    columns["kind"] = np.array([_index(kinds, old.link_kinds[k]) for k in columns["kind"].tolist()], dtype=np.int32)
    columns["network"] = np.array([_index(networks, old.networks[n]) for n in columns["network"].tolist()], np.int32)
    stays = ~new.is_host
    stays[row[row >= 0]] = True
    return OnTheWay(new, Links(**columns), stays)


def _index(known: list[str], word: str) -> int:
    return known.index(word) if word in known else 0
