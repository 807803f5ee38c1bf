"""When flows end: by hand on a dumbbell, and against progressive filling in fractions on hashed trees."""

from __future__ import annotations

from collections import defaultdict
from fractions import Fraction

import networkx as nx
import pytest

from topo.analysis.loads.completion import completion
from topo.api import from_networkx
from topo.design import build, parse_design
from topo.errors import InputError
from topo.exporters.formats.simgrid import routes
from topo.fabric import Fabric


def test_a_dumbbell_by_hand() -> None:
    """Two hosts on either side of one link, 100 Gb/s each: 4 flows cross it in each direction at 25 Gb/s, which leaves
    50 Gb/s of each host for its neighbour."""
    graph = nx.Graph(endpoint_gbps=100)
    graph.add_nodes_from(["x", "y"], endpoints=2)
    graph.add_edge("x", "y", gbps=100)
    found = completion(from_networkx(graph), 12.5e9, "static")
    assert found.ended == pytest.approx([2.0] * 4 + [4.0] * 8)
    assert (found.seconds, found.bound_s) == (pytest.approx(4.0), pytest.approx(4.0))


def filled(paths: list[list[int]], gbps: dict[int, Fraction]) -> dict[int, Fraction]:
    """Max-min fair rates of paths over links, in fractions."""
    rate, room, open_ = {}, dict(gbps), set(range(len(paths)))
    while open_:
        users = defaultdict(list)
        for p in sorted(open_):
            for link in paths[p]:
                users[link].append(p)
        share, link = min((room[link] / len(who), link) for link, who in users.items())
        for p in users[link]:
            rate[p] = share
            open_.discard(p)
            for other in paths[p]:
                room[other] -= share
    return rate


@pytest.mark.parametrize("family", ["ft2", "ft3"])
@pytest.mark.parametrize("routing", ["static", "ecmp:seed=4", "ecmp:seed=9"])
def test_hashed_and_static_trees_against_fractions(family: str, routing: str) -> None:
    compute = f"{{family: {family}, switch: example-switch-4}}"
    fabric = build(parse_design(f"name: t\ngpus: 8\nhost: example-host-1\nnetworks: {{compute: {compute}}}\n"))
    left, now, seconds = dict.fromkeys(range(56), Fraction(1)), Fraction(0), []
    paths, gbps = described(fabric, routing)
    while left:
        rows = sorted(left)
        rates = filled([paths[r] for r in rows], gbps)
        step = min(left[r] / rates[i] for i, r in enumerate(rows))
        now += step
        for i, r in enumerate(rows):
            left[r] -= step * rates[i]
            if not left[r]:
                del left[r]
                seconds.append(float(now))
    found = completion(fabric, 125e6, routing)
    assert found.ended == pytest.approx(seconds)
    assert found.seconds >= found.bound_s * (1 - 1e-12)
    if routing == "static":
        assert found.seconds == pytest.approx(7 / 400)
    else:
        assert found.seconds > 1.1 * 7 / 400


def described(fabric: Fabric, routing: str) -> tuple[list[list[int]], dict[int, Fraction]]:
    """Paths as numbers of directed links, and their speeds."""
    paths = [[2 * link + way for link, way in steps] for _, _, steps in routes(fabric, routing)]
    speeds = {2 * i + w: Fraction(g) for i, g in enumerate(fabric.links.gbps.tolist()) for w in (0, 1)}
    return paths, speeds


def test_routings_that_split_flows_have_no_completion() -> None:
    compute = "{family: ft2, switch: example-switch-4}"
    fabric = build(parse_design(f"name: t\ngpus: 8\nhost: example-host-1\nnetworks: {{compute: {compute}}}\n"))
    with pytest.raises(InputError, match="no fixed paths"):
        completion(fabric, 1.0, "spray")
