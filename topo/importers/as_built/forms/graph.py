"""Graphs of other programs: GraphML, and networkx's node-link JSON."""

from __future__ import annotations

import io
from collections import Counter
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree

from topo.errors import InputError, Problem, shown
from topo.fabric.speed import FASTEST_GBPS, SLOWEST_GBPS, SPEEDS
from topo.importers.as_built.json_reports import text
from topo.importers.as_built.model import AsBuilt
from topo.importers.as_built.panels import Row, cables_of
from topo.importers.as_built.reader import Reader, checked, readers
from topo.importers.as_built.source import Source
from topo.importers.networkx_graph import DEFAULT_ENDPOINT_GBPS, MAX_ENDPOINTS

_HOSTS = ("host", "server", "node", "gpu", "compute", "endpoint")
_SPEEDS = ("gbps", "speed_gbps", "bandwidth_gbps", "speed", "capacity", "bandwidth")


def _fits(source: Source) -> bool:
    return "<graphml" in source.head or _is_graph(source.json)


def _is_graph(result: Any) -> bool:
    return (
        isinstance(result, dict)
        and isinstance(result.get("nodes"), list)
        and any(isinstance(result.get(k), list) for k in ("links", "edges"))
    )


def _read(source: Source) -> AsBuilt:
    if "<graphml" in source.head:
        graph, usual = _graphml(source), DEFAULT_ENDPOINT_GBPS
    else:
        result = source.json
        if not _is_graph(result):
            raise source.wrong("is no graph", 1, allowed="GraphML, or node-link JSON: {nodes: [...], links: [...]}")
        edges = result["links"] if isinstance(result.get("links"), list) else result["edges"]
        about = result.get("graph")
        usual = about.get("endpoint_gbps", DEFAULT_ENDPOINT_GBPS) if isinstance(about, dict) else DEFAULT_ENDPOINT_GBPS
        graph = ([n for n in result["nodes"] if isinstance(n, dict)], [e for e in edges if isinstance(e, dict)])
    return _cables(source, *graph, usual)


def _graphml(source: Source) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    if "<!DOCTYPE" in source.text or "<!ENTITY" in source.text:
        raise source.wrong("has a document type, which no GraphML needs", 1)
    try:
        tree = ElementTree.parse(io.BytesIO(source.content))
    except ElementTree.ParseError as error:
        raise source.wrong(f"is not valid XML: {error}", error.position[0]) from None
    keys = {k.get("id", ""): k.get("attr.name", k.get("id", "")) for k in tree.iter() if _tag(k) == "key"}

    def data(element: ElementTree.Element) -> dict[str, Any]:
        return {keys.get(d.get("key", ""), ""): d.text or "" for d in element if _tag(d) == "data"}

    nodes = [{"id": n.get("id", ""), **data(n)} for n in tree.iter() if _tag(n) == "node"]
    edges = [
        {"source": e.get("source", ""), "target": e.get("target", ""), **data(e)}
        for e in tree.iter()
        if _tag(e) == "edge"
    ]
    return nodes, edges


def _tag(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2]


def _cables(source: Source, nodes: list[dict[str, Any]], edges: list[dict[str, Any]], usual: object) -> AsBuilt:
    names: dict[str, str] = {}
    roles: dict[str, str] = {}
    tiers: dict[str, str] = {}
    for node in nodes:
        key = _key(node)
        names[key] = text(node.get("name")) or text(node.get("label")) or key
        role = (text(node.get("tier")) or text(node.get("role")) or text(node.get("type"))).lower()
        roles[key] = "" if not role else "host" if role in _HOSTS else "switch"
        tiers[key] = role if role in ("leaf", "spine", "core") else ""
    rows: list[Row] = []
    for edge in edges:
        a, b = text(edge.get("source")), text(edge.get("target"))
        near, far = (checked(names.get(key, key), "device", source.name, 1) for key in (a, b))
        ports = [
            text(edge.get(k)) or text(edge.get(o)) for k, o in (("a_port", "source_port"), ("b_port", "target_port"))
        ]
        row = Row(
            near, ports[0], far, ports[1], len(rows) + 1, "", "", _speed(edge), roles.get(a, ""), roles.get(b, "")
        )
        rows.append(row._replace(network=text(edge.get("network")), a_tier=tiers.get(a, ""), b_tier=tiers.get(b, "")))
    if not rows:
        raise source.wrong("holds no edges", 1)
    result = cables_of(rows, source.name, "graph", left=Counter())
    carried = {names[_key(node)]: _carried(source, node, usual) for node in nodes if "endpoints" in node}
    return replace(result, carried={device: ends for device, ends in carried.items() if ends[0]})


def _key(node: dict[str, Any]) -> str:
    return text(node.get("id")) or text(node.get("name"))


def _carried(source: Source, node: dict[str, Any], usual: object) -> tuple[int, float]:
    """How many endpoints a switch carries, and their speed in Gb/s, as `topo.from_networkx` reads them."""
    stated, told = node["endpoints"], node.get("endpoint_gbps", usual)
    try:
        number, speed = int(str(stated)), float(str(told))
    except ValueError:
        number, speed = -1, 0.0
    if not 0 <= number <= MAX_ENDPOINTS or not SLOWEST_GBPS <= speed <= FASTEST_GBPS:
        key, value = ("endpoints", stated) if not 0 <= number <= MAX_ENDPOINTS else ("endpoint_gbps", told)
        allowed = f"a whole number from 0 to {MAX_ENDPOINTS:,}, their endpoint_gbps {SPEEDS}"
        raise InputError(
            Problem(f"node {shown(_key(node))} has no such number", key, shown(value), allowed, file=source.name)
        )
    return number, speed


def _speed(edge: dict[str, Any]) -> float:
    for key in _SPEEDS:
        try:
            value = float(edge.get(key, 0) or 0)
        except (TypeError, ValueError):
            continue
        if 0 < value < 1e6:
            return value
    return 0.0


readers.add("graph", Reader("GraphML, or node-link JSON", _fits, _read))
