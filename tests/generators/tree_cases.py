"""Small parts made on the spot, and what every fat-tree must satisfy, looked at link by link."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from topo.catalog import Catalog, Host, Nic, Part, Switch
from topo.catalog.loader import shipped_folder
from topo.catalog.models import Breakout, HostNics, ScaleUp, Source
from topo.fabric import CORE, HOST, LEAF, SPINE, Fabric, PortRole
from topo.generators import Counts, HostGroup, NetworkPiece, assemble, attached
from topo.generators.family import families

SOURCE = Source(document="a test", read=True)
TIERS = {"endpoint": (HOST, LEAF), "leaf_spine": (LEAF, SPINE), "spine_core": (SPINE, CORE)}


def switch(cages: int, sizes: Sequence[tuple[int, float, int]] = ((2, 400, 4),), part_id: str = "sw") -> Switch:
    """A switch whose cages take breakouts of (ports, gbps, lanes)."""
    return Switch(
        id=part_id, title="t", source=SOURCE, network=("ethernet",), cages=cages, cage="osfp-twin",
        breakouts=tuple(Breakout(ports=p, gbps=g, lanes=n) for p, g, n in sizes),
        ports=cages * sizes[0][0], port_name="c{cage}s{sub}",
    )  # fmt: skip


def host(gpus: int, nics: int, ports: int = 1, gbps: float = 400, part_id: str = "h", prefix: str = "host") -> Host:
    """A host with `nics` compute NICs `<part_id>-nic` of `ports` ports."""
    return Host(
        id=part_id, title="t", source=SOURCE, gpus=gpus, name_prefix=prefix,
        nics=(HostNics(nic=f"{part_id}-nic", count=nics, port_name="n{nic0}p{port0}"),),
        scale_up=ScaleUp(name="s", gbps_per_gpu=1600),
    )  # fmt: skip


def nic(ports: int = 1, gbps: float = 400, part_id: str = "h-nic") -> Nic:
    """The NIC of a host."""
    return Nic(
        id=part_id, title="t", source=SOURCE, network=("ethernet",), ports=ports, gbps=gbps, lanes=4, cage="osfp"
    )


def catalog(*parts: Part) -> Catalog:
    """The shipped catalog with these parts on top."""
    kinds = {Switch: "switch", Host: "host", Nic: "nic"}
    return Catalog((shipped_folder(),), {(kinds[type(part)], part.id): part for part in parts})


def wired(family: str, groups: Sequence[HostGroup], parts: Catalog, **keys: object) -> tuple[Fabric, Counts]:
    """The fabric of one compute network and its closed forms; the switch is `sw` unless a key says otherwise."""
    found = families.get(family)
    params = found.params.model_validate({"family": family, "switch": "sw", **keys})
    ends = attached(groups, "compute", parts, params.endpoint_gbps)
    wiring = found.wire(params, ends, parts, "")
    return assemble("t", groups, [NetworkPiece("compute", family, ends, wiring)], parts), found.counts(
        params, ends, parts
    )


def tree(
    family: str,
    hosts: int,
    cages: int,
    nics: int = 1,
    ports: int = 1,
    sizes: Sequence[tuple[int, float, int]] = ((2, 400, 4),),
    gbps: float = 400,
    **keys: object,
) -> tuple[Fabric, Counts]:
    """A tree of `hosts` hosts with `nics` NICs on switches of `cages` cages."""
    part = host(nics, nics, ports, gbps)
    parts = catalog(switch(cages, sizes), part, nic(ports, gbps))
    return wired(family, [HostGroup(part, hosts)], parts, **keys)


def radix_of(fabric: Fabric) -> np.ndarray:
    """Shape (devices,): how many ports each device has."""
    return np.diff(fabric.port_start)


def assert_sound(fabric: Fabric, counts: Counts, parts: Catalog | None = None) -> None:
    """Whatever family and size: ports, speeds, tiers, planes, pods, names, spread, and counts against `counts`."""
    links, ports, devices, ends = fabric.links, fabric.ports, fabric.devices, fabric.endpoints
    a, b = fabric.link_a, fabric.link_b
    used = np.bincount(np.concatenate([links.a, links.b]), minlength=len(ports))
    assert used.max() <= 1, "a port is used twice"
    assert (ports.number == np.arange(len(ports)) - fabric.port_start[ports.device] + 1).all()
    np.testing.assert_array_equal(ports.gbps[links.a], links.gbps)
    np.testing.assert_array_equal(ports.gbps[links.b], links.gbps)
    assert (links.gbps > 0).all()
    assert len(np.unique(links.id)) == len(links)
    for code, kind in enumerate(fabric.link_kinds):
        mine = links.kind == code
        lower, upper = TIERS[kind]
        assert (devices.tier[a[mine]] == lower).all(), kind
        assert (devices.tier[b[mine]] == upper).all(), kind
        assert mine.sum() == counts.links.get(kind, 0), kind
    between = ~fabric.is_endpoint_link
    for end in (a, b):
        np.testing.assert_array_equal(devices.plane[end[between]], links.plane[between])
    np.testing.assert_array_equal(devices.plane[b[~between]], links.plane[~between])
    leaf_spine = links.kind == 1
    np.testing.assert_array_equal(devices.pod[a[leaf_spine]], devices.pod[b[leaf_spine]])
    assert (fabric.endpoint_switch >= 0).all()
    np.testing.assert_array_equal(devices.plane[fabric.endpoint_switch], ends.plane)
    np.testing.assert_array_equal(links.rail[fabric.endpoint_link], ends.rail)
    np.testing.assert_array_equal(links.gbps[fabric.endpoint_link], ends.gbps)
    assert_named(fabric)
    assert_spread(fabric)
    assert_counted(fabric, counts, used)


def assert_named(fabric: Fabric) -> None:
    """Names of devices, and of the ports of each device, are unique and of allowed characters."""
    names = fabric.devices.name.tolist()
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+", name) for name in names)
    pairs = fabric.ports.device.astype(np.int64) * len(fabric.port_names) + fabric.ports.name
    assert len(np.unique(pairs)) == len(pairs)
    where = fabric.devices
    switches = where.tier != HOST
    keys = np.stack([where.network, where.plane, where.pod, where.tier, where.index])[:, switches]
    assert len(np.unique(keys, axis=1).T) == switches.sum(), "two switches share plane, pod, tier and index"


def assert_spread(fabric: Fabric) -> None:
    """Every switch with uplinks has equally many, equally often to each switch above; no switch stays dark."""
    between = ~fabric.is_endpoint_link
    for kind in (1, 2):
        mine = between & (fabric.links.kind == kind)
        if not mine.any():
            continue
        pairs, times = np.unique(np.stack([fabric.link_a[mine], fabric.link_b[mine]]), axis=1, return_counts=True)
        assert len(np.unique(times)) == 1, "parallel links differ"
        lower, up = np.unique(pairs[0], return_counts=True)
        assert len(np.unique(up)) == 1, "uplinks differ"
        tier = fabric.devices.tier[lower[0]]
        assert set(lower) == set(np.flatnonzero(fabric.devices.tier == tier)), "a switch has no uplinks"
    above = np.flatnonzero(fabric.devices.tier > LEAF)
    assert set(above) <= set(fabric.link_b[between]), "a switch has no links down"


def assert_counted(fabric: Fabric, counts: Counts, used: np.ndarray) -> None:
    """Switches and spare ports by tier are those of the closed form, and roles tell which ports are spare."""
    tier = fabric.devices.tier
    names = {"leaf": LEAF, "spine": SPINE, "core": CORE}
    assert {n: int((tier == t).sum()) for n, t in names.items() if (tier == t).any()} == dict(counts.switches)
    spare = fabric.ports.role == PortRole.SPARE
    np.testing.assert_array_equal(spare, used == 0)
    port_tier = tier[fabric.ports.device]
    assert {n: int((spare & (port_tier == names[n])).sum()) for n in counts.switches} == dict(counts.spare)


def components(fabric: Fabric) -> int:
    """How many connected pieces the switches form."""
    parent = list(range(len(fabric.devices)))

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    between = ~fabric.is_endpoint_link
    for a, b in zip(fabric.link_a[between].tolist(), fabric.link_b[between].tolist(), strict=True):
        parent[root(a)] = root(b)
    return len({root(i) for i in np.flatnonzero(fabric.devices.tier != HOST).tolist()})


def ratio_at_leaves(fabric: Fabric, down_ports: int) -> Fraction:
    """Bandwidth of `down_ports` leaf ports over that of a leaf's uplinks."""
    up = fabric.links.kind == 1
    first = fabric.link_a[up][0]
    of_first = up & (fabric.link_a == first)
    end = fabric.links.gbps[fabric.links.kind == 0][0]
    return Fraction(down_ports) * Fraction(str(end)) / sum(Fraction(str(g)) for g in fabric.links.gbps[of_first])
