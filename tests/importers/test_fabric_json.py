"""What is no fabric is refused with its key, never with a traceback."""

from __future__ import annotations

import copy
import json
import tracemalloc
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from tests.slow import slow
from topo.design import build, parse_design
from topo.errors import InputError
from topo.exporters.formats.fabric_json import to_json
from topo.importers.fabric_json import from_json, read_fabric

TEXT = "name: t\ngpus: 64\nhost: h800-node\nnetworks: {compute: {family: ft2, switch: nvidia-qm9700}}\n"
GOOD: dict[str, Any] = json.loads(to_json(build(parse_design(TEXT))))
LINKS = sum(GOOD["links"]["gbps"]["counts"])
DEVICES = len(GOOD["devices"]["name"]["values"])


def changed(path: str, value: Any) -> bytes:
    found = json.loads(json.dumps(GOOD))
    *way, last = path.split(".")
    at = found
    for step in way:
        at = at[step]
    at[last] = value
    return json.dumps(found).encode()


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("schema", "x/1", "no fabric that topo wrote"),
        ("name", 5, "is no text"),
        ("networks", ["compute", 5], "no list of texts"),
        ("origins", [{"network": "compute"}], "no list of origins"),
        ("links", [], "is no table"),
        ("links.a", {"dtype": "object", "values": []}, "is no column"),
        ("links.a", {"dtype": "int64", "values": ["x"]}, "not of type int64"),
        ("links.a", {"dtype": "int64", "values": [2**70]}, "outside int64"),
        ("links.a", {"dtype": "int64", "values": [0], "counts": [10**12]}, "no whole numbers"),
        ("links.a", {"dtype": "int64", "values": [0], "counts": [5]}, "different lengths"),
        ("links.a", {"dtype": "int64", "values": [-1], "counts": [LINKS]}, "points to a row"),
        ("links.b", {"dtype": "int64", "values": [10**6], "counts": [LINKS]}, "points to a row"),
        ("links.id", {"dtype": "int64", "values": [0], "counts": [LINKS]}, "an id twice"),
        ("devices.part", {"dtype": "int32", "values": [7], "counts": [DEVICES]}, "points to a row"),
        ("devices.tier", {"dtype": "float64", "values": [1.0], "counts": [DEVICES]}, "whole numbers"),
    ],
)
def test_every_broken_table_is_named(path: str, value: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        from_json(changed(path, value), "f.json")


@pytest.mark.parametrize(
    "content", [b"", b"\xff\xfe\x00", b"[" * 100_000, b"null", b"{", b'{"schema": "topo.fabric/1"}']
)
def test_noise_is_refused(content: bytes) -> None:
    with pytest.raises(InputError):
        from_json(content)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        read_fabric(tmp_path / "none.json")


def _hostile() -> Iterator[tuple[str, dict[str, Any]]]:
    """A small fabric with one number of its file out of all proportion."""
    base = json.loads((Path(__file__).parents[1] / "golden" / "tiny-ft2" / "fabric.json").read_text())
    for table in ("devices", "ports", "links", "endpoints"):
        for name, column in base[table].items():
            if column["dtype"] in ("str", "bool"):
                continue
            counts = [1] * len(column["values"]) if "counts" not in column else column["counts"]
            for change in (
                {"values": [*column["values"][:-1], 127 if column["dtype"] == "int8" else 2**31 - 1]},
                {"values": [*column["values"][:-1], -7]},
                {"counts": counts, "step": 10**30},
                {"counts": counts, "step": 2**62},
                {"counts": [*counts[:-1], 10**7]},
                {"counts": [*counts[:-1], 10**30]},
            ):
                found = copy.deepcopy(base)
                found[table][name] |= change
                yield f"{table}.{name} {change}", found
    for i, origin in enumerate(base["origins"]):
        for key in origin["shape"]:
            for value in (10**9, 10**30, -1):
                found = copy.deepcopy(base)
                found["origins"][i]["shape"][key] = value
                yield f"origins.{key} {value}", found


@pytest.mark.parametrize("step", [5, slow(1)])
def test_no_number_of_a_small_file_takes_much_memory_or_crashes(step: int) -> None:
    import topo

    tracemalloc.start()
    try:
        for what, found in islice(_hostile(), 0, None, step):
            tracemalloc.reset_peak()
            try:
                fabric = from_json(json.dumps(found).encode())
                topo.check(fabric)
            except InputError:
                pass
            peak = tracemalloc.get_traced_memory()[1]
            assert peak < 100_000_000, (what, peak)
    finally:
        tracemalloc.stop()


def test_runs_in_a_small_file_are_bounded_by_the_devices_it_lists() -> None:
    """Tables of repeated rows that agree with each other: what they may take is known from the devices listed."""
    base = json.loads((Path(__file__).parents[1] / "golden" / "tiny-ft2" / "fabric.json").read_text())
    for table in ("ports", "links", "endpoints"):
        for column in base[table].values():
            column.clear()
    rows = 10_000 * 200
    base["devices"] = {
        name: {"dtype": column["dtype"], "values": [column["values"][0]], "counts": [200]}
        for name, column in base["devices"].items()
    } | {"name": {"dtype": "str", "values": [f"d{i}" for i in range(200)]}}
    fabric = json.loads((Path(__file__).parents[1] / "golden" / "tiny-ft2" / "fabric.json").read_text())
    base["ports"] = {
        name: {"dtype": column["dtype"], "values": [column["values"][0]], "counts": [rows]}
        for name, column in fabric["ports"].items()
    }
    content = json.dumps(base).encode()
    assert len(content) < 10_000
    tracemalloc.start()
    try:
        with pytest.raises(InputError, match=r"2,000,000 rows; the devices and ports listed allow 1,200,000"):
            from_json(content)
        assert tracemalloc.get_traced_memory()[1] < 10_000_000
    finally:
        tracemalloc.stop()
