"""The reference page of the design file, written from its JSON Schema."""

from __future__ import annotations

from collections.abc import Iterator

from topo.checks import requirement_kinds
from topo.design.schema import Schema, family_key, requirement_key, schema
from topo.generators.family import families

_HEAD = """\
# The design file

Written by `python docs/write_reference.py` from the schema that `topo schema` prints; do not edit.

A design is one YAML file of plain values: no tags, no aliases, no key twice, at most 1 MB. A number's key ends in its
unit. What is left out has the default given here or is computed from the rest.

```yaml
name: my-cluster
gpus: 2048
host: h800-node
networks:
  compute: {family: ft2, switch: nvidia-qm9700}
```
"""

_NETWORKS = "Each entry of `networks` names its family; the family gives it its keys."
_REQUIREMENTS = "Each entry of `requirements` is one kind with its keys: `- hops: {at_most: 3}`."


def reference_page() -> str:
    """The page as Markdown, its lines ending in a newline."""
    found = schema()
    lines = [_HEAD, "## Keys of a design", "", *_table(found, found["$defs"])]
    lines += ["", "## Keys of a network, by family", "", _NETWORKS]
    for name in families.names():
        definition = found["$defs"][family_key(name)]
        lines += ["", f"### {name}: {definition['title']}", "", *_table(definition, found["$defs"])]
    lines += ["", "## Requirements, by kind", "", _REQUIREMENTS]
    for name in requirement_kinds.names():
        definition = found["$defs"][requirement_key(name)]
        lines += ["", f"### {name}: {definition['title']}", "", *_table(definition, found["$defs"])]
    return "\n".join(lines) + "\n"


def _table(definition: Schema, defs: Schema) -> Iterator[str]:
    yield "| key | value | default | meaning |"
    yield "|---|---|---|---|"
    required = definition.get("required", ())
    for key, value in _keys(definition, defs):
        default = "required" if key in required else _default(value)
        meaning = str(value.get("description", "")).replace("|", "\\|").replace("\n", " ")
        yield f"| `{key}` | {_kind(value, defs)} | {default} | {meaning} |"


def _keys(definition: Schema, defs: Schema) -> Iterator[tuple[str, Schema]]:
    """The keys of an object, with those of lists of objects written as `list[].key`."""
    for key, value in definition.get("properties", {}).items():
        yield key, value
        inner = value.get("items", {}).get("$ref", "").removeprefix("#/$defs/")
        if inner:
            for name, below in defs[inner]["properties"].items():
                yield f"{key}[].{name}", {"default": None, **below}


def _default(value: Schema) -> str:
    default = value.get("default")
    if default is None or default in ([], {}, ""):
        return ""
    if isinstance(default, bool):
        return f"`{str(default).lower()}`"
    return f"`{default:g}`" if isinstance(default, float) else f"`{default}`"


def _kind(value: Schema, defs: Schema) -> str:
    """What a value may be, in words."""
    if "const" in value:
        return f"`{value['const']}`"
    if "enum" in value:
        return ", ".join(f"`{v}`" for v in value["enum"])
    if "$ref" in value:
        return _kind(defs[value["$ref"].removeprefix("#/$defs/")], defs)
    if "anyOf" in value:
        options = [option for option in value["anyOf"] if option.get("type") != "null"]
        if any("pattern" in option for option in options):
            return "part id"
        return " or ".join(dict.fromkeys(_kind(option, defs) for option in options))
    kind = str(value.get("type", ""))
    if kind == "array":
        return f"list of {_kind(value['items'], defs)}" if value.get("items") else "list"
    if kind in ("integer", "number"):
        return f"{'whole number' if kind == 'integer' else 'number'}{_range(value)}"
    return {"object": "mapping", "string": "text", "boolean": "`true` or `false`"}.get(kind, kind)


def _range(value: Schema) -> str:
    low = value.get("minimum", value.get("exclusiveMinimum"))
    high = value.get("maximum", value.get("exclusiveMaximum"))
    parts = []
    if low is not None:
        parts.append(f"{'above' if 'exclusiveMinimum' in value else 'from'} {_number(low)}")
    if high is not None:
        parts.append(f"{'below' if 'exclusiveMaximum' in value else 'up to'} {_number(high)}")
    return " " + " ".join(parts) if parts else ""


def _number(value: float) -> str:
    return f"{value:,}" if isinstance(value, int) else f"{value:,g}"
