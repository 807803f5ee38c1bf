"""The candidates of one host and family in the order of a list: how their lines begin, and in which group each is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain, product
from typing import NamedTuple

import numpy as np

from topo.fabric.model import IntArray
from topo.searching.bounds.groups import KNOWN, LEVELS, PARTS, RATIO, RATIOED, Bound, Bounds
from topo.searching.candidates.space import Block, Choices, Pair, Setting
from topo.searching.candidates.values import unfixed
from topo.searching.record.listed import dumped


class Group(NamedTuple):
    """Candidates none of which can matter, by their bound, and the designs that hold and are at least as good."""

    bound: Bound
    better: frozenset[int]


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
    """The candidates of one host and family. `group` finds the group of those with some keys, None where they have to
    be counted; `groups` are those found so far."""

    host: str
    family: str
    bounds: Bounds
    group: Callable[[Sequence[Pair]], Group | None]
    groups: list[Group] = field(default_factory=list)
    _told: dict[int, Told] = field(default_factory=dict)
    _numbers: dict[str, int] = field(default_factory=dict)
    _placed: dict[tuple[int, str], IntArray] = field(default_factory=dict)

    @cached_property
    def levels(self) -> tuple[frozenset[str], ...]:
        """Keys that bounds of this family depend on, and more of them."""
        return (*LEVELS, LEVELS[-1] | {RATIO}) if self.family in RATIOED else LEVELS

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
            for n in np.flatnonzero(asked).tolist():
                numbers[n] = self._number(called + names[n], (switch, *told.settings[first[n]]), level)
            result[left] = numbers[of[left]]
            left = left[result[left] < 0]
        return result

    def _number(self, name: str, setting: Setting, level: frozenset[str]) -> int:
        if name not in self._numbers:
            group = self.group([pair for pair in setting if pair and pair[0] in level])
            self._numbers[name] = -1 if group is None else len(self.groups)
            self.groups += () if group is None else (group,)
        return self._numbers[name]

    def _names(self, told: Told, place: int) -> Names:
        if place not in told.levels:
            level = self.levels[place]
            texts = _every_text(told, _Memo(lambda pair: self._name(pair) if pair and pair[0] in level else ""))
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
