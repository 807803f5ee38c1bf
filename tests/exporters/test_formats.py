"""Every format read back by a parser of its own: ports and speeds equal the fabric's."""

from __future__ import annotations

import csv
import io
import itertools
import json
import re
import xml.etree.ElementTree as ET
from collections import Counter, defaultdict
from collections.abc import Callable

import networkx as nx
import numpy as np
import openpyxl
import pygraphviz
import pytest
import yaml

from topo.design import parse_design
from topo.errors import ParameterError
from topo.exporters import Plan, build_files, left_out, make_plan, whole_set
from topo.exporters.jobs import hostlist

PlanOf = Callable[..., Plan]
Link = tuple[tuple[str, str], tuple[str, str]]


def written(plan: Plan, name: str, path: str) -> str:
    return build_files(plan, [name])[path].decode()


def planned(plan: Plan, port: str = "name", system: str = "") -> Counter[Link]:
    """Links as pairs of (device, port), ports by vendor name or number, or as the system calls them where told."""
    f = plan.fabric
    words = f.port_names[f.ports.name] if port == "name" else f.ports.number.astype(str)
    words = words.astype(object)
    for row, name in f.names_in(system).items():
        words[row] = name
    ends = [(str(f.devices.name[d]), str(w)) for d, w in zip(f.ports.device, words, strict=True)]
    return Counter((ends[a], ends[b]) for a, b in zip(f.links.a, f.links.b, strict=True))


def test_ptm_dot(any_plan: Plan) -> None:
    text = written(any_plan, "ptm-dot", "cable-validation/topology.dot")
    edges = re.findall(r'^ +"([^"]+)":"([^"]+)" -- "([^"]+)":"([^"]+)"$', text, re.MULTILINE)
    assert Counter(((a, x), (b, y)) for a, x, b, y in edges) == planned(any_plan, system="linux")
    graph = pygraphviz.AGraph(string=text)
    assert graph.number_of_nodes() == len(any_plan.fabric.devices)


def test_cable_validation_sheets(any_plan: Plan) -> None:
    files = build_files(any_plan, ["cable-validation"])
    rows = list(csv.DictReader(io.StringIO(files["cable-validation/point-to-point.csv"].decode())))
    assert list(rows[0]) == [
        "A-Rack", "A-U", "A-Node Name", "A-Type", "A-Port", "Z-Rack", "Z-RU", "Z-Node Name", "Z-Type", "Z-Port",
    ]  # fmt: skip
    found = Counter(((r["A-Node Name"], r["A-Port"]), (r["Z-Node Name"], r["Z-Port"])) for r in rows)
    assert found == planned(any_plan)
    assert {r["A-Node Name"] for r in rows if r["A-Type"] == "Host"} == {
        str(n) for n in any_plan.fabric.devices.name[np.unique(any_plan.fabric.link_a)] if n.startswith("host")
    }
    book = openpyxl.load_workbook(io.BytesIO(files["cable-validation/links-and-nodes.xlsx"]))
    head, *body = list(book["Links"].iter_rows(values_only=True))
    sheet = [dict(zip(head, row, strict=True)) for row in body]
    assert Counter(((r["A-Node"], r["A-Port"]), (r["Z-Node"], r["Z-Port"])) for r in sheet) == planned(any_plan)
    assert {r["Protocol"] for r in sheet} <= {"ib", "ethernet"}
    assert [r[0] for r in book["Nodes"].iter_rows(min_row=2, values_only=True)] == any_plan.fabric.devices.name.tolist()


def test_netbox(any_plan: Plan) -> None:
    files = build_files(any_plan, ["netbox"])
    tables = {
        name: list(csv.DictReader(io.StringIO(files[f"netbox/{name}.csv"].decode())))
        for name in ("devices", "interfaces", "cables")
    }
    found = Counter(
        ((r["side_a_device"], r["side_a_name"]), (r["side_b_device"], r["side_b_name"])) for r in tables["cables"]
    )
    assert found == planned(any_plan)
    speeds = {(r["device"], r["name"]): int(r["speed"]) for r in tables["interfaces"]}
    ends = {end for link in found for end in link}
    assert set(speeds) == ends
    f = any_plan.fabric
    for a, name, port in zip(f.links.a, *zip(*[link[0] for link in planned(any_plan)], strict=True), strict=False):
        assert speeds[name, port] == f.ports.gbps[a] * 1_000_000
    assert {r["name"] for r in tables["devices"]} >= {device for device, _ in ends}
    assert all(re.fullmatch(r"[0-9a-f]{6}", r["color"]) and r["length_unit"] == "m" for r in tables["cables"])


