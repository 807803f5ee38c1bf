"""Every registered kind of certificate against an adversary: false claims made by hand, all refused, and altered
certificates by the thousand, of which those that verify say what is true."""

from __future__ import annotations

import copy
from collections.abc import Callable
from itertools import islice
from typing import Any

import networkx as nx
import pytest

import topo
from tests.certificates.adversary import HONEST, NAMES, Certificate, fabric_of, honest, mutants, truth
from tests.slow import slow
from topo.analysis.failures import failures_proof, single_failures
from topo.certificates.verify import kinds
from topo.errors import CertificateError
from topo.fabric import Fabric
from topo.importers.networkx_graph import from_networkx

KINDS = kinds.names()
BIG = 2**62 - 1


def put(*path_and_value: Any) -> Callable[[Certificate], Certificate]:
    """An entry put in the place of another."""
    *path, last, value = path_and_value

    def edit(good: Certificate) -> Certificate:
        inner = found = copy.deepcopy(good)
        for key in path:
            inner = inner[key]
        inner[last] = value(inner[last]) if callable(value) else value
        return found

    return edit


def less(*path: Any) -> Callable[[Certificate], Certificate]:
    """An entry taken away."""

    def edit(good: Certificate) -> Certificate:
        inner = found = copy.deepcopy(good)
        for key in path[:-1]:
            inner = inner[key]
        del inner[path[-1]]
        return found

    return edit


def both(*edits: Callable[[Certificate], Certificate]) -> Callable[[Certificate], Certificate]:
    def edit(good: Certificate) -> Certificate:
        for one in edits:
            good = one(good)
        return good

    return edit


def doubled(text: str) -> str:
    """A fraction of twice the value."""
    above, _, below = text.partition("/")
    return f"{2 * int(above)}/{below or 1}"


def claims(*keys: str) -> list[Callable[[Certificate], Certificate]]:
    """Bounds of a throughput better than they are, of another type, or left out, so that nothing bounds it."""
    edits = [put("claim", key, doubled) for key in ("lower", "network_lower")]
    edits += [put("claim", key, "1/1000000") for key in ("upper", "network_upper")]
    edits += [less("claim", key) for key in ("lower", "network_lower")]
    return [*edits, *(put("claim", "lower", value) for value in (True, 1, 1.0, "1e3", None, "1/0", "nan", [1]))]


def labels(**question: str) -> list[Callable[[Certificate], Certificate]]:
    """Other questions than the one that was answered."""
    return [put("question", key, value) for key, value in question.items()]


