"""Virtual lanes that suffice against deadlock: the channel dependency graph of every lane is sorted again.

Keys: `fabric`, `network`, `switch_graph` (digest), `without` (absent for the intact fabric), `question` (`routing`, and
`paths`: `tables` for static routing, whose `tables` are those of kind `static`, else `shortest` for all shortest paths
between switches with endpoints), `method` and `claim`: `lanes` that suffice, and `least`, the number below which a
deadlock can happen.

Methods, by the lane of the n-th link of a path from switch s to switch t:
- `fixed`: lane `lane`[s, t], as bytes to every switch with endpoints in turn, base64 of what zlib compressed; lane 0
  for all where there is no `lane`. Each lane's dependencies are found and sorted topologically.
- `hop`: lane n - 1. Lanes only rise, so that the paths' length is all that is to check.
- `turn`: one more than the lane before where the path turns from down to up, a channel going up where the switch that
  it leads to has the lower place in `order`. Within a lane packets go up, then down, and lanes only rise: no circle can
  close, and that no path turns more often than there are lanes is what is checked.

`least` is 2 where one lane has a circle of dependencies, found again, under a routing that does not adapt; else 1.
"""

from __future__ import annotations

import base64
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from topo.certificates.kinds.static import tables_words, unpacked, unzipped
from topo.certificates.reading.channels import Channels, channel_by_port, channels_of
from topo.certificates.reading.flow_graph import SwitchGraph, switch_graph
from topo.certificates.reading.question import Named, only, routing_of
from topo.certificates.reading.whole import part, rows
from topo.certificates.replays.dependencies import (
    ARRIVED,
    NO_ENTRY,
    Turns,
    Ways,
    Words,
    add_by_tables,
    add_needed,
    fresh,
    longest_by_tables,
    moved,
    passing,
    refuse_gap,
    starts,
    stuck,
    turns_of,
    ways_to,
)
from topo.certificates.verify import Kind, kinds
from topo.errors import CertificateError
from topo.fabric import Fabric
from topo.fabric.joined import least_joined
from topo.fabric.model import BoolArray, IntArray

MOST_LANES = 255
"""A lane is written as one byte, and 0 stands for none."""
CELLS = 1 << 22
"""Table entries that are followed at once."""
OBLIVIOUS = ("ecmp", "spray", "static", "wcmp")


