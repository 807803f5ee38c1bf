"""The candidates of one host and family in the order of a list: how their lines begin, and in which group each is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain, product
from typing import NamedTuple

import numpy as np

from topo.fabric.model import BoolArray, FloatArray, IntArray
from topo.searching.bounds.groups import FIGURES, KNOWN, LEVELS, PARTS, RATIO, RATIOED, Bounds
from topo.searching.candidates.space import Block, Choices, Pair, Setting
from topo.searching.candidates.values import unfixed
from topo.searching.record.listed import dumped


class Groups(NamedTuple):
    """Groups of candidates none of which can matter: the figures of their bounds, shape (groups, 5), and which of the
    designs that hold are at least as good, shape (groups, designs)."""

    figures: FloatArray
    better: BoolArray


class Names(NamedTuple):
    """What candidates are called by some of their keys: which name each has, the names, and the first with each."""

    of: IntArray
    names: Sequence[str]
    first: Sequence[int]


@dataclass
class Told:
    """The candidates of a block, each once, by their keys beside the switch: how a line tells them, and their settings.
    `foreign` where one of these keys is none that bounds know."""

    rest: Choices
    texts: Sequence[str]
    settings: Sequence[Setting]
    foreign: bool
    kept: Sequence[int] | None
    """Which of the settings of `rest` these are; None for all."""
    levels: dict[int, Names] = field(default_factory=dict)


@dataclass
class Places:
    """The candidates of one host and family. `find` tells which groups of those with some keys cannot matter, shape
    (groups,), and these; `found` are those found so far."""

    host: str
    family: str
    bounds: Bounds
    find: Callable[[Sequence[Sequence[Pair]]], tuple[BoolArray, Groups]]
    found: list[Groups] = field(default_factory=list)
    _told: dict[int, Told] = field(default_factory=dict)
    _numbers: dict[str, int] = field(default_factory=dict)
    _last: int = -1
    _placed: dict[tuple[int, str], IntArray] = field(default_factory=dict)

    @cached_property
    def levels(self) -> tuple[frozenset[str], ...]:
        """Keys that bounds of this family depend on, and more of them."""
        return (*LEVELS, LEVELS[-1] | {RATIO}) if self.family in RATIOED else LEVELS

    def groups(self) -> Groups:
        """All that were found, by their numbers."""
        if not self.found:
            return Groups(np.zeros((0, len(FIGURES))), np.zeros((0, 0), dtype=bool))
        figures, better = zip(*self.found, strict=True)
        return Groups(np.concatenate(figures), np.concatenate(better))

    def head(self, block: Block) -> str:
        """How the lines of a block begin after their number."""
        return f'"design": {{"host": {dumped(self.host)}, "family": {dumped(self.family)}{_text(block.switch)}'

    def told(self, block: Block) -> Told:
        """The candidates of a block, made once for all switch parts that have the same choices."""
        result = self._told.get(id(block.rest))
        if result is None:
            result = self._told[id(block.rest)] = _told(block)
        return result

    def of(self, block: Block) -> IntArray:
        """The number of the group of each candidate of a block, -1 where it has to be counted."""
        told, switch = self.told(block), self._name(block.switch)
        question = id(block.rest), switch
        if question not in self._placed:
            self._placed[question] = self._of(told, block.switch, switch)
        return self._placed[question]

    def _of(self, told: Told, switch: Pair, called: str) -> IntArray:
        """By the fewest keys that tell enough. A group has one number wherever its name, with that of the switch part,
        comes up."""
        result: IntArray = np.full(len(told.texts), -1)
        left = np.arange(0 if told.foreign else len(told.texts))
        for place, level in enumerate(self.levels):
            if not len(left):
                break
            of, names, first = self._names(told, place)
            asked = np.zeros(len(names), dtype=bool)
            asked[of[left]] = True
            numbers = np.full(len(names), -1)
            some = np.flatnonzero(asked).tolist()
            self._ask({called + names[n]: (switch, *told.settings[first[n]]) for n in some}, level)
            numbers[some] = [self._numbers[called + names[n]] for n in some]
            result[left] = numbers[of[left]]
            left = left[result[left] < 0]
        return result

    def _ask(self, settings: Mapping[str, Setting], level: frozenset[str]) -> None:
        """Finds the groups, by the keys of a level, of those of these settings whose names have no number yet."""
        new = [name for name in settings if name not in self._numbers]
        if not new:
            return
        past, groups = self.find([[pair for pair in settings[name] if pair and pair[0] in level] for name in new])
        numbers = np.where(past, self._last + np.cumsum(past), -1)
        self._numbers.update(zip(new, numbers.tolist(), strict=True))
        self._last += len(groups.figures)
        self.found.append(groups)

    def _names(self, told: Told, place: int) -> Names:
        if place not in told.levels:
            level = self.levels[place]
            text_of = _Memo(lambda pair: self._name(pair) if pair and pair[0] in level else "")
            if len(told.rest.boxes) == 1 and not told.rest.more and told.kept is None:
                told.levels[place] = names_of_product(told.rest.boxes[0], text_of)
                return told.levels[place]
            texts = _every_text(told, text_of)
            numbers: dict[str, int] = {}
            of = [numbers.setdefault(text, len(numbers)) for text in texts]
            first = [0] * len(numbers)
            for n in range(len(of) - 1, -1, -1):
                first[of[n]] = n
            told.levels[place] = Names(np.array(of), list(numbers), first)
        return told.levels[place]

    def _name(self, pair: Pair) -> str:
        """What a pair adds to the name of a group: the same for parts that bounds cannot tell apart."""
        return f"{pair[0]}={self.bounds.part(pair[1]) if pair[0] in PARTS else pair[1]!r} "


class _Memo(dict[Pair | None, str]):
    """What is made of each pair, once."""

    def __init__(self, make: Callable[[Pair | None], str]) -> None:
        """By `make`."""
        self.make = make

    def __missing__(self, pair: Pair | None) -> str:
        """Made when it is asked for first."""
        result = self[pair] = self.make(pair)
        return result


def _told(block: Block) -> Told:
    rest, text_of = block.rest, _Memo(_text)
    if rest.more:
        settings: list[Setting] = [setting[1:] for setting in block.settings()]
    else:
        settings = list(chain.from_iterable(product(*values) for values in rest.boxes))
    result = Told(rest, (), settings, False, None)
    result.texts = _every_text(result, text_of)
    result.foreign = not {pair[0] for pair in text_of if pair} <= KNOWN
    if len(set(result.texts)) < len(result.texts):
        kept = sorted({text: place for place, text in reversed([*enumerate(result.texts)])}.values())
        result.texts, result.settings = [result.texts[i] for i in kept], [settings[i] for i in kept]
        result.kept = kept
    return result


def _every_text(told: Told, text_of: Mapping[Pair | None, str]) -> list[str]:
    """The text of each candidate's setting."""
    if told.rest.more:
        return ["".join([text_of[pair] for pair in setting]) for setting in told.settings]
    texts = [text for values in told.rest.boxes for text in _joined(values, text_of)]
    return texts if told.kept is None else [texts[i] for i in told.kept]


