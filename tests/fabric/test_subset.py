"""Sub-fabrics: what is left out is gone, what stays keeps its names, ports and ids."""

from __future__ import annotations

import pickle
from dataclasses import fields
from typing import Any

import numpy as np
import pytest

from tests.parts_of_fabric import only_network, only_plane
from topo.catalog import load_catalog
from topo.design import build, parse_design
from topo.errors import ParameterError
from topo.fabric import HOST, Fabric

DESIGN = """\
name: t
gpus: 256
host: h800-node
other_hosts:
  - {host: storage-server, count: 6}
networks:
  storage: {family: ft2, switch: nvidia-sn5400}
  compute: {family: mpft, switch: example-switch-8, planes: 8, oversubscription: 3}
"""


@pytest.fixture(scope="module")
def fabric() -> Fabric:
    return build(parse_design(DESIGN))


def cables(fabric: Fabric) -> dict[int, tuple[str, str, str, str, float, int]]:
    """Each link's id -> its ends by name, its speed and its network."""
    links = fabric.links
    columns = (
        fabric.devices.name[fabric.link_a],
        fabric.port_name(links.a),
        fabric.devices.name[fabric.link_b],
        fabric.port_name(links.b),
        links.gbps,
        links.network,
    )
    return dict(zip(links.id.tolist(), zip(*(c.tolist() for c in columns), strict=True), strict=True))


def assert_consistent(fabric: Fabric) -> None:
    """Rows point where they should after renumbering."""
    assert (np.diff(fabric.ports.device) >= 0).all()
    for rows, table in (
        (fabric.links.a, fabric.ports),
        (fabric.links.b, fabric.ports),
        (fabric.ports.device, fabric.devices),
        (fabric.endpoints.port, fabric.ports),
        (fabric.endpoints.host, fabric.devices),
    ):
        assert len(rows) == 0 or 0 <= rows.min() <= rows.max() < len(table)
    np.testing.assert_array_equal(fabric.ports.device[fabric.endpoints.port], fabric.endpoints.host)
    assert (fabric.devices.tier[fabric.endpoints.host] == HOST).all()


def test_the_fabric_has_both_networks_compute_first(fabric: Fabric) -> None:
    assert fabric.networks == ("compute", "storage")
    hosts = (fabric.devices.tier == HOST).sum()
    assert hosts == 256 // 8 + 6
    assert (fabric.endpoints.network == 0).sum() == 256
    assert (fabric.endpoints.network == 1).sum() == 32 + 2 * 6
    compute, storage = (set(fabric.devices.name[fabric.devices.network == n].tolist()) for n in (0, 1))
    assert all(name.startswith("storage-leaf") or name.startswith("storage-spine") for name in storage)  # noqa: PIE810
    assert not compute & storage
    assert_consistent(fabric)


def test_without_links(fabric: Fabric) -> None:
    gone = fabric.links.id[[0, 5, len(fabric.links) - 1]].tolist()
    less = fabric.without(links=gone)
    assert_consistent(less)
    before = cables(fabric)
    assert cables(less) == {i: cable for i, cable in before.items() if i not in gone}
    assert len(less.devices) == len(fabric.devices)
    assert len(less.endpoints) == len(fabric.endpoints)
    assert (less.endpoint_switch == -1).sum() == 2


def test_without_a_device_takes_its_links_ports_and_endpoints(fabric: Fabric) -> None:
    for name in ("host-00003", "p2-spine-001", "p2-leaf-001", "storage-00000"):
        row = fabric.device_row[name]
        hangs = (fabric.link_a == row) | (fabric.link_b == row)
        less = fabric.without(devices=[name])
        assert_consistent(less)
        assert name not in less.device_row
        assert cables(less) == {i: c for i, c in cables(fabric).items() if name not in (c[0], c[2])}
        assert len(less.links) == len(fabric.links) - hangs.sum()
        assert len(less.ports) == len(fabric.ports) - (fabric.ports.device == row).sum()
        assert len(less.endpoints) == len(fabric.endpoints) - (fabric.endpoints.host == row).sum()


def test_without_in_steps_is_without_at_once(fabric: Fabric) -> None:
    links = fabric.links.id[100:110].tolist()
    at_once = fabric.without(links=links, devices=["p0-spine-000", "host-00001"])
    in_steps = fabric.without(devices=["host-00001"]).without(devices=["p0-spine-000"])
    left = [i for i in links if i in in_steps.links.id]
    in_steps = in_steps.without(links=left)
    assert cables(at_once) == cables(in_steps)
    assert at_once.devices.name.tolist() == in_steps.devices.name.tolist()


def test_without_nothing_is_the_same(fabric: Fabric) -> None:
    same = fabric.without()
    assert cables(same) == cables(fabric)
    assert same.devices.name.tolist() == fabric.devices.name.tolist()


