"""Keys of sizes beside unlike leaves: hosts and uplinks of a leaf, peer links, leaves of a pod, the last size."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import yaml
from test_tree_homing import worst_leaf
from tree_cases import assert_named

from topo.analysis.throughput import throughput
from topo.certificates import verify_certificate
from topo.checks import Context
from topo.checks.run import run_wiring
from topo.design import Design, build, closed_forms, parse_design
from topo.errors import InputError
from topo.fabric import CORE, LEAF, SPINE, Fabric
from topo.generators import Counts
from topo.placement.cables.labels import port_labels

HOST = {"ft2": "dgx-h100", "ft3": "dgx-h100", "mrft": "dgx-h100", "mpft": "dgx-h100", "dual-plane": "multi-port-node"}
BORDER = {"role": "border", "count": 2, "outside": {"ports": 8, "gbps": 400}}


def designed(family: str, gpus: int, leaves: list[dict[str, Any]], **keys: Any) -> Design:
    """A design of this many GPUs, with the other hosts that its kinds of leaves name, 24 of each."""
    host, named = HOST[family], [k["hosts"] for k in leaves if "hosts" in k]
    others = [{"host": part, "count": 24} for part in named if part != host]
    network = {"family": family, "switch": "nvidia-qm9700"} | ({"leaves": leaves} if leaves else {}) | keys
    text = {"name": "t", "gpus": gpus, "host": host, "other_hosts": others, "networks": {"compute": network}}
    return parse_design(yaml.safe_dump(text))


def wired(design: Design) -> tuple[Fabric, Counts]:
    """The fabric, looked at link by link."""
    fabric, counts = build(design), closed_forms(design)["compute"]
    used = np.bincount(np.concatenate([fabric.links.a, fabric.links.b]), minlength=len(fabric.ports))
    assert used.max() == 1
    assert_named(fabric)
    tier = fabric.devices.tier
    have = {name: int((tier == t).sum()) for name, t in (("leaf", LEAF), ("spine", SPINE), ("core", CORE))}
    assert {name: n for name, n in have.items() if n} == dict(counts.switches)
    kinds = {kind: int((fabric.links.kind == i).sum()) for i, kind in enumerate(fabric.link_kinds)}
    assert {kind: n for kind, n in kinds.items() if n} == dict(counts.links)
    assert run_wiring(Context(fabric, design.catalog, {"compute": counts})) == []
    return fabric, counts


def by_leaf(fabric: Fabric) -> list[tuple[str, int, int]]:
    """Of each leaf: its hosts' name without numbers, how many there are, and its uplinks."""
    up = (fabric.devices.tier[fabric.link_a] == LEAF) & (fabric.devices.tier[fabric.link_b] == SPINE)
    result = []
    for leaf in np.flatnonzero(fabric.devices.tier == LEAF):
        hosts = np.unique(fabric.endpoints.host[fabric.endpoint_switch == leaf])
        part = str(fabric.groups[fabric.devices.group[hosts[0]]]) if len(hosts) else ""
        result.append((part, len(hosts), int((up & (fabric.link_a == leaf)).sum())))
    return result


@pytest.mark.parametrize(
    "keys",
    [
        {"hosts_per_leaf": 4}, {"uplinks": 16}, {"uplinks": 40}, {"hosts_per_leaf": 2, "uplinks": 24},
        {"uplinks": 20, "oversubscription": 2}, {"hosts_per_leaf": 4, "oversubscription": 2},
        {"hosts_per_leaf": 3, "packing": "balanced"}, {"build_for_gpus": 1024},
        {"build_for_gpus": 1024, "spread": "by-one"}, {"leaves_per_pod": 8}, {"leaves_per_pod": 16},
        {"leaves_per_pod": 8, "spine_oversubscription": 2}, {"leaves_per_pod": 16, "spread": "by-one"},
    ],
)  # fmt: skip
@pytest.mark.parametrize("family", HOST)
def test_one_kind_of_leaves_is_the_tree_without(family: str, keys: dict[str, Any]) -> None:
    """`leaves` with the one kind that there is changes no number; where the one is refused the other is, at the same
    key."""
    found: list[Any] = []
    for leaves in ([], [{"hosts": HOST[family]}]):
        try:
            counts = closed_forms(designed(family, 512, leaves, **keys))["compute"]
            found.append((counts.switches, counts.links, counts.spare))
        except InputError as error:
            found.append([p.key for p in error.problems])
    assert found[0] == found[1]


