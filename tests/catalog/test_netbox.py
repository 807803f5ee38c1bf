"""NetBox device types as parts: every port with its name, and what such a file leaves open."""

from __future__ import annotations

from pathlib import Path

import pytest

from topo.catalog import Catalog, lint
from topo.catalog.forms import shipped_folder, shipped_forms
from topo.catalog.netbox import Imported, imported
from topo.catalog.ports import switch_ports
from topo.catalog.switches import Switch
from topo.errors import InputError

HEAD = "---\nmanufacturer: Example\nmodel: EX-1\nslug: ex-1\nu_height: 2\n"


def written(folder: Path, ports: list[tuple[str, str]], more: str = "") -> Path:
    lines = [f"  - name: {name}\n    type: {kind}\n" for name, kind in ports]
    path = folder / "device.yaml"
    path.write_text(HEAD + more + "interfaces:\n" + "".join(lines))
    return path


def part_of(folder: Path, found: Imported) -> Switch:
    (folder / "parts" / "switch").mkdir(parents=True, exist_ok=True)
    (folder / "parts" / "switch" / f"{found.id}.yaml").write_text(found.text)
    catalog = Catalog((shipped_folder(), folder / "parts"))
    assert lint(catalog) == []
    return catalog.switch(found.id)


def names(prefix: str, count: int, first: int = 1) -> list[str]:
    return [f"{prefix}{i}" for i in range(first, first + count)]


@pytest.mark.sampled(5)
@pytest.mark.parametrize("groups", [
    [(names("swp", 48), "1000base-t", 1), (names("swp", 4, 49), "100gbase-x-qsfp28", 100)],
    [(names("Ethernet1/", 64), "400gbase-x-qsfpdd", 400)],
    [(names("et-0/0/", 64, 0), "800gbase-x-osfp", 800)],
    [(names("Ethernet", 48), "25gbase-x-sfp28", 25), (names("Ethernet", 8, 49), "100gbase-x-qsfp28", 100)],
    [([f"{c}/{s}" for c in range(1, 33) for s in (1, 2)], "infiniband-ndr", 400)],
    [(names("ethernet1/1/", 32), "400gbase-x-qsfpdd", 400), (names("ethernet1/1/", 2, 33), "10gbase-x-sfpp", 10)],
    [(names("p", 40), "infiniband-hdr", 200)],
    [(names("swp", 2), "1.6tbase-x-osfp1600", 1600)],
    [(names("swp", 24), "2.5gbase-t", 2.5)],
    [([f"xe{i:02}" for i in range(1, 33)], "100gbase-x-dsfp", 100), (names("xe", 4, 33), "100gbase-x-sfp112", 100)],
])  # fmt: skip
def test_every_port_keeps_its_name_and_speed(tmp_path: Path, groups: list[tuple[list[str], str, float]]) -> None:
    ports = [("eth0", "virtual"), *((name, kind) for listed, kind, _ in groups for name in listed)]
    switch = part_of(tmp_path, imported(written(tmp_path, ports), shipped_forms()))
    found = switch_ports(switch, [(g.cages, g.breakouts[0]) for g in switch.groups])
    assert [(p.name, p.breakout.gbps) for p in found] == [(n, v) for listed, _, v in groups for n in listed]
    assert switch.rack_units == 2


def test_figures_have_their_units_and_what_is_not_told_is_listed(tmp_path: Path) -> None:
    more = (
        "weight: 22\nweight_unit: lb\nairflow: front-to-rear\nmodule-bays:\n  - {name: PSU1}\n  - {name: Slot 1}\n"
        "power-ports:\n  - {name: A, maximum_draw: 300}\n  - {name: B, maximum_draw: 350}\n"
    )
    found = imported(written(tmp_path, [("a1", "1000base-t"), ("x", "ieee802.11ac")], more), shipped_forms())
    switch = part_of(tmp_path, found)
    assert switch.kg == pytest.approx(22 * 0.45359237, abs=5e-4)
    assert (switch.power_max_w, switch.power_typical_w, switch.cooling) == (350, None, "air")
    assert switch.source.doubtful == ("power_max_w",)
    told = "\n".join(found.missing)
    for words in ("power ports share", "ieee802.11ac", "'Slot 1'", "`latency_ns`", "`power_typical_w`", "`breakouts`"):
        assert words in told
    assert "PSU1" not in told
    assert all(f"# missing: {words}" in found.text for words in found.missing)


