"""What the JSON readers of neighbour reports share: outputs by host name, and the line a report stands on."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from topo.errors import InputError, Problem
from topo.importers.as_built.model import AsBuilt
from topo.importers.as_built.reports import Report, joined
from topo.importers.as_built.source import Source


class Lines:
    """Finds the lines of words that are asked for in the order in which they stand in a text."""

    def __init__(self, text: str) -> None:
        self._text, self._at, self._line = text, 0, 1

    def of(self, word: str) -> int:
        """The line of the next place of a quoted word; of the last one found where there is none."""
        result = self._text.find(f'"{word}"', self._at)
        if result < 0:
            result = self._text.find(json.dumps(word), self._at)
        if result >= 0:
            self._line += self._text.count("\n", self._at, result)
            self._at = result + 1
        return self._line


def outputs(document: Any, own: Callable[[Any], bool], source: Source) -> dict[str, Any] | None:
    """Outputs of a tool by the host they come from, where the document is one output (the host is the file's name) or
    an object of several (`{"leaf1": ..., "leaf2": ...}`, also in a list); None where it is neither."""
    if own(document):
        return {source.host: document}
    if isinstance(document, dict) and document:
        values = list(document.values())
        if any(own(v) for v in values) and all(own(v) or not v for v in values):
            return {str(k): v for k, v in document.items()}
    return None


def read(
    source: Source,
    own: Callable[[Any], bool],
    reports: Callable[[str, Any, Lines], Iterator[Report]],
    form: str,
    host: Callable[[Any], str] = lambda output: "",
) -> AsBuilt:
    """The cables of a file whose outputs `own` knows and `reports` reads; `host` says whose output this is where it
    tells itself. Raises InputError."""
    result = outputs(source.json, own, source)
    if result is None:
        raise InputError(Problem(f"holds no {form}", file=source.name, line=1))
    lines = Lines(source.text)
    rows: list[Report] = []
    devices = []
    for name, output in result.items():
        line = lines.of(name)
        try:
            device = (host(output) if output else "") or name
            devices.append(device)
            rows += reports(device, output, lines) if output else ()
        except (AttributeError, TypeError, KeyError, ValueError):
            raise source.wrong(f"is no {form}", line, value=name) from None
        except InputError as error:
            raise error.at(source.name, line) from None
    return joined(source.name, form, rows, devices)


def text(value: Any) -> str:
    """A text, also where a tool wraps it: `[{"value": "x"}]`, `[{"data": "x"}]`, `{"value": "x"}`; else empty."""
    while isinstance(value, list | dict) and value:
        value = value[0] if isinstance(value, list) else value.get("value", value.get("data", ""))
    return str(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else ""


def many(value: Any) -> list[Any]:
    """A list, also where a tool leaves its brackets away for one item."""
    return value if isinstance(value, list) else [] if value is None else [value]
