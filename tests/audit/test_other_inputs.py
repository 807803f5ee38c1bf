"""Inputs that people have of each kind: names that name nobody, ports told by an index, tables of many shapes."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from tests.audit import writers
from tests.audit.test_kinds import ETH, NDR, audited, codes
from tests.audit.writers import Link, links_of, mac
from topo.audit import audit, lint_plan
from topo.errors import InputError
from topo.importers.as_built import AsBuilt, files_of
from topo.importers.as_built.reader import parse_as_built
from topo.importers.somebody import fabric_of

PLAN = links_of(ETH)
HOSTS = [i for i, x in enumerate(PLAN) if x.a_host]


def of_switches(links: Sequence[Link], told: Callable[[str, dict[str, object], str], dict[str, object]]) -> bytes:
    """lldpd's JSON of the switches alone; `told`: what a host says of itself, from its name, chassis and port."""
    found = json.loads(writers.lldp(links))
    found = {k: v for k, v in found.items() if "leaf" in k or "spine" in k}
    for output in found.values():
        for row in output["lldp"]["interface"]:
            for about in row.values():
                ((far, chassis),) = about["chassis"].items()
                if far.startswith("host"):
                    about |= told(far, chassis, about["port"]["id"]["value"])
    return json.dumps(found).encode()


def exchanged(links: Sequence[Link], i: int, j: int) -> list[Link]:
    rows = list(links)
    for one, other in ((i, j), (j, i)):
        rows[one] = replace(links[one], **{k: getattr(links[other], k) for k in ("b", "b_port", "b_number")})
    return rows


@pytest.mark.parametrize("name", ["localhost", "localhost.localdomain", "ubuntu", "(none)"])
def test_hosts_of_one_image_are_unnamed_neighbours(name: str) -> None:
    found = audited(ETH, of_switches(PLAN, lambda far, chassis, port: {"chassis": {name: chassis}}))
    assert codes(found) == ["unnamed-neighbour"]
    assert found.counts["unnamed-neighbour"] == len(HOSTS)


def test_adapters_of_one_image_are_unnamed() -> None:
    plan = links_of(NDR)
    found = audited(NDR, writers.ibnetdiscover(plan, host=lambda text: f"ubuntu {text.split()[1]}"))
    assert codes(found) == ["unnamed-neighbour"]


def test_an_address_that_has_a_name_elsewhere_or_in_a_table_is_that_device() -> None:
    def silent(far: str, chassis: dict[str, object], port: str) -> dict[str, object]:
        return {"chassis": chassis, "port": {"id": {"type": "mac", "value": mac(far + port)}}}

    ids = {mac(PLAN[i].a): PLAN[i].a for i in HOSTS}
    found = audit(ETH, parse_as_built(of_switches(PLAN, silent), "x"), real=ids)
    assert (codes(found), found.counts["right"]) == ([], len(PLAN))
    found = audit(ETH, parse_as_built(of_switches(exchanged(PLAN, HOSTS[0], HOSTS[8]), silent), "x"), real=ids)
    assert codes(found) == ["swapped"]
    once = json.loads(of_switches(PLAN, lambda *_: {}))
    rows = once["su000-leaf-r3"]["lldp"]["interface"]
    (about,) = rows[0].values()
    about["chassis"] = next(iter(about["chassis"].values()))
    assert codes(audited(ETH, json.dumps(once).encode())) == []


def test_hosts_whose_ports_nobody_names_are_swapped_as_others_are() -> None:
    def nic(far: str, chassis: dict[str, object], port: str) -> dict[str, object]:
        return {"port": {"id": {"type": "mac", "value": mac(far + port)}, "descr": "uplink"}}

    assert codes(audited(ETH, of_switches(PLAN, nic))) == []
    assert codes(audited(ETH, of_switches(exchanged(PLAN, HOSTS[0], HOSTS[8]), nic))) == ["swapped"]


