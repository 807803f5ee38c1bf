"""A site's own names: proposed from what is plugged into what, written, read, and used from then on."""

from __future__ import annotations

import itertools
import random
from dataclasses import replace
from pathlib import Path

import pytest

from tests.audit import writers
from tests.audit.test_kinds import ETH, NDR, PLANES
from tests.audit.writers import Link, links_of
from tests.cli.test_contract import run
from topo.audit import audit
from topo.audit.propose import propose, strange
from topo.design import build, parse_design
from topo.errors import InputError
from topo.fabric import Fabric
from topo.importers.as_built.reader import parse_as_built
from topo.importers.site_names import SiteNames, named, read_names, to_csv


def site_of(fabric: Fabric, seed: int = 0) -> dict[str, str]:
    """Planned name -> a name that says nothing, in another order."""
    numbers = list(range(len(fabric.devices)))
    random.Random(seed).shuffle(numbers)
    hosts = fabric.is_host.tolist()
    return {
        str(n): f"{'gx' if is_host else 'q'}{k:04}.dc7"
        for n, k, is_host in zip(fabric.devices.name.tolist(), numbers, hosts, strict=True)
    }


def renamed(links: list[Link], site: dict[str, str]) -> list[Link]:
    return [replace(x, a=site[x.a], b=site[x.b]) for x in links]


WRITERS = {"ib": (NDR, writers.ibnetdiscover), "lldp": (ETH, writers.lldp), "csv": (NDR, writers.table)}


@pytest.mark.parametrize("form", WRITERS)
def test_names_are_found_from_structure(form: str) -> None:
    fabric, write = WRITERS[form]
    site = site_of(fabric)
    file = parse_as_built(write(renamed(links_of(fabric), site)), "x")
    assert strange(fabric, [file])
    found = propose(fabric, [file])
    assert found.right == found.cables == len(fabric.links)
    if not found.ambiguous:
        assert {p: r.partition(".")[0] for p, r in found.real.items()} == {
            p: r.partition(".")[0] for p, r in site.items()
        }
    result = audit(named(fabric, SiteNames(found.real)), file, proposal=found)
    assert not result.wrong
    assert result.counts["right"] == len(fabric.links)


@pytest.mark.parametrize("seed", range(4))
def test_a_swap_and_a_missing_cable_are_found_under_the_sites_names(seed: int) -> None:
    rng, site = random.Random(seed), site_of(NDR, seed)
    plan = links_of(NDR)
    up = [i for i, x in enumerate(plan) if not x.a_host]
    i, j, gone = rng.sample(up, 3)
    rows = list(plan)
    for one, other in ((i, j), (j, i)):
        rows[one] = replace(plan[one], b=plan[other].b, b_port=plan[other].b_port, b_number=plan[other].b_number)
    del rows[gone]
    file = parse_as_built(writers.ibnetdiscover(renamed(rows, site)), "x")
    found = propose(NDR, [file])
    result = audit(named(NDR, SiteNames(found.real)), file, proposal=found)
    assert sorted(f.code for f in result.findings if f.severity == "error") == ["missing", "swapped"]
    swap = next(f for f in result.findings if f.code == "swapped")
    assert site[plan[i].b].partition(".")[0] in swap.message


def test_planes_that_nothing_tells_apart_are_said_to_be_ambiguous() -> None:
    site = site_of(PLANES)
    rows = [replace(x, a_port="nic") for x in renamed(links_of(PLANES), site)]
    found = propose(PLANES, [parse_as_built(writers.table(rows), "x.csv")])
    assert found.ambiguous


def test_a_names_file_with_serials_and_its_mistakes(tmp_path: Path) -> None:
    path = tmp_path / "names.csv"
    path.write_text("planned,real,serial\nsu000-leaf-r0,row7-q1,MT2233X\n# a remark\npod00-spine00,row7-s1,\n")
    names = read_names(path)
    assert names.real == {"su000-leaf-r0": "row7-q1", "pod00-spine00": "row7-s1"}
    assert names.other_names()["mt2233x"] == "row7-q1"
    fabric = named(NDR, names)
    assert "row7-q1" in fabric.device_row
    path.write_text("su000-leaf-r0,a\nsu000-leaf-r0,b\nsu000-leaf-r1,a\n")
    with pytest.raises(InputError) as error:
        read_names(path)
    assert [p.line for p in error.value.problems] == [2, 3]
    with pytest.raises(InputError, match="the plan has no such device"):
        named(NDR, SiteNames({"su000-leaf-r99": "x"}))
    path.write_bytes(to_csv({"a": "b"}))
    assert read_names(path).real == {"a": "b"}


DESIGN = """name: t
gpus: 24
host: h800-node
networks: {compute: {family: mrft, switch: nvidia-qm9700, rails_per_leaf: 1}}
"""


