"""What to do about a request that is refused, where nothing nearer is known: by the key that is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from topo.errors import InputError

NEXT: Mapping[str, str] = MappingProxyType({
    "name": "a name of one line, such as name: my-cluster",
    "title": "a title of one line",
    "gpus": "the GPUs of all hosts together: whole hosts, and no more than the switches of the space hold",
    "host": "one host or several to choose from: host: [ID, ID]; `topo catalog list host` tells them",
    "networks": "networks: {NAME: {KEY: VALUE}} has the keys of a design; a list is a choice, a key left out is open",
    "choose": "leave it out and every value that fits is tried, or give the values that may be: KEY: [VALUE, VALUE]",
    "objectives": "leave objectives out to search for the least cost_usd",
    "limits": "limits: {parts: {ID: {at_most: N}}, power_w: N, racks: N, cost_usd: N}, each left out where it is none",
    "requirements": "as in a design: requirements: [{throughput: {at_least: 1}}]; none asks for full all-to-all",
    "price_book": "leave it out for published-fabric-links, or write one of your own in a folder of catalogs",
    "stages": "sizes in the order in which they are built: stages: [1024, 4096, 16384]",
    "move_usd": "what moving one link costs; leave it out for 0",
    "other_hosts": "hosts beside those with the GPUs: other_hosts: [{host: ID, count: 2}]",
    "cost": "the terms of a life, as in a design: cost: {years: 4, usd_per_kwh: 0.1}",
})  # fmt: skip
"""The first part of a key -> what may be written there. Keys of the searched network are choices."""


def hinted(error: InputError, network: str) -> InputError:
    """The same refusal, with a next step for each mistake that has none; `network` is the searched one."""
    return InputError([replace(p, hint=p.hint or _next(p.key, network)) for p in error.problems])


def hint_of(key: str) -> str:
    """What may be done about a key of the request or of its searched network."""
    return NEXT.get(key.partition(".")[0].partition("[")[0], NEXT["choose"])


def _next(key: str, network: str) -> str:
    if key.startswith(f"networks.{network}."):
        return NEXT["choose"]
    known = key.partition(".")[0].partition("[")[0] in NEXT
    return hint_of(key) if known else "the keys of a design, and choose, objectives, limits, stages: docs/search.md"
