"""YAML as a strict, small language: plain values only, a line for every key, every mistake reported at once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from topo.errors import InputError, Problem, shown
from topo.files import read_file
from topo.files.reading import not_text, plain_lines

MAX_BYTES = 1_000_000
"""A design of thousands of lines takes a tenth of it."""
MAX_DEPTH = 20
"""Far deeper than designs nest; a recursion of many thousands would end the process."""
MAX_DIGITS = 40
"""Of a number: more than a float or a 64-bit number has."""

Keys = tuple[str | int, ...]
"""A path into a document: mapping keys and list positions."""


@dataclass(frozen=True)
class Document:
    """A YAML file read: its value, and the line of every key in it."""

    path: str
    text: str
    value: dict[str, Any]
    lines: dict[Keys, int]

    def line(self, keys: Keys) -> int:
        """The line of a key, or of the closest key around it."""
        while keys and keys not in self.lines:
            keys = keys[:-1]
        return self.lines.get(keys, 1)


def read(path: str | Path) -> Document:
    """Reads one mapping from a file, or from standard input where the path is `-`; raises InputError with file and
    line."""
    name = str(path)
    content = read_file(path, MAX_BYTES)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(not_text(content, error, name)) from None
    return parse(text, name)


def parse(text: str, name: str) -> Document:
    """Reads one mapping from text; `name` stands for the file in errors. Raises InputError."""
    strange = _STRANGE.search(text)
    if strange:
        line = plain_lines(text[: strange.start()]).count("\n") + 1
        raise InputError(
            Problem("holds a character that no text has", "", repr(strange[0])[1:-1], file=name, line=line)
        )
    reader = _Reader(plain_lines(text), name)
    try:
        value = reader.document()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        if _TOO_DEEP in str(error.problem):
            raise InputError([*reader.problems, _too_deep(name, mark.line + 1 if mark else 0)]) from None
        line = min(mark.line, plain_lines(text).rstrip().count("\n")) + 1 if mark else 0
        raise InputError(
            [
                *reader.problems,
                Problem(f"is not valid YAML: {error.problem}", hint=_hint(text, line), file=name, line=line),
            ]
        ) from None
    except yaml.YAMLError as error:
        raise InputError(Problem(f"is not valid YAML: {shown(error)}", file=name)) from None
    if not isinstance(value, dict):
        what = "is empty" if value is None else "holds no mapping of keys to values"
        raise InputError(Problem(what, allowed="key: value lines", file=name, line=1))
    if reader.problems:
        raise InputError(reader.problems)
    return Document(name, text, value, reader.lines)


def _hint(text: str, line: int) -> str:
    """What to do where the line (from 1) that YAML refuses begins with a tab, which YAML has no meaning for, or holds a
    second colon."""
    lines = plain_lines(text).split("\n")
    refused = lines[line - 1] if 0 < line <= len(lines) else ""
    indent = refused[: len(refused) - len(refused.lstrip())]
    if "\t" in indent:
        return "indent with spaces, not with a tab"
    two = refused.count(": ") > 1 and not set("{}[]'\"") & set(refused)
    return "put a text that holds ': ' in quotes" if two else ""


_STRANGE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")


class _Reader:
    """Builds the value from libyaml's events, which need no stack of their own however deep the text is nested."""

    def __init__(self, text: str, name: str) -> None:
        self.name = name
        self.events: Iterator[Any] = yaml.parse(text, yaml.CSafeLoader)
        self.problems: list[Problem] = []
        self.lines: dict[Keys, int] = {}
        self.aliases = 0

    def document(self) -> Any:
        """The only document's value, None for an empty file."""
        value: Any = None
        documents = 0
        for event in self.events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents == 2:
                    self.add("holds a second document", (), event, hint="one design or part a file, without ---")
                result = self.value(next(self.events), ())
                value = result if documents == 1 else value
        return value

    def value(self, event: Any, keys: Keys) -> Any:
        """The value that starts with `event`, all of its events used up."""
        self.lines.setdefault(keys, _line(event))
        if isinstance(event, yaml.AliasEvent):
            self.aliases += 1
            if self.aliases == 1:
                self.add("aliases are not allowed", keys, event, f"*{event.anchor}", hint="write the value out")
            return None
        if event.tag is not None:
            self.add("YAML tags are not allowed", keys, event, event.tag.replace("tag:yaml.org,2002:", "!!"))
        if isinstance(event, yaml.ScalarEvent):
            return self.scalar(event, keys)
        if len(keys) >= MAX_DEPTH:
            raise InputError([*self.problems, _too_deep(self.name, _line(event))])
        return self.sequence(keys) if isinstance(event, yaml.SequenceStartEvent) else self.mapping(keys)

    def sequence(self, keys: Keys) -> list[Any]:
        result: list[Any] = []
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            result.append(self.value(event, (*keys, len(result))))
        return result

    def mapping(self, keys: Keys) -> dict[str, Any]:
        result: dict[str, Any] = {}
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            if not isinstance(event, yaml.ScalarEvent):
                self.add("has a key that is no plain word", keys, event)
                self.value(event, (*keys, "?"))
                self.value(next(self.events), (*keys, "?"))
                continue
            here = (*keys, event.value)
            if event.value == "<<" and not event.style:
                self.add("merge keys are not allowed", here, event, hint="write the keys out")
                self.value(next(self.events), (*keys, "?"))
                continue
            if event.value in result:
                self.add("is given twice", here, event, hint=f"first on line {self.lines[here]}")
                self.value(next(self.events), (*keys, "?"))
                continue
            self.lines[here] = _line(event)
            result[event.value] = self.value(next(self.events), here)
        return result

    def scalar(self, event: Any, keys: Keys) -> Any:
        """Plain words as YAML 1.2's core schema reads them: 3:1 and yes are text, 1e3 is a number."""
        text = event.value
        if event.style:
            return text
        if text in _WORDS:
            return _WORDS[text]
        if _NUMBER.fullmatch(text):
            if len(text) > MAX_DIGITS:
                self.add("is too long a number", keys, event, shown(text, 40), f"at most {MAX_DIGITS:,} characters")
                return None
            return int(text) if _INTEGER.fullmatch(text) else float(text)
        return text

    def add(self, message: str, keys: Keys, event: Any, value: str = "", allowed: str = "", hint: str = "") -> None:
        line = _line(event)
        self.problems.append(Problem(message, dotted(keys), shown(value), allowed, hint, self.name, line))


_TOO_DEEP = "maximum nesting depth"
"""What libyaml says where it has a limit of its own: it looks ahead, so that no key is known there."""


def _too_deep(name: str, line: int) -> Problem:
    return Problem("is nested too deeply", allowed=f"{MAX_DEPTH:,} levels", file=name, line=line)


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1


_WORDS: dict[str, Any] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), float("inf")),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), float("-inf")),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), float("nan")),
}
_INTEGER = re.compile(r"[-+]?[0-9]+", re.ASCII)
_NUMBER = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", re.ASCII)


def would_be_other(text: str) -> bool:
    """Whether a text would be a number, true or false without quotes."""
    return text in ("true", "false") or _NUMBER.fullmatch(text) is not None


def dotted(keys: Keys) -> str:
    """Keys as a person writes them: networks.compute.planes, requirements[2].at_least."""
    return re.sub(r"\.\[", "[", ".".join(f"[{k}]" if isinstance(k, int) else shown(k, 40) for k in keys))
