"""Certificates of virtual lanes against cycles that networkx finds, and refused when anything is changed."""

import base64
import itertools
import json
import zlib
from fractions import Fraction
from pathlib import Path

import networkx as nx
import numpy as np
import pytest

from tests.analysis.test_deadlock import GRAPHS, all_paths, dependencies, fabric_of, in_lanes
from tests.certificates.common import changed, designed, less, random_fabric
from tests.certificates.test_static_certificate import opened
from tests.errors.run_cli import run
from topo.analysis.deadlock.deadlock import FixedLanes, deadlock
from topo.analysis.deadlock.proof import deadlock_proof
from topo.analysis.network import switch_network
from topo.analysis.routing.rules.static import static_tables
from topo.certificates import packed_lanes, packed_tables, verify_certificate
from topo.certificates.reading.channels import channels_of
from topo.certificates.reading.flow_graph import switch_graph
from topo.certificates.replays.dependencies import add_needed, passing, starts, stuck, turns_of, ways_to
from topo.design import build, parse_design
from topo.errors import CertificateError
from topo.fabric import Fabric

ALL = [*GRAPHS, ("more than a word", nx.random_regular_graph(4, 80, seed=1), 1)]
by_name = pytest.mark.parametrize(("name", "graph", "every"), ALL, ids=[g[0] for g in ALL])


def proof_of(fabric: Fabric, routing: str = "spray", fixed: bool = False) -> dict:
    found = deadlock_proof(fabric, fabric.networks[0], deadlock(fabric, 0, routing), fixed)
    assert found is not None
    return json.loads(json.dumps(found))


def accepted(fabric: Fabric, certificate: dict) -> bool:
    try:
        verify_certificate(fabric, certificate)
    except CertificateError:
        return False
    return True


def claims(certificate: dict, lanes: int, least: int = 1, **more) -> dict:
    kept = {k: v for k, v in certificate.items() if k not in ("lane", "order", "method")}
    return {**kept, "claim": {"lanes": lanes, "least": least}, **more}


def switch_names(fabric: Fabric) -> list[int]:
    return [int(name) for name in switch_network(fabric).name.tolist()]


def static_paths(fabric: Fabric) -> list[list[tuple]]:
    """The path from every switch to every endpoint, as pairs of switch names."""
    net, tables = switch_network(fabric), static_tables(fabric)
    rows, head, names = tables.channel_rows(np.arange(len(net.at))), tables.channels.head, switch_names(fabric)
    paths = []
    for d, t in enumerate(net.at.tolist()):
        for s in np.flatnonzero(net.endpoints_at).tolist():
            v, path = s, []
            while v != t:
                u = int(head[rows[d, v]])
                path.append((names[v], names[u]))
                v = u
            paths += [path] if path else []
    return paths


@pytest.mark.sampled(6)
@by_name
def test_dependencies_are_those_of_all_shortest_paths(name, graph, every):
    fabric = fabric_of(graph, every)
    network = switch_graph(fabric, fabric.networks[0])
    channels = channels_of(fabric, network)
    turns, names = turns_of(channels), switch_names(fabric)
    needed = np.zeros(int(turns.first[-1]), dtype=np.bool_)
    sends = np.bincount(network.at, minlength=channels.switches) > 0
    for ways in ways_to(channels, np.flatnonzero(sends)):
        add_needed(channels, turns, ways, passing(channels, turns, ways, starts(ways, sends)), needed)
    found = set()
    for pair in np.flatnonzero(needed).tolist():
        i = int(np.searchsorted(turns.first, pair, side="right")) - 1
        c = int(turns.into[i])
        d = int(channels.start[channels.head[c]] + pair - turns.first[i])
        found.add(tuple((names[channels.tail[x]], names[channels.head[x]]) for x in (c, d)))
    expected = dependencies(all_paths(graph))
    assert found == set(expected.edges)
    cyclic = {c for part in nx.strongly_connected_components(expected) if len(part) > 1 for c in part}
    behind = set().union(*(nx.descendants(expected, c) for c in cyclic)) | cyclic
    assert stuck(channels, turns, needed) == len(behind)