@pytest.mark.parametrize("first", [0, 1, 2, 5])
def test_a_number_is_an_index_of_interfaces(first: int) -> None:
    def rows(links: Sequence[Link]) -> bytes:
        found: dict[str, list[dict[str, str]]] = {}
        for device, near in writers.both_ways(links).items():
            told = [(p, f, str(int(q[5:]) + first) if r == "host" else q) for p, f, q, r in near]
            if not device.startswith("host"):
                found[device] = [{"chassis_id": f, "port_id": q, "l_port_id": p} for p, f, q in told]
        return json.dumps({d: {"TABLE_nbor": {"ROW_nbor": r}} for d, r in found.items()}).encode()

    assert codes(audited(ETH, rows(PLAN))) == []
    assert codes(audited(ETH, rows(exchanged(PLAN, HOSTS[0], HOSTS[8])))) == ["swapped"]


@pytest.mark.parametrize("port", ["eth0", "mgmt0", "Management1", "fxp0", "ma1"])
def test_a_management_port_is_of_another_network(port: str) -> None:
    every = json.loads(writers.lldp(PLAN))
    for i, output in enumerate(every.values()):
        about = {"chassis": {"oob-sw1": {"id": {"type": "mac", "value": "00:11:22:33:44:55"}}}}
        output["lldp"]["interface"].append({port: about | {"port": {"id": {"type": "ifname", "value": f"swp{i}"}}}})
    found = audited(ETH, json.dumps(every).encode())
    assert codes(found) == []
    assert "management-port" in [f.code for f in found.findings]


def test_sub_interfaces_are_their_ports_at_either_end() -> None:
    links = writers.renamed(PLAN, lambda p: f"{p}.100", lambda p: p)
    assert codes(audited(ETH, writers.lldp(links))) == []


@pytest.mark.parametrize(
    "file", ["leaf.json", "leaf_lldp.json", "lldp-leaf.json", "leaf/lldp.json", "leaf/neighbors.json"]
)
def test_a_files_name_is_its_hosts_without_the_tools(file: str) -> None:
    one = json.loads(writers.eos(PLAN))["su000-leaf-r0"]
    found = parse_as_built(json.dumps(one).encode(), "dumps/" + file.replace("leaf", "su000-leaf-r0"))
    assert found.reporters == {"su000-leaf-r0"}


def test_grouped_output_of_ibnetdiscover() -> None:
    content = writers.ibnetdiscover(links_of(NDR))
    assert (
        codes(audited(NDR, content.replace(b"\nvendid", b"\nChassis 1 (guid 0x2c9)\n\n# Spine Nodes\nvendid", 1))) == []
    )
    assert codes(audited(NDR, b"#\n\nNon-Chassis Nodes\n" + content)) == []


def test_patterns_of_folders(tmp_path: Path) -> None:
    for n in range(3):
        (tmp_path / f"plane{n}" / "deep").mkdir(parents=True)
        (tmp_path / f"plane{n}" / "dump.txt").write_text("")
        (tmp_path / f"plane{n}" / "deep" / "dump.txt").write_text("")
    assert len(files_of([str(tmp_path / "plane*" / "dump.txt")])) == 3
    assert len(files_of([str(tmp_path / "**" / "dump.txt")])) == 6
    with pytest.raises(InputError, match="names no file"):
        files_of([str(tmp_path / "rail*" / "dump.txt")])


ROWS = [
    "leaf1,1,spine1,1,400", "leaf1,2,spine2,1,400", "leaf2,1,spine1,2,400", "leaf2,2,spine2,2,400",
    "h1,1,leaf1,11,400", "h2,1,leaf1,12,400", "h3,1,leaf2,11,400", "h4,1,leaf2,12,400",
]  # fmt: skip
TITLES = "Local Device,Local Port,Remote Device,Remote Port,Speed"


def read(*rows: str, mark: str = ",", end: str = "\n") -> AsBuilt:
    return parse_as_built(end.join(rows).replace(",", mark).encode(), "plan.csv")


