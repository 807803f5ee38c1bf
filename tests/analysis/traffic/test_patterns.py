"""Traffic patterns: who sends to whom, scale, planes, failures and files with mistakes."""

from collections import Counter
from fractions import Fraction

import networkx as nx
import numpy as np
import pytest
from scipy.optimize import linprog

from topo.analysis.demand import Demand
from topo.analysis.routing import route
from topo.analysis.traffic import demand_of, traffics
from topo.design import build, parse_design
from topo.errors import InputError
from topo.fabric import Fabric
from topo.importers.networkx_graph import from_networkx


def tree(family: str, gpus: int, extra: str = "") -> Fabric:
    text = f"name: t\ngpus: {gpus}\nhost: h800-node\nnetworks:\n  compute: {{family: {family}, switch: nvidia-qm9700"
    return build(parse_design(text + extra + "}\n"))


G = 0x9E3779B97F4A7C15
MASK = (1 << 64) - 1


def mix(x: int) -> int:
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9 & MASK
    x = (x ^ (x >> 27)) * 0x94D049BB133111EB & MASK
    return x ^ (x >> 31)


def word(seed: int, n: int, kind: int) -> int:
    return mix((mix((seed * G + kind) & MASK) + (n + 1) * G) & MASK)


def is_permutation(demand: Demand) -> bool:
    n = len(demand.network.endpoint)
    flows = demand.flows
    once = np.bincount(flows.src, minlength=n).tolist() == [1] * n == np.bincount(flows.dst, minlength=n).tolist()
    plane = demand.network.endpoint_plane
    return once and bool((flows.src != flows.dst).all() and (plane[flows.src] == plane[flows.dst]).all())


@pytest.mark.parametrize("text", ["permutation", "permutation:seed=3", "shift:k=5", "shift:k=5,order=leaf"])
@pytest.mark.parametrize(("family", "gpus"), [("ft2", 512), ("mpft", 4096), ("mrft", 1024)])
def test_permutations_stay_in_their_plane(family, gpus, text):
    demand = demand_of(tree(family, gpus), text)
    assert is_permutation(demand)
    assert set(demand.flows.gbps.tolist()) == {400.0}
    assert demand.endpoint_limit == 1
    assert demand.traffic == text


def test_seeds_differ_and_repeat():
    fabric = tree("ft2", 512)
    one, again, two = (demand_of(fabric, f"permutation:seed={s}").flows.dst.tolist() for s in (1, 1, 2))
    assert one == again != two
    circle = sorted(range(512), key=lambda n: word(1, n, 11))
    assert demand_of(fabric, "permutation").flows.src.tolist() == circle


def test_all_shifts_are_an_all_to_all():
    fabric = tree("ft2", 128)
    n = 128
    count: Counter = Counter()
    for k in range(1, n):
        flows = demand_of(fabric, f"shift:k={k}").flows
        count.update(zip(flows.src.tolist(), flows.dst.tolist(), strict=True))
    assert len(count) == n * (n - 1)
    assert set(count.values()) == {1}


def test_shift_onto_oneself_is_refused():
    with pytest.raises(InputError, match="send to itself"):
        demand_of(tree("ft2", 128), "shift:k=256")


def test_leaf_order_of_rails():
    """On a multi-rail tree hosts count across leaves, ports along them."""
    fabric = tree("mrft", 1024)
    by_host, by_leaf = (demand_of(fabric, f"shift:order={o}") for o in ("host", "leaf"))
    at = by_host.network.at
    assert (at[by_host.flows.src] == at[by_host.flows.dst]).sum() == 0
    assert (at[by_leaf.flows.src] == at[by_leaf.flows.dst]).sum() == 1024 - 32


def test_hot_spot_is_bound_by_the_hot_links():
    fabric = tree("ft2", 512)
    demand = demand_of(fabric, "hot-spot:count=4")
    assert np.bincount(demand.flows.dst, minlength=512)[[0, 128, 256, 384]].tolist() == [511] * 4
    assert np.bincount(demand.flows.src, weights=demand.flows.gbps).round(9).tolist() == [400.0] * 512
    assert float(demand.endpoint_limit) == pytest.approx(1 / (508 / 4 + 3 / 3))
    with pytest.raises(InputError, match="more than a plane has"):
        demand_of(fabric, "hot-spot:count=513")


