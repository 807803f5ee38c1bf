"""The file of candidates, read once and gone through in pieces: a long list is never in memory row by row."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from functools import cached_property
from itertools import islice
from pathlib import Path

from topo.errors import InputError, Problem
from topo.files import read_file, text_of
from topo.searching.output.files import MOST_LISTED, read_json

PIECE = 1 << 18
"""Bytes that are made text and split at once: few enough to stay in a processor's cache."""
BEGIN, BETWEEN, END = b"[\n{", b",\n", b"}\n]\n"
JUDGED = b'"judged": '


class Listing:
    """A list of candidates as it lies in a file; raises InputError where that cannot be read."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._content = read_file(file, MOST_LISTED, "candidates")

    @cached_property
    def digest(self) -> str:
        """The SHA-256 of the file."""
        return hashlib.sha256(self._content).hexdigest()

    def longer_than(self, number: int) -> bool:
        """Whether it is written with a row a line, and has more than so many."""
        return sum(1 for _ in islice(self.lines(), number + 1)) > number

    def lines(self) -> Iterator[str]:
        """What stands between the ends of lines: the rows of a list as it is written, each as JSON. Nothing where the
        file does not begin and end as such a list does; raises ValueError where it is no UTF-8."""
        content = self._content
        if not (content.startswith(BEGIN) and content.endswith(END)):
            return
        start, last = 2, len(content) - 3
        while start < last:
            end = content.find(BETWEEN, min(start + PIECE, last), last)
            end = last if end < 0 else end
            yield from content[start:end].decode().split(",\n")
            start = end + len(BETWEEN)

    def judged(self) -> Iterator[str]:
        """Those lines that tell an answer of the engine."""
        content, place = self._content, self._content.find(JUDGED)
        while place >= 0:
            start = content.rfind(b"\n", 0, place) + 1
            end = content.find(b"\n", place)
            end = len(content) if end < 0 else end
            yield content[start:end].decode().removesuffix(",")
            place = content.find(JUDGED, end)

    def rows(self) -> list[str]:
        """The rows, each as JSON in one line, however they are written; raises InputError where it is no such list."""
        text = text_of(self._content, str(self._file))
        if text.startswith("[\n{") and text.endswith("}\n]\n"):
            rows = text[2:-3].split(",\n")
            if text.count("\n") == len(rows) + 2:
                return rows
        listed = read_json(self._file, "candidates")
        if not isinstance(listed, list):
            raise InputError(Problem("is no list of candidates", "candidates", file=str(self._file)))
        return [json.dumps(row, ensure_ascii=False) for row in listed]
