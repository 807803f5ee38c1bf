"""Our own plans raise no alarm in any form that they are written in, and one wrong cable in them is told."""

from __future__ import annotations

import csv
import io
import random
from collections import Counter, defaultdict
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

import pytest

from tests.slow import slow
from topo.api import audit
from topo.audit import lint_plan
from topo.catalog import load_catalog
from topo.catalog.models import Transceiver
from topo.checks.model import Finding
from topo.design import load_design
from topo.errors import ParameterError
from topo.exporters import build_files, make_plan
from topo.importers.as_built.reader import parse_as_built

CATALOG = load_catalog()
DESIGNS = Path(__file__).parents[2] / "designs"
ALL = sorted(p.stem for p in DESIGNS.glob("*.yaml") if p.stem != "policy")
SMALL = [d for d in ALL if d.startswith("tiny-")] + ["dgx-h100-ai-factory", "lanes-72"]
QUICK = ["tiny-dragonfly-plus", "tiny-ft3", "tiny-mrft", "tiny-scale-up", "tiny-torus"]
FORMS = {
    "cable-schedule-xlsx": ("cable-schedule.xlsx",),
    "cable-validation": ("cable-validation/point-to-point.csv", "cable-validation/links-and-nodes.xlsx"),
    "netbox": ("netbox/cables.csv",),
    "netbox-types": ("netbox-4.5/cables.csv",),
    "ptm-dot": ("cable-validation/topology.dot",),
    "networkx-json": ("networkx.json",),
    "containerlab": ("containerlab/topology.clab.yaml",),
    "hedgehog": ("hedgehog/wiring.yaml",),
    "infragraph": ("infragraph/fabric.yaml",),
    "ibnetdiscover": ("infiniband/fabric.ibnetdiscover",),
    "ibdm-topo": ("ibdm/fabric.topo",),
}
Rows = list[dict[str, str]]


def alarms(content: bytes, name: str) -> list[Finding]:
    return [f for f in lint_plan(parse_as_built(content, name), CATALOG) if f.severity != "note"]


@lru_cache(maxsize=4)
def schedule(name: str) -> tuple[dict[str, str], ...]:
    plan = make_plan(load_design(DESIGNS / f"{name}.yaml"))
    text = build_files(plan, ["cable-schedule-csv"])["cable-schedule.csv"].decode()
    return tuple(csv.DictReader(io.StringIO(text)))


def written(rows: Rows) -> bytes:
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def between_switches(row: dict[str, str]) -> bool:
    return "host" not in (row["a_role"], row["b_role"])


def slower(rows: Rows, i: int) -> set[str]:
    rows[i] = {**rows[i], "speed_gbps": "25" if rows[i]["speed_gbps"] != "25" else "10"}
    return {"wrong-speed"}


def doubled(rows: Rows, i: int) -> set[str]:
    other = next(r for r in rows[i + 1 :] + rows[:i] if r["b_device"] == rows[i]["b_device"])
    rows[i] = {**rows[i], "b_port": other["b_port"]}
    return {"port-used-twice"}


def other_cage(rows: Rows, i: int) -> set[str]:
    module = CATALOG.get("transceiver", rows[i]["b_module"]) if rows[i]["b_module"] else None
    if isinstance(module, Transceiver):
        parts = [CATALOG.get("transceiver", name) for name in CATALOG.ids("transceiver")]
        forms = [p for p in parts if isinstance(p, Transceiver) and p.optics == module.optics]
        other = next(p for p in forms if not CATALOG.forms.takes(module.form, p.form))
        rows[i] = {**rows[i], "b_module": other.id}
    elif rows[i]["a_module"]:
        return set()
    else:
        rows[i] = {**rows[i], "b_connector": "sfp28" if rows[i]["b_connector"] != "sfp28" else "osfp"}
    return {"cage-mismatch"}


def missing(rows: Rows, i: int) -> set[str]:
    gone = rows.pop(i)
    return {"uneven-spread", "not-a-fat-tree"} if between_switches(gone) else set()


