"""What stands where, for the next design's `placement: {keep: ...}`."""

from __future__ import annotations

import json

from topo.design.stands import SCHEMA
from topo.exporters.plan import Exporter, Plan, exporters


def _write(plan: Plan) -> dict[str, bytes]:
    places = plan.places
    assert places is not None
    racks = places.racks.name[places.rack].tolist()
    names = plan.fabric.devices.name.tolist()
    devices = {n: {"rack": r, "ru": u} for n, r, u in zip(names, racks, places.ru.tolist(), strict=True)}
    head = json.dumps({"schema": SCHEMA, "design": plan.design.name}, ensure_ascii=False)[:-1]
    rows = ",\n".join(f"  {json.dumps(name)}: {json.dumps(place)}" for name, place in devices.items())
    return {"placement.json": f'{head}, "devices": {{\n{rows}\n}}}}\n'.encode()}


def _refuses(plan: Plan) -> str:
    return "" if plan.places is not None else "the design has no floor plan"


exporters.add("placement", Exporter("where every device stands, JSON", _write, "cables and panels", _refuses))
