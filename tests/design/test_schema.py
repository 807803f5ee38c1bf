"""The JSON Schema against a validator of its own: what one refuses the other refuses, and the designs pass both."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
import yaml

from topo.catalog import load_catalog
from topo.design import parse_design
from topo.design.schema import schema
from topo.errors import InputError
from topo.generators.family import families

DESIGNS = sorted(p for p in (Path(__file__).parents[2] / "designs").glob("*.yaml") if p.stem != "policy")
SCHEMA = schema()
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)

BASE = """\
name: t
gpus: 16
host: h800-node
networks:
  compute: {family: ft2, switch: nvidia-qm9700}
"""


def test_it_is_a_schema_and_plain_json() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert json.loads(json.dumps(SCHEMA)) == SCHEMA
    assert json.dumps(schema()) == json.dumps(SCHEMA)


@pytest.mark.parametrize("path", DESIGNS, ids=lambda p: p.stem)
def test_every_design_is_valid(path: Path) -> None:
    assert not [error.message for error in VALIDATOR.iter_errors(yaml.safe_load(path.read_text()))]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("gpus: 16", "gpus: 0"),
        ("gpus: 16", "gpus: many"),
        ("gpus: 16\n", ""),
        ("name: t", "name: a b"),
        ("name: t", "name: t\nplans: 8"),
        ("family: ft2", "family: ft4"),
        ("family: ft2, ", ""),
        ("family: ft2", "family: ft2, planes: 8"),
        ("family: ft2", "family: ft2, endpoint_gbps: -1"),
        ("family: ft2", "family: mpft, planes: eight"),
        ("  compute: {family: ft2, switch: nvidia-qm9700}", "  compute: 7"),
        ("host: h800-node", "host: [h800-node]"),
        ("host: h800-node", "host: h800-node\nother_hosts: [{host: management-node}]"),
        ("host: h800-node", "host: h800-node\nrequirements: [{speed: {at_least: 1}}]"),
    ],
)
def test_both_refuse(old: str, new: str) -> None:
    assert old in BASE
    assert VALIDATOR.is_valid(yaml.safe_load(BASE))
    text = BASE.replace(old, new)
    assert not VALIDATOR.is_valid(yaml.safe_load(text))
    with pytest.raises(InputError):
        parse_design(text)


@pytest.mark.parametrize("name", families.names())
def test_every_key_of_a_family_is_there_and_explained(name: str) -> None:
    properties = SCHEMA["$defs"][f"family-{name}"]["properties"]
    assert set(properties) == set(families.get(name).params.model_fields)
    assert [key for key, value in properties.items() if not value.get("description")] == []


def test_part_ids_are_offered_and_others_allowed() -> None:
    offered = SCHEMA["properties"]["host"]["anyOf"][0]["enum"]
    assert offered == [i for i in load_catalog().ids("host") if load_catalog().host(i).gpus]
    assert "storage-server" not in offered
    assert VALIDATOR.is_valid(yaml.safe_load(BASE.replace("h800-node", "my-own-node")))