RFC1123 = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
HEDGEHOG_KINDS: list[dict[str, object]] = [
    {"gpus": 512},
    {"gpus": 256, "family": "mrft"},
    {"gpus": 256, "host": "dgx-h100", "switch": "nvidia-sn5600", "uplink_gbps": 800},
    {
        "gpus": 64,
        "host": "example-host-1",
        "switch": "example-switch-8",
        "family": "jellyfish",
        "p": 2,
        "r": 5,
        "seed": 1,
    },
]


@pytest.mark.parametrize("keys", HEDGEHOG_KINDS, ids=lambda keys: str(keys.get("family", "ft2")))
def test_hedgehog(plan_of: PlanOf, keys: dict[str, object]) -> None:
    """The rules that githedgehog/fabric states in `Validate` (api/wiring/v1beta1, api/meta/validation.go), and our
    links in it, each once."""
    plan = plan_of(**keys)
    documents = list(yaml.load_all(written(plan, "hedgehog", "hedgehog/wiring.yaml"), yaml.CSafeLoader))
    objects: dict[str, dict[str, dict[str, object]]] = defaultdict(dict)
    for document in documents:
        assert document["apiVersion"] == "wiring.githedgehog.com/v1beta1"
        name = document["metadata"]["name"]
        assert document["metadata"]["namespace"] == "default"
        assert RFC1123.fullmatch(name)
        assert len(name) <= 253
        assert name not in objects[document["kind"]]
        objects[document["kind"]][name] = document["spec"]
    assert set(objects) == {"VLANNamespace", "Switch", "Server", "Connection"}
    for spec in objects["Switch"].values():
        assert spec["role"] in ("spine", "server-leaf")
        assert spec["profile"]
        assert set(spec["vlanNamespaces"]) <= set(objects["VLANNamespace"])
    found: Counter[Link] = Counter()
    used: Counter[str] = Counter()

    def end(port: str, kind: str, role: str = "") -> tuple[str, str]:
        used[port] += 1
        device, _, rest = port.partition("/")
        spec = objects[kind][device]
        assert not role or spec["role"] == role
        if kind == "Switch":
            cage, _, sub = rest.removeprefix("E1/").partition("/")
            breakouts = spec.get("portBreakouts", {})
            assert (f"E1/{cage}" in breakouts) == bool(sub)
            assert not sub or int(sub) <= int(breakouts[f"E1/{cage}"].split("x")[0])
        return device, rest.removeprefix("E1/")

    for spec in objects["Connection"].values():
        ((kind, held),) = spec.items()
        pairs: set[frozenset[str]] = set()
        for link in held["links"] if kind != "unbundled" else [held["link"]]:
            if kind == "unbundled":
                ends = end(link["server"]["port"], "Server"), end(link["switch"]["port"], "Switch")
            elif kind == "fabric":
                ends = end(link["leaf"]["port"], "Switch", "server-leaf"), end(link["spine"]["port"], "Switch", "spine")
            else:
                assert kind == "mesh"
                ends = tuple(end(link[x]["port"], "Switch", "server-leaf") for x in ("leaf1", "leaf2"))
            found[ends] += 1
            pairs.add(frozenset(e[0] for e in ends))
        assert [len(pair) for pair in pairs] == [2]
    assert max(used.values()) == 1
    f = plan.fabric
    assert set(objects["Switch"]) == set(f.devices.name[~f.is_host].tolist())
    assert set(objects["Server"]) == set(f.devices.name[f.is_host].tolist())
    if "uplink_gbps" not in keys:
        assert found == planned(plan)
    assert sum(found.values()) == len(f.links)


def test_hedgehog_has_no_third_tier(plan_of: PlanOf) -> None:
    with pytest.raises(ParameterError, match="no third tier"):
        build_files(plan_of(gpus=2048, family="ft3"), ["hedgehog"])


