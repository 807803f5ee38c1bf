"""The routing of a live fabric: loads against packets walked one by one, and every fault that is put into tables."""

from __future__ import annotations

import json
import re
from collections import Counter
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from topo.analysis.throughput import throughput
from topo.api import build, load_design
from topo.audit.live import Asked, Live, live_routing
from topo.errors import InputError, LimitReachedError
from topo.exporters.formats.opensm_lfts import forwarding_tables
from topo.fabric import Fabric
from topo.importers.forwarding_tables import read_forwarding_tables
from topo.report.answers.live import live_json, live_text

ROOT = Path(__file__).parents[2]
DATA = ROOT / "tests" / "data" / "opensm"
MINHOP, FTREE = DATA / "tiny-ft3-minhop.opensm-lfts.dump", DATA / "tiny-ft3-ftree.dump_lfts-a.txt"


def fabric_of(name: str) -> Fabric:
    return build(load_design(ROOT / "designs" / f"{name}.yaml"))


FT3 = fabric_of("tiny-ft3")


def judged(fabric: Fabric, text: str | bytes, folder: Path) -> Live:
    path = folder / "tables.dump"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return live_routing(fabric, [read_forwarding_tables(path)])


def walked(fabric: Fabric, text: str) -> Counter[tuple[str, int]]:
    """(switch, port number) -> how many of all pairs of hosts leave there for another switch, packet by packet."""
    tables: dict[str, dict[str, int]] = {}
    for line in text.splitlines():
        head = re.match(r"Unicast lids .* \('?([^')]+)'?\):", line)
        if head:
            table = tables.setdefault(head[1], {})
        row = re.match(r"0x[0-9a-f]+ (\d+) .*Channel Adapter portguid .*'(\S+) HCA-1'", line)
        if row:
            table[row[2]] = int(row[1])
    beyond: dict[tuple[str, int], str] = {}
    for near, far in ((fabric.links.a, fabric.links.b), (fabric.links.b, fabric.links.a)):
        for p, q in zip(near.tolist(), far.tolist(), strict=True):
            name, number = str(fabric.devices.name[fabric.ports.device[p]]), int(fabric.ports.number[p])
            beyond[name, number] = str(fabric.devices.name[fabric.ports.device[q]])
    hosts = [str(n) for n in fabric.devices.name[fabric.is_host]]
    found: Counter[tuple[str, int]] = Counter()
    for source in hosts:
        for target in hosts:
            at = beyond[source, 1]
            while source != target and at != beyond[target, 1]:
                found[at, tables[at][target]] += 1
                at = beyond[at, tables[at][target]]
    return found


@pytest.mark.parametrize("path", [MINHOP, FTREE], ids=["minhop", "ftree"])
def test_loads_are_those_of_every_packet(path: Path) -> None:
    """16 hosts of 400 Gb/s: a pair is 400 / 15 Gb/s, and the busiest link decides."""
    (network,) = live_routing(FT3, [read_forwarding_tables(path)]).networks
    packets = walked(FT3, path.read_text())
    busiest = max(packets.values())
    pair = Fraction(400, 15)
    assert network.worst[0].gbps == pytest.approx(float(busiest * pair))
    assert network.answers[0].lower == network.answers[0].upper == min(1.0, float(400 / (busiest * pair)))
    assert sum(c.mean_gbps * c.links for c in network.classes) == pytest.approx(float(packets.total() * pair))
    assert sum(c.idle for c in network.classes) == sum(c.links for c in network.classes) - len(packets)
    assert network.hops[0] == pytest.approx((packets.total() + network.pairs) / network.pairs)
    assert (network.pairs, network.served, network.deadlock.acyclic) == (16 * 14, 16 * 14, True)


def test_minhop_overloads_the_upper_tier_and_the_links_are_named() -> None:
    found = live_routing(FT3, [read_forwarding_tables(MINHOP)])
    assert not found.broken
    (network,) = found.networks
    up, down = network.findings
    assert {up.code, down.code} == {"overloaded"}
    assert up.message.startswith(
        "8 of 16 spine_core links up carry up to 2 times what static routing puts on any of them, 8 carry nothing: "
        "pod00-spine00:2/1 -> core-g00-00:1/1 would need 1.6 times its speed"
    )
    packets = walked(FT3, MINHOP.read_text())
    assert packets["pod00-spine00", 3] == 24
    assert live_routing(FT3, [read_forwarding_tables(FTREE)]).networks[0].findings == ()


SAME = [
    "tiny-ft2",
    "tiny-ft3",
    "tiny-mpft",
    "tiny-mrft",
    "tiny-dual-plane",
    "ft2-3072-oversubscribed",
    "tiny-jellyfish",
]


