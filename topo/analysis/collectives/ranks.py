"""Ranks on GPUs."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np

from topo.errors import ParameterError
from topo.fabric import Fabric
from topo.fabric.model import IntArray
from topo.units import amount, verb

Order = Literal["packed", "strided"]


class UnevenRanksError(ParameterError):
    """Ranks that lie unevenly on scale-up domains, where an operation needs equally many on each."""


@dataclass(frozen=True)
class Ranks:
    """GPUs that take part, in rank order (shape (ranks,) each): device row of the host, GPU of the host, scale-up
    domain. `per_host` ranks lie on each of `hosts` hosts; GPU `j` of the `i`-th host is rank `grid[i, j]`."""

    host: IntArray
    gpu: IntArray
    domain: IntArray
    grid: IntArray

    def __len__(self) -> int:
        return len(self.host)

    @cached_property
    def blocks(self) -> IntArray:
        """Shape (domains, ranks of a domain): the ranks of each scale-up domain (a host, where it has none), host by
        host. Raises ParameterError where domains have unlike numbers of ranks, with the nearest numbers that do."""
        domain = self.domain[self.grid[:, 0]]
        _, first, count = np.unique(domain, return_index=True, return_counts=True)
        if len(np.unique(count)) > 1:
            most = int(count.max()) * self.per_host
            raise _uneven(len(self), most, str(len(self) // most * most))
        order = np.argsort(first[np.unique(domain, return_inverse=True)[1].reshape(-1)], kind="stable")
        return np.asarray(self.grid[order].reshape(len(count), -1))

    @property
    def domains(self) -> int:
        """How many scale-up domains take part."""
        return len(self.blocks)

    @property
    def per_domain(self) -> int:
        """How many ranks each of them has."""
        return int(self.blocks.shape[1])

    @property
    def hosts(self) -> int:
        """How many hosts take part."""
        return len(self.grid)

    @property
    def per_host(self) -> int:
        """How many ranks each of them has."""
        return int(self.grid.shape[1])


def place(
    fabric: Fabric,
    ranks: int | None = None,
    per_host: int | None = None,
    order: Order = "packed",
    every: int = 1,
    first_gpu: int = 0,
    network: int = 0,
) -> Ranks:
    """Ranks on the GPUs of the hosts of a network, host by host in the fabric's order.

    `ranks` take as many hosts as they fill (default: all hosts), taking every `every`-th host; `per_host` GPUs of each
    host take part (default: all), from `first_gpu` on. Packed order numbers the ranks of a host in a row, strided order
    the same GPU of all hosts. Raises ParameterError where the ranks do not fit, with the nearest numbers that do; so it
    does where `ranks` would lie unevenly on several scale-up domains.
    """
    ends = fabric.endpoints
    hosts = np.unique(ends.host[(ends.network == network) & (ends.gpu_count > 0)])[::every]
    gpus = np.unique(fabric.devices.gpus[hosts])
    if len(gpus) != 1:
        shown = ", ".join(str(g) for g in gpus) or "no GPUs"
        raise ParameterError("host", shown, "ranks need hosts with equally many GPUs", "one kind of host")
    if not 0 <= first_gpu < int(gpus[0]):
        raise ParameterError("first_gpu", first_gpu, f"hosts have {amount(gpus[0], 'GPU')}", f"0 to {gpus[0] - 1:,}")
    width = int(gpus[0]) - first_gpu if per_host is None else per_host
    if not 0 < width <= int(gpus[0]) - first_gpu:
        raise ParameterError("per_host", width, "more ranks than a host has GPUs", f"1 to {int(gpus[0]) - first_gpu:,}")
    room = len(hosts) * width
    wanted = room if ranks is None else ranks
    even = (np.flatnonzero(_even(fabric.devices.domain[hosts])) + 1) * width
    near = [int(n) for n in (*even[even < wanted][-1:], *even[even > wanted][:1])]
    allowed = " or ".join(f"{n:,}" for n in near)
    if not 0 < wanted <= room or wanted % width:
        message = (
            f"{amount(len(hosts), 'host')} with {amount(width, 'rank')} each {verb(len(hosts), 'hold')} "
            f"{amount(room, 'rank')} in "
            f"steps of {width:,}"
        )
        raise ParameterError("ranks", wanted, message, allowed)
    taken = hosts[: wanted // width]
    grid = np.arange(wanted).reshape(len(taken), width)
    if order == "strided":
        grid = np.arange(wanted).reshape(width, len(taken)).T
    host, gpu = np.empty(wanted, np.int64), np.empty(wanted, np.int64)
    host[grid], gpu[grid] = taken[:, None], first_gpu + np.arange(width)[None, :]
    domain = fabric.devices.domain[host].astype(np.int64)
    if ranks is not None and wanted not in even:
        most = int(np.unique(fabric.devices.domain[taken], return_counts=True)[1].max()) * width
        raise _uneven(wanted, most, allowed)
    return Ranks(host, gpu, domain, grid)


def _even(domain: IntArray) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    """Shape (hosts,): whether the hosts up to each lie evenly on scale-up domains (`domain`, shape (hosts,))."""
    order = np.argsort(domain, kind="stable")
    start = np.flatnonzero(np.diff(domain[order], prepend=domain[order][:1] - 1))
    nth = np.empty(len(domain), dtype=np.int64)
    nth[order] = np.arange(len(domain)) - np.repeat(start, np.diff([*start, len(domain)])) + 1
    return np.asarray(np.cumsum(nth == 1) * np.maximum.accumulate(nth) == np.arange(1, len(domain) + 1))


def _uneven(ranks: int, most: int, allowed: str) -> UnevenRanksError:
    """The error of ranks that lie unevenly on scale-up domains, up to `most` on one."""
    return UnevenRanksError(
        "ranks", ranks, f"do not lie evenly on scale-up domains, which take {most:,} each",
        allowed, f"fewer than {most:,} lie in one domain",
    )  # fmt: skip
