"""Line cards fail as a whole: all links in the cages of one, of a chassis that a user's catalog describes."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest

import topo
from topo.analysis.failures import lost
from topo.analysis.reliability import Rate, Rates, cages_of_cards, families_of
from topo.analysis.throughput import throughput
from topo.catalog import Catalog, load_catalog
from topo.design import parse_design
from topo.errors import InputError
from topo.fabric import Fabric

CHASSIS = """\
id: chassis
title: Chassis of four cards with two cages each
network: [infiniband, ethernet]
cages: 8
cage: osfp-twin
breakouts: [{ports: 2, gbps: 400, lanes: 4}]
ports: 16
port_name: "{cage}/{sub}"
line_cards: 4
source: {document: made up, read: true}
"""
DESIGN = "name: d\ngpus: 32\nhost: example-host-1\nnetworks:\n  compute: {family: ft2, switch: chassis}\n"


def catalog(folder: Path, part: str = CHASSIS) -> Catalog:
    (folder / "switch").mkdir(parents=True, exist_ok=True)
    (folder / "switch" / "chassis.yaml").write_text(part)
    return load_catalog([folder])


def counted(fabric: Fabric) -> dict[tuple[int, int], set[int]]:
    """Link ids of every card, by ports counted on each switch: four on a card."""
    cards: dict[tuple[int, int], set[int]] = defaultdict(set)
    for link, *ends in zip(fabric.links.id.tolist(), fabric.links.a.tolist(), fabric.links.b.tolist(), strict=True):
        for port in ends:
            device = int(fabric.ports.device[port])
            if not fabric.is_host[device]:
                cards[device, (int(fabric.ports.number[port]) - 1) // 4].add(link)
    return cards


def test_cards_are_those_counted_by_hand(tmp_path: Path) -> None:
    parts = catalog(tmp_path)
    fabric = topo.build(parse_design(DESIGN, catalog=parts))
    (family,) = families_of(
        fabric, 0, Rates({"line_card": Rate(afr=0.1)}), cages_a_card=cages_of_cards(fabric.parts, parts)
    )
    found = [set(fabric.links.id[family.links_of(np.array([i]))].tolist()) for i in range(family.size)]
    assert sorted(map(sorted, found)) == sorted(map(sorted, counted(fabric).values()))
    assert len(family.device) == 0
    assert family.size > int((~fabric.is_host).sum())


def test_the_worst_card_is_that_of_all_asked_one_by_one(tmp_path: Path) -> None:
    text = (
        DESIGN + "repair_hours: 24\nfailure_rates: {line_card: {afr: 0.02}}\nrequirements:\n"
        "- failure: {any: line_card, cut_off_at_most: 3}\n- failure: {any: line_card, throughput_at_least: 0.1}\n"
        "- failure: {any: pair, of: [line_card], cut_off_at_most: 8}\n"
    )
    design = parse_design(text, catalog=catalog(tmp_path))
    report, fabric = topo.check(design), topo.build(design)
    worst, least = 0, 1.0
    for links in counted(fabric).values():
        less = fabric.without(links=links)
        worst = max(worst, lost(fabric, less, 0).gpus)
        least = min(least, throughput(less, "all-to-all", "adaptive", 0, fabric).lower)
    cut, kept, pair = report.requirements
    assert (cut.verdict, cut.measured) == ("broken", worst)
    assert kept.measured == pytest.approx(least)
    assert (pair.verdict, pair.measured) == ("held", 8)
    (row,) = report.to_json()["metrics"]["failure_rates"]["by_key"]
    assert (row["key"], row["count"]) == ("line_card", len(counted(fabric)))
    assert row["per_year"] == pytest.approx(0.02 * len(counted(fabric)))


@pytest.mark.parametrize(
    "more",
    ["failure_rates: {line_card: {afr: 0.1}}\n", "requirements: [{failure: {any: line_card, cut_off_at_most: 1}}]\n"],
)
def test_switches_without_cards_have_none(more: str, tmp_path: Path) -> None:
    parts = catalog(tmp_path, CHASSIS.replace("line_cards: 4\n", ""))
    with pytest.raises(InputError, match="line_card") as caught:
        topo.check(parse_design(DESIGN + more, catalog=parts))
    assert "none" in str(caught.value) or "no network" in str(caught.value)


def test_cages_that_cards_do_not_share_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="8 cages are not as many on each of 3 line cards"):
        catalog(tmp_path, CHASSIS.replace("line_cards: 4", "line_cards: 3")).switch("chassis")
