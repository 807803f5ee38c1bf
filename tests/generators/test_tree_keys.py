"""Keys of sizes: what each does to every column of the wiring, what is refused, and published tables."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import strategies as st
from tree_cases import catalog, host, nic, switch, wired

from tests.slow import often
from topo.catalog.models import ScaleUp
from topo.design import build, closed_forms, parse_design
from topo.errors import InputError
from topo.fabric import CORE, HOST, LEAF, SPINE, Fabric, PortRole
from topo.generators import Counts, HostGroup, attached

QM = "switch: nvidia-qm9700"
SN = "switch: nvidia-sn5600, endpoint_gbps: 400, uplink_gbps: 800"


def counted(gpus: int, network: str, host_part: str = "h800-node", more: str = "") -> Counts:
    design = parse_design(f"name: t\ngpus: {gpus}\nhost: {host_part}\nnetworks:\n  compute: {{{network}}}\n{more}")
    return closed_forms(design)["compute"]


def built(gpus: int, network: str, host_part: str = "h800-node") -> tuple[Fabric, Counts]:
    design = parse_design(f"name: t\ngpus: {gpus}\nhost: {host_part}\nnetworks:\n  compute: {{{network}}}\n")
    return build(design), closed_forms(design)["compute"]


def assert_dealt(fabric: Fabric, counts: Counts) -> None:
    """Ports once, counts as the closed form; parallel links of a switch differ by at most one, links of the switches
    above too, and any two leaves of a pod share every spine of it."""
    devices, links = fabric.devices, fabric.links
    used = np.bincount(np.concatenate([links.a, links.b]), minlength=len(fabric.ports))
    assert used.max() <= 1
    tiers = {"leaf": LEAF, "spine": SPINE, "core": CORE}
    assert {n: int((devices.tier == t).sum()) for n, t in tiers.items() if (devices.tier == t).any()} == counts.switches
    spare = (fabric.ports.role == PortRole.SPARE) & (devices.tier[fabric.ports.device] != HOST)
    port_tier = devices.tier[fabric.ports.device]
    assert {n: int((spare & (port_tier == tiers[n])).sum()) for n in counts.switches} == counts.spare
    assert (used[fabric.ports.role == PortRole.RESERVED] == 0).all()
    for kind, code in (("leaf_spine", 1), ("spine_core", 2)):
        mine = links.kind == code
        assert mine.sum() == counts.links.get(kind, 0)
        if not mine.any():
            continue
        pairs, times = np.unique(np.stack([fabric.link_a[mine], fabric.link_b[mine]]), axis=1, return_counts=True)
        low, high = pairs
        least = np.full(len(devices), 10**9)
        np.minimum.at(least, low, times)
        most = np.bincount(low, weights=0 * times, minlength=len(devices))
        np.maximum.at(most, low, times)
        here = np.unique(low)
        assert (most[here] - least[here] <= 1).all(), "parallel links of a switch differ by two"
        key = np.stack([devices.plane[high], devices.pod[high]])
        down = np.bincount(fabric.link_b[mine], minlength=len(devices))
        for group in np.unique(key, axis=1).T:
            uppers = np.unique(high[(key == group[:, None]).all(axis=0)])
            if kind == "leaf_spine":
                lowers = np.unique(low[np.isin(high, uppers)])
                assert len(pairs.T[np.isin(high, uppers)]) == len(lowers) * len(uppers), "a leaf misses a spine"
                assert down[uppers].max() - down[uppers].min() <= 1, "spines are used unlike"


@pytest.mark.parametrize(
    ("gpus", "network", "switches", "note"),
    [
        (1152, f"family: ft2, {QM}", (36, 32, 0), ""),
        (1152, f"family: ft2, {QM}, spread: by-one", (36, 18, 0), ""),
        (1152, f"family: ft2, {QM}, spines: 18", (36, 18, 0), "32 uplinks of a leaf do not divide among 18 spines"),
        (9216, f"family: ft3, {QM}", (288, 288, 256), ""),
        (9216, f"family: ft3, {QM}, spread: by-one", (288, 288, 144), ""),
        (9216, f"family: ft3, {QM}, cores: 160", (288, 288, 160), "divide among the 5 cores"),
        (9216, f"family: ft3, {QM}, cores: 144", (288, 288, 144), "divide among the 9 cores"),
        (1024, f"family: mrft, {QM}, oversubscription: 1", (32, 16, 0), ""),
        (1024, f"family: mrft, {QM}, oversubscription: 2", (32, 10, 0), ""),
        (768, f"family: mrft, {QM}, oversubscription: 1", (24, 16, 0), ""),
        (768, f"family: mrft, {QM}, oversubscription: 2", (24, 10, 0), ""),
        (64, f"family: mrft, {SN}", (1, 0, 0), ""),
        (64, f"family: mrft, {SN}, spines: 1", (1, 1, 0), ""),
        (128, f"family: mrft, {SN}", (2, 1, 0), ""),
        (256, f"family: mrft, {SN}", (4, 2, 0), ""),
        (512, f"family: mrft, {SN}", (8, 4, 0), ""),
        (1024, f"family: mrft, {QM}, build_for_gpus: 16384", (32, 32, 256), ""),
        (4096, f"family: mrft, {QM}, build_for_gpus: 16384", (128, 128, 256), ""),
        (1024, f"family: ft2, {QM}, uplinks: 16", (22, 8, 0), ""),
        (1024, f"family: ft2, {QM}, packing: balanced, oversubscription: 3", (22, 8, 0), ""),
        (1024, f"family: ft3, {QM}, leaves_per_pod: 16", (32, 32, 16), ""),
        (1024, f"family: ft2, {QM}, reserve_ports: {{leaf: 4, spine: 8}}, hosts_per_leaf: 3", (43, 24, 0), ""),
    ],
)
def test_sizes_that_people_build(gpus: int, network: str, switches: tuple[int, int, int], note: str) -> None:
    fabric, counts = built(gpus, network)
    assert tuple(counts.switches.get(t, 0) for t in ("leaf", "spine", "core")) == switches
    assert note in " ".join(counts.notes)
    assert bool(note) == bool(counts.notes)
    assert_dealt(fabric, counts)


@pytest.mark.parametrize(("gpus", "cables"), [(64, 176), (128, 288), (256, 512), (512, 960)])
def test_cables_of_the_open_planning_guide(gpus: int, cables: int) -> None:
    """OCP open data centre planning guide: endpoint and uplink cables, and a front end of two a host and 64 more."""
    counts = counted(gpus, f"family: mrft, {SN}, spines: {max(gpus // 128, 1)}")
    assert sum(counts.links.values()) + 2 * gpus // 8 + 64 == cables


@pytest.mark.parametrize(("gpus", "cables"), [(256, 896), (512, 1728)])
def test_cables_of_the_planning_guide_with_two_planes(gpus: int, cables: int) -> None:
    counts = counted(gpus, f"family: dual-plane, {SN}", "multi-port-node")
    assert sum(counts.links.values()) + 2 * gpus // 8 + 64 == cables


@pytest.mark.parametrize(("family", "spines"), [("ft2", 272), ("mrft", 288), ("mpft", 304)])
def test_spines_added_up_are_those_that_ports_need(family: str, spines: int) -> None:
    keys = f"family: {family}, {QM}, spread: by-one" + (", rails_per_leaf: 1" if family == "mrft" else "")
    assert sum(counted(g, keys).switches.get("spine", 0) for g in range(128, 2049, 128)) == spines


@pytest.mark.parametrize(
    ("host_part", "network", "counts"),
    [
        ("multi-port-node-4x200", "planes: 4", (4, 8)),
        ("multi-port-node-4x200", "planes: 8", (8, 4)),
        ("multi-port-node-4x200", "planes: 32", (32, 1)),
        ("multi-port-node-4x200", "planes: 16", (16, 2)),
        ("multi-port-node-4x200", "planes: 2", (2, 16)),
        ("h800-node", "planes: 2", (2, 4)),
        ("h800-node", "planes: 1", (1, 8)),
    ],
)
@pytest.mark.parametrize("rails", [None, 1])
def test_planes_take_equal_shares_of_the_ports_of_a_host(
    host_part: str, network: str, counts: tuple[int, int], rails: int | None
) -> None:
    keys = f"family: mpft, switch: nvidia-sn5600, {network}" + (f", rails_per_leaf: {rails}" if rails else "")
    fabric, closed = built(1024, keys, host_part)
    planes, share = counts
    ends = fabric.endpoints
    assert (np.bincount(ends.host * planes + ends.plane) == share).all()
    assert_dealt(fabric, closed)
    at = fabric.endpoint_switch
    if planes == 4:
        np.testing.assert_array_equal(ends.plane, ends.nic_port)
    if planes == 8:
        np.testing.assert_array_equal(ends.plane, ends.nic)
    rail = fabric.devices.rail[at]
    np.testing.assert_array_equal(rail[rail >= 0], ends.nic[rail >= 0])
    leaves = len(np.unique(np.stack([ends.host, ends.plane, at]), axis=1).T)
    rails_of_plane = len(np.unique(ends.nic[ends.plane == 0]))
    assert leaves == 128 * planes * (rails_of_plane if rails else 1)


REFUSED: Sequence[tuple[str, dict[str, str]]] = [
    ("spines: 17", {"spines": "18 to 32"}),
    ("spines: 40", {"spines": "18 to 32"}),
    ("spines: 18, spread: even", {"spines": "32"}),
    ("uplinks: 64", {"uplinks": "at most 40"}),
    ("hosts_per_leaf: 5", {"hosts_per_leaf": "3 to 4"}),
    ("hosts_per_leaf: 5, uplinks: 30", {"hosts_per_leaf": "3 to 4"}),
    ("cores: 3", {"cores": "leave it out"}),
    ("spines: 40, cores: 3, leaves_per_pod: 9", {"spines": "18 to 32", "cores": "", "leaves_per_pod": ""}),
    ("build_for_gpus: 1000", {"build_for_gpus": "1,152 or 1,160"}),
    ("reserve_ports: {leaf: 63}", {"reserve_ports": "leaf: at most 16"}),
]


@pytest.mark.parametrize(("keys", "allowed"), REFUSED)
def test_contradictions_are_told_all_at_once_with_values_that_work(keys: str, allowed: dict[str, str]) -> None:
    with pytest.raises(InputError) as error:
        counted(1152, f"family: ft2, {QM}, {keys}")
    assert {p.key.removeprefix("networks.compute.") for p in error.value.problems} == set(allowed)
    for problem in error.value.problems:
        assert allowed[problem.key.removeprefix("networks.compute.")] in problem.allowed
        assert problem.line == 5


@pytest.mark.parametrize(
    ("keys", "key", "allowed"),
    [
        ("rails_per_leaf: 3", "rails_per_leaf", "1, 2, 4 or 8"),
        ("tiers: 3, leaves_per_pod: 12", "leaves_per_pod", "8 or 16"),
        ("tiers: 3, leaves_per_pod: 40", "leaves_per_pod", "32"),
        ("tiers: 3, spines: 3", "spines", "at least 8"),
        ("tiers: 3, cores: 3", "cores", "32, 34, 36 or 38"),
        ("tiers: 2, cores: 3", "cores", "leave it out"),
    ],
)
def test_keys_of_rails_and_pods_that_cannot_be(keys: str, key: str, allowed: str) -> None:
    with pytest.raises(InputError) as error:
        counted(1152, f"family: mrft, {QM}, {keys}")
    (problem,) = error.value.problems
    assert problem.key == f"networks.compute.{key}"
    assert allowed in problem.allowed


def test_leaves_that_do_not_cut_a_scale_up_domain() -> None:
    part = host(4, 4).model_copy(update={"scale_up": ScaleUp(name="s", gbps_per_gpu=1600, hosts_per_domain=18)})
    parts = catalog(switch(32), part, nic())
    for keys, cut in (({}, True), ({"hosts_per_leaf": 18}, False)):
        fabric, counts = wired("mrft", [HostGroup(part, 144)], parts, **keys)
        at = fabric.endpoint_switch
        domain = fabric.devices.domain[fabric.endpoints.host]
        rail = fabric.endpoints.rail
        leaves = np.unique(np.stack([domain, rail, at]), axis=1).shape[1]
        assert (leaves > 8 * 4) == cut
        assert counts.switches["leaf"] == (20 if cut else 32)
        assert_dealt(fabric, counts)


def test_what_is_remembered_of_one_host_is_not_taken_for_another() -> None:
    wide, thin = host(4, 4, part_id="w"), host(0, 4, part_id="t")
    parts = catalog(switch(8), wide, thin, nic(part_id="w-nic"), nic(2, part_id="t-nic"))
    for part, ports in ((wide, 4), (thin, 8), (wide, 4)):
        fabric, counts = wired("mrft", [HostGroup(part, 3)], parts)
        assert len(fabric.endpoints) == 3 * ports
        assert_dealt(fabric, counts)
    one, other = (attached([HostGroup(part, 1)], "compute", parts).kinds[0].one for part in (wide, thin))
    assert one != other
    assert len({one, other}) == 2


def of_ratio(family: str, cages: int, hosts: int, nics: int, ratio: Fraction, **keys: object) -> Counts | None:
    part = host(nics, nics)
    parts = catalog(switch(cages), part, nic())
    text = f"{ratio.numerator}:{ratio.denominator}"
    try:
        return wired(family, [HostGroup(part, hosts)], parts, oversubscription=text, **keys)[1]
    except InputError:
        return None


USUAL = sorted({Fraction(a, b) for b in (1, 2, 3, 4) for a in range(b, 4 * b + 1)} | {Fraction(n) for n in (5, 6, 7)})


@often(
    13,
    40,
    family=st.sampled_from(["ft2", "ft3", "mpft", "mrft", "rail-only"]),
    cages=st.integers(4, 32),
    hosts=st.integers(1, 120),
    nics=st.sampled_from([1, 2, 4, 8]),
    spread=st.sampled_from(["even", "by-one"]),
)
def test_a_higher_ratio_never_needs_more(family: str, cages: int, hosts: int, nics: int, spread: str) -> None:
    before: tuple[int, int] | None = None
    for ratio in USUAL if cages % 4 else (Fraction(1, 2), *USUAL):
        counts = of_ratio(family, cages, hosts, nics, ratio, spread=spread)
        if counts is None:
            continue
        cost = sum(counts.switches.values()), sum(counts.links.values())
        if before:
            assert cost[0] <= before[0], f"{ratio} needs {cost}, a lower ratio {before}"
            assert cost[1] <= before[1], f"{ratio} needs {cost}, a lower ratio {before}"
        before = cost


@often(
    20,
    60,
    family=st.sampled_from(["ft2", "ft3", "mpft", "mrft"]),
    cages=st.integers(2, 16),
    hosts=st.integers(1, 200),
    nics=st.sampled_from([1, 2, 4]),
    ratio=st.sampled_from(["1", "2", "3:2"]),
)
def test_by_one_never_needs_more_than_ports_ask_for(family: str, cages: int, hosts: int, nics: int, ratio: str) -> None:
    part = host(nics, nics)
    parts = catalog(switch(cages), part, nic())
    groups = [HostGroup(part, hosts)]
    try:
        fabric, counts = wired(family, groups, parts, oversubscription=ratio, spread="by-one")
    except InputError:
        return
    assert_dealt(fabric, counts)
    if counts.switches.get("spine") and family in ("ft2", "mpft"):
        planes = nics if family == "mpft" else 1
        assert counts.switches["spine"] // planes == -(-counts.links["leaf_spine"] // planes // (2 * cages))


@pytest.mark.parametrize("family", ["ft2", "ft3", "mrft", "mpft"])
def test_sizes_that_are_remembered_are_those_that_are_found(family: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every ratio in every order gives what a first question gives, and the same refusal."""
    ratios = ["1", "5:3", "2", "3", "40:21", "1:2", "2"]

    def asked(gpus: int, ratio: str) -> object:
        keys = f"family: {family}, switch: nvidia-qm9700, oversubscription: '{ratio}'"
        try:
            text = f"name: t\ngpus: {gpus}\nhost: h800-node\nnetworks:\n  compute: {{{keys}}}\n"
            return closed_forms(parse_design(text))["compute"]
        except InputError as error:
            return error.problems

    kept = [asked(gpus, ratio) for gpus in (1024, 4096, 1024) for ratio in ratios]
    fresh = []
    for gpus in (1024, 4096, 1024):
        for ratio in ratios:
            monkeypatch.setattr("topo.generators.trees.plan._BUILT", {})
            fresh.append(asked(gpus, ratio))
    assert kept == fresh


