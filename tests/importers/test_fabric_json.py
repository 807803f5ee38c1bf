"""What is no fabric is refused with its key, never with a traceback."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

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
