"""A containerlab topology: nodes by name, links as pairs of `node:interface`."""

from __future__ import annotations

from collections import Counter
from typing import Any

from topo import yamlfile
from topo.importers.as_built.model import AsBuilt
from topo.importers.as_built.panels import Row, cables_of
from topo.importers.as_built.reader import Reader, checked, readers
from topo.importers.as_built.source import Source

_HOSTS = ("linux", "bridge", "host")


def _fits(source: Source) -> bool:
    return "topology:" in source.head and "endpoints:" in source.text


def _read(source: Source) -> AsBuilt:
    document = yamlfile.parse(source.text, source.name)
    topology = document.value.get("topology")
    links: Any = topology.get("links") if isinstance(topology, dict) else None
    if not isinstance(links, list):
        raise source.wrong("holds no links", 1, allowed="topology: {links: [{endpoints: [NODE:PORT, NODE:PORT]}]}")
    rows, left = [], Counter[str]()
    for i, link in enumerate(links):
        line = document.line(("topology", "links", i))
        ends = link.get("endpoints") if isinstance(link, dict) else None
        if not isinstance(ends, list) or len(ends) != 2:
            raise source.wrong("is no pair of endpoints", line, str(link))
        words = [_end(end) for end in ends]
        if any(node in ("host", "mgmt-net", "macvlan") for node, _ in words):
            left["links to the machine itself"] += 1
            continue
        (a, p), (b, q) = (
            (checked(n, "device", source.name, line), checked(x, "port", source.name, line)) for n, x in words
        )
        rows.append(Row(a, p, b, q, line))
    return cables_of(rows, source.name, "containerlab", left=left)


def _end(end: Any) -> tuple[str, str]:
    if isinstance(end, dict):
        return str(end.get("node", "")), str(end.get("interface", ""))
    node, _, port = str(end).partition(":")
    return node, port


readers.add("containerlab", Reader("a containerlab topology", _fits, _read))
