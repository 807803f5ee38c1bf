"""ibsim loads what we write, ibnetdiscover finds every cable again, and OpenSM's fat-tree engine believes it or not."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.parts_of_fabric import only_plane
from topo.api import build, load_design
from topo.audit import audit
from topo.exporters.formats.ibnetdiscover import to_ibnetdiscover
from topo.fabric import Fabric
from topo.importers.as_built import read_as_built

from . import engines

pytestmark = pytest.mark.foreign
FabricOf = Callable[..., Fabric]
DESIGNS = Path(__file__).parents[2] / "designs"


def designed(name: str) -> Fabric:
    return build(load_design(DESIGNS / f"{name}.yaml"))


def planned(fabric: Fabric) -> set[engines.Cable]:
    """The cables of a fabric as (description, port), from its columns: a host's NIC is an adapter of its own, counted
    over the host's networks."""
    ends = fabric.endpoints
    adapters: dict[int, list[tuple[int, int]]] = {}
    for host, network, nic in zip(ends.host.tolist(), ends.network.tolist(), ends.nic.tolist(), strict=True):
        mine = adapters.setdefault(host, [])
        mine.extend([(network, nic)] if (network, nic) not in mine else [])
    place = {
        int(p): (sorted(adapters[int(h)]).index((int(w), int(n))) + 1, int(k) + 1)
        for p, h, w, n, k in zip(ends.port, ends.host, ends.network, ends.nic, ends.nic_port, strict=True)
    }
    found = set()
    for a, b in zip(fabric.links.a.tolist(), fabric.links.b.tolist(), strict=True):
        both = []
        for port in (a, b):
            name = str(fabric.devices.name[fabric.ports.device[port]])
            hca = place.get(port)
            both.append((f"{name} HCA-{hca[0]}", hca[1]) if hca else (name, int(fabric.ports.number[port])))
        found.add(tuple(sorted(both)))
    return found  # type: ignore[return-value]


