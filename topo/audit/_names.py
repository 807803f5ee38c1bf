"""Finds the port that somebody else's device and port names mean."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from topo.fabric import HOST, Fabric
from topo.importers.as_built import Seen

UNKNOWN, NO_PORT = -1, -2
"""Instead of a port row: the device is unknown; the device has no such port, or no port was named."""


@dataclass
class PortNames:
    """Looks devices up by name, with or without a domain; ports by the vendor's name, by number, and for adapters of
    hosts as `HCA-n/p` or as the host's own port name."""

    fabric: Fabric
    _layouts: dict[bytes, dict[str, int]] = field(default_factory=dict)
    _of_device: dict[int, dict[str, int]] = field(default_factory=dict)

    def device(self, name: str) -> int:
        """A device row, or UNKNOWN."""
        rows = self.fabric.device_row
        if name in rows:
            return rows[name]
        return rows.get(name.split(".", 1)[0], UNKNOWN)

    def port(self, device: int, name: str) -> int:
        """A port row of the device, or NO_PORT."""
        known = self._of_device.get(device)
        if known is None:
            known = self._of_device[device] = self._layout(device)
        offset = known.get(name, known.get(name.lower(), -1))
        return NO_PORT if offset < 0 else int(self.fabric.port_start[device]) + offset

    def ends(self, cable: Seen) -> tuple[int, int, int, int]:
        """Devices and ports of a cable."""
        a, b = self.device(cable.a_device), self.device(cable.b_device)
        port_a = self.port(a, cable.a_port) if a >= 0 else UNKNOWN
        port_b = self.port(b, cable.b_port) if b >= 0 else UNKNOWN
        return a, b, port_a, port_b

    def _layout(self, device: int) -> dict[str, int]:
        """Names of the device's ports -> offset; devices with equal ports share one."""
        fabric = self.fabric
        start, stop = int(fabric.port_start[device]), int(fabric.port_start[device + 1])
        is_host = bool(fabric.devices.tier[device] == HOST)
        names = fabric.ports.name[start:stop]
        adapters = self._adapters(device, start, stop) if is_host else np.zeros((0, 3), dtype=np.int64)
        key = names.tobytes() + adapters.tobytes() + bytes([is_host])
        if key not in self._layouts:
            found: dict[str, int] = {}
            words = fabric.port_names[names].tolist()
            numbers = fabric.ports.number[start:stop].tolist()
            for offset, number in enumerate(numbers):
                found[str(number)] = offset
            for offset, hca, port in adapters.tolist():
                found[f"HCA-{hca}/{port}"] = found[f"hca-{hca}/{port}"] = offset
                found[f"{words[offset]}/{port}"] = offset
            for offset, word in enumerate(words):
                found[word.lower()] = found[word] = offset
            self._layouts[key] = found
        return self._layouts[key]

    def _adapters(self, device: int, start: int, stop: int) -> np.ndarray[tuple[int, int], np.dtype[np.int64]]:
        """Offset, adapter number and adapter port of the host's endpoints, adapters counted over its networks."""
        low, high = np.searchsorted(self._sorted_hosts[0], [device, device + 1])
        rows = self._sorted_hosts[1][low:high]
        ends = self.fabric.endpoints
        nics = sorted({(int(ends.network[r]), int(ends.nic[r])) for r in rows})
        found = [
            (
                int(ends.port[r]) - start,
                nics.index((int(ends.network[r]), int(ends.nic[r]))) + 1,
                int(ends.nic_port[r]) + 1,
            )
            for r in rows
        ]
        return np.array(sorted(found), dtype=np.int64).reshape(-1, 3)

    @property
    def _sorted_hosts(
        self,
    ) -> tuple[np.ndarray[tuple[int], np.dtype[np.int64]], np.ndarray[tuple[int], np.dtype[np.int64]]]:
        if not hasattr(self, "_hosts"):
            order = np.argsort(self.fabric.endpoints.host, kind="stable")
            self._hosts = (np.asarray(self.fabric.endpoints.host)[order].astype(np.int64), order.astype(np.int64))
        return self._hosts
