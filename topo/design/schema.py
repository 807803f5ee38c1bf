"""JSON Schema of the design file, with the keys of every family and of every kind of requirement, for editors."""

from __future__ import annotations

import json
from typing import Any

from pydantic import BaseModel

from topo.catalog import Catalog, load_catalog
from topo.checks import requirement_kinds
from topo.design.model import DesignFile
from topo.generators.family import families

SCHEMA_FILE = "topo.schema.json"
"""The file that a design's first line names, beside the design: editors find it without a network."""
SCHEMA_ID = "topo.design"
Schema = dict[str, Any]
"""A JSON Schema, which is JSON and has no narrower type."""


def schema(catalog: Catalog | None = None) -> Schema:
    """The JSON Schema (draft 2020-12) of a design file. Part ids are completed from the catalog, by default the
    shipped one; other ids stay allowed, since a user's own folder may bring them."""
    parts = catalog or load_catalog()
    result = DesignFile.model_json_schema()
    defs: Schema = result.pop("$defs", {})
    networks, kinds = result["properties"]["networks"], result["properties"]["requirements"]
    networks["additionalProperties"] = _network(defs)
    networks.pop("patternProperties", None)
    networks["propertyNames"] = {"pattern": "^[A-Za-z0-9][A-Za-z0-9._-]*$", "maxLength": 64}
    kinds["items"] = _requirement(defs)
    with_gpus = tuple(i for i in parts.ids("host") if parts.host(i).gpus)
    _complete(result["properties"]["host"], with_gpus)
    _complete(result["properties"]["price_book"], parts.ids("price-book"))
    _complete(defs["OtherHosts"]["properties"]["host"], parts.ids("host"))
    for definition in defs.values():
        for key, value in definition.get("properties", {}).items():
            if key == "switch" or key.endswith("_switch"):
                _complete(value, parts.ids("switch"))
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": SCHEMA_ID,
        **result,
        "title": "topo design",
        "$defs": dict(sorted(defs.items())),
    }


def schema_text(catalog: Catalog | None = None) -> str:
    """The schema as `topo schema` prints it."""
    return json.dumps(schema(catalog), indent=2) + "\n"


def is_schema(text: str) -> bool:
    """Whether a text is a schema of designs, of this version or another."""
    try:
        result = json.loads(text)
    except ValueError:
        return False
    return isinstance(result, dict) and result.get("$id") == SCHEMA_ID


def family_key(name: str) -> str:
    """The name of a family's definition in the schema."""
    return f"family-{name}"


def requirement_key(name: str) -> str:
    """The name of a requirement kind's definition in the schema."""
    return f"requirement-{name}"


def _network(defs: Schema) -> Schema:
    names = families.names()
    cases = []
    for name in names:
        family = families.get(name)
        definition = _definition(family.params, defs)
        definition["title"] = family.title
        definition["properties"]["family"] = {"const": name, "description": f"topology family: {family.title}"}
        defs[family_key(name)] = definition
        chosen = {"properties": {"family": {"const": name}}, "required": ["family"]}
        cases.append({"if": chosen, "then": {"$ref": f"#/$defs/{family_key(name)}"}})
    family_names: Schema = {"enum": list(names), "description": "topology family"}
    return {"type": "object", "properties": {"family": family_names}, "required": ["family"], "allOf": cases}


def _requirement(defs: Schema) -> Schema:
    properties = {}
    for name in requirement_kinds.names():
        kind = requirement_kinds.get(name)
        definition = _definition(kind.params, defs)
        definition["title"] = kind.title
        defs[requirement_key(name)] = definition
        ref = {"$ref": f"#/$defs/{requirement_key(name)}"}
        optional = not definition.get("required")
        properties[name] = {"anyOf": [ref, {"type": "null"}]} if optional else ref
    return {
        "type": "object",
        "properties": properties,
        "additionalProperties": False,
        "minProperties": 1,
        "maxProperties": 1,
    }


def _definition(model: type[BaseModel], defs: Schema) -> Schema:
    """A model's schema, its own definitions moved to `defs`; raises ValueError where two of them differ."""
    result: Schema = model.model_json_schema(ref_template="#/$defs/{model}")
    for name, inner in result.pop("$defs", {}).items():
        if defs.setdefault(name, inner) != inner:
            raise ValueError(f"two definitions are called {name}")
    result.pop("description", None)
    return result


def _complete(value: Schema, ids: tuple[str, ...]) -> None:
    """Lets an editor offer these ids where a string is allowed."""
    if not ids:
        return
    known: Schema = {"enum": list(ids)}
    if "anyOf" in value:
        value["anyOf"].insert(0, known)
        return
    text = {key: value.pop(key) for key in ("type", "pattern", "maxLength") if key in value}
    value["anyOf"] = [known, text]
