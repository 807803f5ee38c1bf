"""The shipped parts against the reference data, and that what they form can be plugged together."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from topo.catalog import Cable, Catalog, Switch, Transceiver, load_catalog
from topo.catalog.loader import shipped_folder
from topo.catalog.models import KINDS

REFERENCE = yaml.safe_load((Path(__file__).parent.parent / "data" / "reference" / "parts.yaml").read_text())
CATALOG = Catalog((shipped_folder(),))


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_part_reads(kind: str) -> None:
    for part_id in CATALOG.ids(kind):
        assert CATALOG.get(kind, part_id).id == part_id


@pytest.mark.parametrize("part_id", sorted(REFERENCE["switches"]))
def test_switch_is_as_published(part_id: str) -> None:
    published = REFERENCE["switches"][part_id]
    published = REFERENCE["switches"][published["like"]] | published if "like" in published else published
    switch = CATALOG.switch(part_id)
    modes = {(b.ports * switch.cages, b.gbps) for b in switch.breakouts}
    if "ports" in published:
        assert (switch.ports, switch.breakouts[0].gbps) == (published["ports"], published["speed_gbps"])
    for text in published.get("breakout", []):
        ports, gbps = text.split("x")
        assert (int(ports), float(gbps)) in modes
    if "total_tbps" in published:
        assert {ports * gbps for ports, gbps in modes} == {published["total_tbps"] * 1000}
    ours = {"cages": switch.cages, "rack_units": switch.rack_units, "cage_power_w": switch.cage_power_w}
    for key in ours.keys() & published.keys():
        assert ours[key] == published[key], key
    for key in ("power_typical_w", "power_max_w"):
        if key in published:
            assert getattr(switch, key) == published[key]["value"]
            assert key in switch.source.doubtful
        else:
            assert getattr(switch, key) is None or key in switch.source.doubtful


@pytest.mark.parametrize("name", sorted(REFERENCE["transceivers_400g"]))
def test_transceiver_is_as_published(name: str) -> None:
    published = REFERENCE["transceivers_400g"][name]
    part = CATALOG.get("transceiver", f"nvidia-{name.lower()}")
    assert isinstance(part, Transceiver)
    assert part.reach_m == published["reach_m"]
    assert part.power_w == published.get("power_w")
    assert part.links == (2 if "2x" in published["what"] else 1)
    assert part.gbps == 400
    words = published["what"]
    assert part.medium.replace("-", " ") in words
    assert part.form == ("qsfp112" if "QSFP112" in words else "osfp" if "NIC side" in words else "osfp-twin")
    assert part.source.read is published["read"]


@pytest.mark.parametrize("name", sorted(REFERENCE["cables_400g"]))
def test_cable_is_as_published(name: str) -> None:
    published = REFERENCE["cables_400g"][name]
    part = CATALOG.get("cable", f"nvidia-{name.lower()}")
    assert isinstance(part, Cable)
    assert list(part.lengths_m) == published["lengths_m"]
    assert part.source.read is published["read"]
    assert (part.links, part.gbps) == (2, 400)
    if "power_w" in published:
        assert part.power_w == published["power_w"]


@pytest.mark.parametrize("name", sorted(set(REFERENCE["fibres"]) - {"delay_ns_per_m"}))
def test_fibre_is_as_published(name: str) -> None:
    published = REFERENCE["fibres"][name]
    part = CATALOG.get("cable", f"nvidia-{name.lower()}")
    assert isinstance(part, Cable)
    assert part.max_m == published["max_m"]
    assert part.b.count == (2 if "splitter" in published["what"] else 1)
    assert part.delay_ns_per_m == REFERENCE["fibres"]["delay_ns_per_m"]
    assert part.source.read is published["read"]
    assert max(part.lengths_m) <= published["max_m"]


@pytest.mark.parametrize("part", CATALOG.every(Switch), ids=lambda p: p.id)
def test_ports_are_what_the_cages_give(part: Switch) -> None:
    assert part.ports == sum(g.cages * g.breakouts[0].ports for g in part.groups)
    assert part.cages == sum(g.cages for g in part.groups)


def copper(a: str, b: str, gbps: float) -> list[Cable]:
    """Cables with plugs that join two forms of cage at a speed."""
    return [
        cable
        for cable in CATALOG.every(Cable)
        if cable.gbps is not None
        and {cable.a.form, cable.b.form} == {a, b}
        and gbps in {cable.gbps, *(m.gbps for m in cable.also)}
    ]


def optics(a: str, b: str, gbps: float) -> list[tuple[str, str, str]]:
    """(module at a, fibre, module at b) that join two forms of cage at a speed."""
    found = []
    for one in CATALOG.every(Transceiver):
        for two in CATALOG.every(Transceiver):
            if (one.form, two.form) != (a, b) or (one.optics, one.connector) != (two.optics, two.connector):
                continue
            ways = [m.links / t.connectors for t in (one, two) for m in t.modes if m.gbps == gbps]
            for fibre in CATALOG.every(Cable):
                fits = fibre.a.form == one.connector and fibre.medium == one.medium
                if fits and len(ways) == 2 and fibre.b.count == max(ways) / min(ways):
                    found.append((one.id, fibre.id, two.id))
    return found


@pytest.mark.parametrize(
    ("a", "b", "gbps", "by_copper"),
    [
        ("nvidia-qm9700", "nvidia-cx7-osfp", 400, True),
        ("nvidia-qm9700", "nvidia-cx7-qsfp112", 400, True),
        ("nvidia-qm9700", "nvidia-qm9700", 400, True),
        ("nvidia-qm9700", "nvidia-cx7-dgx", 400, True),
        ("nvidia-qm9790", "nvidia-qm9700", 400, True),
        ("nvidia-qm9700", "nvidia-cx8-2x400", 400, True),
        ("nvidia-sn5600", "nvidia-sn5600", 800, True),
        ("nvidia-sn5600", "nvidia-sn5600", 400, True),
        ("nvidia-sn5600", "nvidia-cx7-osfp", 400, True),
        ("nvidia-sn5600", "nvidia-cx7-qsfp112", 400, True),
        ("nvidia-sn5600", "nvidia-bf3-qsfp112", 400, True),
        ("nvidia-sn5600", "nvidia-cx7-osfp", 200, True),
        ("nvidia-sn5600", "multi-plane-4x200", 200, True),
        ("nvidia-sn5600", "nvidia-sn5600", 200, True),
        ("tomahawk-5", "nvidia-cx7-osfp", 400, True),
        ("tomahawk-5", "nvidia-cx7-qsfp112", 200, True),
        ("tomahawk-5", "tomahawk-5", 800, True),
        ("roce-128x400", "nvidia-cx7-osfp", 400, True),
        ("roce-128x400", "roce-128x400", 400, True),
        ("nvidia-sn5400", "nvidia-sn5400", 400, True),
        ("nvidia-sn5400", "nvidia-cx7-osfp", 400, False),
        ("nvidia-sn5400", "nvidia-cx7-qsfp112", 400, False),
        ("nvidia-q3400", "nvidia-q3400", 800, False),
        ("nvidia-q3400", "nvidia-cx8-osfp", 800, False),
        ("example-switch-4", "nvidia-cx7-osfp", 400, True),
    ],
)
def test_cages_pair(a: str, b: str, gbps: float, by_copper: bool) -> None:
    one = CATALOG.switch(a).groups[0].form
    two = CATALOG.nic(b).cage if b in CATALOG.ids("nic") else CATALOG.switch(b).groups[0].form
    assert bool(copper(one, two, gbps)) is by_copper
    assert optics(one, two, gbps)


def test_xdr_has_neither_multimode_nor_passive_copper() -> None:
    for module in CATALOG.every(Transceiver):
        if module.form in ("osfp-xdr", "osfp224"):
            assert module.medium == "single-mode"
    for cable in CATALOG.every(Cable):
        assert not {"osfp-xdr", "osfp224"} & {cable.a.form, cable.b.form}


@pytest.mark.parametrize("host_id", CATALOG.ids("host"))
def test_hosts_name_nics_that_exist(host_id: str) -> None:
    for nics in CATALOG.host(host_id).nics:
        assert CATALOG.nic(nics.nic).ports >= 1


def test_a_users_folder_adds_and_overrides(tmp_path: Path) -> None:
    folder = tmp_path / "rack"
    folder.mkdir()
    text = (shipped_folder() / "rack" / "rack-42u.yaml").read_text()
    (folder / "rack-42u.yaml").write_text(text.replace("power_w: 20000", "power_w: 12000"))
    (folder / "mine.yaml").write_text(text.replace("id: rack-42u", "id: mine"))
    ours = load_catalog([tmp_path])
    assert ours.get("rack", "rack-42u").model_dump()["power_w"] == 12000
    assert ours.ids("rack") == tuple(sorted((*CATALOG.ids("rack"), "mine")))
    assert ours.get("rack", "rack-48u") == CATALOG.get("rack", "rack-48u")