def off_its_rail(rows: Rows, i: int) -> set[str]:
    """Two ports of a host on each other's leaf, where either leaf has at least four such hosts and one such port of
    each: what a leaf takes can be told."""
    mine = rows[i]
    if between_switches(mine):
        return set()
    on: dict[str, Counter[str]] = defaultdict(Counter)
    for r in rows:
        if r["network"] == mine["network"] and r["a_device"].rstrip("0123456789") == mine["a_device"].rstrip(
            "0123456789"
        ):
            on[r["b_device"]][r["a_port"]] += 1
    for j, other in enumerate(rows):
        same = other["network"] == mine["network"] and other["a_device"] == mine["a_device"]
        ends = (mine["a_port"], mine["b_device"]), (other["a_port"], other["b_device"])
        if same and len({d for _, d in ends}) == 2 and all(on[d][p] >= 4 for p, d in ends):
            if on[ends[0][1]][ends[1][0]] or on[ends[1][1]][ends[0][0]]:
                continue
            moved = {k: (other[k], mine[k]) for k in ("b_device", "b_port", "b_role")}
            rows[i] = {**mine, **{k: new for k, (new, _) in moved.items()}}
            rows[j] = {**other, **{k: old for k, (_, old) in moved.items()}}
            return {"rail-broken"}
    return set()


MUTATIONS = (slower, doubled, other_cage, missing, off_its_rail)


MUTATED = 20_000
"""Cables of a schedule that is read and judged again for every wrong one: larger ones take minutes, and their families
and kinds of cables are those of small designs."""


def check(name: str) -> None:
    rows = list(schedule(name))
    assert alarms(written(rows), "cable-schedule.csv") == []
    if len(rows) > MUTATED:
        return
    draw = random.Random(name)
    kinds: dict[tuple[str, str], list[int]] = defaultdict(list)
    for i, row in enumerate(rows):
        kinds[row["network"], row["kind"]].append(i)
    for (network, kind), found in kinds.items():
        for mutate in MUTATIONS:
            changed = list(rows)
            expected = mutate(changed, draw.choice(found))
            if expected:
                codes = {f.code for f in alarms(written(changed), "cable-schedule.csv")}
                assert codes & expected, (network, kind, mutate.__name__, codes)


@pytest.mark.parametrize("name", QUICK)
def test_a_schedule_is_clean_and_every_wrong_cable_is_told(name: str) -> None:
    check(name)


@pytest.mark.slow
@pytest.mark.parametrize("name", [d for d in ALL if d not in QUICK])
def test_a_large_schedule_is_clean_and_every_wrong_cable_is_told(name: str) -> None:
    check(name)


def check_forms(name: str) -> None:
    """Without a column of networks, and without roles or speeds where the form has none."""
    plan = make_plan(load_design(DESIGNS / f"{name}.yaml"))
    tried = 0
    for export, files in FORMS.items():
        try:
            made = build_files(plan, [export])
        except ParameterError:
            continue
        for file in files:
            assert alarms(made[file], file) == [], file
            tried += 1
    assert tried > 3


@pytest.mark.parametrize("name", ["tiny-dragonfly", "tiny-dual-plane"])
def test_no_form_of_a_plan_raises_an_alarm(name: str) -> None:
    check_forms(name)


@pytest.mark.slow
@pytest.mark.parametrize("name", SMALL)
def test_no_form_of_any_small_plan_raises_an_alarm(name: str) -> None:
    check_forms(name)


@pytest.mark.parametrize("holes", [[2], slow(range(5))])
def test_a_schedule_whose_column_of_networks_has_holes_is_clean(holes: Iterable[int]) -> None:
    """A join between two networks without a name is of the one that the named joins are of."""
    for hole in holes:
        rows = [{**row, "network": "" if i % 5 == hole else row["network"]}
                for i, row in enumerate(schedule("dgx-h100-ai-factory"))]  # fmt: skip
        random.Random(hole).shuffle(rows)
        assert alarms(written(rows), "cable-schedule.csv") == []


def test_a_schedule_of_four_networks_is_clean() -> None:
    """With two networks that cables join, and switches of unlike cages."""
    assert alarms(written(list(schedule("dgx-h100-ai-factory"))), "cable-schedule.csv") == []


def lint(text: str) -> list[tuple[str, str]]:
    return [(f.severity, f.code) for f in lint_plan(parse_as_built(text.encode(), "plan.csv"))]


def table(*rows: str, network: str = "Network") -> str:
    return "\n".join([f"A Device,A Port,B Device,B Port,Speed,{network}", *rows])


