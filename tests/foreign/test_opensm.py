"""ibsim loads what we write, ibnetdiscover finds every cable again, and OpenSM's fat-tree engine believes it or not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from topo.exporters.ibnetdiscover import to_ibnetdiscover
from topo.fabric import Fabric

from . import engines

pytestmark = pytest.mark.foreign
FabricOf = Callable[..., Fabric]


def planned(fabric: Fabric) -> set[engines.Cable]:
    """The cables of a fabric as (description, port), from its columns: a host's NIC is an adapter of its own."""
    found = set()
    nic = {int(p): (int(n), int(k)) for p, n, k in zip(*_endpoint_columns(fabric), strict=True)}
    for a, b in zip(fabric.links.a.tolist(), fabric.links.b.tolist(), strict=True):
        ends = []
        for port in (a, b):
            name = str(fabric.devices.name[fabric.ports.device[port]])
            if port in nic:
                ends.append((f"{name} HCA-{nic[port][0] + 1}", nic[port][1] + 1))
            else:
                ends.append((name, int(fabric.ports.number[port])))
        found.add(tuple(sorted(ends)))
    return found  # type: ignore[return-value]


def _endpoint_columns(fabric: Fabric) -> tuple[list[int], list[int], list[int]]:
    ends = fabric.endpoints
    return ends.port.tolist(), ends.nic.tolist(), ends.nic_port.tolist()


def written(fabric: Fabric, folder: Path) -> Path:
    path = folder / "fabric.net"
    path.write_bytes(to_ibnetdiscover(fabric))
    return path


def leaf_guid(fabric: Fabric, plane: int) -> str:
    """The simulator's name of a leaf of a plane."""
    text = to_ibnetdiscover(fabric).decode()
    head = f"p{plane}-leaf-000" if f"p{plane}-leaf-000" in text else "leaf-000"
    line = next(x for x in text.splitlines() if x.startswith("Switch") and f'"{head}"' in x)
    return line.split('"')[1]


SAME = [
    ("ft2", 2048, {}),
    ("mrft", 2048, {}),
    ("ft3", 1024, {"switch": "switch-24"}),
    ("ft2", 1000, {}),
]


@pytest.mark.parametrize(("family", "gpus", "keys"), SAME)
def test_every_cable_comes_back(
    fabric_of: FabricOf, tmp_path: Path, family: str, gpus: int, keys: dict[str, str]
) -> None:
    fabric = fabric_of(family, gpus, **keys)
    with engines.simulated(written(fabric, tmp_path), tmp_path) as environment:
        assert engines.cables_of(engines.discovered(environment)) == planned(fabric)


def test_eight_planes_of_16384_gpus_are_accepted_and_come_back(fabric_of: FabricOf, tmp_path: Path) -> None:
    fabric = fabric_of("mpft", 16384)
    found: set[engines.Cable] = set()
    with engines.simulated(written(fabric, tmp_path), tmp_path) as environment:
        for plane in range(8):
            leaf = leaf_guid(fabric, plane)
            log = engines.opensm(environment, tmp_path / f"plane{plane}", leaf)
            assert engines.accepted_as_tree(log), plane
            found |= engines.cables_of(engines.discovered(environment, leaf))
    assert found == planned(fabric)


@pytest.mark.parametrize(
    ("family", "gpus", "keys"),
    [
        ("ft2", 2048, {}),
        ("mrft", 2048, {}),
        ("ft3", 3456, {"switch": "switch-24", "host": "example-host-1"}),
    ],
)
def test_opensm_routes_trees_as_trees(
    fabric_of: FabricOf, tmp_path: Path, family: str, gpus: int, keys: dict[str, str]
) -> None:
    fabric = fabric_of(family, gpus, **keys)
    with engines.simulated(written(fabric, tmp_path), tmp_path) as environment:
        assert engines.accepted_as_tree(engines.opensm(environment, tmp_path / "osm"))


def crossed(fabric: Fabric) -> Fabric:
    """Two leaf-spine cables of different leaves, their upper ends exchanged."""
    up = np.flatnonzero(~fabric.is_endpoint_link)
    first = int(up[0])
    other = next(
        int(i) for i in up if fabric.link_a[i] != fabric.link_a[first] and fabric.link_b[i] != fabric.link_b[first]
    )
    b = np.array(fabric.links.b)
    b[[first, other]] = b[[other, first]]
    return replace(fabric, links=replace(fabric.links, b=b))


def test_opensm_refuses_what_is_no_tree(fabric_of: FabricOf, tmp_path: Path) -> None:
    tree = fabric_of("ft2", 2048)
    up = int(tree.links.id[np.flatnonzero(~tree.is_endpoint_link)[0]])
    wrong = {"removed": tree.without(links=[up]), "crossed": crossed(tree)}
    wrong |= {name: fabric_of(name, 400, host="example-host-1") for name in ("slim-fly", "dragonfly")}
    for name, fabric in wrong.items():
        folder = tmp_path / name
        folder.mkdir()
        with engines.simulated(written(fabric, folder), folder) as environment:
            assert not engines.accepted_as_tree(engines.opensm(environment, folder / "osm")), name
            assert engines.cables_of(engines.discovered(environment)) == planned(fabric) != planned(tree)


def test_ibsim_refuses_a_port_used_twice(fabric_of: FabricOf, tmp_path: Path) -> None:
    fabric = fabric_of("ft2", 256)
    b = np.array(fabric.links.b)
    b[1] = b[0]
    broken = replace(fabric, links=replace(fabric.links, b=b))
    with pytest.raises(RuntimeError), engines.simulated(written(broken, tmp_path), tmp_path):
        pass