def is_the_plan(found: AsBuilt) -> None:
    assert len(found.cables) == len(ROWS)
    assert {c[:4] for c in found.cables} == {tuple(r.split(",")[:4]) for r in ROWS}
    assert [f for f in lint_plan(found) if f.severity != "note"] == []


@pytest.mark.parametrize(
    "titles",
    [
        "Side A,,Side B,,\nDevice,Port,Device,Port,Speed",
        "Source,,Destination,,\nDevice,Port,Device,Port,Speed",
        "Device,Port,Device,Port,Speed",
        "Server,Server Port,Switch,Switch Port,Speed",
        "Leaf,Leaf Port,Spine,Spine Port,Speed",
        "Hostname,NIC,Switch,Port,Rate",
        "Source,Port,Destination,Port,Speed",
        "End A Device,End A Port,End B Device,End B Port,Speed (Gb/s)",
        "A-End Device,A-End Port,Z-End Device,Z-End Port,Speed [Gb/s]",
        "Device A Name,Device A Port,Device B Name,Device B Port,Speed",
        "NODE 1,PORT 1,NODE 2,PORT 2,SPEED",
    ],
)
@pytest.mark.parametrize(("mark", "end"), [(",", "\n"), (";", "\r\n"), ("\t", "\n")])
def test_titles_as_people_write_them(titles: str, mark: str, end: str) -> None:
    is_the_plan(read(*titles.split("\n"), *ROWS, mark=mark, end=end))


def test_rows_as_people_write_them() -> None:
    is_the_plan(read(TITLES, *ROWS[:3], TITLES, *ROWS[3:]))
    spare = read(TITLES, *ROWS, "leaf1,20,,,", "leaf1,21,spare,,", "leaf1,22,-,-,-", ",,,,,")
    is_the_plan(spare)
    assert spare.left_out == {"rows with one end alone": 3}
    sections = read(TITLES, "Row 1", *ROWS[:3], "Row 2", *ROWS[3:])
    is_the_plan(sections)
    assert sections.left_out == {"rows of one cell": 2}
    merged = read(TITLES, ROWS[0], ROWS[1].replace("leaf1", "", 1), *ROWS[2:])
    is_the_plan(merged)
    assert merged.left_out == {"empty cells, read as the device above them": 1}
    is_the_plan(read(TITLES, *ROWS, ROWS[0].upper(), "LEAF2,1,Spine1.dc.example,2,400"))
    with pytest.raises(InputError, match="cut off"):
        read(TITLES, *ROWS, "lea")


@pytest.mark.parametrize(
    ("word", "gbps"),
    [("400GbE", 400), ("400GBASE-DR4", 400), ("800G OSFP", 800), ("NDR", 400), ("2xHDR", 100), ("HDR100", 100),
     ("1.6T", 1600), ("400000", 400), ("n/a", 0), ("TBD", 0), ("100 Gbit/s", 100)],
)  # fmt: skip
def test_speeds_as_people_write_them(word: str, gbps: float) -> None:
    assert read(TITLES, ROWS[0].replace("400", word)).cables[0].gbps == gbps


@pytest.mark.parametrize("word", ["fast", "G400", "12..5", "-400", "400 apples/s"])
def test_what_is_no_speed_is_refused(word: str) -> None:
    with pytest.raises(InputError, match=r"plan\.csv:2: is no speed"):
        read(TITLES, ROWS[0].replace("400", word))


@pytest.mark.parametrize("both", [False, True])
def test_a_panel_with_one_name_for_both_sides_of_a_socket(both: bool) -> None:
    rows = ["h1,1,leaf1,11", "h2,1,leaf2,11"]
    for n in (1, 2):
        rows += [f"leaf{n},1,PP-A,{n}", f"PP-A,{n},PP-B,{3 - n}", f"PP-B,{3 - n},spine1,{n}"]
    if both:
        rows += [",".join((*r.split(",")[2:], *r.split(",")[:2])) for r in rows]
    found = read("A Device,A Port,Z Device,Z Port", *rows)
    ends = {frozenset((c[:2], c[2:4])) for c in found.cables}
    assert {frozenset((("leaf1", "1"), ("spine1", "1"))), frozenset((("leaf2", "1"), ("spine1", "2")))} < ends
    assert len(found.cables) == 4
    assert [f for f in lint_plan(found) if f.severity != "note"] == []