def tree(leaf: str, spine: str, hosts: str, port: str, gbps: int, network: str, leaves: int = 4) -> list[str]:
    """Leaves of six hosts each, with two cables to either of two spines."""
    rows = [f"{hosts}{6 * i + k:02d},{port},{leaf}{i},p{k},{gbps},{network}" for i in range(leaves) for k in range(6)]
    ups = [(i, s, k) for i in range(leaves) for s in range(2) for k in range(2)]
    return rows + [f"{leaf}{i},u{s}{k},{spine}{s},d{i}{k},{gbps},{network}" for i, s, k in ups]


@pytest.mark.parametrize("title", ["network", "Network Name", "Fabric", "NET", "cable network", "fabric_name"])
def test_networks_are_judged_by_themselves_under_any_title(title: str) -> None:
    """Two networks whose switches one cable joins: each has its own speed, and a slow cable of either is told."""
    rows = tree("leaf", "spine", "gpu", "nic0", 400, "compute") + tree("sw", "agg", "gpu", "bmc", 25, "management")
    joined = [*rows, "agg0,x,spine0,x,100,compute"]
    assert lint(table(*rows, network=title)) == []
    assert {c for s, c in lint(table(*joined, network=title)) if s != "note"} <= {"wrong-speed", "not-a-fat-tree"}
    slow = [rows[0].replace(",400,", ",25,"), *rows[1:]]
    assert lint(table(*slow, network=title)) == [("error", "wrong-speed")]
    strange = [rows[0].replace(",leaf0,p0,", ",sw0,p9,"), *rows[1:]]
    assert ("error", "wrong-network") in lint(table(*strange, network=title))


def test_a_column_of_subnets_is_no_column_of_networks() -> None:
    rows = tree("leaf", "spine", "gpu", "nic0", 400, "")
    found = lint(table(*(f"{row}10.0.{i}.0/31" for i, row in enumerate(rows))))
    assert found == [("note", "column-unused")]
    gone = lint(table(*(f"{row}10.0.{i}.0/31" for i, row in enumerate(rows[:-1]))))
    assert ("error", "uneven-spread") in gone


def test_kinds_of_hosts_have_speeds_of_their_own_and_a_slow_cable_is_told_all_the_same() -> None:
    rows = tree("leaf", "spine", "gpu", "nic0", 400, "") + [f"store{i},eth0,leaf{i},q,100," for i in range(4)]
    assert lint(table(*rows)) == [("note", "wrong-speed")]
    assert ("error", "wrong-speed") in lint(table(*rows[:-1], "store3,eth0,leaf3,q,25,"))
    assert ("error", "wrong-speed") in lint(table(rows[0].replace(",400,", ",100,"), *rows[1:]))


def test_peer_links_of_leaf_pairs_are_no_mistake_and_one_cable_between_leaves_is() -> None:
    rows = tree("leaf", "spine", "gpu", "nic0", 100, "")
    rows += [f"gpu{6 * i + k:02d},nic1,leaf{i ^ 1},r{k},100," for i in range(4) for k in range(6)]
    peers = [f"leaf{i},m{k},leaf{i + 1},m{k},100," for i in (0, 2) for k in (0, 1)]
    assert lint(table(*rows)) == []
    assert lint(table(*rows, *peers)) == [("note", "not-a-fat-tree")]
    assert ("error", "not-a-fat-tree") in lint(table(*rows, "leaf0,m,leaf2,m,100,"))


@pytest.mark.parametrize("names", [("leaf", "spine"), ("sw1-", "sw2-")])
def test_a_host_on_a_spine_is_one_mistake(names: tuple[str, str]) -> None:
    rows = tree(*names, "gpu", "nic0", 100, "")
    assert lint(table(f"gpu00,nic0,{names[1]}0,z,100,", *rows[1:])) == [("error", "not-a-fat-tree")]