@pytest.mark.sampled(3)
@pytest.mark.parametrize("name", SAME)
def test_our_own_tables_give_what_static_routing_gives(name: str, tmp_path: Path) -> None:
    fabric = fabric_of(name)
    (network,) = judged(fabric, forwarding_tables(fabric), tmp_path).networks
    mine, static = network.answers[:2]
    assert (mine.lower, mine.upper) == (static.lower, static.upper)
    assert static.lower == throughput(fabric, routing="static").lower
    assert network.planes == tuple(np.unique(fabric.endpoints.plane[fabric.endpoints.network == 0]).tolist())
    assert [f.code for f in network.findings if f.code != "credit-loop"] == []


def test_one_plane_of_several_is_judged_alone_and_two_files_are_joined(tmp_path: Path) -> None:
    fabric = fabric_of("tiny-mpft")
    text = forwarding_tables(fabric).decode()
    tables = re.split(r"^(?=Unicast lids)", text, flags=re.MULTILINE)[1:]
    planes = ["".join(t for t in tables if f"('p{p}-" in t.split("\n", 1)[0]) for p in (0, 1)]
    (network,) = judged(fabric, planes[1], tmp_path).networks
    assert (network.planes, network.findings) == ((1,), ())
    assert network.switches == network.tables == int((fabric.devices.plane == 1).sum())
    dumps = []
    for p, plane in enumerate(planes):
        path = tmp_path / f"plane{p}.dump"
        path.write_text(plane)
        dumps.append(read_forwarding_tables(path))
    assert live_routing(fabric, dumps).networks[0].planes == (0, 1)
    with pytest.raises(InputError, match="twice"):
        live_routing(fabric, [dumps[0], dumps[0]])


def without_entries(text: str, switch: str, host: str) -> str:
    """OpenSM's dump without what one switch has for one host."""
    head, rest = text.split(f"('{switch}'):\n", 1)
    table, end = rest.split("lids dumped", 1)
    kept = [line for line in table.split("\n") if f"'{host} HCA-1'" not in line]
    return head + f"('{switch}'):\n" + "\n".join(kept) + "lids dumped" + end


def test_a_missing_entry_is_named_with_the_pairs_it_costs(tmp_path: Path) -> None:
    found = judged(FT3, without_entries(MINHOP.read_text(), "core-g00-00", "host-00000"), tmp_path)
    (network,) = found.networks
    (finding,) = [f for f in network.findings if f.severity == "error"]
    assert found.broken
    assert finding.code == "unreachable"
    assert finding.where == ("core-g00-00", "host-00000:nic0")
    lost = network.pairs - network.served
    assert finding.message.startswith(f"{lost} pairs of endpoints ({lost / 224:.2%}) end at core-g00-00")
    assert lost == 12


def edited(text: str, switch: str, host: str, port: int) -> str:
    head, rest = text.split(f"('{switch}'):\n", 1)
    return (
        head
        + f"('{switch}'):\n"
        + re.sub(rf"(0x[0-9a-f]+) \d+( # .*'{host} HCA-1')", rf"\1 {port:03d}\2", rest, count=1)
    )


def test_a_circle_is_named_switch_by_switch(tmp_path: Path) -> None:
    """A spine sends what is for a host of its own pod to the other leaf, which sends it back up."""
    text = MINHOP.read_text()
    text = edited(text, "pod00-spine00", "host-00000", 2)
    up = FT3.ports.number[FT3.links.a[FT3.link_a == FT3.device_row["pod00-leaf01"]]][0]
    text = edited(text, "pod00-leaf01", "host-00000", int(up))
    found = judged(FT3, text, tmp_path)
    (loop,) = [f for f in found.networks[0].findings if f.code == "loop"]
    assert set(loop.where[:-1]) == {"pod00-leaf01", "pod00-spine00"}
    assert "pod00-leaf01 -> pod00-spine00 -> pod00-leaf01" in loop.message
    assert "towards host-00000" in loop.message
    assert "credit-loop" in {f.code for f in found.networks[0].findings}