@pytest.mark.sampled(15)
@by_name
@pytest.mark.parametrize("routing", ["spray", "adaptive", "static"])
def test_one_lane_is_proved_where_networkx_finds_no_cycle(name, graph, every, routing):
    fabric = fabric_of(graph, every)
    paths = static_paths(fabric) if routing == "static" else all_paths(graph)
    acyclic = nx.is_directed_acyclic_graph(dependencies(paths))
    certificate = proof_of(fabric, routing)
    bounds = verify_certificate(fabric, certificate).bounds
    found = deadlock(fabric, 0, routing)
    assert bounds == {"lower": 1 if acyclic or routing == "adaptive" else 2, "upper": found.lanes}
    assert accepted(fabric, claims(certificate, 1, method="fixed")) == acyclic
    assert accepted(fabric, claims(certificate, 2, 2, method="hop")) == (
        not acyclic and routing != "adaptive" and max(map(len, paths)) <= 2
    )


@pytest.mark.sampled(10)
@by_name
@pytest.mark.parametrize("routing", ["spray", "static"])
def test_lane_per_hop_and_lane_per_turn_are_counted(name, graph, every, routing):
    fabric = fabric_of(graph, every)
    paths = static_paths(fabric) if routing == "static" else all_paths(graph)
    certificate = proof_of(fabric, routing)
    longest = max(map(len, paths))
    assert accepted(fabric, claims(certificate, longest, method="hop"))
    if longest > 1:
        assert not accepted(fabric, claims(certificate, longest - 1, method="hop"))
    names = switch_names(fabric)
    for seed in range(3):
        order = np.random.default_rng(seed).permutation(len(names))
        place = dict(zip(names, order.tolist(), strict=True))
        used, extended = 1, nx.DiGraph()
        for path in paths:
            lane, steps = 0, [(path[0], 0)]
            for (a, v), (_, u) in itertools.pairwise(path):
                lane += place[v] > place[a] and place[u] < place[v]
                steps.append(((v, u), lane))
            used = max(used, lane + 1)
            extended.add_edges_from(itertools.pairwise(steps))
        assert nx.is_directed_acyclic_graph(extended)
        wanted = {"method": "turn", "order": order.tolist()}
        assert accepted(fabric, claims(certificate, used, **wanted))
        if used > 1:
            assert not accepted(fabric, claims(certificate, used - 1, **wanted))


@pytest.mark.sampled(4)
@by_name
@pytest.mark.parametrize("routing", ["spray", "static"])
def test_random_lanes_of_pairs_are_judged_as_by_networkx(name, graph, every, routing):
    fabric = fabric_of(graph, every)
    paths = static_paths(fabric) if routing == "static" else all_paths(graph)
    certificate, net = proof_of(fabric, routing, fixed=True), switch_network(fabric)
    verify_certificate(fabric, certificate)
    dest = np.flatnonzero(net.endpoints_at)
    for seed, lanes in itertools.product(range(3), (1, 2, 6)):
        lane = np.random.default_rng(seed).integers(0, lanes, (net.switches, len(dest)))
        lane[lane < 0] = 0
        graphs = in_lanes(net, FixedLanes(lanes, dest, lane), paths)
        expected = all(nx.is_directed_acyclic_graph(g) for g in graphs)
        wrong = claims(certificate, lanes, method="fixed", lane=packed_lanes(lane))
        assert accepted(fabric, wrong) == expected


def test_one_pair_in_the_wrong_lane_closes_a_circle():
    """Layers of a ring of nine by LASH: all pairs of the second lane but one may stay where they are."""
    graph = nx.cycle_graph(9)
    fabric = fabric_of(graph)
    found = deadlock(fabric)
    good = proof_of(fabric, fixed=True)
    lane = found.fixed.lane.copy()
    assert set(np.unique(lane)) == {-1, 0, 1}
    refused = 0
    net = switch_network(fabric)
    for s, j in np.argwhere(lane == 1).tolist():
        moved = lane.copy()
        moved[s, j] = 0
        paths = in_lanes(net, FixedLanes(2, found.fixed.dest, moved), all_paths(graph))
        ok = accepted(fabric, changed(good, "lane", packed_lanes(moved)))
        assert ok == all(nx.is_directed_acyclic_graph(p) for p in paths)
        refused += not ok
    assert refused


@pytest.mark.parametrize("routing", ["spray", "static"])
@pytest.mark.parametrize("seed", range(4))
def test_bundles_and_unlike_counts(seed, routing):
    fabric = random_fabric(seed)
    for fixed in (False, True):
        proved = verify_certificate(fabric, proof_of(fabric, routing, fixed)).bounds
        found = deadlock(fabric, 0, routing)
        assert proved["upper"] == (found.fixed_lanes if fixed else found.lanes)
        assert proved["lower"] == (1 if found.acyclic else 2)