@pytest.mark.parametrize("family", ["ft2", "ft3", "mrft", "mpft"])
def test_each_kind_has_its_own_hosts_and_uplinks_or_those_of_its_network(family: str) -> None:
    """Hosts of a leaf are counted by NICs where leaves hold whole rails or lie in planes."""
    kinds: list[dict[str, Any]] = [
        {"hosts": HOST[family], "hosts_per_leaf": 3}, {"hosts": "h800-node", "uplinks": 20},
        {"hosts": "dgx-b200"}, {**BORDER, "uplinks": 12},
    ]  # fmt: skip
    fabric, _ = wired(designed(family, 192, kinds, hosts_per_leaf=2, uplinks=24, spread="by-one"))
    found = by_leaf(fabric)
    most: dict[str, int] = {}
    for part, hosts, _ in found:
        most[part] = max(most.get(part, 0), hosts)
    assert most == {HOST[family]: 3, "h800-node": 2, "dgx-b200": 2, "": 0}
    ups = {(part, up) for part, _, up in found}
    assert ups == {(HOST[family], 24), ("h800-node", 20), ("dgx-b200", 24), ("", 12)}


@pytest.mark.parametrize("keys", [{}, {"reserve_ports": {"leaf": 3}}, {"leaves_per_pod": 6}])
@pytest.mark.parametrize("family", ["ft2", "ft3", "dual-plane"])
def test_pairs_of_each_kind_have_peer_links(family: str, keys: dict[str, Any]) -> None:
    """Between the two leaves of every pair and no others, on ports of their own, none to a border leaf; they carry
    nothing, and no leaf takes a host with it."""
    if family != "ft3" and "leaves_per_pod" in keys:
        keys = {"packing": "balanced"}
    kinds = [{"hosts": HOST[family]}, *([{"hosts": "h800-node"}] if family != "dual-plane" else []), BORDER]
    fabric, counts = wired(designed(family, 512, kinds, homing="dual", peer_links=3, spread="by-one", **keys))
    peer = np.flatnonzero((fabric.devices.tier[fabric.link_a] == LEAF) & (fabric.devices.tier[fabric.link_b] == LEAF))
    assert not fabric.links.active[peer].any()
    assert worst_leaf(fabric) == 0
    pairs = np.stack([fabric.link_a[peer], fabric.link_b[peer]])
    each, times = np.unique(pairs, axis=1, return_counts=True)
    assert set(times.tolist()) == {3}
    hosts = {leaf: set(fabric.endpoints.host[fabric.endpoint_switch == leaf].tolist()) for leaf in np.unique(pairs)}
    assert all(hosts[a] == hosts[b] != set() for a, b in each.T.tolist())
    bearing = len(np.unique(fabric.endpoint_switch))
    assert each.shape[1] == bearing // 2
    assert counts.links["leaf_peer"] == 3 * bearing // 2