def test_containerlab(any_plan: Plan) -> None:
    found = yaml.load(written(any_plan, "containerlab", "containerlab/topology.clab.yaml"), yaml.CSafeLoader)[
        "topology"
    ]
    links = Counter(
        tuple((d, p.removeprefix("eth")) for d, _, p in (e.partition(":") for e in link["endpoints"]))
        for link in found["links"]
    )
    assert links == planned(any_plan, "number")
    assert set(found["nodes"]) == set(any_plan.fabric.devices.name.tolist())


def test_batfish(any_plan: Plan) -> None:
    edges = json.loads(written(any_plan, "batfish", "batfish/layer1_topology.json"))["edges"]
    found = Counter(
        ((e["node1"]["hostname"], e["node1"]["interfaceName"]), (e["node2"]["hostname"], e["node2"]["interfaceName"]))
        for e in edges
    )
    assert found == planned(any_plan)


def test_ibdm_topo(any_plan: Plan) -> None:
    """Adapters are counted host by host; the system files have every port that the topology uses."""
    files = {path: content.decode() for path, content in build_files(any_plan, ["ibdm-topo"]).items()}
    systems = {
        path.rpartition("/")[2].removesuffix(".ibnl"): set(re.findall(r"-> (\S+)$", text, re.MULTILINE))
        for path, text in files.items()
        if path.endswith(".ibnl")
    }
    f = any_plan.fabric
    nic = {
        int(p): f"C{n + 1}/P{k + 1}"
        for p, n, k in zip(f.endpoints.port, f.endpoints.nic, f.endpoints.nic_port, strict=True)
    }
    wanted: Counter[frozenset[tuple[str, str]]] = Counter()
    for a, b in zip(f.links.a.tolist(), f.links.b.tolist(), strict=True):
        ends = [(str(f.devices.name[f.ports.device[p]]), nic.get(p, f"P{f.ports.number[p]}")) for p in (a, b)]
        wanted[frozenset(ends)] += 1
    found: Counter[frozenset[tuple[str, str]]] = Counter()
    for block in files["ibdm/fabric.topo"].strip().split("\n\n"):
        head, *lines = block.split("\n")
        kind, device = head.split()
        for line in lines:
            port, arrow, far_kind, far, far_port = line.split()
            assert arrow == "-4x-10G->"
            assert port in systems[kind]
            assert far_port in systems[far_kind]
            found[frozenset([(device, port), (far, far_port)])] += 1
    assert found == wanted


def expanded(text: str) -> set[str]:
    """The names of a Slurm hostlist."""
    found = set()
    for part in re.findall(r"[^,\[]+(?:\[[^\]]*\])?", text):
        head, _, spans = part.partition("[")
        for span in spans.removesuffix("]").split(",") if spans else [""]:
            low, _, high = span.partition("-")
            numbers = [low] if not high else [f"{i:0{len(low)}d}" for i in range(int(low), int(high) + 1)]
            found |= {head + n for n in numbers}
    return found


def test_slurm(any_plan: Plan) -> None:
    """Every host under exactly one leaf entry; the entries form a tree; hosts of one entry share a leaf."""
    text = written(any_plan, "slurm", "slurm/topology.conf")
    hosts: Counter[str] = Counter()
    children: Counter[str] = Counter()
    names = []
    for line in text.splitlines():
        fields = dict(f.split("=", 1) for f in line.split(" "))
        names.append(fields["SwitchName"])
        hosts.update(expanded(fields["Nodes"]) if "Nodes" in fields else [])
        children.update(fields["Switches"].split(",") if "Switches" in fields else [])
    f = any_plan.fabric
    assert hosts == Counter(f.devices.name[f.is_host].tolist())
    assert len(names) == len(set(names))
    assert set(children) <= set(names)
    assert max(children.values(), default=1) == 1
    assert len(names) - len(children) == 1


def test_slurm_has_the_hosts_that_run_jobs() -> None:
    """Hosts without GPUs on the same leaves are no part of a topology for jobs; those with GPUs are all there."""
    text = """name: t
gpus: 480
host: dgx-h100
other_hosts: [{host: management-node, count: 4}]
networks: {compute: {family: mrft, switch: nvidia-qm9700}}
"""
    plan = make_plan(parse_design(text))
    f = plan.fabric
    alike = np.unique(f.endpoints.host[f.endpoints.network == 0])
    assert (f.devices.gpus[alike] == 0).any(), "the design has hosts without GPUs on the compute network"
    conf = written(plan, "slurm", "slurm/topology.conf")
    nodes = re.findall(r"Nodes=(\S+)", conf)
    assert set().union(*map(expanded, nodes)) == set(f.devices.name[f.devices.gpus > 0].tolist())