@pytest.mark.parametrize(
    ("words", "gpus"),
    [
        ("{family: dragonfly, switch: example-switch-8}", 36),
        ("{family: slim-fly, switch: example-switch-8, q: 3, p: 2}", 36),
        ("{family: slim-fly, switch: nvidia-qm9700, q: 5}", 192),
        ("{family: hyperx, switch: example-switch-8}", 24),
    ],
)
@pytest.mark.parametrize("routing", ["spray", "ecmp:qp=2", "static"])
def test_families_without_tiers(words, gpus, routing):
    host = "example-host-1" if "example" in words else "h800-node"
    fabric = build(parse_design(f"name: t\ngpus: {gpus}\nhost: {host}\nnetworks:\n  compute: {words}\n"))
    found = deadlock(fabric, 0, routing)
    assert not found.acyclic
    for fixed in (False, True):
        certificate = proof_of(fabric, routing, fixed)
        assert verify_certificate(fabric, certificate).bounds["lower"] == 2
        assert not accepted(fabric, claims(certificate, 1, method="fixed"))
        assert not accepted(fabric, claims(certificate, 1, method="hop"))


@pytest.mark.sampled(4)
@pytest.mark.parametrize(
    ("family", "gpus"),
    [("ft2", 2048), ("mpft", 4096), ("mrft", 4096), ("ft3", 4096), pytest.param("ft3", 16384, marks=pytest.mark.slow)],
)
@pytest.mark.parametrize("routing", ["adaptive", "static"])
def test_trees_need_one_lane(family, gpus, routing):
    fabric = designed(f"family: {family}", gpus)
    certificate = proof_of(fabric, routing)
    assert len(json.dumps(certificate)) < 200_000
    assert verify_certificate(fabric, certificate).bounds == {"lower": 1, "upper": 1}


def test_two_parts_that_are_not_joined():
    graph = nx.disjoint_union(nx.cycle_graph(6), nx.path_graph(5))
    fabric = fabric_of(graph)
    for routing in ("spray", "static"):
        assert verify_certificate(fabric, proof_of(fabric, routing)).bounds["lower"] == 2


def test_nothing_to_route():
    graph = nx.Graph()
    graph.add_node(0, endpoints=3)
    fabric = fabric_of(graph)
    assert verify_certificate(fabric, proof_of(fabric)).bounds == {"lower": 1, "upper": 1}


def test_changes_are_refused():
    fabric = fabric_of(nx.cycle_graph(9))
    hop, fixed = proof_of(fabric), proof_of(fabric, fixed=True)
    turn = claims(hop, 9, method="turn", order=list(range(9)))
    adaptive = proof_of(fabric, "adaptive")
    for good in (hop, fixed, turn, adaptive):
        verify_certificate(fabric, good)
    raw = zlib.decompress(base64.b64decode(fixed["lane"]))

    def lanes(data: bytes) -> dict:
        return changed(fixed, "lane", base64.b64encode(zlib.compress(data)).decode())

    bad = [
        (changed(hop, "claim", "lanes", 1), "from 1 to 255, and the least"),
        (claims(hop, 1, method="hop"), "more than 1 links"),
        (claims(hop, 1, method="turn", order=list(range(9))), "more than 0 times"),
        (claims(hop, 1, method="fixed"), "wait in a circle"),
        (changed(fixed, "claim", "lanes", 256), "from 1 to 255"),
        (changed(fixed, "claim", "lanes", 0), "from 1 to 255"),
        (changed(fixed, "claim", "lanes", True), "from 1 to 255"),
        (changed(fixed, "claim", "least", 3), "1 or 2"),
        (changed(adaptive, "claim", "least", 2), "adapts"),
        (lanes(bytes(len(raw))), "lane 0 wait in a circle"),
        (lanes(raw.replace(b"\1", b"\2")), "lane 2 of 2"),
        (lanes(raw[:-1]), "entries"),
        (lanes(raw + b"\0"), "entries"),
        (lanes(bytes(10**8)), "entries"),
        (changed(fixed, "lane", "?"), "unpacked"),
        (changed(fixed, "lane", 7), "no text"),
        (changed(turn, "order", [*range(8), 7]), "each of them once"),
        (changed(turn, "order", list(range(8))), "each of them once"),
        (changed(turn, "order", [*range(8), 9]), "beyond"),
        (less(turn, "order"), "order"),
        (changed(hop, "method", "guess"), "guess"),
        (changed(hop, "question", "paths", "some"), "and not 'some'"),
        (changed(hop, "question", "routing", "static"), "and not 'shortest'"),
        (changed(hop, "question", "paths", "tables"), "and not 'tables'"),
        (changed(hop, "switch_graph", "x"), "another fabric"),
        (less(hop, "claim"), "no part 'claim'"),
        (less(hop, "question"), "no part 'question'"),
    ]
    for certificate, message in bad:
        with pytest.raises(CertificateError, match=message):
            verify_certificate(fabric, certificate)
    tree = designed("family: ft2", 256)
    with pytest.raises(CertificateError, match="no circle of dependencies"):
        verify_certificate(tree, claims(proof_of(tree), 2, 2, method="fixed"))


