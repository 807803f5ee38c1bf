"""Cables and modules against hand counts and a slow restatement of the rules, link by link."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

import numpy as np
import pytest

from topo.catalog import load_catalog
from topo.catalog.models import PriceBook, Source
from topo.design import build, parse_design
from topo.fabric import Fabric
from topo.placement import Cabling, assumed, bill_of_materials
from topo.placement.cables.cabling import cabling

CATALOG = load_catalog()
SOURCE = Source(document="test", read=True)


def fabric_of(
    gpus: int = 2048, host: str = "h800-node", switch: str = "nvidia-qm9700", family: str = "ft2", **keys: object
) -> Fabric:
    extra = "".join(f", {k}: {v}" for k, v in keys.items())
    text = f"name: t\ngpus: {gpus}\nhost: {host}\nnetworks:\n  compute: {{family: {family}, switch: {switch}{extra}}}\n"
    return build(parse_design(text))


def counts(fabric: Fabric, **keys: object) -> dict[tuple[str, float | None], int]:
    plan = cabling(fabric, CATALOG, **keys)  # type: ignore[arg-type]
    bom = bill_of_materials(fabric, CATALOG, plan)
    return {(line.part, line.length_m): line.count for line in bom.lines if line.kind in ("cable", "transceiver")}


def consistent(fabric: Fabric, plan: Cabling) -> None:
    """Every link is carried; every used cage holds one module, or one plug of one cable."""
    carried = np.bincount(plan.cable_links.link, minlength=len(fabric.links))
    assert carried.min() >= 1
    assert (plan.cables.links == np.bincount(plan.cable_links.cable, minlength=len(plan.cables))).all()
    in_cage: dict[tuple[int, int], set[object]] = defaultdict(set)
    for link in range(len(fabric.links)):
        for port, module in (
            (fabric.links.a[link], plan.module_at_a[link]),
            (fabric.links.b[link], plan.module_at_b[link]),
        ):
            where = (int(fabric.ports.device[port]), int(fabric.ports.cage[port]))
            in_cage[where].add(("module", int(module)) if module >= 0 else ("plug", int(plan.cable_of_link[link])))
            if module >= 0:
                assert (int(plan.modules.device[module]), int(plan.modules.cage[module])) == where
    assert all(len(found) == 1 for found in in_cage.values())
    assert len(plan.modules) == sum(kind == "module" for found in in_cage.values() for kind, _ in found)  # type: ignore[misc]


def test_two_tiers_at_the_assumed_lengths() -> None:
    fabric = fabric_of()
    assert counts(fabric) == {
        ("nvidia-mma4z00-ns", None): 96 * 32,
        ("nvidia-mma4z00-ns400", None): 2048,
        ("nvidia-mfp7e10", 10.0): 2048,
        ("nvidia-mfp7e10", 30.0): 2048,
    }
    consistent(fabric, cabling(fabric, CATALOG))


def test_near_hosts_get_copper_splitters_one_for_two_links() -> None:
    fabric = fabric_of()
    lengths = {"endpoint": 2.5, "leaf_spine": 60.0}
    assert counts(fabric, lengths_m=lengths) == {
        ("nvidia-mcp7y00", 3.0): 1024,
        ("nvidia-mms4x00-ns", None): 2048,
        ("nvidia-mfp7e30", 60.0): 2048,
    }
    consistent(fabric, cabling(fabric, CATALOG, lengths_m=lengths))


def test_parallel_links_between_two_cages_share_one_copper_cable() -> None:
    fabric = fabric_of(gpus=512, family="ft2")
    assert len({(int(a), int(b)) for a, b in zip(fabric.link_a, fabric.link_b, strict=True)}) < len(fabric.links)
    found = counts(fabric, lengths_m={"leaf_spine": 1.2})
    assert found["nvidia-mcp4y10", 1.5] == 256
    consistent(fabric, cabling(fabric, CATALOG, lengths_m={"leaf_spine": 1.2}))


def test_three_to_five_metres_between_switches_is_active_copper() -> None:
    assert counts(fabric_of(gpus=512), lengths_m={"leaf_spine": 4.5})["nvidia-mca4j80", 5.0] == 256


def test_an_800g_link_takes_two_fibres() -> None:
    fabric = fabric_of(gpus=512, host="dgx-h100", switch="nvidia-sn5600", uplink_gbps=800)
    up = int((fabric.links.gbps == 800).sum())
    assert up
    found = counts(fabric, lengths_m={"leaf_spine": 40})
    assert found["nvidia-mfp7e10", 40.0] == 2 * up
    consistent(fabric, cabling(fabric, CATALOG, lengths_m={"leaf_spine": 40}))


def test_four_200g_ports_of_a_cage_take_two_splitter_fibres() -> None:
    fabric = fabric_of(gpus=64, host="h800-node", family="ft2", endpoint_gbps=200)
    assert not cabling(fabric, CATALOG).unfit
    assert counts(fabric, lengths_m={"endpoint": 2})["nvidia-mcp7y50", 2.0] == 64 // 4
    fabric = fabric_of(gpus=64, host="multi-port-node-4x200", family="mpft", uplink_gbps=400)
    assert counts(fabric)["nvidia-mfp7e20", 10.0] == 4 * 64 // 2
    assert counts(fabric, lengths_m={"endpoint": 2})["nvidia-mcp7y40", 2.0] == 4 * 64 // 4
    consistent(fabric, cabling(fabric, CATALOG))


def test_prices_win_over_the_preference_when_all_are_known() -> None:
    fabric = fabric_of(gpus=512)
    usd = {
        "nvidia-mcp4y10": 900.0,
        "nvidia-mca4j80": 800.0,
        "nvidia-mma4z00-ns": 100.0,
        "nvidia-mfp7e10": 1.0,
        "nvidia-mms4x00-ns": 101.0,
        "nvidia-mms4x00-nm": 102.0,
        "nvidia-mfp7e30": 2.0,
        "nvidia-mms4x50-nm": 900.0,
        "lc-duplex-os2": 1.0,
    }
    book = PriceBook(id="b", title="t", source=SOURCE, parts_usd=usd)
    near = {"leaf_spine": 1.0}
    assert ("nvidia-mcp4y10", 1.0) in counts(fabric, lengths_m=near)
    assert ("nvidia-mfp7e10", 3.0) in counts(fabric, lengths_m=near, price_book=book)
    half = PriceBook(id="b", title="t", source=SOURCE, parts_usd={k: v for k, v in usd.items() if "mcp" not in k})
    assert ("nvidia-mcp4y10", 1.0) in counts(fabric, lengths_m=near, price_book=half)


def test_what_nothing_joins_is_said_with_its_reason() -> None:
    fabric = fabric_of(gpus=512)
    plan = cabling(fabric, CATALOG, lengths_m={"endpoint": 700})
    (unfit,) = plan.unfit
    assert (unfit.links, unfit.kind) == (512, "endpoint")
    assert "700 m is beyond the" in unfit.reason
    assert bill_of_materials(fabric, CATALOG, plan).missing == 512
    ports = fabric.ports
    gbps = np.array(ports.gbps)
    gbps[fabric.links.b[0]] = 200
    broken = replace(fabric, ports=replace(ports, gbps=gbps))
    assert any("differ in speed" in u.reason for u in cabling(broken, CATALOG).unfit)
    renamed = replace(fabric, parts=tuple("own-switch" if "qm" in p else p for p in fabric.parts))
    assert {u.reason for u in cabling(renamed, CATALOG).unfit} == {
        "the cages are unknown: the catalog lacks the part of a device"
    }


def test_the_longest_link_of_shared_modules_decides_for_all() -> None:
    """Both links of a twin-port module run over the same optics, so a far neighbour makes the near one single mode."""
    fabric = fabric_of(gpus=64, host="h800-node", switch="nvidia-qm9700")
    lengths = assumed(fabric)
    metres = np.array(lengths.length_m)
    metres[0] = 80.0
    plan = cabling(fabric, CATALOG, replace(lengths, length_m=metres))
    consistent(fabric, plan)
    media = {plan.parts[int(plan.cables.part[plan.cable_of_link[link]])] for link in (0, 1)}
    assert media == {"nvidia-mfp7e30"}
    assert float(plan.cables.sold_m[plan.cable_of_link[1]]) == 10.0


@pytest.mark.parametrize("family", ["ft2", "ft3", "mrft", "mpft"])
def test_every_family_is_cabled(family: str) -> None:
    fabric = fabric_of(gpus=256, family=family)
    plan = cabling(fabric, CATALOG, lengths_m={"endpoint": 2, "leaf_spine": 2, "spine_core": 2})
    assert not plan.unfit
    consistent(fabric, plan)
