"""What hosts bring to a network: kinds of hosts and their numbers, and, where asked for, every endpoint as a row.

Closed forms need the kinds alone, whatever the size; the columns of all endpoints are made when wiring asks for them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Any

import numpy as np

from topo.catalog import Catalog, Host
from topo.catalog.models import Nic
from topo.catalog.ports import host_ports, misnamed
from topo.errors import InputError, ParameterError, Problem
from topo.fabric.model import FloatArray, IntArray, Table
from topo.units import amount


@dataclass(frozen=True)
class HostGroup:
    """`count` hosts of one part."""

    part: Host
    count: int


@dataclass(frozen=True)
class HostPorts:
    """The ports of one host of a group (shape (ports,) each); `nics` counts the NICs of the port's network."""

    network: tuple[str, ...]
    names: tuple[str, ...]
    nic: IntArray
    nic_port: IntArray
    nics: IntArray
    cage: IntArray
    sub: IntArray
    lanes: IntArray
    gbps: FloatArray


@dataclass(frozen=True, eq=False)
class OneHost(Table):
    """The endpoints of one host in a network, ordered by NIC and NIC port (shape (n,) each); `gpu_first` and
    `gpu_count` as in `topo.fabric.Endpoints`. Made once for each part, network and speed."""

    nic: IntArray
    nic_port: IntArray
    gbps: FloatArray
    gpu_first: IntArray
    gpu_count: IntArray

    __hash__ = object.__hash__

    def __len__(self) -> int:
        return len(self.nic)

    def __eq__(self, other: object) -> bool:
        return self is other


@dataclass(frozen=True)
class Kind:
    """`count` alike hosts of `gpus` GPUs, and what one of them brings. A scale-up domain joins `domain` of them (0:
    there is none) over `planes` switches (0: not known)."""

    count: int
    gpus: int
    one: OneHost
    part: str = ""
    domain: int = 0
    planes: int = 0


