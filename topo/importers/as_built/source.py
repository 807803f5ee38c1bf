"""A file as readers see it: bytes once, lines one at a time, and the JSON or table that it may be."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from io import BytesIO
from pathlib import PurePath
from typing import Any

from topo.errors import InputError, Problem, shown

HEAD = 65536
"""So many bytes are looked at to tell a form."""
_PROMPT = re.compile(
    r"(\[?[\w.@~:/-]+[@:][\w.~:/ -]*\]?\s?[#$>%]\s|[\w.-]+(\([\w-]+\))?[#>]\s?(show|ib|lldp|sudo|exit|cat|$)|[$#>]\s\S)"
)
_NOISE = (
    "Script started",
    "Script done",
    "ibwarn:",
    "ibpanic:",
    "src/",
    "-- ",
    "Last login",
    "Warning:",
    "exit",
    "logout",
)
_PREFIX = re.compile(r"([A-Za-z0-9][\w.-]*): ?(.*)$", re.S)
_ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


_TOOL = r"(?:lldp(?:ctl|cli|d)?|show|neighbou?rs?|details?|output|json0?)"
_TOOLS = re.compile(rf"(?i)^(?:{_TOOL}[-_. ]+)+|(?:[-_. ]+{_TOOL})+$|^{_TOOL}$")
"""Words of the tool in a file's name, at either end."""

PIECE = 4_000_000
"""So many bytes are read between two steps of a progress bar."""


class Steps:
    """Tells how far a file is read: `1 + size // PIECE` calls of `step`, whatever way it is read in."""

    def __init__(self, name: str, size: int, step: Callable[[str], None]) -> None:
        self.name, self.size, self.step, self.told = name, size, step, 0

    def at(self, done: int) -> None:
        """So many bytes are read."""
        while self.told < done // PIECE:
            self.told += 1
            self.step(f"{self.name}: {done / 1e6:.0f} of {self.size / 1e6:.0f} MB")

    def end(self) -> None:
        """All is read."""
        while self.told < 1 + self.size // PIECE:
            self.told += 1
            self.step(self.name)