@pytest.mark.parametrize("method", ["fixed", "hop", "turn"])
def test_tables_with_gaps_or_circles_prove_nothing(method):
    fabric = designed("family: ft2", 256)
    good = proof_of(fabric, "static")
    graph = switch_graph(fabric, "compute")
    channels = channels_of(fabric, graph)
    ports = opened(good, fabric)
    leaf, other = np.unique(graph.at)[:2].tolist()
    far = int(np.flatnonzero(np.sort(graph.at) == other)[0])
    spine = int(channels.head[(channels.tail == leaf) & (channels.number == ports[leaf, far])][0])
    back = int(channels.number[(channels.tail == spine) & (channels.head == leaf)][0])
    order = np.argsort(np.argsort(-fabric.devices.tier[graph.device], kind="stable")).tolist()
    how = {"method": method, **({"order": order} if method == "turn" else {})}

    def tables(switch: int, port: int) -> dict:
        wrong = ports.copy()
        wrong[switch, far] = port
        return claims(good, 2, **how, tables=packed_tables(wrong))

    verify_certificate(fabric, claims(good, 2, **how))
    circle = {"fixed": "circle", "hop": "more than 2 links", "turn": "more than 1 times"}[method]
    bad = [
        (tables(leaf, 0), "no entry"),
        (tables(spine, 0), "no entry"),
        (tables(leaf, 250), "no link to a switch"),
        (tables(spine, back), circle),
        (claims(good, 2, **how, tables=packed_tables(np.zeros_like(ports))), "no entry"),
    ]
    for certificate, message in bad:
        with pytest.raises(CertificateError, match=message):
            verify_certificate(fabric, certificate)


def test_failures():
    whole = designed("family: ft2", 256)
    broken = whole.without(devices=["spine-001"], links=[int(whole.links.id[3])])
    certificate = {**proof_of(broken), "without": {"links": [int(whole.links.id[3])], "devices": ["spine-001"]}}
    assert verify_certificate(whole, certificate).bounds["upper"] == Fraction(1)


def test_check_writes_what_verify_proves(tmp_path: Path):
    text = (Path(__file__).parents[2] / "designs" / "tiny-dragonfly.yaml").read_text().partition("requirements:")[0]
    asked = [
        ("{routing: spray, at_most: 2}", "held"),
        ("{routing: spray, at_most: 1}", "broken"),
        ("{routing: static, at_most: 2, fixed: true}", "held"),
        ("{at_most: 1}", "undecided"),
    ]
    lines = "".join(f"  - virtual_lanes: {words}\n" for words, _ in asked)
    (tmp_path / "d.yaml").write_text(f"{text}requirements:\n{lines}")
    result = run(["check", str(tmp_path / "d.yaml"), "--format", "json"])
    assert result.code == 1
    requirements = json.loads(result.stdout)[0]["requirements"]
    assert [r["verdict"] for r in requirements] == [verdict for _, verdict in asked]
    assert all(r["certificate"]["kind"] == "lanes" for r in requirements)
    (tmp_path / "report.json").write_text(result.stdout)
    proved = run(["verify", str(tmp_path / "report.json")])
    assert proved.code == 0, proved.stdout
    lines = [line for line in proved.stdout.splitlines() if "virtual_lanes" in line]
    assert len(set(lines)) == 4
    assert all(line.endswith(": proved") for line in lines)


@pytest.mark.slow
@pytest.mark.parametrize("routing", ["spray", "static"])
def test_lanes_of_65536_gpus(routing):
    fabric = designed("family: ft3", 65536)
    certificate = proof_of(fabric, routing)
    assert len(json.dumps(certificate)) < 5_000_000
    assert verify_certificate(fabric, certificate).bounds == {"lower": 1, "upper": 1}
