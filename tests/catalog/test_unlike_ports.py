"""Switches with cages of several forms, and forms of cages that are data."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import numpy as np
import pytest

from topo import build
from topo.catalog import Catalog, lint
from topo.catalog.forms import shipped_folder
from topo.catalog.ports import switch_ports
from topo.catalog.switches import Breakout, Switch
from topo.design.loader import parse_design
from topo.errors import InputError
from topo.fabric import HOST
from topo.generators.layout import fitted, most_beside, uniform
from topo.generators.trees.counts.ports import LEAF_KEYS, tier_ports
from topo.placement.cables.cabling import cabling
from topo.placement.cables.cages import CageClass
from topo.placement.cables.choose import Market, Need, choose, market
from topo.placement.faults.inspect import inspect

PART = """\
id: part
title: A switch
network: [ethernet]
{keys}
port_name: "swp{{cage}}"
source: {{document: a test, read: true}}
"""
OOB = """\
cages: [48, 4]
cage: [rj45, qsfp28]
breakouts:
  - {ports: 1, gbps: 1, lanes: 1}
  - {ports: 1, gbps: 100, lanes: 4}
  - {ports: 4, gbps: 25, lanes: 1}
ports: 52"""
TOR = """\
cages: 56
cages_each: [48, 8]
cage: [sfp28, qsfp28]
breakouts:
  - {ports: 1, gbps: 25, lanes: 1}
  - {ports: 1, gbps: 100, lanes: 4}
  - {ports: 4, gbps: 25, lanes: 1}
ports: 56"""
UPLINKED = """\
cages: [32, 2]
cage: [qsfp112, sfp]
breakouts:
  - {ports: 1, gbps: 400, lanes: 4}
  - {ports: 2, gbps: 200, lanes: 2}
  - {ports: 1, gbps: 10, lanes: 1}
ports: 34"""
NOT_TOLD = """\
cages: 52
cage: [rj45, qsfp28]
breakouts:
  - {ports: 1, gbps: 1, lanes: 1}
