"""Goes through sequences in order of the least that they can cost (A*): the first whole one is the cheapest."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from topo.fabric.model import FloatArray
from topo.searching.candidates.request import Request
from topo.searching.record.result import HELD, UNDECIDED, Judgment, Row
from topo.searching.running.run import covers
from topo.searching.stages.judge import Line, StageTask, stage_task
from topo.searching.stages.options import Group
from topo.units import amount

Judge = Callable[[Sequence[StageTask], Callable[[int, Judgment], None]], object]
"""Whoever judges: calls back with the number of each task and its judgment."""


@dataclass(frozen=True)
class Node:
    """The beginning of a sequence: its rows, what its stages buy in USD, and how many links each moves (the last one's
    is not known until it is judged)."""

    group: int
    options: tuple[int, ...]
    line: Line
    bought_usd: tuple[float, ...]
    moves: tuple[float, ...]
    owned: FloatArray = field(repr=False)
    known: bool = False

    @property
    def moved(self) -> float:
        """Links moved so far."""
        return sum(self.moves)


Entry = tuple[float, float, int, int, Line, bool, Node]
"""The least cost, links moved, stages left, group, line, and whether its end is judged: the order of the walk."""


@dataclass
class Walk:
    """What is found. `held` are whole sequences in order of cost, `judged` every line that was judged, `undecided`
    lines that could be better than what is held, `left` the least that sequences of a family cost that were not
    looked at."""

    request: Request
    groups: Sequence[Group]
    judge: Judge
    judged: dict[Line, Judgment]
    top: int = 1
    width: int = 1
    time_limit_s: float = 60.0
    say: Callable[[str], None] = lambda text: None
    held: list[tuple[float, Node]] = field(default_factory=list)
    undecided: list[tuple[float, Node]] = field(default_factory=list)
    left: dict[str, float] = field(default_factory=dict)
    asked: set[Line] = field(default_factory=set)
    """Lines whose judgment the walk needed: the rest were done ahead."""

    def go(self) -> None:
        """Walks to the end. KeyboardInterrupt and ConnectionError leave what is known."""
        stages = len(self.request.file.stages)
        heap: list[Entry] = []
        for place, group in enumerate(self.groups):
            nothing = np.zeros(len(group.usd))
            root = Node(place, (), (), (), (), nothing, True)
            self._push_next(heap, root)
        while heap:
            least, *_, node = heap[0]
            if self.covered(least, node):
                family = self._family(node)
                self.left[family] = min(self.left.get(family, np.inf), least)
                heapq.heappop(heap)
                continue
            if not node.known and node.line not in self.judged:
                self._ask([n for *_, n in heapq.nsmallest(4 * self.width, heap) if not n.known])
            heapq.heappop(heap)
            if not node.known:
                self._take(heap, least, node)
            elif len(node.line) == stages:
                self.held.append((least, node))
            else:
                self._push_next(heap, node)

    def _take(self, heap: list[Entry], least: float, node: Node) -> None:
        """Takes up what the engine says of the last stage of a line."""
        judgment = self.judged[node.line]
        self.asked.add(node.line)
        self.say(f"{amount(len(self.asked), 'line')} of growth judged, {len(self.held):,} held as a whole")
        if judgment.verdict == UNDECIDED:
            self.undecided.append((least, node))
        if judgment.verdict != HELD:
            return
        moves = (*node.moves[:-1], judgment.values["moves"])
        known = Node(node.group, node.options, node.line, node.bought_usd, moves, node.owned, True)
        self._push(heap, known, self._ahead(known))

    def _push_next(self, heap: list[Entry], node: Node) -> None:
        """Every continuation by a stage."""
        group, stage = self.groups[node.group], len(node.line)
        ahead = group.least(stage, node.owned)
        for option, row in enumerate(group.rows[stage]):
            bought, owned = group.bought(stage, option, node.owned)
            child = Node(
                node.group, (*node.options, option), (*node.line, row.number), (*node.bought_usd, bought),
                (*node.moves, 0.0), owned,
            )  # fmt: skip
            self._push(heap, child, float(ahead[option]) - bought)

    def _push(self, heap: list[Entry], node: Node, ahead: float) -> None:
        spent = sum(node.bought_usd) + (self.request.file.move_usd or 0.0) * node.moved
        least = round(spent + ahead, 6)
        left = len(self.request.file.stages) - len(node.line)
        heapq.heappush(heap, (least, node.moved, left, node.group, node.line, node.known, node))

    def _ahead(self, node: Node) -> float:
        """The least that the stages after a line buy."""
        group, stage = self.groups[node.group], len(node.line)
        return 0.0 if stage == len(group.need) else float(group.least(stage, node.owned).min())

    def covered(self, least: float, node: Node) -> bool:
        """Whether what is held is at least as good as all that a line can lead to."""
        best = goals(self.request, least, node)
        better = [goals(self.request, cost, other) for cost, other in self.held]
        return sum(covers(other, best) for other in better) >= self.top

    def _family(self, node: Node) -> str:
        return self.groups[node.group].rows[0][0].candidate.family

    def _ask(self, nodes: Sequence[Node]) -> None:
        """Judges the lines that come first, so many at once."""
        wanted = list(dict.fromkeys(n.line for n in nodes if n.line not in self.judged))[: self.width]
        by_line = {n.line: n for n in nodes}
        tasks = [stage_task(self.request, self.rows_of(by_line[line]), self.time_limit_s) for line in wanted]

        def done(i: int, judgment: Judgment) -> None:
            self.judged[wanted[i]] = judgment

        self.judge(tasks, done)

    def rows_of(self, node: Node) -> list[Row]:
        """The rows of a line."""
        return [self.groups[node.group].rows[stage][option] for stage, option in enumerate(node.options)]


def goals(request: Request, cost_usd: float, node: Node) -> tuple[float, ...]:
    """The objectives of a sequence, less being better."""
    values = {"cost_usd": cost_usd, "moves": node.moved}
    return tuple(values[name] for name in request.objectives)