def test_a_port_without_a_link_another_host_and_an_unknown_switch_are_named(tmp_path: Path) -> None:
    text = MINHOP.read_text()
    dead = judged(FT3, edited(text, "pod00-leaf00", "host-00013", 1), tmp_path).networks[0].findings
    assert [f.where for f in dead if f.code == "dead-port"] == [("pod00-leaf00:1/1", "host-00013:nic0")]
    assert [f.where[0] for f in dead if f.code == "unreachable"] == ["pod00-leaf00"]
    swapped = edited(edited(text, "pod00-leaf00", "host-00000", 2), "pod00-leaf00", "host-00001", 1)
    found = judged(FT3, swapped, tmp_path)
    assert not found.broken
    assert [f.where for f in found.networks[0].findings if f.code == "other-port"] == [
        ("pod00-leaf00:1/2", "host-00000:nic0"),
        ("pod00-leaf00:1/1", "host-00001:nic0"),
    ]
    strange = judged(FT3, text.replace("('core-g00-00'):", "('core-x'):"), tmp_path)
    assert strange.findings[0].code == "unknown-device"
    assert ("no-table", ("core-g00-00",)) in [(f.code, f.where) for f in strange.networks[0].findings]
    with pytest.raises(InputError, match="no switch of the file is one of the design"):
        judged(fabric_of("tiny-mpft"), text, tmp_path)


def test_hosts_that_the_design_or_the_file_does_not_have(tmp_path: Path) -> None:
    found = judged(FT3, MINHOP.read_text().replace("'host-00003 HCA-1'", "'storage-7 HCA-1'"), tmp_path)
    assert [(f.code, f.severity) for f in found.findings] == [("unknown-destination", "warning")]
    assert [f.where for f in found.networks[0].findings if f.code == "no-destination"] == [("host-00003:nic0",)]


def test_ports_of_adapters_with_other_names_are_told_by_who_delivers(tmp_path: Path) -> None:
    """Descriptions without an adapter, domains behind host names, and vendors' switch names."""
    text = MINHOP.read_text().replace(" HCA-1'", ".dc1.example.org'")
    text = re.sub(r"'((?:pod|core)\S*)'", r"'MF0;\1:MQM9700/U1'", text)
    found = judged(FT3, text, tmp_path)
    plain = live_routing(FT3, [read_forwarding_tables(MINHOP)])
    assert found.findings == ()
    assert found.networks == plain.networks


def test_a_credit_loop_is_found_where_ibdmchk_would(tmp_path: Path) -> None:
    """Shortest paths of a jellyfish wait for each other in a circle: every channel waits for the next."""
    fabric = fabric_of("tiny-jellyfish")
    (network,) = judged(fabric, forwarding_tables(fabric), tmp_path).networks
    (loop,) = [f for f in network.findings if f.code == "credit-loop"]
    hops = [re.fullmatch(r"(\S+) (\S+) -> (\S+) (\S+)", channel) for channel in loop.where]
    ends = [(m[1], m[3]) for m in hops if m]
    assert len(ends) == len(loop.where) > 1
    assert all(x[1] == y[0] for x, y in zip(ends, [*ends[1:], ends[0]], strict=True))


def test_the_text_and_the_json_say_the_same(tmp_path: Path) -> None:
    found = live_routing(FT3, [read_forwarding_tables(MINHOP)])
    text, data = live_text(found), json.loads(live_json(found))
    assert data["verdict"] == "held"
    assert data["networks"][0]["throughput"][0] == {"routing": "these tables", "lower": 0.625, "upper": 0.625}
    assert "these tables       0.625" in text
    for finding in data["networks"][0]["findings"]:
        assert finding["message"] in text
    cut = judged(FT3, without_entries(MINHOP.read_text(), "core-g00-00", "host-00000"), tmp_path)
    assert json.loads(live_json(cut))["verdict"] == "broken"
    assert "delivered pairs alone" in live_text(cut)


def test_requirements_of_static_routing_bind_and_of_others_are_told() -> None:
    asked = [
        Asked("throughput-1", "compute", "static", 0.625),
        Asked("throughput-2", "compute", "adaptive", 1.0),
        Asked("throughput-3", "compute", "static:rule=ftree", 0.7),
        Asked("throughput-4", "storage", "static", 1.0),
    ]
    dumps = [read_forwarding_tables(MINHOP)]
    kept, short, broken = (live_routing(FT3, dumps, asked=asked[:n]) for n in (1, 2, 4))
    assert [f.code for f in kept.networks[0].findings] == ["overloaded"] * 2
    told = [(f.code, f.severity) for f in short.networks[0].findings[2:]]
    assert (told, short.broken) == ([("requirement", "warning")], False)
    assert broken.broken
    assert [f.message.split(";")[0] for f in broken.networks[0].findings[2:]] == [
        "requirement throughput-2 asks for 1 of line rate under adaptive routing",
        "requirement throughput-3 asks for 0.7 of line rate under static:rule=ftree routing",
    ]


def test_what_is_not_proved_in_time_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def late(*args: object, **options: object) -> None:
        raise LimitReachedError("too late")

    monkeypatch.setattr("topo.audit.live.throughput", late)
    found = live_routing(FT3, [read_forwarding_tables(MINHOP)])
    assert [a.routing for a in found.networks[0].answers] == ["these tables"]
    assert "spray" not in live_text(found)