@dataclass(frozen=True)
class _Question:
    """Paths between the switches that `sends` marks, within each connected `component`: all shortest ones, or those by
    `ports` (switches, endpoints sorted by the switch that each sits `at`)."""

    channels: Channels
    turns: Turns
    sends: BoolArray
    component: IntArray
    at: IntArray
    ports: IntArray | None

    @property
    def to(self) -> IntArray:
        """The switches with endpoints."""
        return np.flatnonzero(self.sends)

    def blocks(self) -> Iterator[tuple[IntArray, IntArray]]:
        """Channels taken (switches, ends), ARRIVED or NO_ENTRY, and the switch of each end, block by block."""
        assert self.ports is not None
        channel_of = channel_by_port(self.channels)
        step = max(CELLS // max(self.channels.switches, 1), 1)
        for first in range(0, len(self.at), step):
            to = self.at[first : first + step]
            port = self.ports[:, first : first + step].astype(np.int64)
            taken = channel_of[np.arange(len(port))[:, None], np.minimum(port, channel_of.shape[1] - 1)]
            taken[port == 0] = NO_ENTRY
            taken[to, np.arange(len(to))] = ARRIVED
            wrong = taken == -1
            wrong[to, np.arange(len(to))] = False
            if wrong.any():
                raise CertificateError(
                    f"switch {int(np.nonzero(wrong)[0][0])} has no link to a switch on a port of its table"
                )
            yield taken, to

    def starting(self, to: IntArray) -> BoolArray:
        """Shape (switches, ends): who sends to ends on the switches `to`."""
        start: BoolArray = self.sends[:, None] & (self.component[:, None] == self.component[to][None, :])
        start[to, np.arange(len(to))] = False
        return start


def check(fabric: Fabric, intact: Fabric, certificate: Mapping[str, Any]) -> Mapping[str, Fraction]:
    """`upper`: lanes that suffice; `lower`: how many are needed at least, 1 or 2."""
    network = str(certificate.get("network"))
    graph = switch_graph(fabric, network)
    if certificate.get("switch_graph") != graph.digest:
        raise CertificateError("the certificate belongs to another fabric: the digest of the switch graph differs")
    routing, method = _routing(certificate), certificate.get("method")
    claim = only(part(certificate, "claim"), "the claim", ("lanes", "least"))
    question = _question(fabric, graph, routing, certificate)
    lanes, least = claim.get("lanes"), claim.get("least")
    if type(lanes) is not int or type(least) is not int or not 1 <= least <= min(lanes, 2) or lanes > MOST_LANES:
        raise CertificateError(f"lanes are a whole number from 1 to {MOST_LANES:,}, and the least of them 1 or 2")
    for key, of in (("lane", "fixed"), ("order", "turn")):
        if key in certificate and method != of:
            raise CertificateError(f"{key} says nothing of lanes by {str(method)[:80]}")
    if method == "fixed":
        _fixed(question, lanes, certificate.get("lane"))
    elif method == "hop":
        _by_hop(question, lanes)
    elif method == "turn":
        _by_turn(question, lanes, rows(certificate.get("order"), "order", question.channels.switches))
    else:
        raise CertificateError(f"no way to choose lanes is called {method!r}")
    if least == 2:
        if routing.name not in OBLIVIOUS:
            raise CertificateError("a routing that adapts may step out of a circle: one lane is not proved too few")
        if not _stuck(question, None, 0):
            raise CertificateError("one lane has no circle of dependencies, and suffices")
    return {"lower": Fraction(least), "upper": Fraction(lanes)}


def asked(fabric: Fabric, certificate: Mapping[str, Any]) -> tuple[Mapping[str, Any], str]:
    """The question that is answered; `fixed` tells that every packet keeps one lane."""
    routing, fixed = _routing(certificate), certificate.get("method") == "fixed"
    own, by = {"routing": routing.text}, f"{routing.text} routing over shortest paths"
    if routing.name == "static":
        graph = switch_graph(fabric, str(certificate["network"]))
        own, by = tables_words(fabric, graph, certificate, routing)
    kept = ", every packet in one lane" if fixed else ""
    return {**own, "fixed": fixed}, f"virtual lanes that keep {by} free of deadlock{kept}"


def _routing(certificate: Mapping[str, Any]) -> Named:
    """The routing that is asked about, whose paths are what the question says they are."""
    question = only(part(certificate, "question"), "question", ("routing", "paths"))
    routing = routing_of(question.get("routing"))
    paths = "tables" if routing.name == "static" else "shortest"
    if question.get("paths") != paths or ("tables" in certificate) != (paths == "tables"):
        raise CertificateError(f"the paths of {routing.text} routing are {paths}, and not {question.get('paths')!r}")
    return routing


def packed_lanes(lane: IntArray) -> str:
    """Lanes (switches, switches with endpoints) as a certificate holds them; -1 where nothing is sent."""
    return base64.b64encode(zlib.compress(np.maximum(lane, 0).astype(np.uint8).tobytes(), 9)).decode()


def _question(fabric: Fabric, graph: SwitchGraph, routing: Named, certificate: Mapping[str, Any]) -> _Question:
    channels = channels_of(fabric, graph)
    sends = np.bincount(graph.at, minlength=channels.switches) > 0
    at, ports = np.sort(graph.at), None
    if routing.name == "static":
        ports = unpacked(part(certificate, "tables"), channels.switches, len(at))
    component = least_joined(channels.switches, channels.tail, channels.head)
    return _Question(channels, turns_of(channels), sends, component, at, ports)


def _fixed(question: _Question, lanes: int, stated: object) -> None:
    lane = None if stated is None else _lanes(stated, question, lanes)
    for one in range(lanes if lane is not None else 1):
        left = _stuck(question, lane, one)
        if left:
            raise CertificateError(f"{left} channels of lane {one} wait in a circle, or for one that does")


def _lanes(stated: object, question: _Question, lanes: int) -> IntArray:
    """Shape (switches, switches with endpoints)."""
    shape = (question.channels.switches, len(question.to))
    if not isinstance(stated, str):
        raise CertificateError("the lanes are no text")
    raw = unzipped(stated, shape[0] * shape[1], f"lanes of {shape[0]} times {shape[1]} pairs")
    result: IntArray = np.frombuffer(raw, dtype=np.uint8).reshape(shape)
    if result.size and int(result.max()) >= lanes:
        raise CertificateError(f"a pair has lane {int(result.max())} of {lanes} that are counted from 0")
    return result


def _stuck(question: _Question, lane: IntArray | None, one: int) -> int:
    """Channels of a lane that wait in a circle or for one, where pairs have these lanes (None: all have lane 0)."""
    channels, turns = question.channels, question.turns
    needed = np.zeros(int(turns.first[-1]), dtype=np.bool_)
    if question.ports is not None:
        row = np.cumsum(question.sends) - 1
        for taken, to in question.blocks():
            sent = question.starting(to)
            if lane is not None:
                sent &= lane[:, row[to]] == one
            add_by_tables(channels, turns, taken, sent, needed)
        return stuck(channels, turns, needed)
    done = 0
    for ways in ways_to(channels, question.to):
        start = starts(ways, question.sends)
        if lane is not None:
            start &= _bits(lane[:, done : done + len(ways.to)] == one)
        done += len(ways.to)
        add_needed(channels, turns, ways, passing(channels, turns, ways, start), needed)
    return stuck(channels, turns, needed)


def _bits(marks: BoolArray) -> Words:
    """Columns as bits of words."""
    padded = np.zeros((len(marks), -(-marks.shape[1] // 64) * 64), dtype=np.bool_)
    padded[:, : marks.shape[1]] = marks
    return np.packbits(padded, axis=1, bitorder="little").view(np.dtype("<u8")).astype(np.uint64)


def _by_hop(question: _Question, lanes: int) -> None:
    if question.ports is not None:
        for taken, to in question.blocks():
            longest_by_tables(question.channels, taken, question.starting(to), lanes)
        return
    for ways in ways_to(question.channels, question.to):
        for level in ways.level[lanes + 1 :]:
            if level[question.sends].any():
                raise CertificateError(f"a shortest path has more than {lanes} links")


def _by_turn(question: _Question, lanes: int, order: IntArray) -> None:
    channels = question.channels
    if not np.array_equal(np.sort(order), np.arange(channels.switches)):
        raise CertificateError("the switches' order does not have each of them once")
    up = order[channels.head] < order[channels.tail]
    if question.ports is not None:
        for taken, to in question.blocks():
            _turns_by_tables(question, taken, question.starting(to), up, lanes)
        return
    for ways in ways_to(channels, question.to):
        _turns_by_shortest(question, ways, up, lanes)


def _turns_by_shortest(question: _Question, ways: Ways, up: BoolArray, lanes: int) -> None:
    """Packets that came up to a switch (or start there) and that came down to it, by their lane: bits of where to."""
    channels, turns = question.channels, question.turns
    nothing = np.zeros_like(ways.level[0])
    rising = [starts(ways, question.sends), *(nothing.copy() for _ in range(lanes))]
    falling = [nothing.copy() for _ in range(lanes)]
    rises, falls = ways.onward.copy(), ways.onward.copy()
    rises[~up], falls[up] = 0, 0
    for level in ways.level[:0:-1]:
        for lane in range(lanes):
            here, down = rising[lane] & level, falling[lane] & level
            if here.any():
                moved(turns, rises & here[channels.tail], rising[lane])
            if down.any():
                moved(turns, rises & down[channels.tail], rising[lane + 1])
            both = here | down
            if both.any():
                moved(turns, falls & both[channels.tail], falling[lane])
    if rising[lanes].any():
        raise CertificateError(f"a shortest path turns from down to up more than {lanes - 1} times")


def _turns_by_tables(question: _Question, taken: IntArray, start: BoolArray, up: BoolArray, lanes: int) -> None:
    """States of packets: where they are, where they go, and twice the lane, one more if they came down."""
    channels, ends = question.channels, taken.shape[1]
    next_of, cells = taken.reshape(-1), taken.size
    seen = np.zeros(2 * lanes * cells, dtype=np.bool_)
    state: IntArray = np.flatnonzero(start)
    while len(state):
        mode, cell = state // cells, state % cells
        channel = next_of[cell]
        refuse_gap(channel, cell, ends)
        on = channel != ARRIVED
        mode, cell, channel = mode[on], cell[on], channel[on]
        mode = np.where(up[channel], mode + mode % 2, mode | 1)
        if len(mode) and int(mode.max()) >= 2 * lanes:
            raise CertificateError(f"a path of the tables turns from down to up more than {lanes - 1} times")
        state = fresh(mode * cells + channels.head[channel] * ends + cell % ends, seen)


KEYS = ("switch_graph", "question", "method", "lane", "order", "tables", "claim")
kinds.add("lanes", Kind(check, asked, KEYS))