@dataclass(frozen=True)
class Source:
    """A file's name and content. Text is UTF-8, or UTF-16 with its mark, as Windows tools write it."""

    name: str
    content: bytes
    sheet: str = ""
    """Which sheet of a workbook; empty: the first that holds cables."""
    columns: tuple[tuple[str, str], ...] = ()
    """Titles of columns by what they hold (`a_device`, `a_port`, `b_device`, `b_port`, `gbps`), where they are told."""
    steps: Steps | None = field(default=None, compare=False, repr=False)

    @property
    def host(self) -> str:
        """The host that a file of one host's output is of: its name without the tool's (`leaf1.json`,
        `leaf1_lldp.json`), or its folder's where it has the tool's alone (`leaf1/lldp.json`)."""
        path = PurePath(self.name)
        return _TOOLS.sub("", path.stem) or path.parent.name or path.stem

    @cached_property
    def head(self) -> str:
        """The beginning as text; never fails."""
        return self.decoded(self.content[:HEAD], "replace")

    def decoded(self, content: bytes, errors: str = "strict") -> str:
        """Bytes of this file as text."""
        if self.content[:2] in (b"\xff\xfe", b"\xfe\xff"):
            return content.decode("utf-16", errors)
        return content.decode("utf-8-sig" if content[:3] == b"\xef\xbb\xbf" else "utf-8", errors)

    @cached_property
    def text(self) -> str:
        """All of it; raises InputError for what is no text."""
        try:
            return self.decoded(self.content)
        except UnicodeDecodeError as error:
            line = self.content.count(b"\n", 0, error.start) + 1
            raise self.wrong("is not UTF-8 text", line, allowed="UTF-8") from None

    def lines(self) -> Iterator[tuple[int, str]]:
        """Number and text of each line, without its end, what terminals and parallel shells add taken away: colours,
        prompts, warnings, `host: ` before every line. Raises InputError for what is no text."""
        prefix = self.prefix
        for number, line in self._raw_lines():
            if "\x1b" in line:
                line = _ANSI.sub("", line)
            if prefix and line.startswith(prefix):
                line = (
                    line[len(prefix) :].removeprefix(" ")
                    if not line[len(prefix) :].startswith("\t")
                    else line[len(prefix) :]
                )
            if line[:1] not in ("[", '"', "0") and (line.startswith(_NOISE) or _PROMPT.match(line)):
                continue
            if line[:1] == "[" and not line[1:2].isdigit() and _PROMPT.match(line):
                continue
            yield number, line

    def _raw_lines(self) -> Iterator[tuple[int, str]]:
        if self.content[:2] in (b"\xff\xfe", b"\xfe\xff"):
            yield from enumerate(self.text.splitlines(), 1)
            return
        done, next_step = 0, PIECE
        for number, raw in enumerate(BytesIO(self.content), 1):
            done += len(raw)
            if done >= next_step:
                next_step = done + PIECE
                if self.steps:
                    self.steps.at(done)
            try:
                line = raw.decode("utf-8")
            except UnicodeDecodeError:
                raise self.wrong("is not UTF-8 text", number, allowed="UTF-8") from None
            yield number, (line.removeprefix("\ufeff") if number == 1 else line).rstrip("\r\n")

    @cached_property
    def prefix(self) -> str:
        """`host:` that pdsh or clush write before every line of one host's output; empty where they do not."""
        lines = [line for line in self.head.splitlines()[:200] if line.strip()]
        result = _PREFIX.match(lines[0]) if lines else None
        if not result or len(lines) < 2:
            return ""
        word = f"{result[1]}:"
        return word if all(line.startswith(word) for line in lines[:-1]) else ""

    @cached_property
    def hosts(self) -> dict[str, tuple[int, str]]:
        """Outputs of several hosts in one file by host, each with the line it starts at: `host: ` before every line
        (pdsh, clush), or a heading between rules (`clush -b`, dshbak). Empty where the file is of one host."""
        return self._headed() or self._prefixed()

    def _prefixed(self) -> dict[str, tuple[int, str]]:
        parts: dict[str, list[str]] = {}
        first: dict[str, int] = {}
        for line in self.head.splitlines()[:50]:
            if line.strip() and not _PREFIX.match(line):
                return {}
        for number, line in self._raw_lines():
            result = _PREFIX.match(line)
            if not result:
                if line.strip():
                    return {}
                continue
            first.setdefault(result[1], number)
            parts.setdefault(result[1], []).append(result[2])
        return {host: (first[host], "\n".join(part)) for host, part in parts.items()}

    def _headed(self) -> dict[str, tuple[int, str]]:
        if not re.search(r"^-{4,}\n\S+\n-{4,}$", self.head, re.M):
            return {}
        parts: dict[str, tuple[int, str]] = {}
        text = self.text
        result = list(re.finditer(r"^-{4,}\n(\S+)\n-{4,}\n", text, re.M))
        for i, match in enumerate(result):
            stop = result[i + 1].start() if i + 1 < len(result) else len(text)
            for host in match[1].split(","):
                parts[re.sub(r" \(\d+\)$", "", host)] = (text.count("\n", 0, match.end()) + 1, text[match.end() : stop])
        return parts

    @cached_property
    def json(self) -> Any:
        """What the JSON text says, or several by host; None for a file that is no JSON. Raises InputError for JSON that
        is broken."""
        start = self.head.lstrip("\ufeff \t\r\n")[:200]
        if start[:1] == "{" or (start[:1] == "[" and start[1:].lstrip()[:1] in ("", "{", "[", "]", '"')):
            return self._loaded(self.text, 0)
        logged = self._logged()
        if logged:
            return self._loaded(*logged)
        if start and (self.hosts and all(t.lstrip()[:1] in ("{", "[") for _, t in self.hosts.values())):
            return {host: self._loaded(text, line - 1) for host, (line, text) in self.hosts.items()}
        return None

    def _logged(self) -> tuple[str, int] | None:
        """The JSON text between the prompts of a terminal's log, and how many lines stand before it."""
        lines = self.head.splitlines()[:20]
        first = next((i for i, line in enumerate(lines) if line[:1] in ("{", "[") and not _PROMPT.match(line)), -1)
        if first < 1 or not all(
            not line.strip() or _PROMPT.match(line) or line.startswith(_NOISE) for line in lines[:first]
        ):
            return None
        rest = self.text.splitlines()[first:]
        while rest and (not rest[-1].strip() or _PROMPT.match(rest[-1]) or rest[-1].startswith(_NOISE)):
            rest.pop()
        return "\n".join(rest), first

    def _loaded(self, text: str, before: int) -> Any:
        try:
            return json.loads(text)
        except (ValueError, RecursionError) as error:
            line = before + getattr(error, "lineno", 1)
            raise self.wrong(f"is not valid JSON: {shown(error)}", max(line, 1)) from None

    def wrong(self, message: str, line: int = 0, value: str = "", allowed: str = "", hint: str = "") -> InputError:
        """An error of this file."""
        return InputError(Problem(message, "", shown(value) if value else "", allowed, hint, self.name, line))
