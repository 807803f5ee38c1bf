"""What other systems call a host's ports: part, audit, exports, the fabric's own file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.audit import writers
from tests.audit.writers import Link, links_of
from topo.audit import audit
from topo.catalog import lint, load_catalog
from topo.design import build, parse_design
from topo.errors import InputError
from topo.exporters import build_files, make_plan
from topo.importers.as_built.reader import parse_as_built
from topo.importers.fabric_json import from_json

HOST = """id: box
title: a box
gpus: 4
nics: [{nic: nvidia-cx7-osfp, count: 4, port_name: "nic{nic}"}]
port_names: {NAMES}
source: {document: none, read: true}
"""
DESIGN = "name: t\ngpus: 32\nhost: box\nnetworks: {compute: {family: mrft, switch: nvidia-qm9700}}\n"
GAPS = "{linux: [ib9, ib4, ib7, ib0], ibstat: [mlx5_9, mlx5_4, mlx5_7, mlx5_0]}"
LISTED = {"ibstat": ("mlx5_9", "mlx5_4", "mlx5_7", "mlx5_0"), "linux": ("ib9", "ib4", "ib7", "ib0")}


def folder(path: Path, names: str) -> Path:
    (path / "host").mkdir(parents=True, exist_ok=True)
    (path / "host" / "box.yaml").write_text(HOST.replace("{NAMES}", names))
    return path


def designed(path: Path, names: str):  # type: ignore[no-untyped-def]
    return parse_design(DESIGN, catalog=load_catalog([folder(path, names)]))


def dump(links: list[Link], order: tuple[str, ...]) -> bytes:
    return writers.ibnetdiscover(links, names=lambda nic: order[nic])


@pytest.mark.parametrize("system", ["ibstat", "linux"])
def test_listed_names_are_the_ports_also_of_one_host_alone(tmp_path: Path, system: str) -> None:
    """A single host cannot show by its number which name is which port: the part says so."""
    fabric = build(designed(tmp_path, GAPS))
    plan = links_of(fabric)
    found = audit(fabric, parse_as_built(dump(plan, LISTED[system]), "x"))
    assert found.findings == ()
    assert found.counts["right"] == len(plan)
    one = [x for x in plan if x.a_host and x.a == "host-00003"]
    i, j = (plan.index(x) for x in one[:2])
    crossed = list(plan)
    for k, other in ((i, j), (j, i)):
        far = {key: getattr(plan[other], key) for key in ("b", "b_port", "b_number")}
        crossed[k] = replace(plan[k], **far)
    found = audit(fabric, parse_as_built(dump(crossed, LISTED[system]), "x"))
    assert [f.code for f in found.findings] == ["swapped"]


def test_where_most_are_elsewhere_the_list_is_not_believed_and_that_is_said(tmp_path: Path) -> None:
    fabric = build(designed(tmp_path, GAPS))
    plan = links_of(fabric)
    found = audit(fabric, parse_as_built(dump(plan, ("mlx5_0", "mlx5_7", "mlx5_9", "mlx5_4")), "x"))
    assert [(f.code, f.severity) for f in found.findings] == [("adapter-names", "note")]
    assert found.counts["right"] == len(plan)


@pytest.mark.parametrize(
    ("names", "words"),
    [
        ("{linux: [a, b, c, d, e]}", "names 5 ports of a host that has 4"),
        ("{linux: [a, a]}", "gives two ports the name a"),
        ("{linux: [nic2]}", "is the name of nic2 and of nic1"),
        ("{linux: [a, b], ibstat: [b, a]}", "is the name of"),
        ("{linux: ['a b']}", "port_names"),
        ("{linux: []}", "port_names"),
        ("[a]", "port_names"),
    ],
)
def test_a_name_means_one_port(tmp_path: Path, names: str, words: str) -> None:
    with pytest.raises(InputError) as error:
        build(designed(tmp_path, names))
    assert words in str(error.value)
    assert "box.yaml" in str(error.value)
    assert any(words in str(problem) for problem in lint(load_catalog([folder(tmp_path, names)])))


def test_a_shorter_list_names_the_first_ports_and_empty_ones_none(tmp_path: Path) -> None:
    fabric = build(designed(tmp_path, '{linux: [e0, "", e2]}'))
    start = fabric.port_start[fabric.device_row["host-00001"]]
    names = fabric.names_in("linux")
    assert [names.get(start + i) for i in range(4)] == ["e0", None, "e2", None]
    assert fabric.names_in("ibstat") == {}


def test_exports_and_the_fabrics_own_file_keep_them(tmp_path: Path) -> None:
    plan = make_plan(designed(tmp_path, GAPS))
    files = build_files(plan, ["ptm-dot", "fabric-json"])
    assert b'"host-00000":"ib9" -- ' in files["cable-validation/topology.dot"]
    again = from_json(files["fabric.json"])
    assert again.system_names == plan.fabric.system_names
    assert audit(again, parse_as_built(files["cable-validation/topology.dot"], "x")).counts["right"] == len(again.links)


def test_shipped_lists_are_the_adapters_that_the_machine_shows() -> None:
    """The H100 system's numbers have gaps: 1, 2, 7 and 8 are its storage cards."""
    fabric = build(parse_design(DESIGN.replace("box", "dgx-h100")))
    numbers = sorted(int(n.removeprefix("mlx5_")) for n in dict(fabric.system_names[0])["ibstat"])
    assert numbers == [0, 3, 4, 5, 6, 9, 10, 11]