def test_unknown_names_and_ids_are_refused_with_a_hint(fabric: Fabric) -> None:
    with pytest.raises(ParameterError, match=r"did you mean host-0000\d\?"):
        fabric.without(devices=["host-000001"])
    with pytest.raises(ParameterError, match="no link has this id"):
        fabric.without(links=[10**6])


def test_devices_are_named_or_told_by_row(fabric: Fabric) -> None:
    names = fabric.devices.name[[0, 9]].tolist()
    by_name = fabric.without(devices=names)
    for rows in ([0, 9], np.array([9, 0]), [names[0], np.int32(9)]):
        assert cables(fabric.without(devices=rows)) == cables(by_name)


@pytest.mark.parametrize(
    ("links", "devices", "told"),
    [
        ([], [-1], "no device has this row"),
        ([], [10**6], "no device has this row"),
        ([], [1.5], "is no whole number"),
        ([], [True], "is no whole number"),
        (["7"], [], "is no whole number"),
        ([0.5], [], "is no whole number"),
        ([-1], [], "no link has this id"),
    ],
)
def test_what_is_neither_an_id_nor_a_name_is_refused(
    fabric: Fabric, links: list[Any], devices: list[Any], told: str
) -> None:
    with pytest.raises(ParameterError, match=told):
        fabric.without(links=links, devices=devices)


@pytest.mark.parametrize("plane", range(8))
def test_one_plane(fabric: Fabric, plane: int) -> None:
    part = only_plane(fabric, 0, plane)
    assert_consistent(part)
    wanted = {i for i in fabric.links.id.tolist() if fabric.links.plane[i] == plane and fabric.links.network[i] == 0}
    assert set(part.links.id.tolist()) == wanted
    assert (part.devices.tier == HOST).sum() == 32
    assert set(part.devices.plane[part.devices.tier != HOST].tolist()) == {plane}
    assert len(part.endpoints) == 32
    assert (part.endpoint_switch >= 0).all()
    before = cables(fabric)
    assert cables(part) == {i: before[i] for i in wanted}


def test_planes_and_networks_partition_the_links(fabric: Fabric) -> None:
    found = [set(only_plane(fabric, 0, p).links.id.tolist()) for p in range(8)]
    found.append(set(only_network(fabric, 1).links.id.tolist()))
    assert sum(map(len, found)) == len(fabric.links)
    assert set().union(*found) == set(fabric.links.id.tolist())


def test_one_network(fabric: Fabric) -> None:
    storage = only_network(fabric, 1)
    assert_consistent(storage)
    assert (storage.devices.tier == HOST).sum() == 32 + 6
    assert set(storage.endpoints.network.tolist()) == {1}
    assert storage.networks == fabric.networks
    compute = only_network(fabric, 0)
    assert (compute.devices.tier == HOST).sum() == 32


def test_columns_are_read_only(fabric: Fabric) -> None:
    with pytest.raises(ValueError, match="read-only"):
        fabric.links.gbps[0] = 1.0


def test_columns_that_nobody_asked_for_are_there_when_asked(fabric: Fabric) -> None:
    """A table of chosen rows writes its columns when they are first asked for: they are those of the whole table, can
    be pickled, stay read-only, and an unknown column is an error."""
    rows = np.flatnonzero(fabric.ports.device % 3 == 1)
    chosen = fabric.ports.rows(rows)
    again = pickle.loads(pickle.dumps(chosen))
    changed = chosen.changed(role=chosen.role + 1)
    for field in fields(chosen):
        whole = getattr(fabric.ports, field.name)[rows]
        assert np.array_equal(getattr(chosen, field.name), whole)
        assert np.array_equal(getattr(again, field.name), whole)
        assert np.array_equal(getattr(changed, field.name), whole + (field.name == "role"))
        assert not getattr(chosen, field.name).flags.writeable
    with pytest.raises(AttributeError, match="no column 'colour'"):
        _ = getattr(chosen, "colour")  # noqa: B009


def test_ports_are_those_of_the_parts(fabric: Fabric) -> None:
    """Each device has the ports of its part, in order; a NIC port has the speed of its endpoint."""
    ports, catalog = fabric.ports, load_catalog()
    nic = np.zeros(len(ports), dtype=np.bool_)
    nic[fabric.endpoints.port] = True
    assert np.array_equal(ports.gbps[fabric.endpoints.port], fabric.endpoints.gbps)
    for device in range(0, len(fabric.devices), 7):
        mine = np.arange(fabric.port_start[device], fabric.port_start[device + 1])
        assert np.array_equal(ports.number[mine], np.arange(1, len(mine) + 1))
        if fabric.is_host[device]:
            continue
        part = catalog.switch(fabric.parts[fabric.devices.part[device]])
        assert len(mine) == sum(g.cages * g.breakouts[0].ports for g in part.groups)
        assert not nic[mine].any()
        assert {(c, s) for c, s in zip(ports.cage[mine].tolist(), ports.sub[mine].tolist(), strict=True)} == {
            (g.first + i, s + 1) for g in part.groups for i in range(g.cages) for s in range(g.breakouts[0].ports)
        }
