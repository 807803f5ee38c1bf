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

import numpy as np
import openpyxl
import pygraphviz
import pytest
import yaml

from topo.errors import ParameterError
from topo.exporters import Plan, build_files, whole_set
from topo.exporters.formats.slurm import hostlist

PlanOf = Callable[..., Plan]
Link = tuple[tuple[str, str], tuple[str, str]]


def written(plan: Plan, name: str, path: str) -> str:
    return build_files(plan, [name])[path].decode()


def planned(plan: Plan, port: str = "name") -> Counter[Link]:
    """Links as pairs of (device, port), ports by vendor name or number."""
    f = plan.fabric
    words = f.port_names[f.ports.name] if port == "name" else f.ports.number.astype(str)
    ends = [(str(f.devices.name[d]), str(w)) for d, w in zip(f.ports.device, words, strict=True)]
    return Counter((ends[a], ends[b]) for a, b in zip(f.links.a, f.links.b, strict=True))


def test_ptm_dot(any_plan: Plan) -> None:
    text = written(any_plan, "ptm-dot", "cable-validation/topology.dot")
    edges = re.findall(r'^ +"([^"]+)":"([^"]+)" -- "([^"]+)":"([^"]+)"$', text, re.MULTILINE)
    assert Counter(((a, x), (b, y)) for a, x, b, y in edges) == planned(any_plan)
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


def test_hedgehog(plan_of: PlanOf) -> None:
    plan = plan_of(gpus=512)
    documents = list(yaml.load_all(written(plan, "hedgehog", "hedgehog/wiring.yaml"), yaml.CSafeLoader))
    found: Counter[Link] = Counter()

    def end(port: str) -> tuple[str, str]:
        device, _, rest = port.partition("/")
        return device, rest.removeprefix("E1/")

    for document in documents:
        assert document["kind"] == "Connection"
        spec = document["spec"]
        for link in spec.get("fabric", {}).get("links", []):
            found[end(link["leaf"]["port"]), end(link["spine"]["port"])] += 1
        if "unbundled" in spec:
            link = spec["unbundled"]["link"]
            found[end(link["server"]["port"]), end(link["switch"]["port"])] += 1
    assert found == planned(plan)
    assert len({d["metadata"]["name"] for d in documents}) == len(documents)


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


def test_slurm_gives_planes_without_a_common_switch_no_common_root(plan_of: PlanOf) -> None:
    plan = plan_of(gpus=64, family="ft2")
    lonely = plan_of(gpus=64).fabric.without(devices=[n for n in plan.fabric.devices.name.tolist() if "spine" in n])
    from dataclasses import replace

    text = written(replace(plan, fabric=lonely), "slurm", "slurm/topology.conf")
    assert "Switches=" not in text
    assert hostlist(["a-01", "a-02", "a-04", "b", "c9", "c10"]) == "b,a-[01-02,04],c[9,10]"


def test_simai(any_plan: Plan) -> None:
    head, ids, *lines = written(any_plan, "simai", "simai/topology.txt").splitlines()
    nodes, per_host, nvswitches, switches, links, _ = head.split()
    f = any_plan.fabric
    gpus = int(f.devices.gpus.sum())
    hosts = int(f.is_host.sum())
    assert (int(nodes), int(per_host), int(nvswitches)) == (gpus + hosts + int(switches), 8, hosts)
    assert [int(x) for x in ids.split()] == list(range(gpus, int(nodes)))
    assert len(lines) == int(links) == len(f.links) + gpus
    inner = [line.split() for line in lines[:gpus]]
    assert all(int(b) == gpus + int(a) // 8 for a, b, *_ in inner)
    at_gpu: Counter[int] = Counter()
    speeds: Counter[float] = Counter()
    for line in lines[gpus:]:
        a, b, speed, latency, error = line.split()
        assert (latency, error) == ("0.0005ms", "0")
        at_gpu[int(a)] += int(a) < gpus
        assert int(b) >= gpus + hosts
        speeds[float(speed.removesuffix("Gbps"))] += 1
    assert speeds == Counter(f.links.gbps.tolist())
    assert sum(at_gpu.values()) == len(f.endpoints)
    assert {at_gpu[g] for g in range(gpus)} == {len(f.endpoints) // gpus}


def degrees(edges: list[tuple[int, int]]) -> list[int]:
    return sorted(Counter(x for e in edges for x in e).values())


def test_astra_sim(any_plan: Plan) -> None:
    files = build_files(any_plan, ["astra-sim"])
    head, ids, *lines = files["astra-sim/physical_topology.txt"].decode().splitlines()
    nodes, switches, links = (int(x) for x in head.split())
    f = any_plan.fabric
    assert nodes - switches == f.devices.gpus.sum()
    assert len(ids.split()) == switches == (~f.is_host).sum()
    edges = [(int(line.split()[0]), int(line.split()[1])) for line in lines]
    assert len(edges) == links == len(f.links)
    speeds = Counter(float(line.split()[2].removesuffix("Gbps")) for line in lines)
    assert speeds == Counter(f.links.gbps.tolist())
    ends = Counter(f.link_b.tolist() + [d for d in f.link_a.tolist() if not f.is_host[d]])
    assert sorted(Counter(x for e in edges for x in e if x >= nodes - switches).values()) == sorted(ends.values())
    dims = json.loads(files["astra-sim/logical_topology.json"])["logical-dims"]
    assert np.prod([int(x) for x in dims]) == nodes - switches


def test_htsim(plan_of: PlanOf) -> None:
    plan = plan_of(gpus=2048)
    text = written(plan, "htsim", "htsim/fabric.topo")
    head, *tiers = [dict(line.split() for line in block.splitlines()) for block in text.strip().split("\n\n")]
    assert head == {"Nodes": "2048", "Tiers": "2", "Podsize": "2048"}
    leaf, spine = tiers
    assert (leaf["Radix_Down"], leaf["Radix_Up"], leaf["Oversubscribed"], leaf["Bundle"]) == ("32", "32", "1", "1")
    assert (spine["Radix_Down"], spine["Bundle"], "Radix_Up" in spine) == ("64", "1", False)
    half = written(plan_of(gpus=1024), "htsim", "htsim/fabric.topo")
    assert "Bundle 2" in half
    three = written(plan_of(gpus=2048, family="ft3"), "htsim", "htsim/fabric.topo")
    assert three.startswith("Nodes 2048\nTiers 3\nPodsize 1024\n")
    tiny = build_files(plan_of(gpus=64), ["htsim"])["htsim/all-to-all.cm"].decode().splitlines()
    assert tiny[:3] == ["Nodes 64", "Connections 4032", "0->1 id 1 start 0 size 2000000"]
    with pytest.raises(ParameterError, match="full, even tree"):
        build_files(plan_of(gpus=1000), ["htsim"])


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