@dataclass(frozen=True)
class Attached:
    """The endpoints that hosts bring to one network, ordered by host, NIC, NIC port. Columns have shape (endpoints,);
    `slot` counts the endpoints of one host in this network from 0."""

    kinds: tuple[Kind, ...]

    def __len__(self) -> int:
        return self._number

    @cached_property
    def _number(self) -> int:
        return sum(k.count * len(k.one) for k in self.kinds)

    @cached_property
    def hosts(self) -> int:
        """Hosts with an endpoint in this network."""
        return sum(k.count for k in self.kinds if len(k.one))

    def speeds(self) -> list[float]:
        """The speeds of the endpoints, each once, rising."""
        return [*self._speeds]

    @cached_property
    def _speeds(self) -> list[float]:
        return sorted({s for k in self.kinds if k.count for s in k.one.gbps.tolist()})

    def grown(self, gpus: int) -> Attached:
        """The same with as many hosts of the first kind as `gpus` GPUs need; raises ParameterError where that is no
        whole number of hosts, or fewer than there are."""
        first = self.kinds[0]
        each, have = max(first.gpus, 1), self.kinds[0].count * first.gpus
        if gpus % each or gpus < have:
            low = max(gpus // each * each, have)
            raise ParameterError(
                "build_for_gpus",
                f"{gpus:,}",
                "is smaller than the design"
                if gpus < have
                else f"is no whole number of hosts of {amount(each, 'GPU')}",
                f"{low:,} or {max(low, gpus // each * each) + each:,}",
            )
        return Attached((replace(first, count=gpus // each), *self.kinds[1:]))

    @cached_property
    def host(self) -> IntArray:
        """The host of each endpoint, counted over all kinds."""
        first, rows = 0, []
        for k in self.kinds:
            rows.append(np.repeat(np.arange(first, first + k.count, dtype=np.int32), len(k.one)))
            first += k.count
        return np.concatenate(rows)

    @cached_property
    def slot(self) -> IntArray:
        """The position of each endpoint among those of its host."""
        result: IntArray = self.each([np.arange(len(k.one), dtype=np.int32) for k in self.kinds])
        return result

    @cached_property
    def nic(self) -> IntArray:
        """The NIC of each endpoint."""
        result: IntArray = self.each([k.one.nic for k in self.kinds])
        return result

    @cached_property
    def nic_port(self) -> IntArray:
        """The port of its NIC."""
        result: IntArray = self.each([k.one.nic_port for k in self.kinds])
        return result

    @cached_property
    def gbps(self) -> FloatArray:
        """Line rates."""
        result: FloatArray = self.each([k.one.gbps for k in self.kinds])
        return result

    @cached_property
    def gpu_first(self) -> IntArray:
        """As in `topo.fabric.Endpoints`."""
        result: IntArray = self.each([k.one.gpu_first for k in self.kinds])
        return result

    @cached_property
    def gpu_count(self) -> IntArray:
        """As in `topo.fabric.Endpoints`."""
        result: IntArray = self.each([k.one.gpu_count for k in self.kinds])
        return result

    def each(self, of_one: Sequence[Any]) -> Any:
        """A column of all endpoints from that of one host, by kind."""
        return np.concatenate([np.tile(one, k.count) for one, k in zip(of_one, self.kinds, strict=True)])


def ports_of(host: Host, catalog: Catalog) -> HostPorts:
    """The ports of one host; raises InputError where other systems' names of them mean two ports."""
    if host.port_names:
        system, name, wrong = misnamed(host, host_ports(host, catalog.nic))
        if wrong:
            file = catalog.path("host", host.id)
            raise InputError(Problem(wrong, f"port_names.{system}", name, file=str(file) if file else host.id))
    return _ports_of(host, tuple(catalog.nic(nics.nic) for nics in host.nics))


@lru_cache(maxsize=256)
def _ports_of(host: Host, parts: tuple[Nic, ...]) -> HostPorts:
    total: Counter[str] = Counter()
    for nics in host.nics:
        total[nics.network] += nics.count
    by_id = {part.id: part for part in parts}
    ports = host_ports(host, by_id.__getitem__)
    in_network: Counter[str] = Counter()
    rows = []
    for port in ports:
        if port.port == 0:
            in_network[port.nics.network] += 1
        network = port.nics.network
        rows.append((in_network[network] - 1, port.port, total[network], port.cage, port.sub, port.part.lanes))
    nic, nic_port, in_all, cage, sub, lanes = np.array(rows, dtype=np.int32).T
    speeds = np.array([float(port.part.gbps) for port in ports])
    networks, names = tuple(port.nics.network for port in ports), tuple(port.name for port in ports)
    return HostPorts(networks, names, nic, nic_port, in_all, cage, sub, lanes, speeds)


def attached(
    groups: Sequence[HostGroup],
    network: str,
    catalog: Catalog,
    endpoint_gbps: float | Callable[[str], float | None] | None = None,
    key: Callable[[str], str] | None = None,
) -> Attached:
    """The endpoints that the hosts bring to a network; `endpoint_gbps` slows the NIC ports down to a link speed, all
    alike or by host part. Raises ParameterError, at the `key` that gives a host part its speed, for too fast ones."""
    kinds = []
    for group in groups:
        parts = tuple(catalog.nic(nics.nic) for nics in group.part.nics)
        speed = endpoint_gbps(group.part.id) if callable(endpoint_gbps) else endpoint_gbps
        try:
            one = _one_host(group.part, parts, network, speed)
        except ParameterError as error:
            [problem] = error.problems
            at = key(group.part.id) if key else problem.key
            raise ParameterError(at, problem.value, problem.message, problem.allowed) from None
        inside = group.part.scale_up
        domain, planes = (inside.hosts_per_domain, inside.planes or 0) if inside else (0, 0)
        kinds.append(Kind(group.count, group.part.gpus, one, group.part.id, domain, planes))
    return Attached(tuple(kinds))


@lru_cache(maxsize=1024)
def _one_host(host: Host, parts: tuple[Nic, ...], network: str, endpoint_gbps: float | None) -> OneHost:
    ports = _ports_of(host, parts)
    own = np.array([n == network for n in ports.network])
    nic, nics, gpus = ports.nic[own], ports.nics[own], host.gpus
    gpu_first = nic * gpus // np.maximum(nics, 1)
    gpu_count = np.maximum((nic + 1) * gpus // np.maximum(nics, 1) - gpu_first, min(gpus, 1))
    speed = ports.gbps[own]
    if endpoint_gbps is not None:
        if (speed < endpoint_gbps).any():
            raise ParameterError(
                "endpoint_gbps",
                f"{endpoint_gbps:g}",
                f"faster than a NIC port of {host.id}",
                f"at most {speed.min():g}",
            )
        speed = np.full(len(speed), float(endpoint_gbps))
    return OneHost(nic, ports.nic_port[own], speed, gpu_first, gpu_count)
