"""Names that are used twice, that hold other characters than A-Z a-z 0-9 . _ -, and ports of one name on a device."""

from __future__ import annotations

import string

import numpy as np

from topo.checks.labels import device_label, port_label
from topo.checks.model import Context, Finding, WiringCheck
from topo.checks.registries import wiring_checks
from topo.checks.worst import capped, worst_first
from topo.errors import shown
from topo.fabric.model import BoolArray, StrArray
from topo.units import amount, verb

CODE = "names"
ALLOWED = string.ascii_letters + string.digits + "._-"


def badly_spelled(names: StrArray) -> BoolArray:
    """Shape (names,): where a name is empty or holds another character than `ALLOWED`."""
    if not len(names) or not names.dtype.itemsize:
        return np.ones(len(names), dtype=np.bool_)
    codes = np.ascontiguousarray(names).view(np.uint32).reshape(len(names), -1)
    good = np.zeros(129, dtype=np.bool_)
    good[[0, *map(ord, ALLOWED)]] = True
    inner = (codes[:, 1:] != 0) & (codes[:, :-1] == 0)
    return np.asarray(~good[np.minimum(codes, 128)].all(axis=1) | (codes[:, 0] == 0) | inner.any(axis=1))


def _run(context: Context) -> list[Finding]:
    fabric, devices, ports = context.fabric, context.fabric.devices, context.fabric.ports

    def spelled(row: int) -> Finding:
        name = shown(device_label(fabric, row))
        return Finding(CODE, "error", f"device name {name!r} is not made of A-Z a-z 0-9 . _ -", (name,))

    result = capped(CODE, np.flatnonzero(badly_spelled(devices.name)), spelled, "device names hold other characters")
    unique, times = np.unique(devices.name, return_counts=True)

    def twice(row: int) -> Finding:
        name = shown(unique[row])
        return Finding(
            CODE,
            "error",
            f"{amount(times[row], 'device')} {verb(times[row], 'are')} called {name}",
            (name,),
            "names are unique",
        )

    rows = np.flatnonzero(times > 1)
    result += capped(CODE, worst_first(rows, times[rows]), twice, "device names are used more than once")
    key = ports.device.astype(np.int64) * (len(fabric.port_names) + 1) + ports.name
    ascending = bool((key[1:] > key[:-1]).all())
    order = np.arange(0) if ascending else np.argsort(key, kind="stable")
    again = order[1:][key[order][1:] == key[order][:-1]]

    def port_twice(row: int) -> Finding:
        return Finding(CODE, "error", f"two ports are called {port_label(fabric, row)}", (port_label(fabric, row),))

    return result + capped(CODE, np.sort(again), port_twice, "port names are used more than once on their device")


wiring_checks.add(CODE, WiringCheck("every device and port has a name of its own, well spelled", _run))