def names_of_product(values: Sequence[Sequence[Pair | None]], text_of: Mapping[Pair | None, str]) -> Names:
    """The names of every choice of values: one for each choice of texts."""
    of, first, names = np.zeros(1, dtype=np.intp), [0], [""]
    for choices in values:
        numbers: dict[str, int] = {}
        own = [numbers.setdefault(text_of[pair], len(numbers)) for pair in choices]
        of = np.add.outer(of * len(numbers), own).ravel()
        place = [own.index(n) for n in range(len(numbers))]
        first = [before * len(choices) + n for before in first for n in place]
        names = [name + text for name in names for text in numbers]
    return Names(of, names, first)


def _joined(values: Sequence[Sequence[Pair | None]], text_of: Mapping[Pair | None, str]) -> list[str]:
    """The texts of every choice of values, the last key's changing fastest."""
    result = [""]
    for choices in reversed(values):
        if len(choices) == 1:
            text = text_of[choices[0]]
            result = [text + rest for rest in result] if text else result
            continue
        result = [text + rest for text in [text_of[pair] for pair in choices] for rest in result]
    return result


def _text(pair: Pair | None) -> str:
    """How a line tells a key and its value."""
    return "" if pair is None else f", {dumped(pair[0])}: {dumped(unfixed(pair[1]))}"
