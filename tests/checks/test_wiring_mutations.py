"""Every wiring check can fail, at random places of every family, and names the device and port at fault. Twenty places
each are tried in the slow target, two of them by default."""

from __future__ import annotations

from dataclasses import replace

import networkx as nx
import numpy as np
import pytest

from tests.slow import slow
from topo.checks import wiring_checks
from topo.checks.run import run_wiring
from topo.fabric import Fabric

from . import flat_mutations  # noqa: F401
from .cases import intact
from .positions import Places
from .wiring_mutations import FLAT, MUTATIONS

PAIRS = [(name, case) for name, mutation in MUTATIONS.items() for case in mutation.cases]


@pytest.mark.sampled(255)
@pytest.mark.parametrize(("name", "case"), PAIRS, ids=[f"{name}-in-{case}" for name, case in PAIRS])
@pytest.mark.parametrize("seeds", [range(2), slow(range(2, 20))], ids=["few", "more"])
def test_one_mistake_is_named_and_nothing_else_fires(name: str, case: str, seeds: range) -> None:
    mutation, context = MUTATIONS[name], intact(case)
    expected = mutation.instead.get(case, mutation.fires)
    for seed in seeds:
        mistake = mutation.make(Places(context.fabric, np.random.default_rng(seed)))
        found = run_wiring(replace(context, fabric=mistake.fabric))
        fired = {finding.code for finding in found}
        if case in FLAT:
            longer = longest_path(mistake.fabric) > context.counts["compute"].max_hops
            assert ("path-length" in fired) == longer
            fired.discard("path-length")
        assert fired == (expected - {"bundles"} if mistake.alone else expected), (
            f"seed {seed}: {[f.message for f in found]}"
        )
        for code, labels in mistake.named.items():
            mine = [set(f.where) for f in found if f.code == code]
            assert any(labels <= where for where in mine), f"seed {seed}: {code} names {mine}, not {labels}"


def longest_path(fabric: Fabric) -> int:
    """Switches on the longest shortest path between two endpoints, by networkx."""
    sound = np.isin(fabric.links.b, np.arange(len(fabric.ports)))
    links = fabric.links.rows(sound)
    a, b = fabric.ports.device[links.a], fabric.ports.device[links.b]
    between = links.active & ~fabric.is_host[a] & ~fabric.is_host[b]
    graph = nx.Graph(zip(a[between].tolist(), b[between].tolist(), strict=True))
    used = set(b[fabric.is_host[a] & links.active].tolist()) | {-1}
    steps = dict(nx.all_pairs_shortest_path_length(graph))
    return 1 + max((d for s, near in steps.items() if s in used for t, d in near.items() if t in used), default=0)


def test_every_wiring_check_has_a_mutation_that_makes_it_fire() -> None:
    fired = {code for mutation in MUTATIONS.values() for code in mutation.fires.union(*mutation.instead.values())}
    assert set(wiring_checks.names()) - fired == {"subnet-size"}
