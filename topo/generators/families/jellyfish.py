"""Jellyfish: a random regular graph of switches.

Singla, Hong, Popa, Godfrey, "Jellyfish: Networking Data Centers Randomly", NSDI 2012: n switches with p endpoints and r
links each, joined at random; n r must be even and r below n. The graph is drawn by networkx (Steger and Wormald, 1999)
from a stated seed, and drawn again while it is not connected.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache, partial
from random import Random
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from topo.catalog import Catalog
from topo.catalog.models import Count
from topo.errors import ParameterError
from topo.fabric import Fabric, Origin
from topo.fabric.model import BoolArray, IntArray
from topo.generators.family import Attached, Counts, Family, Wiring, families
from topo.generators.flat import (
    DENSE,
    Cited,
    FlatLinks,
    FlatNames,
    FlatParams,
    Radix,
    check_room,
    flat_counts,
    longest_path,
    numbered,
    radix,
    wire_flat,
)
from topo.generators.layout import Split
from topo.generators.rule import AtMost, SwitchLinks, once
from topo.units import amount, verb

SOURCE = "Singla et al., Jellyfish, NSDI 2012"
ENOUGH = "at least 2 links per switch, better 3"
"""Links that make a random graph one."""
DRAWS = 100
"""Random graphs of degree 3 and more are connected nearly always; of degree 1 and 2 hardly ever."""


class JellyfishParams(FlatParams):
    """Keys of a random regular graph."""

    SIZES = ("switches",)

    family: Literal["jellyfish"]
    switches: Annotated[int, Field(ge=2, le=100_000)] | None = Field(
        None, description="how many switches; default: the fewest that hold the endpoints"
    )
    p: Count | None = Field(None, description="endpoints per switch; default: a third of the ports")
    r: Count | None = Field(None, description="links per switch; default: every port that is left")
    seed: Annotated[int, Field(ge=0, lt=2**63)] = Field(0, description="seed of the random graph")


@dataclass(frozen=True)
class _Shape:
    switches: int
    r: int
    ports: Split
    radix: Radix


def _shape(params: JellyfishParams, ends: Attached, catalog: Catalog) -> _Shape:
    sizes = radix(params, ends, catalog)
    p = params.p or max(1, sizes.most_endpoints(0) // 3)
    most = sizes.most_links(p)
    if most < 1:
        message = f"leaves no port of {params.switch} for a link"
        raise ParameterError("p", p, message, f"at most {_most(sizes, params.r):,}")
    n = params.switches or max(2, -(-len(ends) // p))
    if params.r is None:
        r = min(most, n - 1)
        n += 0 if params.switches else n * r % 2
        r -= n * r % 2
    else:
        r = params.r
        n = max(n, r + 1) if params.switches is None else n
        n += 0 if params.switches else n * r % 2
    ports = sizes.needed(p, r, "r", r, lambda: f"at most {most:,}")
    if r >= n:
        raise ParameterError(
            "r",
            r,
            f"{amount(n, 'switch')} {verb(n, 'have')} at most {amount(n - 1, 'other')} to join",
            f"at most {n - 1:,}",
        )
    if r == 1 and n > 2:
        raise ParameterError("r", r, f"one link a switch does not join {amount(n, 'switch')}", ENOUGH)
    if n * r % 2 or r < 1:
        raise ParameterError(
            "switches", n, f"an odd number of switches cannot have {amount(r, 'link')} each", f"{n - 1:,} or {n + 1:,}"
        )
    check_room(ends, n, p)
    return _Shape(n, r, ports, sizes)


def _most(sizes: Radix, r: int | None) -> int:
    """The most endpoints beside `r` links, beside one where so many leave no room."""
    return max(sizes.most_endpoints(r or 1), 0) or sizes.most_endpoints(1)


@lru_cache(maxsize=2)
def _links(n: int, r: int, seed: int) -> FlatLinks:
    import networkx as nx

    random = Random(seed)
    for _ in range(DRAWS):
        graph = nx.random_regular_graph(r, n, seed=random)
        if nx.is_connected(graph):
            ends = np.sort(np.array(graph.edges, dtype=np.int64).reshape(-1, 2), axis=1)
            return numbered(ends[:, 0], ends[:, 1], np.zeros(len(ends), np.int64), ("switch",))
    raise ParameterError("r", r, f"none of {DRAWS:,} random graphs was connected", ENOUGH)


def _wire(params: JellyfishParams, ends: Attached, catalog: Catalog, prefix: str) -> Wiring:
    shape = _shape(params, ends, catalog)
    rows = np.arange(shape.switches)
    names = FlatNames([f"{prefix}sw-{i:04d}" for i in rows.tolist()], np.full(shape.switches, -1), rows)
    links = _links(shape.switches, shape.r, params.seed)
    sizes = (("switches", shape.switches), ("r", shape.r))
    return wire_flat(names, shape.ports, ends, links, sizes)


def _counts(params: JellyfishParams, ends: Attached, catalog: Catalog, measured: bool = True) -> Counts:
    shape = _shape(params, ends, catalog)
    links = {"switch": shape.switches * shape.r // 2}
    known = 2 if shape.r == shape.switches - 1 else None
    hops = 0
    if shape.switches <= DENSE:
        hops = longest_path(
            ends,
            shape.switches,
            shape.ports.down,
            lambda: _links(shape.switches, shape.r, params.seed),
            known,
            measured=measured,
        )
    formula = "switches n, links n r/2; the longest path is measured on the drawn graph"
    return flat_counts(shape.switches, links, shape.ports, ends, hops, Cited(formula, SOURCE))


def _symmetries(fabric: Fabric, network: int) -> list[IntArray]:
    """A random graph has none."""
    return []


def _rule(links: SwitchLinks, origin: Origin) -> tuple[BoolArray, list[AtMost]]:
    """No two links join the same switches."""
    every = np.ones(len(links.u), dtype=np.bool_)
    return every, [once(links, every)]


families.add(
    "jellyfish",
    Family(
        "random regular graph",
        JellyfishParams,
        _wire,
        _counts,
        _symmetries,
        partial(_counts, measured=False),
        rule=_rule,
    ),
)
