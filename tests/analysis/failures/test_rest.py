"""A network without some devices is the same read off the intact one and read afresh."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest
from drawn import drawn, of_family

from tests.checks.cases import intact
from topo.analysis.failures import Thing
from topo.analysis.failures._rest import with_digest, without
from topo.analysis.network import switch_network
from topo.certificates.reading.flow_graph import switch_graph
from topo.fabric import Fabric
from topo.fabric.plain import is_plain
from topo.generators.family import families

CASES = ("lent", "lent-leaf", "shared-leaf", "storage", "mpft-multi-port", "unlike", "dual-plane")


def same(fabric: Fabric, network: int, names: list[str]) -> None:
    thing = Thing("some", devices=tuple(names))
    less, fresh = without(fabric, network, thing), fabric.without(devices=names)
    with_digest(fabric, network, thing, less)
    assert np.array_equal(less.endpoint_switch, fresh.endpoint_switch)
    name = fabric.networks[network]
    pairs = (
        (switch_network(less, network), switch_network(fresh, network)),
        (
            switch_graph(less, name),
            switch_graph(fresh, name),
        ),
    )
    for found, expected in pairs:
        for field in fields(expected):
            mine, read = getattr(found, field.name), getattr(expected, field.name)
            if isinstance(read, np.ndarray):
                assert mine.dtype == read.dtype, field.name
                assert np.array_equal(mine, read), field.name
            else:
                assert mine == read, field.name
    assert switch_graph(less, name).digest == switch_graph(fresh, name).digest


def losses(fabric: Fabric, network: int, seed: int) -> list[list[str]]:
    """A plane, some switches, a host, and some of each."""
    rng, name = np.random.default_rng(seed), fabric.devices.name
    switches = np.flatnonzero(fabric.switches_in(network))
    hosts = np.flatnonzero(fabric.is_host)
    plane = switches[fabric.devices.plane[switches] == fabric.devices.plane[switches[0]]]
    some = rng.choice(switches, min(len(switches), 3), replace=False)
    alone = rng.choice(hosts, min(len(hosts), 2), replace=False)
    return [[str(n) for n in name[rows]] for rows in (plane, some, alone[:1], np.concatenate([some, alone]))]


@pytest.mark.parametrize("family", families.names())
def test_of_every_family(family: str) -> None:
    fabric = of_family(family)
    for names in losses(fabric, 0, 1):
        same(fabric, 0, names)


@pytest.mark.parametrize("case", CASES)
def test_of_several_networks_and_unlike_hosts(case: str) -> None:
    fabric = intact(case).fabric
    for network in range(len(fabric.networks)):
        for names in losses(fabric, network, 2):
            same(fabric, network, names)


@pytest.mark.parametrize("seed", range(24))
def test_of_imports(seed: int) -> None:
    fabric = drawn(seed, named_hosts=bool(seed % 2))
    for names in losses(fabric, 0, seed):
        same(fabric, 0, names)


def test_a_port_of_two_links_is_read_afresh() -> None:
    fabric = intact("mpft").fabric
    inner = np.flatnonzero(~fabric.is_endpoint_link)
    a = fabric.links.a.copy()
    a[inner[0]] = fabric.links.a[np.flatnonzero(fabric.is_endpoint_link)[0]]
    odd = replace(fabric, links=fabric.links.changed(a=a))
    assert is_plain(fabric)
    assert not is_plain(odd)
    for names in losses(odd, 0, 3):
        same(odd, 0, names)
