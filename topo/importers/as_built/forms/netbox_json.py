"""NetBox's cables as its REST API gives them: `/api/dcim/cables/`, pages of it, or a list."""

from __future__ import annotations

from collections import Counter
from typing import Any

from topo.importers.as_built.json_reports import Lines, many, text
from topo.importers.as_built.model import AsBuilt
from topo.importers.as_built.panels import Row, cables_of
from topo.importers.as_built.reader import Reader, checked, readers
from topo.importers.as_built.source import Source
from topo.units import amount


def _cables(result: Any) -> list[Any]:
    if isinstance(result, list) and result and all(isinstance(p, dict) and "results" in p for p in result):
        return [c for page in result for c in many(page["results"])]
    rows = result.get("results") if isinstance(result, dict) else result
    return rows if isinstance(rows, list) else []


def _fits(source: Source) -> bool:
    rows = _cables(source.json)
    return bool(rows) and all(isinstance(r, dict) and ("a_terminations" in r or "termination_a" in r) for r in rows)


def _read(source: Source) -> AsBuilt:
    rows: list[Row] = []
    left: Counter[str] = Counter()
    lines = Lines(source.text)
    for cable in _cables(source.json):
        line = lines.of("a_terminations" if "a_terminations" in cable else "termination_a")
        status = cable.get("status")
        state = text(status.get("value") if isinstance(status, dict) else status)
        if state in ("decommissioning", "decommissioned"):
            left["cables that are taken out"] += 1
            continue
        sides = [_side(cable, side, source, line) for side in "ab"]
        if any(kind and kind not in ("interface", "frontport", "rearport") for ends in sides for _, _, kind in ends):
            left["cables for consoles, power and circuits"] += 1
        elif not all(sides):
            left["cables with an end in the air"] += 1
        elif len(sides[0]) != len(sides[1]) and 1 not in map(len, sides):
            raise source.wrong(
                f"a cable has {amount(len(sides[0]), 'end')} on one side and {len(sides[1]):,} on the other", line
            )
        else:
            n = max(map(len, sides))
            a, b = (ends if len(ends) == n else [(ends[0][0], "", ends[0][2])] * n for ends in sides)
            rows += [Row(x[0], x[1], y[0], y[1], line, x[2], y[2]) for x, y in zip(a, b, strict=True)]
    return cables_of(rows, source.name, "netbox-json", left=left)


def _side(cable: dict[str, Any], side: str, source: Source, line: int) -> list[tuple[str, str, str]]:
    """Device, port and kind of each termination of a side."""
    result = []
    for one in many(cable.get(f"{side}_terminations")) or many(cable.get(f"termination_{side}")):
        if not isinstance(one, dict):
            raise source.wrong("is no termination of a cable", line, str(one))
        inner = one.get("object")
        about: dict[str, Any] = inner if isinstance(inner, dict) else one
        kind = text(one.get("object_type") or cable.get(f"termination_{side}_type")).rpartition(".")[2]
        device = about.get("device")
        if not isinstance(device, dict):
            result.append(("", "", kind or "circuit"))
            continue
        name = checked(text(device.get("name")) or text(device.get("display")), "device", source.name, line)
        port = checked(text(about.get("name")) or text(about.get("display")), "port", source.name, line)
        result.append((name, port, kind))
    return result


readers.add("netbox-json", Reader("NetBox's cables as its REST API gives them", _fits, _read))