LOST = [put("without", {"links": [0]}), put("without", {"devices": ["0"]}), put("without", {"links": [False]})]
"""The certificate of a whole fabric, said to be about one that has lost something."""
FORGED: dict[str, list[Callable[[Certificate], Certificate]]] = {
    "bisection": [
        put("lower", lambda units: units + 1),
        put("upper", lambda units: units - 1),
        both(put("lower", lambda units: 2 * units), put("upper", lambda units: 2 * units)),
        put("unit_gbps", lambda unit: f"{2 * int(unit)}"),
        put("lower", True),
        put("lower", BIG),
        put("share", "lower", doubled),
        put("share", "upper", "1/1000000"),
        put("hosts", []),
        put("bounds", []),
    ],
    "collective": [
        put("claim", "algbw_gbps", "1/2"),
        put("operation", "all-gather"),
        put("relays", 1),
        put("root", 0),
        put("blocks", lambda runs: [BIG, *runs[1:]]),
        put("blocks", lambda runs: [10**9, *runs[1:]]),
        put("blocks", lambda runs: [runs[0], BIG, *runs[2:]]),
        put("ranks", lambda runs: [runs[0], runs[1] - 1]),
    ],
    "collective-trees": [
        put("claim", "algbw_gbps", doubled),
        put("scale", lambda scale: max(scale // 2, 1) if scale > 1 else 2),
        put("each", lambda each: 2 * each),
        put("trees", lambda trees: trees[1:]),
        put("trees", 0, "times", lambda times: times + 1),
        put("trees", 0, "times", True),
        put("trees", 0, "paths", lambda paths: paths[1:]),
        put("trees", 0, "paths", 0, lambda path: [path[0], path[-1]]),
        put("trees", lambda trees: [{**trees[0], "more": 1}, *trees[1:]]),
        put("operation", "broadcast"),
        put("root", 0),
    ],
    "connected": [
        put("claim", "endpoints", 1),
        put("claim", "endpoints", False),
        put("claim", "endpoints", 0.0),
        put("claim", "endpoints", "0"),
        put("claim", "endpoints", -1),
        put("claim", {}),
        less("claim"),
        put("fabric", "another"),
        put("network", "storage"),
        put("without", {"links": [2]}),
    ],
    "cut": [
        put("capacity", lambda units: units + 1),
        put("capacity", lambda units: units - 1),
        put("capacity", True),
        both(put("capacity", lambda units: 2 * units), put("flow", lambda flow: [2 * x for x in flow])),
        put("unit_gbps", lambda unit: f"{2 * int(unit)}"),
        put("flow", lambda flow: [BIG] * len(flow)),
        put("flow", lambda flow: [-x for x in flow]),
        put("flow", lambda flow: [float(x) for x in flow]),
        put("flow", lambda flow: [bool(x) for x in flow]),
        put("flow", lambda flow: [0] * len(flow)),
        put("flow", lambda flow: flow[1:]),
        put("side_a", []),
        lambda good: {**good, "hosts_a": good["hosts_b"], "hosts_b": good["hosts_a"]},
        lambda good: {**good, "hosts_b": good["hosts_a"]},
        lambda good: {**good, "hosts_a": []},
        put("hosts_a", [0, 1, 0, 1]),
        put("hosts_a", [0, BIG]),
        less("flow"),
        put("without", {"links": [0]}),
    ],
    "draws": [
        put("claim", "lower", 0, doubled),
        put("claim", "cut_off", 0, lambda many: many + 1),
        put("claim", "cut_off", 0, False),
        put("question", "seeds", 0, lambda seed: seed + 7),
        put("question", "seeds", 1, 1),
        put("question", "seeds", 1, True),
        put("question", "count", 2),
        put("question", "draws_that_count", 3),
        put("question", "what", "switch"),
        put("draws", 0, "without", {"links": []}),
        less("draws", 0, "proof"),
        *labels(routing="spray", traffic="permutation"),
        put("without", {"links": [0]}),
    ],
    "ecmp": [*claims(), *labels(routing="ecmp:seeds=3", traffic="shift:k=1"), put("question", "seeds", [2, 2]), *LOST],
    "failures": [
        put("claim", "lower", doubled),
        put("claim", "upper", "1/1000000"),
        put("claim", "cut_off", lambda many: many - 1),
        put("claim", "cut_off", True),
        put("claim", "hosts_cut_off", lambda many: many - 1),
        less("claim", "lower"),
        put("question", "what", "nic"),
        put("question", "what", "plane"),
        put("question", "what", "host"),
        *labels(routing="spray", traffic="gpu-all-to-all"),
        put("cables", "0" * 64),
        put("representatives", lambda many: many[1:]),
        put("representatives", lambda many: [{**one, "without": many[0]["without"]} for one in many]),
        put("representatives", lambda many: [{**one, "proof": many[0]["proof"]} for one in many]),
        put("representatives", 0, "without", {"links": []}),
        put("representatives", 0, "proof", "without", {"links": []}),
        less("representatives", 0, "proof"),
        less("representatives", 0, "proof", "without"),
        put("generators", [{"moved": [0, 4], "to": [4, 0]}]),
        put("generators", [{"moved": [0, 0], "to": [0, 0]}]),
        put("generators", [{"moved": [0, 1, 2, 3, 4], "to": [1, 2, 3, 4, 0]}]),
        put("generators", [{"moved": [False, True], "to": [True, False]}]),
        put("without", {"links": []}),
        put("without", {"links": [0]}),
    ],
    "hops": [
        put("claim", "max", 1),
        put("claim", "max", lambda most: most + 1),
        put("claim", "max", True),
        put("claim", "max", "3"),
        put("claim", "mean", "1"),
        put("claim", "mean", 1),
        less("claim", "mean"),
        less("claim", "max"),
        put("claim", {}),
        put("claim", lambda claim: {**claim, "min": 1}),
        put("switch_graph", "0" * 64),
        less("switch_graph"),
        put("network", "storage"),
        *LOST,
    ],
    "lanes": [
        put("claim", "lanes", 1),
        put("claim", "lanes", True),
        both(put("claim", "lanes", 1), put("claim", "least", 1)),
        put("method", "fixed"),
        put("question", "paths", "tables"),
        *labels(routing="static"),
        *LOST,
    ],
    "permutations": [*claims(), *labels(routing="spray:split=next-hop", traffic="permutation"), less("shown"), *LOST],
    "rerouted": [
        put("claim", "lower", doubled),
        put("claim", "upper", "1/1000000"),
        put("detours", lambda many: many[1:]),
        put("detours", 0, "flow", lambda flow: [x * (2 if i % 3 == 2 else 1) for i, x in enumerate(flow)]),
        put("detours", 0, "to", lambda to: (to + 1) % 5),
        put("generators", [{"moved": [0, 4], "to": [4, 0]}]),
        put("question", "what", "cable"),
        less("intact", "switch_graph"),
        *labels(routing="spray", traffic="shift:k=1"),
        put("without", {"links": [0]}),
    ],
    "spray": [*claims(), *labels(routing="spray:split=next-hop", traffic="shift:k=2", split="next-hop"), *LOST],
    "static": [*claims(), *labels(routing="spray", traffic="permutation:seed=4"), less("tables"), *LOST],
    "steady": [
        put("claim", "lower", doubled),
        put("claim", "upper", "1/1000000"),
        less("claim", "lower"),
        less("claim", "upper"),
        put("claim", "upper", True),
        put("question", "families", 0, "unavailable", 0.5),
        put("question", "families", 0, "unavailable", 1.0),
        put("question", "families", 0, "unavailable", True),
        put("question", "families", 0, "sets", []),
        put("question", "families", lambda many: [*many, *many]),
        put("question", "draws", [0, 1, 1, 9]),
        put("question", "draws", [0, 0, 0]),
        put("question", "draws", [0, 2, 1, 0]),
        *labels(routing="spray", traffic="permutation"),
        put("strata", "up_to", 2),
        put("strata", "up_to", True),
        put("strata", "firsts", ["x"]),
        put("strata", "firsts", [{"without": {"links": [0]}, "generators": []}]),
        put("strata", "generators", [{"moved": [0, 1], "to": [1, 0]}]),
        put("patterns", lambda many: many[1:]),
        put("patterns", lambda many: [*many, many[0]]),
        put("patterns", lambda many: [{**one, "proof": many[0]["proof"]} for one in many]),
        put("patterns", 1, "without", {"links": [], "devices": []}),
        less("patterns", 0, "proof"),
        less("patterns", 1, "proof", "without"),
        put("without", {"links": []}),
        put("without", {"links": [0]}),
    ],
    "throughput": [*claims(), *labels(routing="adaptive:paths=minimal", traffic="gpu-all-to-all"), *LOST],
    "together": [
        put("claim", "lower", doubled),
        put("claim", "upper", "1/1000000"),
        put("claim", "cut_off", 99),
        put("claim", "cut_off", True),
        put("claim", "hosts_cut_off", lambda n: n + 1),
        less("claim", "lower"),
        put("question", "pairs", 1),
        put("question", "pairs", None),
        put("question", "of", "one"),
        put("question", "families", 0, "sets", []),
        put("question", "families", []),
        put("question", "families", 0, "unavailable", 0.5),
        *labels(routing="ecmp", traffic="permutation"),
        put("firsts", lambda many: many[1:]),
        put("question", "families", 0, "sets", 0, "devices", lambda names: [*names, "nobody"]),
        put("firsts", lambda many: [*many, many[0]]),
        put("firsts", lambda many: [*many, {"without": {"links": [10**6]}, "generators": []}]),
        put("firsts", 0, "generators", [{"moved": [0, 1], "to": [1, 1]}]),
        put("generators", [{"moved": [0, 1], "to": [1, 1]}]),
        put("patterns", lambda many: many[1:]),
        put("patterns", lambda many: [*many, many[0]]),
        put("patterns", lambda many: [{**one, "proof": many[0]["proof"]} for one in many[::-1]]),
        put("patterns", 0, "without", {"links": [], "devices": []}),
        less("patterns", 0, "proof"),
        put("without", {"links": [0]}),
    ],
    "wcmp": [*claims(), *labels(routing="wcmp:entries=2", traffic="shift:k=1"), put("question", "entries", 2), *LOST],
    "worst-permutation": [
        put("prices", 0, "of", lambda of: [-1, *of[1:]]),
        put("prices", 0, "of", lambda of: [BIG, *of[1:]]),
        put("prices", 0, "of", lambda of: [True, *of[1:]]),
        put("prices", 0, "of", lambda of: of[1:]),
        put("prices", 0, "of", lambda of: [float(x) for x in of]),
        put("prices", 0, "arc", [0, 4]),
        put("prices", lambda many: [many[0], many[0]]),
        put("prices", None),
        put("generators", [{"moved": [0, 4], "to": [4, 0]}]),
        put("generators", [{"moved": [0, 1], "to": [1, 1]}]),
        put("network_lower", "1"),
        put("claim", {"network_lower": "1"}),
        put("question", {"traffic": "worst-permutation", "routing": "adaptive"}),
        put("switch_graph", "0" * 64),
        *LOST,
    ],
}


def test_every_kind_has_an_adversary() -> None:
    """A kind that is registered has an honest maker, and forgeries of claim, label, number, type and part."""
    assert set(KINDS) == set(HONEST) == set(FORGED)
    assert all(len(edits) >= 7 for edits in FORGED.values())


@pytest.mark.parametrize("kind", KINDS)
def test_false_claims_are_refused(kind: str) -> None:
    fabric, another = fabric_of(NAMES[kind]), fabric_of(NAMES[kind], slower=True)
    good = honest(NAMES[kind], kind)
    refuse_falsehood(fabric, good)
    for i, edit in enumerate(FORGED[kind]):
        with pytest.raises(CertificateError):
            print(i, topo.verify_certificate(fabric, edit(good)).statement)
    for key, value in (("kind", "another"), ("network", "storage"), ("network", 0), ("more", 1), ("without", [])):
        with pytest.raises(CertificateError):
            topo.verify_certificate(fabric, {**good, key: value})
    if "switch_graph" in good:
        with pytest.raises(CertificateError, match="another fabric"):
            topo.verify_certificate(another, good)
    refuse_falsehood(another, good)


def refuse_falsehood(fabric: Fabric, certificate: Certificate) -> bool:
    """Whether a certificate verifies; what it then proves is true."""
    try:
        proved = topo.verify_certificate(fabric, certificate)
    except CertificateError:
        return False
    known = truth(fabric, proved)
    for key, value in proved.bounds.items():
        if key not in known:
            continue
        low, high = known[key]
        slack = 1e-6 * abs(high) + 1e-9
        if not key.endswith("upper"):
            assert value <= high + slack, (proved, known)
        if not key.endswith("lower"):
            assert value >= low - slack, (proved, known)
    return True


@pytest.mark.parametrize("many", [10, slow(40)])
@pytest.mark.parametrize("kind", KINDS)
def test_what_verifies_of_altered_certificates_is_true(kind: str, many: int) -> None:
    hammered(kind, NAMES[kind], many, 1)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_what_verifies_of_many_altered_certificates_is_true(kind: str) -> None:
    for name in {NAMES[kind], "ring" if NAMES[kind] == "odd" else NAMES[kind]}:
        hammered(kind, name, 500, 2)


def hammered(kind: str, name: str, many: int, seed: int) -> None:
    fabric = fabric_of(name)
    good = honest(name, kind)
    others = [honest(name, kind, slower=True)]
    others += [honest(name, other) for other in KINDS if NAMES[other] in (NAMES[kind], name) and other != kind][::3]
    for forged in islice(mutants(good, others, seed), many):
        refuse_falsehood(fabric, forged)


@pytest.mark.sampled(3)
@pytest.mark.parametrize("what", ["cable", "nic", "host", "switch"])
@pytest.mark.parametrize("name", ["odd", "ring"])
def test_failures_of_every_kind(what: str, name: str) -> None:
    """Representatives exchanged, left out or about something else, whatever fails; what verifies is true."""
    fabric = fabric_of(name)
    good = failures_proof(fabric, 0, single_failures(fabric, [what], 0, routing="spray"))
    assert good is not None
    assert refuse_falsehood(fabric, good)
    for forged in islice(mutants(good, [honest(name, "failures")], 5), 20):
        refuse_falsehood(fabric, forged)


def test_permutations_that_tear_planes_or_parts() -> None:
    """Two planes, one of them in two parts: the loss of no switch is that of every other."""
    graph = nx.Graph()
    for plane, edges in ((0, [(0, 1), (1, 2)]), (1, [(3, 4)])):
        for a, b in edges:
            graph.add_edge(a, b, gbps=400)
            graph.nodes[a].update(plane=plane, endpoints=1)
            graph.nodes[b].update(plane=plane, endpoints=1)
    graph.add_node(5, plane=1, endpoints=1)
    fabric = from_networkx(graph)
    good = failures_proof(fabric, 0, single_failures(fabric, ["switch"], 0))
    assert good is not None
    topo.verify_certificate(fabric, good)
    for moved, to in (([0, 3], [3, 0]), ([0, 1, 2, 3, 4, 5], [3, 4, 5, 0, 1, 2]), ([4, 5], [5, 4]), ([0, 1], [1, 0])):
        for kept in (good["representatives"], good["representatives"][:1], good["representatives"][1:]):
            forged = {**good, "generators": [{"moved": moved, "to": to}], "representatives": kept}
            with pytest.raises(CertificateError):
                topo.verify_certificate(fabric, forged)