def uplinks(**switches: Sequence[int]) -> AsBuilt:
    """Switches with four hosts each and so many cables to spine after spine."""
    rows, used = [], [0] * 8
    for name, ups in switches.items():
        rows += [f"{name}-h{n},e0,{name},{n},400" for n in range(4)]
        for spine, number in enumerate(ups):
            for _ in range(number):
                used[spine] += 1
                rows.append(f"{name},u{len(rows)},spine{spine},{used[spine]},400")
    return read(TITLES, *rows)


def test_a_role_of_its_own_is_no_odd_one_out() -> None:
    compute = {f"leaf{n}": (2, 2, 2, 2) for n in range(6)}
    found = lint_plan(uplinks(**compute, storage1=(1, 1, 1, 1), storage2=(1, 1, 1, 1)))
    assert [(f.code, f.severity) for f in found] == [("uneven-spread", "note")]
    odd = lint_plan(uplinks(**compute, storage1=(2, 2, 0, 0), storage2=(1, 1, 1, 1)))
    assert {f.where[0] for f in odd if f.severity == "error"} == {"storage1"}
    alone = lint_plan(uplinks(**compute, leaf9=(2, 2, 2, 1)))
    assert [(f.severity, f.where[0]) for f in alone] == [("error", "leaf9")]


def test_reports_of_both_ends_in_two_files_are_one_cable() -> None:
    """The switch's report tells the host's port by an address, the host's its own name."""
    host, leaf = "host-00000", "su000-leaf-r0"
    far = {"chassis": {host: {"id": {"type": "mac", "value": mac(host)}}}}
    one = {leaf: {"lldp": {"interface": [{"swp1s0": far | {"port": {"id": {"type": "mac", "value": mac("p")}}}}]}}}
    near = {"chassis": {leaf: {"id": {"type": "mac", "value": mac(leaf)}}}}
    other = {
        host: {"lldp": {"interface": [{"mlx5_0": near | {"port": {"id": {"type": "ifname", "value": "swp1s0"}}}}]}}
    }
    files = [parse_as_built(json.dumps(x).encode(), f"{i}.json") for i, x in enumerate((one, other))]
    assert len(fabric_of(files, "x").fabric.links) == 1
    assert len(fabric_of(files[::-1], "x").fabric.links) == 1


def test_ports_that_db_csv_tells_to_be_down() -> None:
    from tests.audit import writers_more

    plan = links_of(NDR)
    gone = next(i for i, x in enumerate(plan) if not x.a_host)
    content = writers_more.db_csv(plan[:gone] + plan[gone + 1 :])
    head = b"NodeGUID,PortNum,LinkSpeedActv,LinkWidthActv"
    content = content.replace(head, head + b",PortPhyState").replace(b",2\n", b",2,5\n")
    row = f"0x{writers.guid(plan[gone].b)},{plan[gone].b_number},1,2,2\nEND_PORTS".encode()
    found = audited(NDR, content.replace(b"END_PORTS", row))
    assert codes(found) == ["port-down"]


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r\r\n"])
@pytest.mark.parametrize(
    "title", ["Cables\x0crev C", "Cables\u2028rev C", "Cables\x85rev C", '"Cables\n\nrev C"', "Cables\n\n"]
)
def test_no_row_is_lost_beneath_what_else_ends_a_line(title: str, ending: str) -> None:
    """Form feeds, separators, cells of several lines and doubled ends stand above the titles."""
    table = writers.table(PLAN, "a_device,a_port,b_device,b_port").decode()
    text = f"{title},,,\n{table}".replace("\r\n", "\n").replace("\n", ending)
    for encoding in ("utf-8", "utf-16"):
        assert not codes(audited(ETH, text.encode(encoding)))