@pytest.mark.parametrize("family", ["ft2", "ft3", "mrft", "mpft", "rail-only"])
def test_what_one_switch_holds_is_one_where_that_is_asked_for(family: str) -> None:
    """At every size up to a switch's ports a plane is one switch with all hosts on it; beyond, it is refused."""
    planes = 8 if family in ("mpft", "rail-only") else 1
    for hosts in (2, 5, 8) if planes == 1 else (8, 33, 64):
        keys = f"family: {family}, {QM}, lone: true"
        fabric, counts = built(hosts * 8, keys)
        assert counts.switches == {"leaf": planes}
        assert counts.links == {"endpoint": hosts * 8}
        assert counts.max_hops == 1
        assert (np.bincount(fabric.endpoint_switch)[fabric.devices.tier == LEAF] == hosts * 8 // planes).all()
        assert counts.spare.get("leaf", 0) == planes * 64 - hosts * 8
    with pytest.raises(InputError, match="one switch joins 64 endpoints"):
        counted(planes * 64 + 8, f"family: {family}, {QM}, lone: true")


def test_one_switch_does_not_go_with_what_stands_above_it() -> None:
    with pytest.raises(InputError) as error:
        counted(16, f"family: ft2, {QM}, lone: true, spines: 2, uplinks: 4")
    assert {p.key.rsplit(".", 1)[-1] for p in error.value.problems} == {"spines", "uplinks"}
    with pytest.raises(InputError, match="two switches"):
        counted(16, f"family: mrft, {QM}, lone: true, homing: dual")


def test_the_planning_guides_smallest_cluster() -> None:
    """64 GPUs: a leaf alone by itself or as one switch, a leaf and a spine where a spine is asked for."""
    assert counted(64, f"family: mrft, {SN}").switches == {"leaf": 1}
    assert counted(64, f"family: mrft, {SN}, lone: true").switches == {"leaf": 1}
    assert counted(64, f"family: mrft, {SN}, spines: 1").switches == {"leaf": 1, "spine": 1}
    assert counted(128, f"family: mrft, {SN}").switches == {"leaf": 2, "spine": 1}
    assert counted(128, f"family: mrft, {SN}, lone: true").switches == {"leaf": 1}


@pytest.mark.parametrize("family", ["ft2", "ft3", "mrft", "mpft"])
@pytest.mark.parametrize("gpus", [20, 26, 38, 44])
def test_a_higher_ratio_is_not_refused_where_a_lower_one_fits(family: str, gpus: int) -> None:
    """3 ports down hold one host of two, 4 of a lower ratio hold two: where the first are too many leaves, the second
    stand, as they meet the higher ratio too."""
    fits = False
    for ratio in ("1", "3:2", "2", "3", "4", "5", "7"):
        keys = f"family: {family}, switch: example-switch-8, oversubscription: '{ratio}'"
        try:
            counted(gpus, keys, "example-host-2")
        except InputError:
            assert not fits, f"{ratio} is refused, a lower one is not"
        else:
            fits = True