def test_names_on_the_command_line_and_in_a_design(tmp_path: Path) -> None:
    design, dump, names = tmp_path / "d.yaml", tmp_path / "dump.txt", tmp_path / "names.csv"
    design.write_text(DESIGN)
    site = {p: r.partition(".")[0] for p, r in site_of(NDR).items()}
    dump.write_bytes(writers.ibnetdiscover(renamed(links_of(NDR), site)))
    done = run("audit", str(design), "--as-built", str(dump), "--write-names", str(names))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "names-proposed" in done.stdout
    assert read_names(names).real == site
    done = run("audit", str(design), "--as-built", str(dump), "--names", str(names))
    assert (done.returncode, "names-proposed" in done.stdout) == (0, False)
    design.write_text(DESIGN + "names: names.csv\n")
    assert run("audit", str(design), "--as-built", str(dump)).returncode == 0
    out = tmp_path / "out"
    assert run("build", str(design), "-o", str(out), "--export", "cable-schedule-csv").returncode == 0
    schedule = (out / "cable-schedule.csv").read_text()
    assert site["su000-leaf-r0"] in schedule
    assert "su000-leaf-r0" not in schedule


def test_a_size_that_the_design_leaves_open_is_that_of_the_files(tmp_path: Path) -> None:
    design, dump = tmp_path / "d.yaml", tmp_path / "dump.txt"
    design.write_text(DESIGN.replace(", rails_per_leaf: 1", ""))
    dump.write_bytes(writers.ibnetdiscover(links_of(NDR)))
    done = run("audit", str(design), "--as-built", str(dump))
    assert (done.returncode, "open-size" in done.stdout) == (0, True)


def brute_force(fabric: Fabric, pairs: list[tuple[str, str, str, str]]) -> set[tuple[str, ...]]:
    """Every way to call the planned devices so that the same cables with the same ports are planned, by trying all."""
    names = fabric.devices.name.tolist()
    told = sorted(pairs)
    kept = set()
    for order in itertools.permutations(range(len(names))):
        if any(fabric.is_host[i] != fabric.is_host[j] for i, j in enumerate(order)):
            continue
        to = {names[i]: names[j] for i, j in enumerate(order)}
        if sorted((to[a], p, to[b], q) for a, p, b, q in pairs) == told:
            kept.add(tuple(to[n] for n in names))
    return kept


@pytest.mark.parametrize("ports", ["both", "switch", "none"])
def test_ambiguity_is_what_trying_every_mapping_finds(ports: str) -> None:
    """Seven devices, 5,040 mappings; with all ports told, those of switches alone, and none."""
    text = "name: t\ngpus: 3\nhost: box\nnetworks: {compute: {family: ft2, switch: example-switch-4, spines: 1}}\n"
    fabric = build(parse_design(text.replace("box", "example-host-1")))
    assert len(fabric.devices) <= 8
    plan, site = links_of(fabric), site_of(fabric)
    rows = [
        replace(x, a_port=x.a_port if ports == "both" or (ports == "switch" and not x.a_host) else f"e{i}",
                b_port=x.b_port if ports != "none" else f"f{i}")
        for i, x in enumerate(plan)
    ]  # fmt: skip
    found = propose(fabric, [parse_as_built(writers.table(renamed(rows, site)), "x.csv")])
    known = {str(n) for n in fabric.port_names}
    pairs = [(x.a, x.a_port if x.a_port in known else "", x.b, x.b_port if x.b_port in known else "") for x in rows]
    mappings = brute_force(fabric, pairs)
    moved = {n for mapping in mappings for n, m in zip(fabric.devices.name.tolist(), mapping, strict=True) if n != m}
    if found.unproved:
        assert found.right < found.cables
    else:
        assert len(found.ambiguous) == len(moved)
        assert (len(mappings) == 1) == (not found.ambiguous)


def test_a_mapping_is_proved_the_only_one_or_says_why_not() -> None:
    site = site_of(NDR)
    plan = renamed(links_of(NDR), site)
    found = propose(NDR, [parse_as_built(writers.ibnetdiscover(plan), "x")])
    assert (found.unproved, found.ambiguous) == ("", ())
    assert "proved the only one" in found.text()
    found = propose(NDR, [parse_as_built(writers.ibnetdiscover(plan[1:]), "x")])
    assert "not proved: the files show 279 cables, the plan has 280" in found.text()
    crossed = [
        replace(plan[0], b=plan[1].b, b_number=plan[1].b_number),
        replace(plan[1], b=plan[0].b, b_number=plan[0].b_number),
    ]
    found = propose(NDR, [parse_as_built(writers.ibnetdiscover([*crossed, *plan[2:]]), "x")])
    assert found.unproved == "not every cable is as planned"


def test_one_known_name_settles_what_symmetry_leaves_open() -> None:
    """Planes with untold ports could be exchanged as a whole: the name of a switch settles its own plane alone."""
    site = site_of(PLANES)
    rows = [replace(x, a_port="nic") for x in renamed(links_of(PLANES), site)]
    switches = [p for p in site if p.startswith("p")]
    open_ = propose(PLANES, [parse_as_built(writers.table(rows), "x.csv")])
    known = site[switches[0]]
    rows = [replace(x, b=switches[0] if x.b == known else x.b) for x in rows]
    fixed = propose(PLANES, [parse_as_built(writers.table(rows), "x.csv")])
    assert switches[0] not in fixed.ambiguous
    assert len(fixed.ambiguous) < len(open_.ambiguous)
