"""SimAI's, infragraph's and UFM's files: what topo writes comes back, what others write means what their rules say."""

from __future__ import annotations

from collections import Counter

import pytest

from topo.design import parse_design
from topo.errors import InputError
from topo.exporters import build_files, make_plan
from topo.importers.as_built.reader import parse_as_built
from topo.importers.somebody import fabric_of

PLAN = make_plan(
    parse_design("name: t\ngpus: 64\nhost: h800-node\nnetworks: {compute: {family: ft2, switch: nvidia-qm9700}}\n")
)


def degrees(pairs: list[tuple[str, str]]) -> Counter[int]:
    return Counter(Counter(name for pair in pairs for name in pair).values())


def test_simai_comes_back_with_the_speed_of_every_pair() -> None:
    """Eight GPUs a server, lines to NVSwitches left out, parallel cables as one of their summed speed."""
    built = parse_as_built(build_files(PLAN, ["simai"])["simai/topology.txt"], "topology.txt")
    fabric = PLAN.fabric
    names = fabric.devices.name
    sums: Counter[tuple[str, str]] = Counter()
    for a, b, gbps in zip(fabric.link_a, fabric.link_b, fabric.links.gbps, strict=True):
        sums[str(names[a]), str(names[b])] += gbps
    between = sorted(v for (a, _), v in sums.items() if not a.startswith("host"))
    assert built.form == "simai"
    assert built.left_out == {"lines to NVSwitches, inside the servers": 64}
    assert sorted(c.gbps for c in built.cables if c.a_role != "host") == between
    assert sum(c.gbps for c in built.cables) == sum(sums.values())
    imported = fabric_of([built], "x").fabric
    assert int(imported.is_host.sum()) == 8
    assert imported.links.gbps.sum() == fabric.links.gbps.sum()


def test_infragraph_comes_back() -> None:
    built = parse_as_built(build_files(PLAN, ["infragraph"])["infragraph/fabric.yaml"], "fabric.yaml")
    names, fabric = PLAN.fabric.devices.name, PLAN.fabric
    mine = [(str(names[a]), str(names[b])) for a, b in zip(fabric.link_a, fabric.link_b, strict=True)]
    assert degrees([(c.a_device, c.b_device) for c in built.cables]) == degrees(mine)
    assert {c.gbps for c in built.cables} == set(fabric.links.gbps.tolist())
    assert int(fabric_of([built], "x").fabric.is_host.sum()) == 8


GRAPH = """name: g
devices:
- {name: box, components: [{name: nic, count: 4}, {name: gpu, count: 4}]}
- {name: sw, components: [{name: port, count: 8}]}
instances: [{name: h, device: box, count: 2}, {name: s, device: sw, count: 2}]
links: [{name: l, physical: {bandwidth: {choice: gigabytes_per_second, gigabytes_per_second: 50}}}]
edges:
"""


@pytest.mark.parametrize(
    ("edge", "cables"),
    [
        ("{ep1: {instance: h, component: nic}, ep2: {instance: 's[0]', component: port}, scheme: one2one, link: l}", 8),
        ("{ep1: {instance: 'h[1]', component: 'nic[1:3]'}, ep2: {instance: s, component: 'port[7]'}, link: l}", 2),
        ("{ep1: {instance: h, component: 'nic[0]'}, ep2: {instance: s, component: 'port[0:2]'}, scheme: many2many}", 8),
    ],
)
def test_indices_and_ranges_of_infragraph(edge: str, cables: int) -> None:
    built = parse_as_built(f"{GRAPH}- {edge}\n".encode(), "g.yaml")
    assert len(built.cables) == cables
    assert {c.gbps for c in built.cables} == ({400.0} if "link" in edge else {0.0})
    assert {c.a_device for c in built.cables} <= {"h.0", "h.1"}


@pytest.mark.parametrize(
    ("edge", "words"),
    [
        ("{ep1: {instance: h, component: nic}, ep2: {instance: s, component: port}}", "joins 8 ports to 16 one by one"),
        ("{ep1: {instance: 'h[2]', component: nic}, ep2: {instance: s, component: port}}", "outside of h"),
        ("{ep1: {instance: x, component: nic}, ep2: {instance: s, component: port}}", "names nothing of the file"),
        ("{ep1: {instance: h, component: tpu}, ep2: {instance: s, component: port}}", "names nothing of the file"),
        ("7", "is no edge"),
    ],
)
def test_what_infragraph_cannot_mean_is_refused_with_its_line(edge: str, words: str) -> None:
    with pytest.raises(InputError, match=words) as error:
        parse_as_built(f"{GRAPH}- {edge}\n".encode(), "g.yaml", "infragraph")
    assert error.value.problems[0].line == 8


@pytest.mark.parametrize("cut", [1, 3, 20])
def test_a_simai_file_that_is_cut_off_is_refused(cut: int) -> None:
    whole = build_files(PLAN, ["simai"])["simai/topology.txt"].splitlines(keepends=True)
    with pytest.raises(InputError, match=r"cut off|counts"):
        parse_as_built(b"".join(whole[:-cut]), "t.txt", "simai")


def test_a_director_of_ufm_is_chips_of_one_chassis() -> None:
    rows = ",".join(
        f'{{"source_guid": "000{i}", "source_port": "19", "source_port_node_description": "dir1:L0{i}/U1/19",'
        f'"destination_guid": "00a{i}", "destination_port": "1", "destination_port_dname": "HCA-1/1",'
        f'"destination_port_node_description": "n{i} mlx5_0"}}'
        for i in (1, 2)
    )
    built = parse_as_built(f"[{rows}]".encode(), "links.json")
    assert {c.a_device for c in built.cables} == {"dir1/L01/U1", "dir1/L02/U1"}
    assert set(built.chassis.values()) == {"dir1"}
    assert {(c.b_device, c.b_port) for c in built.cables} == {("n1", "mlx5_0/1"), ("n2", "mlx5_0/1")}
