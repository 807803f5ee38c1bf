"""A Fabric from the JSON that topo writes."""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from topo.errors import InputError, Problem, shown
from topo.fabric import Devices, Endpoints, Fabric, Links, Origin, Ports
from topo.fabric.model import PortRole, Table
from topo.fabric.speed import FASTEST_GBPS, SLOWEST_GBPS, SPEEDS
from topo.files import not_json, read_file
from topo.units import amount

SCHEMA = "topo.fabric/1"
MAX_BYTES = 300_000_000
"""It is read at once, and takes several times as much memory."""
MAX_ROWS = 50_000_000
"""Of one table: each column of so many numbers takes 200 MB."""
MAX_NAME = 400
"""Twice the longest name that is read from what is built."""
PORTS_PER_DEVICE, FREE_PORTS, MANY_PORTS = 10_000, 1_000_000, 1_000
"""So many ports may a device have on average, and where that is more than FREE_PORTS in all, MANY_PORTS beyond these:
more than switches have. A count of a few digits can stand for any number of rows: what is not listed is bounded by what
is."""
LABELS = 100_000
"""Planes, rails, pods and domains are numbered up to here, or up to the number of devices where that is more."""
LARGEST = 2**31 - 1
"""Columns hold signed 32-bit numbers."""

TableType = TypeVar("TableType", bound=Table)


def read_fabric(path: str | Path) -> Fabric:
    """The fabric in a file; raises InputError."""
    return from_json(read_file(path, MAX_BYTES), str(path))


def from_json(content: bytes, name: str = "fabric.json") -> Fabric:
    """The fabric of a JSON text; raises InputError for what is no fabric of ours."""
    try:
        result: Any = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise InputError(not_json(error, name)) from None
    if not isinstance(result, dict) or result.get("schema") != SCHEMA:
        raise InputError(Problem("is no fabric that topo wrote", "schema", allowed=SCHEMA, file=name))
    try:
        fabric = _fabric(result)
        _check_references(fabric)
        return fabric
    except _BadError as error:
        raise InputError(Problem(error.message, error.key, file=name)) from None


class _BadError(Exception):
    def __init__(self, key: str, message: str) -> None:
        super().__init__(key, message)
        self.key, self.message = key, message


def _fabric(result: dict[str, Any]) -> Fabric:
    origins = result.get("origins")
    if not isinstance(origins, list) or not all(
        isinstance(o, dict) and isinstance(o.get("shape"), dict) for o in origins
    ):
        raise _BadError("origins", "is no list of origins")
    speeds = result.get("scale_up_gbps")
    if not isinstance(speeds, list) or not all(isinstance(s, int | float) for s in speeds):
        raise _BadError("scale_up_gbps", "is no list of numbers")
    names = result.get("devices", {}).get("name", {}) if isinstance(result.get("devices"), dict) else {}
    listed = names.get("values") if isinstance(names, dict) else None
    devices = _table(result, "devices", Devices, len(listed) if isinstance(listed, list) else 0)
    ports = _table(result, "ports", Ports, _most_ports(len(devices)))
    return Fabric(
        name=_text(result.get("name"), "name"),
        networks=_words(result, "networks"),
        parts=_words(result, "parts"),
        groups=_words(result, "groups"),
        scale_up_gbps=tuple(float(s) for s in speeds),
        link_kinds=_words(result, "link_kinds"),
        port_names=np.array(_words(result, "port_names"), dtype=np.str_),
        devices=devices,
        ports=ports,
        links=_table(result, "links", Links, len(ports)),
        endpoints=_table(result, "endpoints", Endpoints, len(ports)),
        origins=tuple(
            Origin(
                _text(o.get("network"), "origins.network"),
                _text(o.get("family"), "origins.family"),
                tuple((str(k), _whole(v, f"origins.{k}")) for k, v in o["shape"].items()),
            )
            for o in origins
        ),
        system_names=_system_names(result.get("system_names", [])),
    )


