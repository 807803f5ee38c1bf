"""What stands where and which number each cable has, for the next design's `placement: {keep: ...}`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from topo.design.stands import SCHEMA
from topo.exporters.plan import Exporter, Plan, exporters


def _write(plan: Plan) -> dict[str, bytes]:
    places = plan.places
    assert places is not None
    racks = places.racks.name[places.rack].tolist()
    names = plan.fabric.devices.name.tolist()
    devices = {n: {"rack": r, "ru": u} for n, r, u in zip(names, racks, places.ru.tolist(), strict=True)}
    head = json.dumps({"schema": SCHEMA, "design": plan.design.name}, ensure_ascii=False)[:-1]
    numbers = dict(zip(plan.links.cable_ids, plan.cabling.cables.number.tolist(), strict=True))
    text = f'{head}, "devices": {{\n{_lines(devices)}\n}}, "cables": {{\n{_lines(numbers)}\n}}}}\n'
    return {"placement.json": text.encode()}


def _lines(values: Mapping[str, Any]) -> str:
    return ",\n".join(f"  {json.dumps(name)}: {json.dumps(value)}" for name, value in values.items())


def _refuses(plan: Plan) -> str:
    return "" if plan.places is not None else "the design has no floor plan"


exporters.add(
    "placement",
    Exporter("where every device stands and the cables' numbers, JSON", _write, "what cables join; panels", _refuses),
)