@pytest.mark.parametrize("names", [("leaf", "spine"), ("sw1-", "sw2-")])
def test_leaves_joined_to_each_other_are_mistakes_where_the_plan_says_it_is_a_tree(names: tuple[str, str]) -> None:
    """A ring of switches is no tree and said to be none, unless it is called leaves and spines."""
    ring = [f"gpu{i:02d},nic0,{names[0]}{i // 4},p{i % 4},100," for i in range(32)]
    ring += [f"{names[0]}{i},e,{names[0]}{(i + 1) % 8},w,100," for i in range(8)]
    assert lint(table(*ring)) == [("note", "not-a-fat-tree")]
    assert ("error", "uneven-spread") in lint(table(*ring[:-1]))
    claimed = [*ring, *(f"{names[0]}{i},u,{names[1]}0,d{i},100," for i in range(8))]
    severity = "error" if names[1] == "spine" else "note"
    assert (severity, "not-a-fat-tree") in lint(table(*claimed))


def test_a_leaf_without_uplinks_is_told_where_its_fellows_have_some() -> None:
    rows = tree("leaf", "spine", "gpu", "nic0", 100, "")
    flat = [f"gpu{i:02d},nvl0,nvs{i // 12},p{i % 12},100," for i in range(24)]
    assert lint(table(*rows, *flat)) == [("note", "not-a-fat-tree")]
    bare = [row for row in rows if not row.startswith("leaf3,")]
    assert ("error", "not-a-fat-tree") in lint(table(*bare, *flat))


@pytest.mark.parametrize(("low", "high"), [(48, 2), (44, 6)])
def test_cages_are_those_of_the_port(low: int, high: int) -> None:
    """A switch with rj45 ports and a few qsfp28: as the catalog's part has them, or as its ports stand in ranges; a
    plug at the border of two ranges is told by what others called alike have there."""
    titles = "A Device,A Port,A Role,A Connector,B Device,B Port,B Role,B Connector,Cable Part"

    def codes(*rows: str) -> set[str]:
        plan = parse_as_built("\n".join([titles, *rows]).encode(), "plan.csv")
        return {f.code for f in lint_plan(plan, CATALOG) if f.severity != "note"}

    def switch(n: int) -> list[str]:
        down = [f"n{n}{i:02d},bmc,host,rj45,sw{n},swp{i},leaf,rj45,cat6a" for i in range(1, low + 1)]
        ends = [f"sw{n},swp{low + 1 + i},leaf,qsfp28,top{i},swp{n}" for i in range(high)]
        return down + [f"{end},spine,qsfp28,nvidia-mcp1600" for end in ends]

    def instead(port: int) -> list[str]:
        rows = switch(1)
        return [*rows[: port - 1], f"sw1,swp{port},leaf,qsfp28,top9,swp1,spine,qsfp28,nvidia-mcp1600", *rows[port:]]

    assert codes(*switch(1)) == set()
    assert codes(*switch(1), *switch(2), *switch(3)) == set()
    assert "cage-mismatch" in codes(*instead(20))
    assert "cage-mismatch" in codes(*instead(low), *switch(2), *switch(3))


@pytest.mark.slow
def test_a_schedule_of_four_networks_is_audited_both_ways(tmp_path: Path) -> None:
    """As written nothing is wrong; a slow cable, one that is missing in each of two joined networks, and a swap of two
    cables of two networks are what is told."""
    design, rows = load_design(DESIGNS / "dgx-h100-ai-factory.yaml"), list(schedule("dgx-h100-ai-factory"))
    file = tmp_path / "plan.csv"
    file.write_bytes(written(rows))
    assert [f for f in audit(design, file).findings if f.severity != "note"] == []
    of: dict[tuple[str, str], list[int]] = defaultdict(list)
    for i, row in enumerate(rows):
        of[row["network"], row["kind"]].append(i)
    slow, a, b = of["out-of-band", "endpoint"][3], of["storage", "endpoint"][5], of["compute", "endpoint"][9]
    rows[slow] = {**rows[slow], "speed_gbps": "10"}
    ends = {k: rows[b][k] for k in ("b_device", "b_port")}, {k: rows[a][k] for k in ("b_device", "b_port")}
    rows[a], rows[b] = {**rows[a], **ends[0]}, {**rows[b], **ends[1]}
    gone = {of["out-of-band", "leaf_spine"][2], of["in-band", "leaf_spine"][7]}
    file.write_bytes(written([row for i, row in enumerate(rows) if i not in gone]))
    codes = Counter(f.code for f in audit(design, file).findings if f.severity != "note")
    assert codes == {"wrong-speed": 1, "swapped": 1, "missing": 2}