def _most_ports(devices: int) -> int:
    return min(PORTS_PER_DEVICE * devices, FREE_PORTS + MANY_PORTS * devices)


def _system_names(value: Any) -> tuple[tuple[tuple[str, tuple[str, ...]], ...], ...]:
    if not isinstance(value, list) or not all(isinstance(names, dict) for names in value):
        raise _BadError("system_names", "is no list of names by system")
    return tuple(tuple((str(k), _words(names, k)) for k in names) for names in value)


def _text(value: Any, key: str) -> str:
    if not isinstance(value, str):
        raise _BadError(key, "is no text")
    _printable([value], key)
    return value


def _printable(values: list[str], key: str) -> None:
    """Raises _BadError for a text that holds what is not seen, such as a line end, or is too long for a name."""
    for value in values:
        if not value.isprintable():
            raise _BadError(key, f"holds a character that cannot be printed: {shown(value)}")
        if len(value) > MAX_NAME:
            raise _BadError(key, f"holds a name of more than {MAX_NAME:,} characters")


def _whole(value: Any, key: str) -> int:
    if not isinstance(value, int):
        raise _BadError(key, "is no whole number")
    if abs(value) > LARGEST:
        raise _BadError(key, f"is out of range; at most {LARGEST:,}")
    return value


def _words(result: dict[str, Any], key: str) -> tuple[str, ...]:
    values = result.get(key)
    if not isinstance(values, list) or not all(isinstance(v, str) for v in values):
        raise _BadError(key, "is no list of texts")
    _printable(values, key)
    return tuple(values)


def _table(result: dict[str, Any], key: str, kind: type[TableType], most: int) -> TableType:
    """A table of at most `most` rows, which is known before any memory is taken for them."""
    table = result.get(key)
    if not isinstance(table, dict):
        raise _BadError(key, "is no table")
    names = [f.name for f in fields(kind)]
    if sorted(table) != sorted(names):
        raise _BadError(key, f"has other columns than {', '.join(names)}")
    for name in names:
        rows = _rows(table[name], f"{key}.{name}")
        if rows > min(most, MAX_ROWS):
            raise _BadError(f"{key}.{name}", f"has {amount(rows, 'row')}; the devices and ports listed allow {most:,}")
    columns = [_column(table[name], f"{key}.{name}") for name in names]
    if key in ("links", "endpoints") and not _fast_and_slow_enough(columns[names.index("gbps")]):
        raise _BadError(f"{key}.gbps", f"holds what is no speed; allowed are {SPEEDS}")
    if len({len(c) for c in columns}) > 1:
        raise _BadError(key, "has columns of different lengths")
    return kind(*columns)


def _fast_and_slow_enough(gbps: npt.NDArray[Any]) -> bool:
    if gbps.dtype.kind not in "if":
        return True
    return bool(((gbps >= SLOWEST_GBPS) & (gbps <= FASTEST_GBPS)).all())


_DTYPES = ("str", "bool", "int8", "int16", "int32", "int64", "float64")


def _rows(column: Any, key: str) -> int:
    """How many rows a column has when its values are repeated; raises _BadError for what is no column."""
    if not isinstance(column, dict) or not isinstance(column.get("values"), list) or column.get("dtype") not in _DTYPES:
        raise _BadError(key, f"is no column {{dtype, values}} with a dtype of {', '.join(_DTYPES)}")
    counts = column.get("counts")
    if counts is None:
        return len(column["values"])
    if not isinstance(counts, list) or not all(isinstance(c, int) and 0 <= c <= MAX_ROWS for c in counts):
        raise _BadError(key, "has counts that are no whole numbers")
    if len(counts) != len(column["values"]):
        raise _BadError(key, "has counts that do not match its values")
    return sum(counts)


