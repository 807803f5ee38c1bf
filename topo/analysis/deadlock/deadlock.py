"""Deadlock: is the channel dependency graph of a routing free of cycles, and how many virtual lanes suffice?

A channel is one direction of a link; channel d depends on channel c where a packet may hold c and wait for d. Without a
cycle no deadlock is possible (W. J. Dally, C. L. Seitz, "Deadlock-free message routing in multiprocessor
interconnection networks", IEEE Trans. Computers 1987). `adaptive`, `spray` and `ecmp` may take every shortest path, so
all of them count; `static` takes those of its tables.

Lanes that suffice, the fewest of:
- `acyclic`: one lane, and no fewer do.
- `lane per hop`: the n-th link of a path in lane n; as many lanes as the longest path has links.
- `lane per turn`: the switches are ordered, a channel goes up where it leads to an earlier switch; a packet takes the
  next lane at every turn from down to up. Within a lane packets go up, then down, which has no cycle (up*/down*, M. D.
  Schroeder et al., Autonet, 1991), and lanes only rise. Orders tried: by tier from the top, and by distance from the
  switch of most links.
Beside it stands what suffices where a packet must keep its lane, as InfiniBand's service levels have it: `fixed_lanes`
with one lane for each pair of switches. Pair by pair, all paths go into the first lane whose dependencies they leave
free of cycles (T. Skeie, O. Lysne, I. Theiss, "Layered shortest path (LASH) routing in irregular system area networks",
IPDPS 2002).

The fewest lanes of any method are NP-hard to find; `minimum` is given only where it is proved: one lane without cycles,
two where an oblivious routing has a cycle and two suffice (a cycle of an oblivious routing can fill up).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from topo.analysis.network import SwitchNetwork, switch_network
from topo.analysis.routing import Channels, channels_of
from topo.analysis.routing.channels import channel_names
from topo.analysis.routing.rules.static import static_tables
from topo.analysis.routing.tables import ForwardingTables
from topo.analysis.spec import split_spec
from topo.errors import ParameterError
from topo.fabric import LEAF, Fabric
from topo.fabric.model import BoolArray, IntArray

Words = npt.NDArray[np.uint64]

ALL_SHORTEST = ("adaptive", "ecmp", "spray", "wcmp")
MOST_LANES = 16
"""InfiniBand knows 15 data lanes, Ethernet 8 classes: more would be of no use."""
MOST_WORK = 2_000_000_000
"""Steps after which no fixed lanes are sought any more, some seconds."""
MOST_ENTRIES = 1 << 26
"""Entries of forwarding tables for which fixed lanes are sought."""


@dataclass(frozen=True)
class Deadlock:
    """Whether a routing can deadlock.

    `cycle` names one circle of channels, each "device port -> device port", empty where there is none. `lanes` virtual
    lanes suffice by `method`; `minimum` is the proved least number, None where it is not known. `fixed_lanes` suffice
    with one fixed lane per pair of switches; None where that was too much to find. `order` (switches,) is the order of
    `lane per turn`, `fixed` the lanes of each pair, where these were sought.
    """

    routing: str
    acyclic: bool
    cycle: tuple[str, ...]
    lanes: int
    method: str
    minimum: int | None
    channels: int
    dependencies: int
    fixed_lanes: int | None = None
    order: IntArray | None = field(default=None, compare=False, repr=False)
    fixed: FixedLanes | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True)
class FixedLanes:
    """`lanes` virtual lanes suffice where packets from switch s to switch dest[j] (rows of the network) stay in lane
    lane[s, j], -1 where s sends nothing."""

    lanes: int
    dest: IntArray
    lane: IntArray


def deadlock(
    fabric: Fabric, network: str | int = 0, routing: str = "spray", tables: ForwardingTables | None = None
) -> Deadlock:
    """The answer for one network; `tables` replaces those that `static` would make. Raises ParameterError for a routing
    whose paths are not known."""
    net = switch_network(fabric, network)
    channels = channels_of(fabric, net)
    orders = [order for order in (_by_tier(fabric, net), _by_distance(net)) if order is not None]
    up = np.array([order[channels.head] < order[channels.tail] for order in orders]).reshape(len(orders), -1)
    after = np.zeros((len(channels), max(-(-int(channels.degree.max(initial=0)) // 64), 1)), dtype=np.uint64)
    most = np.zeros(1 + len(orders), dtype=np.int64)
    name, values = split_spec(routing, "routing")
    if tables is not None or name == "static":
        _from_tables(tables or static_tables(fabric, network, values.get("rule", "auto")), channels, up, after, most)
    elif name in ALL_SHORTEST:
        _from_shortest(net, channels, up, after, most)
    else:
        raise ParameterError("routing", routing, "has no known paths", ", ".join((*ALL_SHORTEST, "static")))
    result = _judged(fabric, channels, routing, after, most, orders)
    if name != "adaptive" and result.lanes == 2:
        result = replace(result, minimum=2)
    if result.acyclic:
        return replace(result, fixed_lanes=1)
    fixed = fixed_lanes(fabric, network, routing, tables)
    return result if fixed is None else replace(result, fixed_lanes=fixed.lanes, fixed=fixed)


def fixed_lanes(
    fabric: Fabric,
    network: str | int = 0,
    routing: str = "spray",
    tables: ForwardingTables | None = None,
    most_work: int | None = None,
) -> FixedLanes | None:
    """One virtual lane for each pair of switches such that no lane has a circle of dependencies; None where more than
    MOST_LANES lanes, or `most_work` steps (MOST_WORK by default), would be needed. Arguments as of `deadlock`."""
    from topo.analysis.routing.lane_kernel import place_pairs

    net = switch_network(fabric, network)
    channels = channels_of(fabric, net)
    sends = net.endpoints_at > 0
    dest, rows = np.flatnonzero(sends), np.zeros((0, net.switches), dtype=np.int64)
    name, values = split_spec(routing, "routing")
    if tables is not None or name == "static":
        used = tables or static_tables(fabric, network, values.get("rule", "auto"))
        if float(len(net.at)) * net.switches > MOST_ENTRIES:
            return None
        order = np.argsort(net.at, kind="stable")
        dest, rows = net.at[order].astype(np.int64), used.channel_rows(order).astype(np.int64)
    words = max(-(-int(channels.degree.max(initial=0)) // 64), 1)
    place = _up_then_down(net, channels)
    lane = np.full((net.switches, len(dest)), -1, dtype=np.int64)
    lanes = place_pairs(
        channels.start, channels.head, dest, sends, rows,
        np.zeros((MOST_LANES, len(channels), words), dtype=np.uint64),
        np.tile(place, (MOST_LANES, 1)), np.tile(np.argsort(place), (MOST_LANES, 1)), most_work or MOST_WORK, lane,
    )  # fmt: skip
    if not lanes:
        return None
    kept = np.unique(dest, return_index=True)[1]
    return FixedLanes(int(lanes), dest[kept], lane[:, kept])


def _up_then_down(net: SwitchNetwork, channels: Channels) -> IntArray:
    """Shape (channels,): an order in which paths that go up, then down by distance from the switch of most links always
    move on."""
    place = _by_distance(net)
    tail, head = place[channels.tail], place[channels.head]
    up = head < tail
    order = np.lexsort((np.where(up, -tail, tail), ~up))
    return np.argsort(order)


def _from_shortest(net: SwitchNetwork, channels: Channels, up: BoolArray, after: Words, most: IntArray) -> None:
    from topo.analysis.routing.dependency_kernel import shortest_dependencies

    sends = net.endpoints_at > 0
    shortest_dependencies(channels.start, channels.head, np.flatnonzero(sends), sends, up, after, most)


def _from_tables(used: ForwardingTables, channels: Channels, up: BoolArray, after: Words, most: IntArray) -> None:
    from topo.analysis.routing.dependency_kernel import table_dependencies

    net = used.network
    for block in used.blocks():
        rows = np.ascontiguousarray(used.channel_rows(block))
        at = net.at[block].astype(np.int64)
        table_dependencies(channels.start, channels.head, at, net.endpoints_at > 0, up, rows, after, most)


def _judged(
    fabric: Fabric, channels: Channels, routing: str, after: Words, most: IntArray, orders: list[IntArray]
) -> Deadlock:
    """Whether there is a circle, and lanes that are enough; the least number is known for one lane alone."""
    from topo.analysis.routing.dependency_kernel import unsorted_channels

    waiting = np.zeros(len(channels), dtype=np.int64)
    dependencies = int(unsorted_channels(channels.start, channels.head, after, waiting))
    acyclic = not bool((waiting > 0).any())
    if acyclic:
        return Deadlock(routing, True, (), 1, "acyclic", 1, len(channels), dependencies)
    turned = zip(most[1:].tolist(), orders, strict=True)
    ways = [(int(most[0]), "lane per hop", None), *((1 + turns, "lane per turn", order) for turns, order in turned)]
    lanes, method, order = min(ways, key=lambda way: way[0])
    cycle = _cycle(channels, after, waiting > 0)
    names = tuple(f"{a} {b} -> {c} {d}" for a, b, c, d in channel_names(fabric, channels, cycle))
    return Deadlock(routing, False, names, lanes, method, None, len(channels), dependencies, order=order)


def _cycle(channels: Channels, after: Words, left: BoolArray) -> IntArray:
    """A circle of channels, each depending on the one before, found backwards from the first that is left."""
    seen: dict[int, int] = {}
    result: list[int] = []
    c = int(np.flatnonzero(left)[0])
    while c not in seen:
        seen[c] = len(result)
        result.append(c)
        v = int(channels.tail[c])
        bit = c - int(channels.start[v])
        into = channels.twin[channels.start[v] : channels.start[v + 1]]
        waits = (after[into, bit >> 6] >> np.uint64(bit & 63)) & np.uint64(1)
        c = int(np.sort(into[(waits > 0) & left[into]])[0])
    return np.array(result[seen[c] :][::-1], dtype=np.int64)


def _by_tier(fabric: Fabric, net: SwitchNetwork) -> IntArray | None:
    """Shape (switches,): places in an order from the highest tier down; None where the switches have one tier."""
    tier = fabric.devices.tier[net.device]
    if len(np.unique(tier)) < 2 or bool((tier < LEAF).any()):
        return None
    return _places(-tier.astype(np.int64))


def _by_distance(net: SwitchNetwork) -> IntArray:
    """Shape (switches,): places in the order of distance from the switch of most links in each component."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import dijkstra

    from topo.analysis.demand import components

    if not net.switches:
        return np.zeros(0, dtype=np.int64)
    degree = np.bincount(net.tail, minlength=net.switches)
    most_first = np.argsort(-degree, kind="stable")
    roots = most_first[np.unique(components(net)[most_first], return_index=True)[1]]
    graph = csr_array((np.ones(2 * net.edges, dtype=np.int8), (net.tail, net.head)), shape=(net.switches,) * 2)
    far = dijkstra(graph, unweighted=True, indices=roots, min_only=True)
    return _places(far.astype(np.int64))


def _places(key: IntArray) -> IntArray:
    place = np.empty(len(key), dtype=np.int64)
    place[np.argsort(key, kind="stable")] = np.arange(len(key))
    return place