def test_slurm_gives_planes_without_a_common_switch_no_common_root(plan_of: PlanOf) -> None:
    plan = plan_of(gpus=64, family="ft2")
    lonely = plan_of(gpus=64).fabric.without(devices=[n for n in plan.fabric.devices.name.tolist() if "spine" in n])
    from dataclasses import replace

    text = written(replace(plan, fabric=lonely), "slurm", "slurm/topology.conf")
    assert "Switches=" not in text
    assert hostlist(["a-01", "a-02", "a-04", "b", "c9", "c10"]) == "b,a-[01-02,04],c[9,10]"


def as_ns3_keeps_it(lines: list[str]) -> dict[tuple[int, int], float]:
    """What the ns-3 back ends hold after reading link lines: one interface for each pair of nodes, the last line's
    (`nbr2if[a][b]` in common.h of SimAI's and ASTRA-sim's ns-3)."""
    kept: dict[tuple[int, int], float] = {}
    for line in lines:
        a, b, speed, latency, error = line.split()
        assert latency.endswith("ms")
        assert error == "0"
        kept[min(int(a), int(b)), max(int(a), int(b))] = float(speed.removesuffix("Gbps"))
    return kept


def sums(plan: Plan, first_switch: int) -> dict[tuple[int, int], float]:
    """The capacity between each GPU and switch, or two switches, by numbers counted here."""
    f = plan.fabric
    gpus = f.devices.gpus.tolist()
    first = dict(zip(f.devices.name.tolist(), itertools.accumulate([0, *gpus[:-1]]), strict=True))
    switch = {d: first_switch + i for i, d in enumerate(np.flatnonzero(~f.is_host & (f.devices.network == 0)).tolist())}
    gpu = dict(zip(f.endpoints.port.tolist(), f.endpoints.gpu_first.tolist(), strict=True))
    found: dict[tuple[int, int], float] = defaultdict(float)
    for a, b, gbps in zip(f.links.a.tolist(), f.links.b.tolist(), f.links.gbps.tolist(), strict=True):
        ends = [
            switch[d] if d in switch else first[str(f.devices.name[d])] + gpu[p]
            for p, d in ((p, int(f.ports.device[p])) for p in (a, b))
        ]
        found[min(ends), max(ends)] += gbps
    return dict(found)


SIMULATED = [
    {"gpus": 64, "family": "mrft"},
    {"gpus": 512},
    {"gpus": 256, "family": "ft3"},
    {"gpus": 128, "family": "mpft"},
    {"gpus": 256, "host": "dgx-h100", "switch": "nvidia-sn5600", "uplink_gbps": 800},
]


