"""What is said of the forwarding tables of a live fabric."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from topo.analysis.deadlock.deadlock import Deadlock
from topo.analysis.network import SwitchNetwork
from topo.analysis.routing import WorstLink
from topo.checks.model import Finding
from topo.fabric.model import BoolArray, IntArray


class Asked(NamedTuple):
    """A requirement of the design: all-to-all under a routing at this share of line rate or more."""

    id: str
    network: str
    routing: str
    at_least: float


@dataclass(frozen=True)
class Answer:
    """The throughput of all-to-all under one routing, 1.0 = line rate, as an interval."""

    routing: str
    lower: float
    upper: float


@dataclass(frozen=True)
class LinkClass:
    """Links of one kind in one direction (`up`, `down`, or `across` within a tier): how many there are and how many
    carry nothing; the mean load and the busiest link's in Gb/s with all endpoints at line rate, the latter over its
    speed, and the same under static routing."""

    kind: str
    direction: str
    links: int
    idle: int
    mean_gbps: float
    most_gbps: float
    use: float
    static_use: float
    over: int
    """Links that carry more than the busiest does under static routing."""


@dataclass(frozen=True)
class LiveNetwork:
    """What the tables do in one network. `planes` are those of which the files have a table; only they are judged.
    `pairs` counts ordered pairs of endpoints on different switches, `served` those that are delivered."""

    network: str
    planes: tuple[int, ...]
    tables: int
    switches: int
    destinations: int
    endpoints: int
    pairs: int
    served: int
    answers: tuple[Answer, ...]
    hops: tuple[float, int]
    """Mean and largest number of switches on a path."""
    classes: tuple[LinkClass, ...]
    worst: tuple[WorstLink, ...]
    deadlock: Deadlock
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class Live:
    """The answer about all files: one entry per network that they show."""

    files: tuple[str, ...]
    entries: int
    networks: tuple[LiveNetwork, ...]
    findings: tuple[Finding, ...]

    @property
    def broken(self) -> bool:
        """Something is not delivered, can deadlock, or does not belong to the design."""
        every = [*self.findings, *(f for n in self.networks for f in n.findings)]
        return any(f.severity == "error" for f in every)


@dataclass(frozen=True)
class Filled:
    """The tables of one network: `ports` (endpoints, switches), `known` (endpoints,), `shown` (switches,), `planes`."""

    net: SwitchNetwork
    ports: IntArray
    known: BoolArray
    shown: BoolArray
    planes: IntArray
    number: int