@pytest.mark.parametrize(("width", "keys"), [(3, {}), (5, {"spread": "by-one"}), (4, {"homing": "dual"}), (8, {})])
def test_pods_hold_so_many_leaves(width: int, keys: dict[str, Any]) -> None:
    fabric, _ = wired(
        designed("ft3", 512, [{"hosts": "dgx-h100"}, {"hosts": "h800-node"}], leaves_per_pod=width, **keys)
    )
    tier, pod = fabric.devices.tier, fabric.devices.pod
    sizes = np.bincount(pod[tier == LEAF])
    assert sizes.max() == width
    assert len(sizes) == -(-int(sizes.sum()) // width)
    spines = np.flatnonzero(tier == SPINE)
    up = np.bincount(fabric.link_a[tier[fabric.link_a] == SPINE], minlength=len(tier))[spines]
    down = np.bincount(fabric.link_b[tier[fabric.link_b] == SPINE], minlength=len(tier))[spines]
    assert len(set(up.tolist())) == 1
    assert (down <= up).all(), "one to one above"
    found = throughput(fabric, "all-to-all", "adaptive")
    verify_certificate(fabric, found.certificate)
    assert found.lower == pytest.approx(1)


def links_by_name(fabric: Fabric) -> set[tuple[str, str]]:
    """Every cable by the names of its two ports."""
    return set(zip(port_labels(fabric, fabric.links.a), port_labels(fabric, fabric.links.b), strict=True))


@pytest.mark.parametrize(
    ("family", "kinds", "keys"),
    [
        ("ft2", [{"hosts": "dgx-h100"}, {"hosts": "h800-node", "oversubscription": 3}], {"spread": "by-one"}),
        ("ft2", [{**BORDER, "uplinks": 16}, {"hosts": "h800-node", "uplinks": 16}], {"spread": "by-one"}),
        ("ft3", [{"hosts": "dgx-h100"}, {"hosts": "h800-node"}, BORDER], {"spread": "by-one"}),
        ("ft3", [{"hosts": "dgx-h100"}, {"hosts": "h800-node"}], {"leaves_per_pod": 4}),
        ("mrft", [{"hosts": "dgx-h100"}, {"hosts": "h800-node"}], {"rails_per_leaf": 1}),
        ("mpft", [{"hosts": "dgx-h100"}, {"hosts": "h800-node"}], {}),
        ("dual-plane", [{"hosts": "multi-port-node"}, BORDER], {"rails_per_leaf": 1, "spread": "by-one"}),
        ("ft2", [{"hosts": "dgx-h100"}, {"hosts": "h800-node"}], {"homing": "dual", "peer_links": 2}),
    ],
)
def test_what_is_built_for_a_last_size_grows_without_a_move(
    family: str, kinds: list[dict[str, Any]], keys: dict[str, Any]
) -> None:
    """Three stages: each has all cables of the one before at the same ports; the last is as large as one that is
    planned for itself."""
    stages = [designed(family, gpus, kinds, build_for_gpus=896, **keys) for gpus in (256, 512, 896)]
    found = [wired(design) for design in stages]
    links = [links_by_name(fabric) for fabric, _ in found]
    assert links[0] < links[1] < links[2]
    alone = closed_forms(designed(family, 896, kinds, **keys))["compute"]
    assert (found[-1][1].switches, found[-1][1].links) == (alone.switches, alone.links)


@pytest.mark.parametrize(
    ("family", "kinds", "keys", "told"),
    [
        ("ft2", [{"hosts": "dgx-h100", "hosts_per_leaf": 9}], {}, {"leaves[0].hosts_per_leaf": "at most 4"}),
        ("ft2", [{"hosts": "dgx-h100", "uplinks": 60}], {}, {"leaves[0].uplinks": "at most 56"}),
        ("ft2", [{"hosts": "dgx-h100"}], {"uplinks": 60}, {"uplinks": "at most 56"}),
        ("ft2", [{"hosts": "dgx-h100", "hosts_per_leaf": 4, "uplinks": 10, "oversubscription": 2}], {},
         {"leaves[0].uplinks": "at least 16"}),
        ("ft2", [{"hosts": "dgx-h100"}, {**BORDER, "hosts_per_leaf": 3}], {},
         {"leaves[1].hosts_per_leaf": "leave it out"}),
        ("ft2", [{"hosts": "dgx-h100"}], {"homing": "dual", "peer_links": 90}, {"peer_links": "at most 56"}),
        ("ft2", [{"hosts": "dgx-h100"}], {"peer_links": 4, "leaves_per_pod": 4, "build_for_gpus": 100},
         {"peer_links": "leave it out", "leaves_per_pod": "leave it out", "build_for_gpus": "256 or 264"}),
        ("ft3", [{"hosts": "dgx-h100"}], {"leaves_per_pod": 60}, {"leaves_per_pod": "at most 32"}),
    ],
)  # fmt: skip
def test_what_contradicts_is_told_at_its_key_with_what_works(
    family: str, kinds: list[dict[str, Any]], keys: dict[str, Any], told: dict[str, str]
) -> None:
    with pytest.raises(InputError) as caught:
        build(designed(family, 256, kinds, **keys))
    assert {p.key.removeprefix("networks.compute."): p.allowed for p in caught.value.problems} == told
    assert all(p.line for p in caught.value.problems)


@pytest.mark.parametrize("rails", [None, 1, 2, 4])
def test_any_width_of_pods_is_built_or_refused_with_one_that_is(rails: int | None) -> None:
    """A pod never holds less than a scalable unit, whichever way the ports of leaves are split."""
    keys = {} if rails is None else {"rails_per_leaf": rails}
    unit = 2 if rails is None else 8 // rails
    for width in (*range(1, 10), 16, 31, 32):
        if width >= unit:
            wired(designed("mrft", 64, [{"hosts": "dgx-h100"}], leaves_per_pod=width, **keys))
            continue
        with pytest.raises(InputError, match="whole units"):
            build(designed("mrft", 64, [{"hosts": "dgx-h100"}], leaves_per_pod=width, **keys))
    for width in (33, 100, 100_000):
        with pytest.raises(InputError) as caught:
            build(designed("mrft", 64, [{"hosts": "dgx-h100"}], leaves_per_pod=width, **keys))
        [most] = [p.allowed for p in caught.value.problems]
        build(designed("mrft", 64, [{"hosts": "dgx-h100"}], leaves_per_pod=int(most.split()[-1]), **keys))
