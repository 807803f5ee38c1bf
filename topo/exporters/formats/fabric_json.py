"""The fabric as JSON that `topo.importers.fabric_json` loads back to the same fabric."""

from __future__ import annotations

import json
from dataclasses import fields
from typing import Any

import numpy as np
import numpy.typing as npt

from topo.exporters.plan import Exporter, Plan, exporters
from topo.fabric import Fabric
from topo.fabric.model import Table

SCHEMA = "topo.fabric/1"
TABLES = ("devices", "ports", "links", "endpoints")


def to_json(fabric: Fabric) -> bytes:
    """One JSON object; a column is {dtype, values}, with `counts` where equal values follow each other, or with `step`
    where each value is the last one plus it."""
    result: dict[str, Any] = {
        "schema": SCHEMA,
        "name": fabric.name,
        "networks": fabric.networks,
        "parts": fabric.parts,
        "groups": fabric.groups,
        "scale_up_gbps": fabric.scale_up_gbps,
        "link_kinds": fabric.link_kinds,
        "port_names": fabric.port_names.tolist(),
        "origins": [{"network": o.network, "family": o.family, "shape": dict(o.shape)} for o in fabric.origins],
    }
    if any(fabric.system_names):
        result["system_names"] = [dict(names) for names in fabric.system_names]
    lines = [f"{json.dumps(k)}: {json.dumps(v, ensure_ascii=False, separators=(',', ':'))}" for k, v in result.items()]
    lines += [f"{json.dumps(t)}: {_table(getattr(fabric, t))}" for t in TABLES]
    return ("{\n" + ",\n".join(lines) + "\n}\n").encode()


def _table(table: Table) -> str:
    columns = [f"{json.dumps(f.name)}: {_column(getattr(table, f.name))}" for f in fields(table)]
    return "{\n " + ",\n ".join(columns) + "}"


def _column(values: npt.NDArray[Any]) -> str:
    kind = "str" if values.dtype.kind == "U" else values.dtype.name
    head: dict[str, Any] = {"dtype": kind}
    n = len(values)
    if n > 1 and values.dtype.kind in "iufb":
        start = np.flatnonzero(np.append(True, values[1:] != values[:-1]))
        if len(start) * 2 < n:
            head |= {"values": values[start].tolist(), "counts": np.diff(np.append(start, n)).tolist()}
            return json.dumps(head, separators=(",", ":"))
        if values.dtype.kind == "i" and len(np.unique(np.diff(values))) == 1:
            head |= {"values": [int(values[0])], "step": int(values[1]) - int(values[0]), "counts": [n]}
            return json.dumps(head, separators=(",", ":"))
    return json.dumps(head | {"values": values.tolist()}, separators=(",", ":"), ensure_ascii=False)


def _write(plan: Plan) -> dict[str, bytes]:
    return {"fabric.json": to_json(plan.fabric)}


exporters.add("fabric-json", Exporter("the fabric, JSON that loads back", _write, "prices, lengths and cables"))
