"""Virtual lanes that suffice against deadlock: the channel dependency graph of every lane is sorted again.

Keys: `fabric`, `network`, `switch_graph` (digest), `without` (absent for the intact fabric), `question` (`routing`, and
`paths`: `shortest` for all shortest paths between switches with endpoints, `tables` for those of the `tables`, as in
kind `static`), `method` and `claim`: `lanes` that suffice, and `least`, the number below which a deadlock can happen.

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
import binascii
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from topo.certificates.kinds.static import channel_by_port, unpacked
from topo.certificates.reading.channels import Channels, channels_of
from topo.certificates.reading.flow_graph import SwitchGraph, components, switch_graph
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
from topo.certificates.verify import kinds
from topo.errors import CertificateError
from topo.fabric import Fabric
from topo.fabric.model import BoolArray, IntArray

MOST_LANES = 255
CELLS = 1 << 22
"""Table entries that are followed at once."""
OBLIVIOUS = ("ecmp", "spray", "static")


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
    asked, claim = part(certificate, "question"), part(certificate, "claim")
    question = _question(fabric, graph, asked, certificate)
    lanes, least = claim.get("lanes"), claim.get("least")
    if type(lanes) is not int or not 1 <= lanes <= MOST_LANES or least not in (1, 2) or least > lanes:
        raise CertificateError(f"lanes are a whole number from 1 to {MOST_LANES}, and the least of them 1 or 2")
    method = certificate.get("method")
    if method == "fixed":
        _fixed(question, lanes, certificate.get("lane"))
    elif method == "hop":
        _by_hop(question, lanes)
    elif method == "turn":
        _by_turn(question, lanes, rows(certificate.get("order"), "order", question.channels.switches))
    else:
        raise CertificateError(f"no way to choose lanes is called {method!r}")
    if least == 2:
        if str(asked.get("routing")).partition(":")[0] not in OBLIVIOUS:
            raise CertificateError("a routing that adapts may step out of a circle: one lane is not proved too few")
        if not _stuck(question, None, 0):
            raise CertificateError("one lane has no circle of dependencies, and suffices")
    return {"lower": Fraction(least), "upper": Fraction(lanes)}


def packed_lanes(lane: IntArray) -> str:
    """Lanes (switches, switches with endpoints) as a certificate holds them; -1 where nothing is sent."""
    return base64.b64encode(zlib.compress(np.maximum(lane, 0).astype(np.uint8).tobytes(), 9)).decode()


def _question(
    fabric: Fabric, graph: SwitchGraph, asked: Mapping[str, Any], certificate: Mapping[str, Any]
) -> _Question:
    channels = channels_of(fabric, graph)
    sends = np.bincount(graph.at, minlength=channels.switches) > 0
    at, ports = np.sort(graph.at), None
    named = str(asked.get("routing")).partition(":")[0]
    if asked.get("paths") == "tables":
        ports = unpacked(part(certificate, "tables"), channels.switches, len(at))
    elif asked.get("paths") != "shortest" or named == "static":
        raise CertificateError("the paths are neither all shortest ones nor those of tables")
    component = components(channels.switches, channels.tail, channels.head)
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
    size = shape[0] * shape[1]
    unpacking = zlib.decompressobj()
    try:
        raw = unpacking.decompress(base64.b64decode(str(stated), validate=True), size + 1)
    except (binascii.Error, zlib.error) as error:
        raise CertificateError(f"the lanes cannot be unpacked: {error}") from None
    if len(raw) != size or not unpacking.eof:
        raise CertificateError(f"the lanes do not have {shape[0]} times {shape[1]} entries")
    found: IntArray = np.frombuffer(raw, dtype=np.uint8).reshape(shape)
    if found.size and int(found.max()) >= lanes:
        raise CertificateError(f"a pair has lane {int(found.max())} of {lanes} that are counted from 0")
    return found


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


kinds.add("lanes", check)
