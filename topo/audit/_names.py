"""Finds the port that somebody else's device and port names mean."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from topo.fabric import HOST, Fabric
from topo.importers.as_built import Seen

_MARKS = re.compile(r"[:.-]")
UNKNOWN, NO_PORT = -1, -2
"""Instead of a port row: the device is unknown; the device has no such port, or no port was named."""


@dataclass
class PortNames:
    """Looks devices up by name, with or without a domain, capitals alike; ports by the vendor's name, by number, and
    for adapters of hosts as `HCA-n/p` or as the host's own port name. `real`: further names of devices (a site's own,
    serial numbers, GUIDs), in small letters, with the planned name they stand for. `learnt`: (device row, port name) ->
    port row, as told by all names together."""

    fabric: Fabric
    real: Mapping[str, str] = field(default_factory=dict)
    learnt: dict[tuple[int, str], int] = field(default_factory=dict)
    _layouts: dict[bytes, dict[str, int]] = field(default_factory=dict)
    _of_device: dict[int, dict[str, int]] = field(default_factory=dict)
    _found: dict[str, int] = field(default_factory=dict)

    def device(self, name: str) -> int:
        """A device row, or UNKNOWN."""
        row = self._found.get(name)
        if row is None:
            row = self._found[name] = self._device(name)
        return row

    def _device(self, name: str) -> int:
        rows, low = self.fabric.device_row, name.lower()
        bare = _MARKS.sub("", low)
        for word in (
            low,
            bare.zfill(16) if len(bare) == 12 else low,
            low.partition(".")[0],
            low.rpartition("-")[2] if low.startswith(("adapter-", "switch-")) else low,
        ):
            planned = self.real.get(word)
            if planned is not None:
                return rows[planned]
        if name in rows:
            return rows[name]
        result = self._low.get(low, UNKNOWN)
        return result if result != UNKNOWN else self._low.get(low.partition(".")[0], UNKNOWN)

    @property
    def _low(self) -> dict[str, int]:
        """Names in small letters, whole and without a domain, that mean one device."""
        if not hasattr(self, "_lower"):
            result: dict[str, int] = {}
            for row, name in enumerate(self.fabric.devices.name.tolist()):
                for word in {name.lower(), name.lower().partition(".")[0]}:
                    result[word] = row if word not in result else UNKNOWN
            for row, name in enumerate(self.fabric.devices.name.tolist()):
                result[name.lower()] = row if result[name.lower()] in (row, UNKNOWN) else result[name.lower()]
            self._lower = result
        return self._lower

    def port(self, device: int, name: str) -> int:
        """A port row of the device, or NO_PORT."""
        if self.learnt and (row := self.learnt.get((device, name))) is not None:
            return row
        known = self._of_device.get(device)
        if known is None:
            known = self._of_device[device] = self._layout(device)
        offset = known.get(name, known.get(name.lower(), -1))
        return NO_PORT if offset < 0 else int(self.fabric.port_start[device]) + offset

    def ends(self, cable: Seen) -> tuple[int, int, int, int]:
        """Devices and ports of a cable."""
        a, b = self.device(cable.a_device), self.device(cable.b_device)
        port_a = self._first(a, cable.a_port, cable.a_other) if a >= 0 else UNKNOWN
        port_b = self._first(b, cable.b_port, cable.b_other) if b >= 0 else UNKNOWN
        return a, b, port_a, port_b

    def _first(self, device: int, name: str, other: tuple[str, ...]) -> int:
        result = self.port(device, name) if name else NO_PORT
        for word in other if result < 0 else ():
            result = self.port(device, word)
            if result >= 0:
                break
        return result

    def _layout(self, device: int) -> dict[str, int]:
        """Names of the device's ports -> offset; devices with equal ports share one."""
        fabric = self.fabric
        start, stop = int(fabric.port_start[device]), int(fabric.port_start[device + 1])
        is_host = bool(fabric.devices.tier[device] == HOST)
        names = fabric.ports.name[start:stop]
        adapters = self._adapters(device, start, stop) if is_host else np.zeros((0, 3), dtype=np.int64)
        group = int(fabric.devices.group[device]) if is_host else -1
        listed = fabric.system_names[group] if 0 <= group < len(fabric.system_names) else ()
        key = names.tobytes() + adapters.tobytes() + bytes([is_host]) + repr(listed).encode()
        if key not in self._layouts:
            result: dict[str, int] = {}
            words = fabric.port_names[names].tolist()
            numbers = fabric.ports.number[start:stop].tolist()
            for offset, number in enumerate(numbers):
                result[str(number)] = offset
            for offset, hca, port in adapters.tolist():
                result[f"HCA-{hca}/{port}"] = result[f"hca-{hca}/{port}"] = offset
                result[f"{words[offset]}/{port}"] = offset
                if port == 1:
                    result.setdefault(f"hca-{hca}", offset)
            for _, said in listed:
                for offset, word in enumerate(said[: stop - start]):
                    for form in (word, word.lower(), f"{word}/1") if word else ():
                        result.setdefault(form, offset)
            for offset, word in enumerate(words):
                result[word.lower()] = result[word] = offset
            self._layouts[key] = result
        return self._layouts[key]

    def _adapters(self, device: int, start: int, stop: int) -> np.ndarray[tuple[int, int], np.dtype[np.int64]]:
        """Offset, adapter number and adapter port of the host's endpoints, adapters counted over its networks."""
        low, high = np.searchsorted(self._sorted_hosts[0], [device, device + 1])
        rows = self._sorted_hosts[1][low:high]
        ends = self.fabric.endpoints
        nics = sorted({(int(ends.network[r]), int(ends.nic[r])) for r in rows})
        result = [
            (
                int(ends.port[r]) - start,
                nics.index((int(ends.network[r]), int(ends.nic[r]))) + 1,
                int(ends.nic_port[r]) + 1,
            )
            for r in rows
        ]
        return np.array(sorted(result), dtype=np.int64).reshape(-1, 3)

    @property
    def _sorted_hosts(
        self,
    ) -> tuple[np.ndarray[tuple[int], np.dtype[np.int64]], np.ndarray[tuple[int], np.dtype[np.int64]]]:
        if not hasattr(self, "_hosts"):
            order = np.argsort(self.fabric.endpoints.host, kind="stable")
            self._hosts = (np.asarray(self.fabric.endpoints.host)[order].astype(np.int64), order.astype(np.int64))
        return self._hosts
