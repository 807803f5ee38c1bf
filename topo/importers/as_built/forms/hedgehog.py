"""Hedgehog wiring as a plan: the Connections of Kubernetes resources, each with links of two named ports.

A link is an object with two sides, each `{port: DEVICE/PORT}`, whatever kind of Connection it is in (unbundled,
bundled, mclag, eslag, fabric, mesh, gateway, MCLAG domains: githedgehog/fabric, api/wiring/v1beta1). What leads out of
the fabric (external) and loops of a switch to itself are no cables of it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from topo import yamlfile
from topo.errors import InputError
from topo.importers.as_built.model import AsBuilt
from topo.importers.as_built.panels import Row, cables_of
from topo.importers.as_built.reader import Reader, checked, readers
from topo.importers.as_built.source import Source

Keys = tuple[str | int, ...]


def _fits(source: Source) -> bool:
    return "wiring.githedgehog.com/" in source.head


def _documents(source: Source) -> Iterator[tuple[int, str]]:
    """The documents of the file, each with how many lines stand before it."""
    first, lines = 0, source.text.splitlines()
    for i, line in enumerate([*lines, "---"]):
        if line.startswith("---"):
            if any(text.strip() and not text.startswith("#") for text in lines[first:i]):
                yield first, "\n".join(lines[first:i])
            first = i + 1


def _read(source: Source) -> AsBuilt:
    rows: list[Row] = []
    left: Counter[str] = Counter()
    for before, text in _documents(source):
        try:
            document = yamlfile.parse(text, source.name)
        except InputError as error:
            raise source.wrong(error.problems[0].message, before + error.problems[0].line) from None
        if document.value.get("kind") != "Connection":
            continue
        spec = document.value.get("spec")
        if not isinstance(spec, dict):
            raise source.wrong("is a Connection without a spec", before + document.line(("spec",)))
        for keys, sides in _links(spec, ("spec",), left):
            line = before + document.line(keys)
            ends = [(role, *_end(port, source, line)) for role, port in sides.items()]
            if ends[0][1] == ends[1][1]:
                left["loops of a switch to itself"] += 1
                continue
            (a_role, a, a_port), (b_role, b, b_port) = ends
            rows.append(Row(a, a_port, b, b_port, line, "", "", 0.0, _role(a_role), _role(b_role)))
    if not rows:
        raise source.wrong("holds no links", 1, allowed="Connections of wiring.githedgehog.com")
    return cables_of(rows, source.name, "hedgehog", left=left)


def _role(side: str) -> str:
    return "host" if side == "server" else "switch"


def _links(value: Any, keys: Keys, left: Counter[str]) -> Iterator[tuple[Keys, dict[str, str]]]:
    """Every object of two sides with a port each, wherever it stands."""
    if isinstance(value, list):
        for i, inner in enumerate(value):
            yield from _links(inner, (*keys, i), left)
    if not isinstance(value, dict):
        return
    sides = {str(role): str(side["port"]) for role, side in value.items() if isinstance(side, dict) and "port" in side}
    if len(sides) == 2:
        yield keys, sides
    elif sides:
        left["links that lead out of the fabric"] += 1
    else:
        for key, inner in value.items():
            yield from _links(inner, (*keys, key), left)


def _end(port: str, source: Source, line: int) -> tuple[str, str]:
    device, mark, name = port.partition("/")
    if not mark:
        raise source.wrong("names no port", line, port, allowed="DEVICE/PORT")
    return checked(device, "device", source.name, line), checked(name, "port", source.name, line)


readers.add("hedgehog", Reader("Hedgehog wiring, YAML", _fits, _read))