def test_names_that_no_pattern_makes_are_told(tmp_path: Path) -> None:
    ports = [("one", "10gbase-t"), ("two", "10gbase-t")]
    found = imported(written(tmp_path, ports), shipped_forms())
    assert "no pattern makes them" in found.missing[0]
    assert part_of(tmp_path, found).ports == 2


def test_ports_between_others_do_not_hide_their_pattern(tmp_path: Path) -> None:
    """A port of a name of its own before the rest: cages count on from the rest, and what is left out is told."""
    ports = [("eth1", "1000base-t"), ("fnm1", "infiniband-xdr")]
    ports += [(f"sw{c}p{s}", "infiniband-xdr") for c in range(1, 73) for s in (1, 2)]
    found = imported(written(tmp_path, ports), shipped_forms())
    switch = part_of(tmp_path, found)
    assert [(g.cages, g.form) for g in switch.groups] == [(72, "osfp-xdr"), (1, "rj45")]
    made = [p.name for p in switch_ports(switch, [(g.cages, g.breakouts[0]) for g in switch.groups])]
    assert made[:144] == [name for name, kind in ports[2:]]
    told = "\n".join(found.missing)
    assert "the names of port 'eth1': no pattern" in told
    assert "port 'fnm1': other cages of that form have 2 ports each" in told


def test_a_name_given_twice_and_blanks_in_names_are_told(tmp_path: Path) -> None:
    ports = [(name, "25gbase-x-sfp28") for name in [*names("Ethernet", 42), "Ethernet33", *names("Ethernet", 5, 44)]]
    ports += [(f"Port {i}", "100gbase-x-qsfp28") for i in range(1, 5)]
    found = imported(written(tmp_path, ports), shipped_forms())
    assert part_of(tmp_path, found).ports == 52
    assert any("'Ethernet33', which the file gives more than once" in words for words in found.missing)
    assert "the names of the 4 ports from 'Port 1' to 'Port 4': names have no ' ' here" in found.missing


def test_names_that_change_port_by_port_make_one_group(tmp_path: Path) -> None:
    ports = [(f"{'ab'[i % 2]}{i}", "10gbase-t") for i in range(1, 25)]
    found = imported(written(tmp_path, ports), shipped_forms())
    assert len(part_of(tmp_path, found).groups) == 1


@pytest.mark.parametrize("order", [1, -1])
def test_cages_of_one_form_at_several_speeds(tmp_path: Path, order: int) -> None:
    """A cage of 2 x 400 can be one of 1 x 800: which are held to which is told, and the part can be read."""
    runs = [[("a1", 800), ("a2", 800)], [("b1p1", 400), ("b1p2", 400), ("b2p1", 400), ("b2p2", 400)]][::order]
    ports = [(name, f"{gbps}gbase-x-osfp") for run in runs for name, gbps in run]
    found = imported(written(tmp_path, ports), shipped_forms())
    part_of(tmp_path, found)
    assert any("held to which of 400, 800 Gb/s" in words for words in found.missing)


@pytest.mark.parametrize(("text", "key", "message"), [
    ("manufacturer: A\n", "model", "is missing"),
    (HEAD, "interfaces", "has no port that carries data"),
    (HEAD + "interfaces:\n  - {name: eth0, type: 1000base-t, mgmt_only: true}\n", "interfaces", "has no port"),
    (HEAD + "interfaces:\n  - {name: eth0}\n", "interfaces[0].type", "is missing"),
    (HEAD.replace("2", "-1") + "interfaces: []\n", "u_height", "is out of range"),
    (HEAD + "interfaces: {a: 1}\n", "interfaces", "is of the wrong type"),
])  # fmt: skip
def test_what_is_no_device_type(tmp_path: Path, text: str, key: str, message: str) -> None:
    path = tmp_path / "device.yaml"
    path.write_text(text)
    with pytest.raises(InputError) as caught:
        imported(path, shipped_forms())
    found = [(p.key, p.message[: len(message)]) for p in caught.value.problems]
    assert (key, message) in found


def test_text_of_the_file_stays_text(tmp_path: Path) -> None:
    text = HEAD.replace("model: EX-1", 'model: "EX\\"}\\nid: other"').replace("slug: ex-1\n", "")
    path = tmp_path / "device.yaml"
    path.write_text(text + 'interfaces:\n  - {name: a1, type: 1000base-t}\n  - {name: b, type: "x\\ny: 1"}\n')
    found = imported(path, shipped_forms())
    assert part_of(tmp_path, found).title == 'Example EX"}id: other'