def _column(column: dict[str, Any], key: str) -> npt.NDArray[Any]:
    values, counts, dtype = column["values"], column.get("counts"), column["dtype"]
    kinds = {"str": str, "bool": bool, "float64": (int, float)}.get(dtype, int)
    if not all(isinstance(v, kinds) for v in values):  # type: ignore[arg-type]
        raise _BadError(key, f"holds values that are not of type {dtype}")
    if dtype == "str":
        _printable(values, key)
    try:
        array = np.array(values, dtype=np.str_ if dtype == "str" else dtype)
    except (OverflowError, ValueError):
        raise _BadError(key, f"holds values outside {dtype}") from None
    if counts is None:
        return array
    repeated = np.repeat(array, counts)
    if "step" in column:
        if array.dtype.kind != "i":
            raise _BadError(key, "has a step, and no whole numbers")
        step = _whole(column["step"], key)
        starts = np.cumsum([0, *counts]).tolist()
        limits = np.iinfo(array.dtype)
        for value, first, after in zip(array.tolist(), starts, starts[1:], strict=False):
            if after > first and not all(limits.min <= value + step * at <= limits.max for at in (first, after - 1)):
                raise _BadError(key, f"holds values outside {dtype}")
        repeated = (repeated.astype(np.int64) + np.arange(len(repeated)) * step).astype(array.dtype)
    return repeated


def _check_references(fabric: Fabric) -> None:
    """Every row number points into its table; ports lie in device order."""
    devices, ports, links = len(fabric.devices), len(fabric.ports), len(fabric.links)
    d, p, e = fabric.devices, fabric.ports, fabric.endpoints
    most, tables = max(LABELS, devices), (("links", fabric.links), ("endpoints", e))
    limits = (
        ("ports.device", p.device, 0, devices),
        ("ports.name", p.name, 0, len(fabric.port_names)),
        ("links.a", fabric.links.a, 0, ports),
        ("links.b", fabric.links.b, 0, ports),
        ("links.kind", fabric.links.kind, 0, len(fabric.link_kinds)),
        ("links.network", fabric.links.network, 0, len(fabric.networks)),
        ("devices.tier", d.tier, 0, 5),
        ("devices.network", d.network, -1, len(fabric.networks)),
        ("devices.part", d.part, -1, len(fabric.parts)),
        ("devices.group", d.group, -1, len(fabric.groups)),
        ("endpoints.port", e.port, 0, ports),
        ("endpoints.host", e.host, 0, devices),
        ("endpoints.network", e.network, 0, len(fabric.networks)),
    )
    labels = (
        *((f"devices.{name}", getattr(d, name), -1, most) for name in ("plane", "rail", "pod", "domain")),
        *((f"{key}.{name}", getattr(table, name), -1, most) for name in ("plane", "rail") for key, table in tables),
        *((f"ports.{name}", getattr(p, name), -1, LARGEST) for name in ("number", "cage", "sub", "lanes")),
        *(
            (f"endpoints.{name}", getattr(e, name), -1, LARGEST)
            for name in ("nic", "nic_port", "gpu_first", "gpu_count")
        ),
        ("devices.index", d.index, -1, LARGEST),
        ("devices.gpus", d.gpus, 0, LARGEST),
        ("links.bundle", fabric.links.bundle, -1, LARGEST),
        ("ports.role", p.role, 0, len(PortRole)),
    )
    for key, column, low, high in labels:
        if column.dtype.kind != "i":
            raise _BadError(key, "is no column of whole numbers")
        if len(column) and (column.min() < low or column.max() >= high):
            raise _BadError(key, f"holds a number that is out of range; allowed are {low:,} to {high - 1:,}")
    for key, column, low, high in limits:
        if column.dtype.kind != "i":
            raise _BadError(key, "is no column of whole numbers")
        if len(column) and (column.min() < low or column.max() >= high):
            raise _BadError(key, "points to a row that is not there")
    if len(p.device) and (np.diff(p.device) < 0).any():
        raise _BadError("ports.device", "is not in device order")
    if len(np.unique(fabric.links.id)) != links:
        raise _BadError("links.id", "holds an id twice")
    if len(np.unique(d.name)) != devices:
        raise _BadError("devices.name", "holds a name twice")