def written(fabric: Fabric, folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "fabric.net"
    path.write_bytes(to_ibnetdiscover(fabric))
    return path


def subnets(fabric: Fabric) -> dict[tuple[int, int], str]:
    """(network, plane) -> the simulator's name of its first leaf: where a client of that subnet sits."""
    guid_of = {}
    for line in to_ibnetdiscover(fabric).decode().splitlines():
        if line.startswith("Switch"):
            guid_of[line.split('"')[3]] = line.split('"')[1]
    found: dict[tuple[int, int], str] = {}
    for row in np.flatnonzero(fabric.devices.tier == 1).tolist():
        key = int(fabric.devices.network[row]), int(fabric.devices.plane[row])
        found.setdefault(key, guid_of[str(fabric.devices.name[row])])
    return found


@pytest.mark.parametrize(("name", "count"), [("mrft-2048", 1), ("deepseek-v3-2048", 9), ("mpft-16384", 8)])
def test_the_designs_are_accepted_as_trees_and_every_cable_comes_back(name: str, count: int, tmp_path: Path) -> None:
    """Every plane and the storage network, in one simulated fabric."""
    fabric = designed(name)
    where = subnets(fabric)
    assert len(where) == count
    found: set[engines.Cable] = set()
    with engines.simulated(written(fabric, tmp_path), tmp_path) as environment:
        for (network, plane), leaf in where.items():
            log = engines.opensm(environment, tmp_path / f"{network}-{plane}", leaf)
            assert engines.accepted_as_tree(log), (network, plane)
            found |= engines.cables_of(engines.discovered(environment, leaf))
    assert found == planned(fabric)


def test_three_tiers_of_3456_hosts_are_accepted_and_come_back(fabric_of: FabricOf, tmp_path: Path) -> None:
    fabric = fabric_of("ft3", 3456, switch="switch-24", host="example-host-1")
    assert int(fabric.is_host.sum()) == 3456
    with engines.simulated(written(fabric, tmp_path), tmp_path) as environment:
        assert engines.accepted_as_tree(engines.opensm(environment, tmp_path / "osm"))
        assert engines.cables_of(engines.discovered(environment)) == planned(fabric)


@pytest.mark.parametrize(("family", "gpus", "keys"), [("ft3", 1024, {"switch": "switch-24"}), ("ft2", 1000, {})])
def test_every_cable_of_a_partly_filled_tree_comes_back(
    fabric_of: FabricOf, tmp_path: Path, family: str, gpus: int, keys: dict[str, str]
) -> None:
    fabric = fabric_of(family, gpus, **keys)
    with engines.simulated(written(fabric, tmp_path), tmp_path) as environment:
        assert engines.cables_of(engines.discovered(environment)) == planned(fabric)


def exchanged(fabric: Fabric, one: int, two: int) -> Fabric:
    """The upper ends of two links exchanged."""
    b = np.array(fabric.links.b)
    b[[one, two]] = b[[two, one]]
    return replace(fabric, links=replace(fabric.links, b=b))


def crossed(fabric: Fabric, pods: bool = False) -> Fabric:
    """Two cables from different leaves to different spines, their upper ends exchanged: in one pod, or between two."""
    up = np.flatnonzero(~fabric.is_endpoint_link & (fabric.devices.tier[fabric.link_a] == 1))
    pod = fabric.devices.pod[fabric.link_a]
    first = int(up[0])
    other = next(
        int(i)
        for i in up
        if fabric.link_a[i] != fabric.link_a[first]
        and fabric.link_b[i] != fabric.link_b[first]
        and (pod[i] != pod[first]) == pods
    )
    return exchanged(fabric, first, other)


def crossed_between_pods(fabric: Fabric) -> Fabric:
    return crossed(fabric, pods=True)


def removed(fabric: Fabric) -> Fabric:
    """One cable between switches left out."""
    return fabric.without(links=[int(fabric.links.id[np.flatnonzero(~fabric.is_endpoint_link)[0]])])


TREES: dict[str, Callable[[FabricOf], Fabric]] = {
    "mrft-2048": lambda fabric_of: designed("mrft-2048"),
    "a plane of deepseek-v3-2048": lambda fabric_of: only_plane(designed("deepseek-v3-2048"), 0, 3),
    "a plane of mpft-16384": lambda fabric_of: only_plane(designed("mpft-16384"), 0, 7),
    "three tiers": lambda fabric_of: fabric_of("ft3", 864, switch="switch-24", host="example-host-1"),
}


@pytest.mark.parametrize("name", TREES)
@pytest.mark.parametrize("fault", [crossed, removed], ids=["crossed", "removed"])
def test_opensm_refuses_the_same_with_one_cable_wrong(
    fabric_of: FabricOf, tmp_path: Path, name: str, fault: Callable[[Fabric], Fabric]
) -> None:
    tree = TREES[name](fabric_of)
    wrong = fault(tree)
    with engines.simulated(written(wrong, tmp_path), tmp_path) as environment:
        log = engines.opensm(environment, tmp_path / "osm")
        assert "SUBNET UP" in log
        assert not engines.accepted_as_tree(log)
        assert engines.cables_of(engines.discovered(environment)) == planned(wrong) != planned(tree)


@pytest.mark.parametrize("family", ["slim-fly", "dragonfly"])
def test_opensm_refuses_what_is_no_tree(fabric_of: FabricOf, tmp_path: Path, family: str) -> None:
    fabric = fabric_of(family, 400, host="example-host-1")
    with engines.simulated(written(fabric, tmp_path), tmp_path) as environment:
        log = engines.opensm(environment, tmp_path / "osm")
        assert "SUBNET UP" in log
        assert not engines.accepted_as_tree(log)
        assert engines.cables_of(engines.discovered(environment)) == planned(fabric)


def two_hosts_exchanged(fabric: Fabric) -> Fabric:
    """Two hosts on different leaves change places."""
    ends = np.flatnonzero(fabric.is_endpoint_link)
    first = int(ends[0])
    other = next(int(i) for i in ends if fabric.link_b[i] != fabric.link_b[first])
    return exchanged(fabric, first, other)


def two_ports_of_a_leaf_exchanged(fabric: Fabric, parallel: bool = False) -> Fabric:
    """Two uplinks of one leaf change places at the leaf: to different spines, or to the same."""
    up = np.flatnonzero(~fabric.is_endpoint_link)
    mine = up[fabric.link_a[up] == fabric.link_a[up[0]]]
    same = fabric.link_b[mine[1:]] == fabric.link_b[mine[0]]
    return exchanged(fabric, int(mine[0]), int(mine[1:][same == parallel][0]))


def two_parallel_cables_exchanged(fabric: Fabric) -> Fabric:
    return two_ports_of_a_leaf_exchanged(fabric, parallel=True)


def a_host_missing(fabric: Fabric) -> Fabric:
    return fabric.without(devices=[str(fabric.devices.name[fabric.is_host][5])])


def a_spine_missing(fabric: Fabric) -> Fabric:
    return fabric.without(devices=[str(fabric.devices.name[fabric.devices.tier == 2][0])])


TWO_TIERS = {"family": "ft2", "gpus": 512, "host": "example-host-1"}
THREE_TIERS = {"family": "ft3", "gpus": 432, "host": "example-host-1", "switch": "switch-24"}


@pytest.mark.parametrize(
    ("keys", "fault", "code", "seen_by_diff"),
    [
        (TWO_TIERS, two_hosts_exchanged, "swapped", True),
        (TWO_TIERS, two_ports_of_a_leaf_exchanged, "swapped", True),
        (TWO_TIERS, two_parallel_cables_exchanged, "swapped", False),
        (TWO_TIERS, a_host_missing, "missing", True),
        (TWO_TIERS, a_spine_missing, "missing", True),
        (THREE_TIERS, crossed_between_pods, "swapped", True),
    ],
)
def test_what_opensm_cannot_notice_the_round_trip_diff_and_audit_do(
    fabric_of: FabricOf,
    tmp_path: Path,
    keys: dict[str, str],
    fault: Callable[[Fabric], Fabric],
    code: str,
    seen_by_diff: bool,
) -> None:
    """OpenSM counts port groups by level, and these faults leave the counts even. The round trip sees each, our audit
    names it, and so does ibnetdiscover's own comparison with the plan; only that one looks at devices, not at ports,
    and takes two parallel cables for each other."""
    tree = fabric_of(**keys)
    cache, wrong = tmp_path / "plan.cache", fault(tree)
    with engines.simulated(written(tree, tmp_path), tmp_path) as environment:
        engines.cached(environment, cache)
        assert engines.difference(environment, cache) == ""
    folder = tmp_path / "wrong"
    with engines.simulated(written(wrong, folder), folder) as environment:
        assert engines.accepted_as_tree(engines.opensm(environment, folder / "osm"))
        text = engines.discovered(environment)
        assert engines.cables_of(text) == planned(wrong) != planned(tree)
        assert bool(engines.difference(environment, cache)) == seen_by_diff
    (folder / "found.txt").write_text(text)
    found = audit(tree, read_as_built(folder / "found.txt"))
    assert {f.code for f in found.findings} == {code}


def test_ibsim_refuses_a_port_used_twice(fabric_of: FabricOf, tmp_path: Path) -> None:
    fabric = fabric_of("ft2", 256)
    b = np.array(fabric.links.b)
    b[1] = b[0]
    broken = replace(fabric, links=replace(fabric.links, b=b))
    with pytest.raises(RuntimeError), engines.simulated(written(broken, tmp_path), tmp_path):
        pass


def test_a_missing_tool_fails_in_one_line_that_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(engines.PACKAGES, "no-such-tool", "no-such-package")
    with pytest.raises(pytest.fail.Exception) as error:
        engines.need("ibsim", "no-such-tool")
    assert str(error.value) == "no-such-tool missing: run `make foreign`, or apt install no-such-package"


def running_with(socket: str) -> list[str]:
    """Processes that have this socket's name in their environment."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if socket.encode() in (folder / "environ").read_bytes():
                found.append((folder / "comm").read_text().strip())
        except OSError:
            continue
    return found


def test_no_process_outlives_a_test_that_fails_or_takes_too_long(fabric_of: FabricOf, tmp_path: Path) -> None:
    net = written(fabric_of("ft2", 256), tmp_path)
    sockets = []

    def fails() -> None:
        with engines.simulated(net, tmp_path) as environment:
            sockets.append(environment["IBSIM_SOCKNAME"])
            assert running_with(sockets[0]) == ["ibsim"]
            raise ZeroDivisionError

    def lasts() -> None:
        with engines.simulated(net, tmp_path) as environment:
            sockets.append(environment["IBSIM_SOCKNAME"])
            engines.opensm(environment, tmp_path / "osm", limit_s=0.05)

    with pytest.raises(ZeroDivisionError):
        fails()
    with pytest.raises(subprocess.TimeoutExpired):
        lasts()
    assert len(set(sockets)) == 2
    assert [running_with(socket) for socket in sockets] == [[], []]
    assert not list(Path.cwd().glob("sys-*"))
