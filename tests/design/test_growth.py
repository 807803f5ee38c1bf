"""Designs that grow from another: nothing that need not move is moved, and the wiring stays the family's."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

import topo
from tests.slow import slow
from topo.catalog import load_catalog
from topo.checks import run_wiring
from topo.design import Design, closed_forms, context_of
from topo.design.wire import growth
from topo.errors import InputError
from topo.exporters import change_plan, make_plan
from topo.placement.cables.change import Changes
from topo.report.answers.show import as_json, summary
from topo.units import amount

QM = ("dgx-h100", "nvidia-qm9700")
SMALL = ("example-host-2", "example-switch-8")
TWO_PORTS = ("example-host-1-two-ports", "example-switch-8")


def text(gpus: int, family: str, parts: tuple[str, str] = SMALL, keys: str = "", grow_from: str = "") -> str:
    from_ = f"grow_from: {grow_from}\n" if grow_from else ""
    head = f"name: d{gpus}\ngpus: {gpus}\nhost: {parts[0]}\n{from_}networks:\n"
    return f"{head}  compute: {{family: {family}, switch: {parts[1]}{keys}}}\n"


def line(folder: Path, family: str, sizes: list[int], parts: tuple[str, str] = SMALL, keys: str = "") -> list[Design]:
    """Designs of these sizes, each growing from the one before."""
    found, before = [], ""
    for gpus in sizes:
        path = folder / f"d{gpus}.yaml"
        path.write_text(text(gpus, family, parts, keys, before))
        found.append(topo.load_design(path))
        before = path.name
    return found


def moved(design: Design) -> tuple[int, int]:
    kinds = [kept for network in growth(design).values() for kept in network.values()]
    return sum(k.moved for k in kinds), sum(k.least_moved for k in kinds)


def change(design: Design) -> Changes:
    assert design.grown is not None
    return change_plan(make_plan(design.grown), make_plan(design))


@pytest.mark.parametrize(("family", "sizes", "moves"), [
    ("mrft", [512, 1024, 2048], [256, 512]),
    ("ft2", [1024, 2048], [512]),
    ("mpft", [512, 1024], [256]),
])  # fmt: skip
def test_published_growth(tmp_path: Path, family: str, sizes: list[int], moves: list[int]) -> None:
    """Switches of 64 ports, hosts of 8 NICs: half of the uplinks move, and the change plan says the same."""
    for design, number in zip(line(tmp_path, family, sizes, QM)[1:], moves, strict=True):
        assert moved(design) == (number, number)
        found = change(design).summary()
        touched = {kind: n for kind, n in found.items() if n and kind not in ("kept", "add", "devices added")}
        assert touched == {"re-terminate": number}
        assert not run_wiring(context_of(design, topo.build(design)))


def test_leaves_keep_the_rails_that_they_hold(tmp_path: Path) -> None:
    """128 GPUs fit on two leaves of four rails each; larger, four rails a leaf stay where no key says otherwise."""
    small, large = line(tmp_path, "mrft", [128, 512], QM)
    old, new = topo.build(small), topo.build(large)
    assert set(old.devices.name) <= set(new.devices.name)
    number, least = moved(large)
    assert number == least
    assert not run_wiring(context_of(large, new))


@pytest.mark.parametrize(("family", "keys", "small", "large"), [
    ("ft3", ", spread: by-one", 24, 48), ("ft3", ", spread: by-one", 48, 64),
    ("ft3", ", spread: by-one, spine_oversubscription: 2", 48, 80),
    ("mrft", ", oversubscription: 2", 80, 96), ("mrft", ", oversubscription: 1.5", 56, 68),
    ("dual-plane", ", spread: by-one, spine_oversubscription: 2", 64, 80),
])  # fmt: skip
def test_switches_of_three_tiers_keep_their_names(
    tmp_path: Path, family: str, keys: str, small: int, large: int
) -> None:
    """Sizes that would be others in the larger design from nothing (spines of a core group, spines of a pod, uplinks)
    stay where no key says otherwise; what that takes more is told as spare."""
    parts = TWO_PORTS if family == "dual-plane" else SMALL
    old, new = line(tmp_path, family, [small, large], parts, keys)
    fabrics = topo.build(old), topo.build(new)
    plain = topo.design.parse_design(text(large, family, parts, keys))
    assert not set(fabrics[0].devices.name) <= set(topo.build(plain).devices.name)
    assert set(fabrics[0].devices.name) <= set(fabrics[1].devices.name)
    number, least = moved(new)
    assert number == least
    assert not change(new).devices_removed
    assert not run_wiring(context_of(new, fabrics[1]))
    more = sum(closed_forms(new)["compute"].switches.values()) - sum(closed_forms(plain)["compute"].switches.values())
    avoid = [one.get("avoid", {}) for one in json.loads(as_json(summary(new)))["networks"]["compute"]["spare"]]
    told = [one["costs"] for one in avoid if one.get("key") == "grow_from"]
    said = f"needs {amount(more, 'switch')} fewer; " if more > 0 else ""
    assert all(one.startswith(said) for one in told)
    assert bool(told) == (more > 0)


@slow
def test_cores_dealt_by_one_keep_half(tmp_path: Path) -> None:
    """9,216 GPUs on 144 cores to 16,384 on 256: a pod of those that stand has seven or eight links to a core and keeps
    four, so 9 x 144 x 4 of 9,216 stay at most; with two spines a group, which stands, 9 x 32 x 9 x 2 do."""
    old, new = line(tmp_path, "ft3", [9216, 16384], QM, ", spread: by-one")
    assert [closed_forms(d)["compute"].switches["core"] for d in (old, new)] == [144, 256]
    assert moved(new) == (9216 - 9 * 144 * 4, 9216 - 9 * 32 * 9 * 2)


@pytest.mark.parametrize(("family", "parts", "sizes", "keys", "other"), [
    ("dual-plane", TWO_PORTS, [49, 63], ", packing: balanced, pods: rail", "storage-server"),
    ("mrft", ("example-host-1", "dell-z9432f"), [7, 52], ", endpoint_gbps: 400, min_leaves: 4", "example-host-2"),
])  # fmt: skip
def test_hosts_beside_the_gpu_hosts_grow_too(
    tmp_path: Path, family: str, parts: tuple[str, str], sizes: list[int], keys: str, other: str
) -> None:
    """Whether they have no end in the network, or more rails than the GPU hosts."""
    for gpus in sizes:
        more = f"other_hosts: [{{host: {other}, count: 3}}]\n"
        grows = "" if gpus == sizes[0] else f"d{sizes[0]}.yaml"
        (tmp_path / f"d{gpus}.yaml").write_text(text(gpus, family, parts, keys, grows) + more)
    design = topo.load_design(tmp_path / f"d{sizes[1]}.yaml")
    assert design.grown is not None
    fabric = topo.build(design)
    assert set(topo.build(design.grown).devices.name) <= set(fabric.devices.name)
    assert moved(design)[0] == moved(design)[1]
    assert not run_wiring(context_of(design, fabric))


CASES = [
    ("ft2", [8, 16, 22, 32], ""),
    ("ft2", [8, 12, 18, 22, 32], ", spread: by-one"),
    ("ft2", [8, 24, 32], ", packing: balanced"),
    ("ft3", [8, 20, 48, 96], ""),
    ("ft3", [10, 44, 80], ", spread: by-one"),
    ("mrft", [8, 16, 32, 60], ""),
    ("mrft", [8, 20, 32], ", rails_per_leaf: 1, spread: by-one"),
    ("mpft", [8, 14, 32, 64], ""),
    ("rail-only", [4, 8, 16], ""),
    ("ft2", [8, 16, 24], ", homing: dual, peer_links: 1"),
    ("mrft", [8, 16, 32], ", oversubscription: 3"),
    ("ft2", [8, 16, 24], ", leaves: [{hosts: example-host-2, oversubscription: 2}]"),
    ("mrft", [8, 16, 32], ", rails_per_leaf: 1, leaves: [{hosts: example-host-2, oversubscription: 3}]"),
    ("mpft", [8, 16, 32], ", leaves: [{hosts: example-host-2, oversubscription: 3}], spread: by-one"),
    ("dual-plane", [8, 16, 32], ""),
    ("zcube", [8, 16], ""),
    ("torus", [8, 16], ""),
    ("dragonfly-plus", [8, 24], ""),
    ("slim-fly", [8, 16], ""),
    ("dragonfly", [8, 24, 40], ""),
    ("hyperx", [8, 16, 24], ""),
    ("jellyfish", [8, 16, 24], ""),
]


def box(fabric: topo.Fabric) -> list[int]:
    """The sides of a torus, by the names of its nodes: one that grows takes a box around the one that stands."""
    places = [name.split("-")[1:] for name in fabric.devices.name.tolist() if name.startswith("node-")]
    return [max(map(int, side)) + 1 for side in zip(*places, strict=True)]


@pytest.mark.sampled(3)
@pytest.mark.parametrize(("family", "sizes", "keys"), CASES, ids=lambda v: str(v)[:24])
def test_growth_moves_the_least(tmp_path: Path, family: str, sizes: list[int], keys: str) -> None:
    """As few links as the bound, whatever the family; no device that stays is renamed; the closed form and every wiring
    check hold as they do for the design that grows from nothing."""
    parts = TWO_PORTS if family in ("dual-plane", "zcube") else SMALL
    for design in line(tmp_path, family, sizes, parts, keys)[1:]:
        fabric = topo.build(design)
        assert design.grown is not None
        old = topo.build(design.grown)
        number, least = moved(design)
        assert number == least
        stays = {(p, q) for p, q in links_by_name(old)} & {(p, q) for p, q in links_by_name(fabric)}
        assert len(old.links) - len(stays) == number
        alike = f"{keys}, shape: {box(fabric)}" if family == "torus" else keys
        plain = topo.build(topo.design.parse_design(text(design.file.gpus, family, parts, alike)))
        assert set(fabric.devices.name) == set(plain.devices.name)
        assert len(fabric.links) == len(plain.links)
        without = len(set(links_by_name(old)) & set(links_by_name(plain)))
        assert len(stays) >= without
        assert not run_wiring(context_of(design, fabric))
        assert topo.throughput(fabric).lower == pytest.approx(topo.throughput(plain).lower, abs=1e-6)


def links_by_name(fabric: topo.Fabric) -> list[tuple[str, str]]:
    """Both ends of every link as device and port."""
    ends = [
        [
            f"{d}:{p}"
            for d, p in zip(fabric.devices.name[fabric.ports.device[rows]], fabric.port_name(rows), strict=True)
        ]
        for rows in (fabric.links.a, fabric.links.b)
    ]
    return list(zip(*ends, strict=True))


@pytest.mark.parametrize("family", ["ft2", "mrft, rails_per_leaf: 1", "mpft"])
def test_leaves_of_other_hosts_stay_as_they_are(tmp_path: Path, family: str) -> None:
    """Where one kind of host grows, no leaf of another is renamed and none of its hosts moves."""
    leaves = "leaves: [{hosts: dgx-b200, oversubscription: 2}, {hosts: h800-node}]"
    for gpus in (256, 512):
        head = f"name: d{gpus}\ngpus: {gpus}\nhost: dgx-b200\nother_hosts: [{{host: h800-node, count: 16}}]\n"
        keys = f"{{family: {family}, switch: nvidia-sn5600, uplink_gbps: 400, {leaves}}}"
        grows = "grow_from: d256.yaml\n" if gpus > 256 else ""
        (tmp_path / f"d{gpus}.yaml").write_text(f"{head}{grows}networks:\n  compute: {keys}\n")
    design = topo.load_design(tmp_path / "d512.yaml")
    assert design.grown is not None
    old, new = topo.build(design.grown), topo.build(design)
    assert set(old.devices.name) <= set(new.devices.name)
    others = [f"{name}:" for name in old.devices.name[old.is_host & (old.devices.group == 1)].tolist()]
    ends = [{link for link in links_by_name(f) if link[0].startswith(tuple(others))} for f in (old, new)]
    assert ends[0]
    assert ends[0] == ends[1]
    number, least = moved(design)
    assert number == least
    assert not run_wiring(context_of(design, new))


PODS = [
    ("ft3", "[{hosts: test-host}, {hosts: test-host-few, switch: test-16}]", [40, 44, 72, 96]),
    ("ft3", "[{hosts: test-host-few}, {hosts: test-host}]", [32, 40, 80]),
    ("ft3", "[{hosts: test-host, uplink_gbps: 200}, {hosts: test-host-few}]", [40, 56, 80]),
    ("ft3", "[{hosts: test-host}, {hosts: test-host-few, uplink_gbps: 200}]", [40, 56, 80]),
    ("ft3, spines: 3", "[{hosts: test-host}, {hosts: test-host-few}]", [40, 56, 64]),
    ("mrft, tiers: 3, rails_per_leaf: 1", "[{hosts: test-host}, {hosts: test-host-few}]", [32, 48, 96]),
]


@pytest.mark.sampled(3)
@pytest.mark.parametrize(("family", "leaves", "sizes"), PODS, ids=lambda v: str(v)[:24])
def test_unlike_leaves_keep_their_pods(tmp_path: Path, family: str, leaves: str, sizes: list[int]) -> None:
    """Three tiers, where the first kind of hosts grows: no switch is renamed, no link of a leaf moves, and of those to
    the cores as few as the numbers between every two switches leave."""
    parts, before = load_catalog([Path(__file__).parents[1] / "checks" / "catalog"]), ""
    for gpus in sizes:
        head = (
            f"name: d{gpus}\ngpus: {gpus}\nhost: test-host\n{before}other_hosts: [{{host: test-host-few, count: 12}}]\n"
        )
        keys = f"{{family: {family}, switch: test-8, leaves: {leaves}}}"
        (tmp_path / f"d{gpus}.yaml").write_text(f"{head}networks:\n  compute: {keys}\n")
        before = f"grow_from: d{gpus}.yaml\n"
    for gpus in sizes[1:]:
        design = topo.load_design(tmp_path / f"d{gpus}.yaml", parts)
        assert design.grown is not None
        old, new = topo.build(design.grown), topo.build(design)
        assert set(old.devices.name) <= set(new.devices.name)
        kept = growth(design)["compute"]
        assert (kept["endpoint"].moved, kept["leaf_spine"].moved) == (0, 0)
        pairs = [Counter((p.partition(":")[0], q.partition(":")[0]) for p, q in links_by_name(f)) for f in (old, new)]
        number, least = moved(design)
        assert number == least == sum((pairs[0] - pairs[1]).values())
        assert len(set(links_by_name(old)) - set(links_by_name(new))) == number
        assert not run_wiring(context_of(design, new))
        used = np.bincount(np.concatenate([new.links.a, new.links.b]), minlength=len(new.ports))
        assert used.max() == 1


def test_kinds_of_hosts_with_unlike_rails_grow(tmp_path: Path) -> None:
    """The rails of a leaf that stands are no key for leaves of hosts that have fewer."""
    parts = load_catalog([Path(__file__).parents[1] / "checks" / "catalog"])
    for gpus, before in ((8, ""), (24, "grow_from: d8.yaml\n")):
        head = f"name: d\ngpus: {gpus}\nhost: test-host\n{before}other_hosts: [{{host: test-host-few, count: 4}}]\n"
        leaves = "[{hosts: test-host, switch: test-16}, {hosts: test-host-few}]"
        keys = f"{{family: mrft, switch: test-8, spread: by-one, leaves: {leaves}}}"
        (tmp_path / f"d{gpus}.yaml").write_text(f"{head}networks:\n  compute: {keys}\n")
    design = topo.load_design(tmp_path / "d24.yaml", parts)
    number, least = moved(design)
    assert number == least
    assert not run_wiring(context_of(design, topo.build(design)))


@pytest.mark.sampled(2)
@pytest.mark.parametrize("family", ["ft2", "mrft", "mpft", "ft3"])
@pytest.mark.parametrize("sizes", [[512, 1024, 2048], slow([1024, 4096, 16384])], ids=["small", "large"])
def test_built_for_the_last_size(tmp_path: Path, sizes: list[int], family: str) -> None:
    """Spines, cores and ports of the last size from the first day: no cable is touched on the way."""
    if family == "ft2" and sizes[-1] > 2048:
        pytest.skip("two tiers end at 2,048")
    designs = line(tmp_path, family, sizes, QM, f", build_for_gpus: {sizes[-1]}")
    for design in designs[1:]:
        assert moved(design) == (0, 0)
        assert change(design).touched == len(change(design).added)


@pytest.mark.parametrize(("family", "switch", "sizes", "keys"), [
    ("mrft", "example-switch-8", [6, 14, 26], ", oversubscription: 2"),
    ("ft3", "dell-z9432f", [32, 128, 512], ", endpoint_gbps: 400, oversubscription: 2"),
    ("ft3", "dell-z9432f", [32, 128, 512], ", endpoint_gbps: 400, spine_oversubscription: 2"),
])  # fmt: skip
def test_what_is_cheapest_now_is_not_built(family: str, switch: str, sizes: list[int], keys: str) -> None:
    """Ports of a leaf and of a spine are split as the last size wants it from the first day, also without `grow_from`:
    no link of a stage is missing in the next, and the last is the fabric of that size."""
    more = f"{keys}, build_for_gpus: {sizes[-1]}"
    stages = [topo.build(topo.design.parse_design(text(n, family, (SMALL[0], switch), more))) for n in sizes]
    links = [set(links_by_name(fabric)) for fabric in stages]
    assert links[0] < links[1] < links[2]
    last = topo.design.parse_design(text(sizes[-1], family, (SMALL[0], switch), keys))
    assert links[2] == set(links_by_name(topo.build(last)))
    for n, fabric in zip(sizes, stages, strict=True):
        counts = closed_forms(topo.design.parse_design(text(n, family, (SMALL[0], switch), more)))["compute"]
        assert sum(counts.switches.values()) == int((~fabric.is_host).sum())
        assert sum(counts.links.values()) == len(fabric.links)


def test_racks_stay(tmp_path: Path) -> None:
    """With a floor, what stands stays where it stands."""
    floor = "floor: {rows_per_hall: 2, racks_per_row: 8}\n"
    (tmp_path / "a.yaml").write_text(text(16, "ft2") + floor)
    (tmp_path / "b.yaml").write_text(text(32, "ft2", grow_from="a.yaml") + floor)
    found = change(topo.load_design(tmp_path / "b.yaml"))
    assert found.devices_moved == ()
    assert len(found.removed) == 0


@pytest.mark.parametrize(("new", "key", "said"), [
    (text(8, "ft2", grow_from="old.yaml"), "gpus", "from 16"),
    (text(32, "mpft", grow_from="old.yaml"), "networks.compute.family", "ft2"),
    (text(32, "ft2", ("example-host-2", "example-switch-4"), grow_from="old.yaml"), "networks.compute.switch",
     "example-switch-8"),
    (text(32, "ft2", ("example-host-1", "example-switch-8"), grow_from="old.yaml"), "host", "example-host-2"),
    (text(32, "ft2", grow_from="none.yaml"), "grow_from", "no such file"),
    (text(32, "ft2", grow_from="new.yaml"), "grow_from", "grows from itself"),
    (text(32, "ft2", grow_from="round.yaml"), "grow_from", "grows from itself"),
    (text(32, "ft2", grow_from="broken.yaml"), "grow_from", "no design that can be built on"),
    (text(32, "ft2", grow_from="old.json"), "grow_from", "a YAML design"),
    (text(32, "ft2", grow_from="."), "grow_from", "no such file"),
])  # fmt: skip
def test_designs_that_cannot_grow(tmp_path: Path, new: str, key: str, said: str) -> None:
    """Each is an error at its key, with the line of the design that asks."""
    (tmp_path / "old.yaml").write_text(text(16, "ft2"))
    (tmp_path / "round.yaml").write_text(text(16, "ft2", grow_from="new.yaml"))
    (tmp_path / "broken.yaml").write_text("name: broken\n")
    (tmp_path / "new.yaml").write_text(new)
    with pytest.raises(InputError) as error:
        topo.load_design(tmp_path / "new.yaml")
    problems = [p for p in error.value.problems if p.key == key]
    assert problems, error.value
    assert all(p.line > 0 and p.file for p in problems)
    assert said in str(error.value)


def test_a_network_that_is_gone(tmp_path: Path) -> None:
    """A network that stands already stays in the design."""
    both = text(256, "mpft", QM) + "  storage: {family: ft2, switch: nvidia-qm9700}\n"
    (tmp_path / "old.yaml").write_text(both)
    (tmp_path / "new.yaml").write_text(text(512, "mpft", QM, grow_from="old.yaml"))
    with pytest.raises(InputError, match="lack storage"):
        topo.load_design(tmp_path / "new.yaml")
    (tmp_path / "old.yaml").write_text(text(256, "mpft", QM))
    (tmp_path / "new.yaml").write_text(both.replace("256", "512") + "grow_from: old.yaml\n")
    assert "storage" not in growth(topo.load_design(tmp_path / "new.yaml"))


def test_several_networks(tmp_path: Path) -> None:
    """Each network grows by itself; hosts of other kinds too."""
    more = "  storage: {family: ft2, switch: nvidia-qm9700}\nother_hosts: [{host: storage-server, count: 4}]\n"
    (tmp_path / "old.yaml").write_text(text(256, "mrft", QM) + more)
    (tmp_path / "new.yaml").write_text(text(768, "mrft", QM, grow_from="old.yaml") + more)
    design = topo.load_design(tmp_path / "new.yaml")
    assert set(growth(design)) == {"compute", "storage"}
    assert moved(design)[0] == moved(design)[1]
    assert not run_wiring(context_of(design, topo.build(design)))