ports: 52"""


def catalog(folder: Path, keys: str) -> Catalog:
    (folder / "switch").mkdir(exist_ok=True)
    (folder / "switch" / "part.yaml").write_text(PART.format(keys=keys))
    return Catalog((shipped_folder(), folder))


def part(folder: Path, keys: str) -> Switch:
    return catalog(folder, keys).switch("part")


@pytest.mark.parametrize("keys", [OOB, TOR, UPLINKED, NOT_TOLD])
def test_they_are_clean(tmp_path: Path, keys: str) -> None:
    assert lint(catalog(tmp_path, keys)) == []


def test_breakouts_belong_to_the_narrowest_form_that_holds_them(tmp_path: Path) -> None:
    rj45, qsfp28 = part(tmp_path, OOB).groups
    assert [(b.ports, b.gbps) for b in rj45.breakouts] == [(1, 1)]
    assert [(b.ports, b.gbps) for b in qsfp28.breakouts] == [(1, 100), (4, 25)]
    assert (rj45.first, qsfp28.first, qsfp28.form) == (1, 49, "qsfp28")


@pytest.mark.parametrize(("keys", "gbps", "ports"), [
    (OOB, 1, 48), (OOB, 25, 16), (OOB, 100, 4), (TOR, 25, 48 + 32), (TOR, 100, 8), (UPLINKED, 400, 32),
    (UPLINKED, 200, 64), (UPLINKED, 10, 2), (UPLINKED, 40, 0),
])  # fmt: skip
def test_ports_of_a_speed(tmp_path: Path, keys: str, gbps: float, ports: int) -> None:
    switch = part(tmp_path, keys)
    assert switch.ports_at(gbps) == ports
    if ports:
        assert int((uniform(switch, gbps).gbps == gbps).sum()) == ports


def brute(switch: Switch, gbps: float, other: float, others: int) -> int:
    """The most ports of a speed beside others, by trying every number of cages of every group; -1 where none fit."""
    best = -1
    for cages in product(*(range(g.cages + 1) for g in switch.groups)):
        ways = [(n, g.at(other), g) for n, g in zip(cages, switch.groups, strict=True)]
        if any(n and each is None for n, each, _ in ways) or sum(n * e.ports for n, e, _ in ways if e) < others:
            continue
        mine = [(g.cages - n, g.at(gbps)) for n, _, g in ways]
        best = max(best, sum(n * b.ports for n, b in mine if b))
    return best


@pytest.mark.sampled(28)
@pytest.mark.parametrize(("keys", "gbps", "other"), [
    (OOB, 1, 100), (OOB, 100, 25), (OOB, 100, 1), (TOR, 25, 100), (TOR, 100, 25), (UPLINKED, 200, 400),
    (UPLINKED, 400, 10),
])  # fmt: skip
@pytest.mark.parametrize("others", [0, 1, 3, 4, 5, 8, 9, 48, 49, 60, 80, 81])
def test_what_fits_beside_agrees_with_trying_everything(
    tmp_path: Path, keys: str, gbps: float, other: float, others: int
) -> None:
    switch = part(tmp_path, keys)
    assert max(most_beside(switch, gbps, other, others), -1) == brute(switch, gbps, other, others)
    down = max(most_beside(switch, gbps, other, others), 0)
    split = fitted(switch, down, gbps, others, other)
    assert (split is None) == (brute(switch, gbps, other, others) < 0)
    if split is not None:
        gbps_at = split.layout.gbps
        assert gbps_at[split.down_at[:down] - 1].tolist() == [gbps] * down
        assert gbps_at[split.up_at[:others] - 1].tolist() == [other] * others


def test_a_leaf_takes_its_hosts_on_copper_and_its_uplinks_on_the_fast_cages(tmp_path: Path) -> None:
    ports = tier_ports(part(tmp_path, OOB), 1, 100, 0, LEAF_KEYS)
    split = ports.split(48, 4)
    assert split.down_at[:48].tolist() == list(range(1, 49))
    assert split.up_at.tolist() == [49, 50, 51, 52]
    assert [split.layout.names[i - 1] for i in split.up_at] == ["swp49", "swp50", "swp51", "swp52"]
    assert ports.count(2) == 52


def test_fast_ports_in_the_last_cages_face_down_on_an_upper_tier(tmp_path: Path) -> None:
    top = tier_ports(part(tmp_path, OOB), 100, 100, 0, LEAF_KEYS).top()
    assert top.down_at.tolist() == [49, 50, 51, 52]


def test_ports_of_split_cages_are_told_apart(tmp_path: Path) -> None:
    switch = part(tmp_path, TOR)
    wide = switch.groups[1].breakouts
    four = next(b for b in wide if b.ports == 4)
    names = [p.name for p in switch_ports(switch, [(48, switch.breakouts[0]), (8, four)])]
    assert names[47:50] == ["swp48", "swp49/1", "swp49/2"]
    assert len(set(names)) == 48 + 32


def test_a_form_of_a_folder_of_ones_own(tmp_path: Path) -> None:
    keys = "cages: 4\ncage: qsfp224\nbreakouts:\n  - {ports: 1, gbps: 800, lanes: 4}\nports: 4"
    with pytest.raises(InputError, match="unknown value"):
        part(tmp_path, keys)
    (tmp_path / "forms.yaml").write_text("cages: {qsfp224: {title: QSFP224, lanes: 4, gbps_per_lane: 200}}\n")
    assert part(tmp_path, keys).groups[0].breakouts == (Breakout(ports=1, gbps=800, lanes=4),)
    assert lint(catalog(tmp_path, keys)) == []


@pytest.mark.parametrize(("text", "message"), [
    ("cages: {x: {title: X, lanes: 0, gbps_per_lane: 1}}\n", "is out of range"),
    ("cages: {x: {title: X, lanes: 1, gbps_per_lane: 1, takes: [x]}}\n", "a cage takes its own form anyway"),
    ("plugs: {}\n", "unknown key"),
])  # fmt: skip
def test_a_wrong_file_of_forms(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "forms.yaml").write_text(text)
    assert [p.message for p in lint(Catalog((shipped_folder(), tmp_path)))] == [message]


@pytest.mark.parametrize(("old", "new", "key", "message"), [
    ("[48, 4]", "[48, 4, 2]", "cage", "2 forms of cage for 3 numbers of cages"),
    ("ports: 52", "ports: 51", "ports", "48 cages of 1 and 4 cages of 1 give 52 ports"),
    ("[rj45, qsfp28]", "[sfp, sfp28]", "breakouts", "1 x 4 lanes do not fit: a cage of form sfp has 1"),
    ("  - {ports: 1, gbps: 1, lanes: 1}\n", "", "breakouts", "none of them is for the cages of form rj45"),
    ("gbps: 1, lanes: 1}", "gbps: 1, lanes: 1, cage: sfp}", "breakouts", "is for cages of form sfp"),
    ("[48, 4]\n", "51\ncages_each: [48, 4]\n", "cages_each", "48 + 4 are not 51 cages"),
])  # fmt: skip
def test_what_is_refused(tmp_path: Path, old: str, new: str, key: str, message: str) -> None:
    assert old in OOB
    with pytest.raises(InputError) as caught:
        part(tmp_path, OOB.replace(old, new))
    problem = caught.value.problems[0]
    assert (problem.key, problem.message[: len(message)]) == (key, message)
    assert problem.line


SHIPPED = Catalog((shipped_folder(),))


def shortest(a: CageClass, b: CageClass, length_m: float, media: tuple[str, ...]) -> set[str]:
    """Media that join one cage to another at a length."""
    classes = tuple(sorted({a, b}))
    offered = market(SHIPPED)
    found = set()
    for medium in media:
        cables = tuple(c for c in offered.cables if c.medium == medium)
        choice = choose(Need(classes, a, 1, a.ports, length_m), Market(cables, offered.modules, {}, offered.forms))
        if choice is not None:
            found.add(medium)
    return found


@pytest.mark.parametrize(("form", "gbps", "lanes"), [
    ("sfp", 10, 1), ("sfp28", 25, 1), ("sfp56", 50, 1), ("sfp-dd", 100, 2), ("qsfp28", 100, 4), ("qsfp56", 200, 4),
    ("qsfp112", 400, 4),
])  # fmt: skip
def test_every_form_has_copper_and_active_optical_cables(form: str, gbps: float, lanes: int) -> None:
    cage = CageClass(form, 1, gbps, lanes)
    assert shortest(cage, cage, 2, ("passive-copper", "aoc")) == {"passive-copper", "aoc"}
    assert shortest(cage, cage, 25, ("passive-copper", "aoc")) == {"aoc"}


def test_twisted_pair_reaches_100_m() -> None:
    jack = CageClass("rj45", 1, 1, 1)
    assert shortest(jack, jack, 95, ("passive-copper",)) == {"passive-copper"}
    assert shortest(jack, jack, 101, ("passive-copper",)) == set()


def test_a_wider_cage_takes_the_plug_of_a_narrower_one() -> None:
    nic, switch = CageClass("qsfp112", 1, 100, 4), CageClass("qsfp28", 1, 100, 4)
    assert shortest(switch, nic, 20, ("passive-copper", "aoc", "multimode")) == {"aoc", "multimode"}
    assert not SHIPPED.forms.takes("qsfp28", "qsfp112")


def test_modules_with_fins_do_not_go_into_a_dgx() -> None:
    """127 DGX H100 have 508 cages for 1,016 ports of 400 Gb/s; the other ends are in switches."""
    design = parse_design(
        "name: t\ngpus: 1016\nhost: dgx-h100\nnetworks:\n  compute: {family: mrft, switch: nvidia-qm9700}\n"
    )
    fabric = build(design)
    found = cabling(fabric, design.catalog)
    of_host = fabric.devices.tier[found.modules.device] == HOST
    names = np.array(found.parts)[found.modules.part]
    assert {str(n) for n in names[of_host]} == {"nvidia-mma4z00-ns-flt"}
    assert int(of_host.sum()) == 508
    assert {str(n) for n in names[~of_host]} == {"nvidia-mma4z00-ns"}
    assert inspect(fabric, design.catalog, found) == []


@pytest.mark.parametrize("part", SHIPPED.every(Switch), ids=lambda p: p.id)
def test_shipped_switches_name_their_ports_apart(part: Switch) -> None:
    for gbps in {b.gbps for b in part.breakouts}:
        layout = uniform(part, gbps)
        assert len(set(layout.names)) == len(layout.names)
        assert int((layout.gbps == gbps).sum()) == part.ports_at(gbps)


def test_a_switch_of_102_terabits() -> None:
    switch = SHIPPED.switch("tomahawk-6")
    assert [switch.ports_at(gbps) for gbps in (800, 400, 200)] == [128, 256, 512]