@pytest.mark.parametrize("equal", [True, False])
@pytest.mark.parametrize("seed", range(4))
def test_longest_matching_is_optimal(seed, equal):
    graph = nx.random_regular_graph(3, 10, seed=seed)
    for node in graph:
        graph.nodes[node]["endpoints"] = 2 if equal else node % 3
    nx.set_edge_attributes(graph, 400, "gbps")
    fabric = from_networkx(graph)
    demand = demand_of(fabric, "longest-matching")
    far = dict(nx.all_pairs_shortest_path_length(graph))
    at = [int(str(demand.network.name[s])) for s in demand.network.at]
    total = sum(far[at[s]][at[d]] for s, d in zip(demand.flows.src.tolist(), demand.flows.dst.tolist(), strict=True))
    n = len(at)
    cost = -np.array([[far[a][b] for b in at] for a in at], float)
    rows = np.kron(np.eye(n), np.ones(n))
    columns = np.kron(np.ones(n), np.eye(n))
    best = linprog(cost.ravel(), A_eq=np.vstack([rows, columns]), b_eq=np.ones(2 * n), bounds=(0, 1))
    assert total == round(-best.fun)
    assert len(np.unique(demand.flows.src)) == len(demand.flows.src)


def test_a_failure_moves_no_flow():
    whole = tree("ft2", 512)
    less = whole.without(devices=["host-00003"])
    before, after = demand_of(whole, "permutation:seed=2"), demand_of(less, "permutation:seed=2", baseline=whole)
    name = whole.devices.name

    def pairs(fabric: Fabric, demand: Demand) -> set:
        host, nic = fabric.devices.name[demand.network.host], fabric.endpoints.nic[demand.network.endpoint]
        return {(host[s], nic[s], host[d], nic[d]) for s, d in zip(demand.flows.src, demand.flows.dst, strict=True)}

    expected = {p for p in pairs(whole, before) if "host-00003" not in (p[0], p[2])}
    assert pairs(less, after) == expected
    assert len(expected) >= 512 - 16
    assert {c.rpartition(":")[0] for c in after.cut_off} == {"host-00003"}
    assert "host-00003" in name


def pair_fabric() -> Fabric:
    graph = nx.Graph([("a", "b", {"gbps": 100})])
    graph.add_node("a", endpoints=2)
    graph.add_node("b", endpoints=1)
    return from_networkx(graph)


def test_matrix_from_a_file(tmp_path):
    file = tmp_path / "m.csv"
    file.write_text("src,dst,gbps\na-h0:1,b-h0:1,50\n\n a-h1 , b-h0 ,75\n")
    fabric = pair_fabric()
    demand = demand_of(fabric, f"matrix:file={file}")
    assert demand.flows.gbps.tolist() == [50.0, 75.0]
    assert route(fabric, demand, "spray").lower == Fraction(100, 125)
    scaled = demand_of(fabric, f"matrix:file={file},scale=line-rate")
    assert scaled.flows.gbps.tolist() == pytest.approx([50 * 400 / 75, 400])


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("", 1, "the first line is not the header"),
        ("a-h0,b-h0,5\n", 1, "the first line is not the header"),
        ("src,dst,gbps\n", 1, "holds no flow"),
        ("src,dst,gbps\na-h0,b-h0\n", 2, "has 2 fields"),
        ("src,dst,gbps\n\na-h0,c-h0,5\n", 3, "no endpoint of this network"),
        ("src,dst,gbps\na-h0,b-h0,fast\n", 2, "is no speed"),
        ("src,dst,gbps\na-h0,b-h0,nan\n", 2, "is no speed"),
        ("src,dst,gbps\na-h0,b-h0,-1\n", 2, "is no speed"),
        ("src,dst,gbps\na-h0,b-h0,1\na-h0:1,b-h0,2\n", 3, "stands on line 2 too"),
        ("src,dst,gbps\na-h0,a-h0:1,1\n", 2, "does not send to itself"),
        ('src,dst,gbps\n"a-h0,b-h0,1\n', 2, "is no CSV"),
    ],
)
def test_mistakes_in_a_file(tmp_path, text, line, message):
    file = tmp_path / "m.csv"
    file.write_text(text)
    with pytest.raises(InputError, match=message) as caught:
        demand_of(pair_fabric(), f"matrix:file={file}")
    assert (caught.value.problems[0].file, caught.value.problems[0].line) == (str(file), line)


def test_files_that_cannot_be_read(tmp_path):
    (tmp_path / "latin").write_bytes(b"src,dst,gbps\n\xff")
    for name, message in (("missing", "cannot be read"), ("latin", "not UTF-8"), ("", "cannot be read")):
        with pytest.raises(InputError, match=message):
            demand_of(pair_fabric(), f"matrix:file={tmp_path / name}")
    with pytest.raises(InputError, match="file of matrix is wrong"):
        demand_of(pair_fabric(), "matrix")


def test_every_mistake_at_once(tmp_path):
    file = tmp_path / "m.csv"
    file.write_text("src,dst,gbps\nx,b-h0,1\na-h0,b-h0,0\na-h0\n")
    with pytest.raises(InputError) as caught:
        demand_of(pair_fabric(), f"matrix:file={file}")
    assert [p.line for p in caught.value.problems] == [2, 3, 4]


def test_names():
    assert {"all-to-all", "permutation", "shift", "hot-spot", "longest-matching", "matrix"} <= set(traffics.names())
    with pytest.raises(InputError, match="unknown traffic"):
        demand_of(pair_fabric(), "all2all")