@pytest.mark.parametrize("keys", SIMULATED, ids=lambda k: "-".join(str(v) for v in k.values()))
def test_simai(plan_of: PlanOf, keys: dict[str, object]) -> None:
    plan = plan_of(**keys)
    head, ids, *lines = written(plan, "simai", "simai/topology.txt").splitlines()
    nodes, per_host, nvswitches, switches, links, _ = head.split()
    f = plan.fabric
    gpus, hosts = int(f.devices.gpus.sum()), int(f.is_host.sum())
    assert (int(nodes), int(per_host), int(nvswitches)) == (gpus + hosts + int(switches), 8, hosts)
    assert [int(x) for x in ids.split()] == list(range(gpus, int(nodes)))
    kept = as_ns3_keeps_it(lines)
    assert len(kept) == len(lines) == int(links)
    inner = {pair: gbps for pair, gbps in kept.items() if gpus <= pair[1] < gpus + hosts}
    assert set(inner) == {(g, gpus + g // 8) for g in range(gpus)}
    assert {pair: g for pair, g in kept.items() if pair not in inner} == sums(plan, gpus + hosts)


@pytest.mark.parametrize("keys", SIMULATED, ids=lambda k: "-".join(str(v) for v in k.values()))
def test_astra_sim(plan_of: PlanOf, keys: dict[str, object]) -> None:
    plan = plan_of(**keys)
    files = build_files(plan, ["astra-sim"])
    head, ids, *lines = files["astra-sim/physical_topology.txt"].decode().splitlines()
    nodes, switches, links = (int(x) for x in head.split())
    f = plan.fabric
    assert nodes - switches == f.devices.gpus.sum()
    assert [int(x) for x in ids.split()] == list(range(nodes - switches, nodes))
    kept = as_ns3_keeps_it(lines)
    assert len(kept) == len(lines) == links
    assert kept == sums(plan, nodes - switches)
    assert sum(kept.values()) == f.links.gbps.sum()
    dims = json.loads(files["astra-sim/logical_topology.json"])["logical-dims"]
    assert np.prod([int(x) for x in dims]) == nodes - switches


def htsim_tree(text: str) -> Counter[tuple[int, int, int]]:
    """What htsim makes of a `.topo` file, by the rules of `load` and `set_custom_params` in csg-htsim's
    fat_tree_topology.cpp: devices by (tier, number) below and above, with the number of links; AssertionError where
    htsim exits or aborts."""
    head, *blocks = [dict(line.split() for line in block.splitlines()) for block in text.strip().split("\n\n")]
    nodes, count, podsize = int(head["Nodes"]), int(head["Tiers"]), int(head["Podsize"])
    tiers = [{key: int(value) for key, value in block.items()} for block in blocks]
    assert 2 <= count <= 3
    assert [t["Tier"] for t in tiers] == list(range(count))
    for tier, above in itertools.zip_longest(tiers, tiers[1:]):
        assert tier["Downlink_speed_Gbps"] > 0
        assert tier["Downlink_Latency_ns"] > 0
        assert tier["Radix_Down"] % tier["Bundle"] == 0
        assert ("Radix_Up" in tier) == (above is not None)
        assert above is None or (tier["Radix_Up"] > 0 and tier["Radix_Up"] % above["Bundle"] == 0)
    tor, agg = tiers[0], tiers[1]
    assert tor["Bundle"] == 1
    assert nodes % podsize == 0
    assert podsize % tor["Radix_Down"] == 0
    pods, tors = nodes // podsize, podsize // tor["Radix_Down"]
    uplinks, rest = divmod(nodes * tor["Downlink_speed_Gbps"], agg["Downlink_speed_Gbps"] * tor["Oversubscribed"])
    assert rest == 0
    assert tor["Radix_Down"] // tor["Radix_Up"] == tor["Oversubscribed"]
    assert uplinks % (pods * agg["Radix_Down"]) == 0
    aggs = uplinks // (pods * agg["Radix_Down"])
    assert aggs * agg["Bundle"] == tor["Radix_Up"]
    links: Counter[tuple[int, int, int]] = Counter()
    for t in range(tors * pods):
        pod = t // tors if count == 3 else 0
        for a in range(pod * aggs, (pod + 1) * aggs):
            links[1, t, a] += agg["Bundle"]
    if count == 3:
        core = tiers[2]
        up, rest = divmod(uplinks * agg["Downlink_speed_Gbps"], core["Downlink_speed_Gbps"] * agg["Oversubscribed"])
        assert rest == 0
        assert up % core["Radix_Down"] == 0
        cores = up // core["Radix_Down"]
        assert cores % aggs == 0
        assert cores * core["Bundle"] // aggs == agg["Radix_Up"]
        for a in range(aggs * pods):
            for step in range(agg["Radix_Up"] // core["Bundle"]):
                links[2, a, a % aggs + aggs * step] += core["Bundle"]
    return links


HTSIM = [
    {"gpus": 2048},
    {"gpus": 1024},
    {"gpus": 64, "family": "mrft", "hosts_per_leaf": 8, "rails_per_leaf": 4},
    {"gpus": 2048, "family": "ft3"},
    {"gpus": 768, "oversubscription": "'2:1'"},
    {"gpus": 1280, "oversubscription": "'2:1'", "hosts_per_leaf": 5},
    {"gpus": 1536, "oversubscription": "'3:1'", "hosts_per_leaf": 6},
    {"gpus": 2048, "family": "ft3", "oversubscription": "'2:1'", "hosts_per_leaf": 4},
    {"gpus": 640, "oversubscription": "'5:3'"},
    {"gpus": 128, "family": "mrft"},
    {"gpus": 96, "family": "mrft", "oversubscription": "'2:1'"},
    {"gpus": 1000},
    {"gpus": 512, "family": "ft3", "oversubscription": "'2:1'"},
    {"gpus": 1024, "packing": "balanced"},
    {"gpus": 256, "host": "dgx-h100", "switch": "nvidia-sn5600", "uplink_gbps": 800},
    {"gpus": 256, "family": "mpft"},
    {
        "gpus": 64,
        "host": "example-host-1",
        "switch": "example-switch-8",
        "family": "jellyfish",
        "p": 2,
        "r": 5,
        "seed": 1,
    },
]


def test_htsim(plan_of: PlanOf) -> None:
    """A plane is refused, or htsim makes the same tree of the file: as many switches, and between each pair as many
    links up to their numbering."""
    refused = 0
    for keys in HTSIM:
        plan = plan_of(**keys)
        try:
            text = written(plan, "htsim", "htsim/fabric.topo")
        except ParameterError:
            refused += 1
            continue
        f, made = plan.fabric, nx.Graph()
        for (tier, a, b), links in htsim_tree(text).items():
            made.add_edge((tier - 1, a), (tier, b), links=links)
        ours = nx.Graph()
        mine = (f.links.plane == 0) & (f.links.network == 0) & ~f.is_endpoint_link
        for a, b in zip(f.link_a[mine].tolist(), f.link_b[mine].tolist(), strict=True):
            ours.add_edge(a, b, links=ours.edges[a, b]["links"] + 1 if ours.has_edge(a, b) else 1)
        assert nx.weisfeiler_lehman_graph_hash(made, edge_attr="links") == nx.weisfeiler_lehman_graph_hash(
            ours, edge_attr="links"
        )
    assert 4 <= refused <= len(HTSIM) - 5


@pytest.mark.parametrize(
    ("keys", "why"),
    [
        ({"gpus": 640, "oversubscription": "'5:3'"}, "whole number"),
        ({"gpus": 128, "family": "mrft", "oversubscription": "'2:1'"}, "whole number, 1 or more"),
        ({"gpus": 1000}, "full, even tree"),
        (
            {
                "gpus": 64,
                "host": "example-host-1",
                "switch": "example-switch-8",
                "family": "jellyfish",
                "p": 2,
                "r": 5,
                "seed": 1,
            },
            "two or three tiers",
        ),
    ],
)
def test_htsim_says_what_it_cannot_hold(plan_of: PlanOf, keys: dict[str, object], why: str) -> None:
    plan = plan_of(**keys)
    with pytest.raises(ParameterError, match=why):
        build_files(plan, ["htsim"])
    assert why.split(",")[0] in left_out(plan)["htsim"]


def test_htsim_flows(plan_of: PlanOf) -> None:
    plan = plan_of(gpus=64, family="mrft", hosts_per_leaf=8, rails_per_leaf=4)
    tiny = build_files(plan, ["htsim"])["htsim/all-to-all.cm"].decode().splitlines()
    assert tiny[:3] == ["Nodes 64", "Connections 4032", "0->1 id 1 start 0 size 2000000"]
    flows = [re.match(r"(\d+)->(\d+) id (\d+) ", line) for line in tiny[2:]]
    assert len({m.groups()[:2] for m in flows if m}) == 4032


@pytest.mark.sampled(1)
@pytest.mark.parametrize("keys", [{"gpus": 64}, {"gpus": 64, "family": "mpft"}, {"gpus": 128, "family": "mrft"}])
def test_infragraph(plan_of: PlanOf, keys: dict[str, object]) -> None:
    """The graph that infragraph itself makes of the file has our links, port by port, with their speeds."""
    from infragraph.infragraph_service import InfraGraphService

    plan = plan_of(**keys)
    service = InfraGraphService()
    service.set_graph(written(plan, "infragraph", "infragraph/fabric.yaml"))
    f = plan.fabric
    counted: Counter[str] = Counter()
    names: dict[str, str] = {}
    for name, tier in zip(f.devices.name.tolist(), f.devices.tier.tolist(), strict=True):
        head = ("host", "compute-leaf", "compute-spine", "compute-core")[tier]
        names[f"{head}.{counted[head]}"] = name
        counted[head] += 1

    def end(node: str) -> tuple[str, str]:
        instance, port = node.rsplit(".", 2)[0], node.rsplit(".", 1)[1]
        return names[instance], str(int(port) + 1)

    found = Counter()
    for u, v, data in service.get_networkx_graph().edges(data=True):
        if u.rsplit(".", 2)[0] != v.rsplit(".", 2)[0]:
            found[frozenset((end(u), end(v)))] += 1
            assert data["link"] == "l400"
    assert found == Counter(frozenset(link) for link in planned(plan, "number"))


def test_simgrid(plan_of: PlanOf) -> None:
    plan = plan_of(gpus=16, host="example-host-1", switch="example-switch-8")
    root = ET.fromstring(written(plan, "simgrid", "simgrid/platform.xml").split("\n", 2)[2])
    f = plan.fabric
    hosts = [h.get("id") for h in root.iter("host")]
    assert len(hosts) == 16
    links = {x.get("id"): x.get("bandwidth") for x in root.iter("link")}
    assert len(links) == 2 * len(f.links)
    assert set(links.values()) == {"400Gbps"}
    ends = {}
    for i, link in enumerate(f.links.id.tolist()):
        ends[f"l{link}up"] = (int(f.link_a[i]), int(f.link_b[i]))
        ends[f"l{link}down"] = (int(f.link_b[i]), int(f.link_a[i]))
    routes = list(root.iter("route"))
    assert len(routes) == 16 * 15
    for route in routes:
        path = [ends[str(step.get("id"))] for step in route]
        assert all(x[1] == y[0] for x, y in itertools.pairwise(path))
        names = [str(f.devices.name[d]) for d in (path[0][0], path[-1][1])]
        assert [f"{n}-nic0-0" for n in names] == [route.get("src"), route.get("dst")]


def test_forwarding_tables_lead_to_every_endpoint(plan_of: PlanOf) -> None:
    plan = plan_of(gpus=128, family="mpft")
    f = plan.fabric
    text = written(plan, "opensm-lfts", "infiniband/opensm-lfts.dump")
    net = written(plan, "ibnetdiscover", "infiniband/fabric.ibnetdiscover")
    guid_of = {m[1]: m[0] for m in re.findall(r'"[SH]-([0-9a-f]{16})"\s+# "([^"]+)"', net)}
    table: dict[str, dict[str, int]] = defaultdict(dict)
    at = ""
    for line in text.splitlines():
        head = re.match(r"Unicast lids .* guid 0x([0-9a-f]{16}) \('(.*)'\):", line)
        at = head[2] if head else at
        assert not head or guid_of[head[2]] == head[1]
        row = re.match(r"0x[0-9a-f]+ (\d{3}) : \(Channel Adapter portguid 0x[0-9a-f]{16}: '(.*)'\)", line)
        if row:
            table[at][row[2]] = int(row[1])
    peer = {}
    for a, b in zip(f.links.a, f.links.b, strict=True):
        ends = [(str(f.devices.name[f.ports.device[p]]), int(f.ports.number[p])) for p in (a, b)]
        peer[ends[0]], peer[ends[1]] = ends[1], ends[0]
    nic = dict(zip(f.endpoints.port.tolist(), f.endpoints.nic.tolist(), strict=True))
    for port, n in nic.items():
        host = str(f.devices.name[f.ports.device[port]])
        own = (host, int(f.ports.number[port]))
        for switch in table:
            if switch.split("-")[0] != f"p{n}":
                continue
            here, steps = switch, 0
            while True:
                end = peer[here, table[here][f"{host} HCA-{n + 1}"]]
                steps += 1
                if end == own:
                    break
                here = end[0]
                assert steps < 4


def test_a_format_that_does_not_fit_is_refused_by_name_and_left_out_of_the_whole_set(plan_of: PlanOf) -> None:
    plan = plan_of(gpus=1000)
    with pytest.raises(ParameterError, match="full routes are written for at most 64"):
        build_files(plan, ["simgrid"])
    chosen = whole_set(plan)
    assert "simgrid" not in chosen
    assert "opensm-lfts" not in chosen
    assert {"cable-schedule-csv", "netbox", "slurm"} <= set(chosen)
