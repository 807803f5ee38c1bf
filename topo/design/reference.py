"""The reference page of the design file, written from its JSON Schema."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from topo.analysis.routing import Routing, routings
from topo.analysis.throughput.answer import AdaptiveParams
from topo.analysis.traffic import Traffic, traffics
from topo.catalog import load_catalog
from topo.catalog.listing import listed
from topo.catalog.models import KINDS, Strict
from topo.checks import requirement_kinds
from topo.design.schema import Schema, family_key, requirement_key, schema
from topo.generators.family import families
from topo.registry import Registry

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

_SPECS = """\
A word, or a word with parameters: `permutation:seed=3`, `ecmp:qp=4,seeds=8`. Commands, requirements and the Python
calls take the same words."""
_PARTS = """\
What `catalogs/` holds; `topo catalog show ID` prints a part with its source, `--catalog DIR` adds parts of your own.
Figures of parts marked *from memory* were quoted without reading the source again."""
_NETWORKS = "Each entry of `networks` names its family; the family gives it its keys."
_REQUIREMENTS = "Each entry of `requirements` is one kind with its keys: `- hops: {at_most: 3}`."


def reference_page() -> str:
    """The page as Markdown, its lines ending in a newline."""
    result = schema()
    lines = [_HEAD, "## Keys of a design", "", *_table(result, result["$defs"])]
    lines += ["", "## Keys of a network, by family", "", _NETWORKS]
    for name in families.names():
        definition = result["$defs"][family_key(name)]
        lines += ["", f"### {name}: {definition['title']}", "", *_table(definition, result["$defs"])]
    lines += ["", "## Requirements, by kind", "", _REQUIREMENTS]
    for name in requirement_kinds.names():
        definition = result["$defs"][requirement_key(name)]
        lines += ["", f"### {name}: {definition['title']}", "", *_table(definition, result["$defs"])]
    lines += ["", "## Traffic", "", _SPECS, "", *_specs(_of(traffics))]
    lines += ["", "## Routings", "", _SPECS, "", *_specs({"adaptive": _ADAPTIVE, **_of(routings)})]
    return "\n".join([*lines, "", "## Shipped parts", "", _PARTS, *_shipped()]) + "\n"


Spec = tuple[str, type[Strict]]
"""What a word means, and its parameters."""
_ADAPTIVE: Spec = ("every flow split over paths as well as possible: the optimum", AdaptiveParams)


def _of(registry: Registry[Traffic[Any]] | Registry[Routing[Any]]) -> dict[str, Spec]:
    return {name: (registry.get(name).title, registry.get(name).params) for name in registry.names()}


def _specs(words: Mapping[str, Spec]) -> Iterator[str]:
    yield "| word | meaning | parameter | value | default |"
    yield "|---|---|---|---|---|"
    for name, (title, params) in sorted(words.items()):
        result = params.model_json_schema()
        yield f"| `{name}` | {_cell(title)} | | | |"
        for key, value in result.get("properties", {}).items():
            default = "required" if key in result.get("required", ()) else _default(value)
            kind = _kind(value, result.get("$defs", {}))
            yield f"| | {_cell(value.get('description', ''))} | `{key}` | {kind} | {default} |"


def _shipped() -> Iterator[str]:
    """Every shipped part, by kind."""
    rows = listed(load_catalog())
    for kind in KINDS:
        own = [row for row in rows if row.kind == kind]
        if own:
            yield from ("", f"### {kind}", "", "| id | part | source |", "|---|---|---|")
            yield from (f"| `{r.id}` | {_cell(r.title)} | {'read' if r.read else 'from memory'} |" for r in own)


def _cell(text: object) -> str:
    return str(text).replace("|", "\\|").replace("\n", " ")


def _table(definition: Schema, defs: Schema) -> Iterator[str]:
    yield "| key | value | default | meaning |"
    yield "|---|---|---|---|"
    required = definition.get("required", ())
    for key, value in _keys(definition, defs):
        default = "required" if key in required else _default(value)
        yield f"| `{key}` | {_kind(value, defs)} | {default} | {_cell(value.get('description', ''))} |"


def _keys(definition: Schema, defs: Schema) -> Iterator[tuple[str, Schema]]:
    """The keys of an object, with those below them: `key.inner`, `list[].inner`, `mapping.NAME.inner`."""
    for key, value in definition.get("properties", {}).items():
        yield key, value
        for way, inner in _below(value):
            for name, below in _keys(defs[inner], defs):
                yield f"{key}{way}.{name}", {"default": None, **below}


def _below(value: Schema) -> Iterator[tuple[str, str]]:
    """The objects that a value may hold: how they are reached, and the name of their definition."""
    if "$ref" in value:
        yield "", value["$ref"].removeprefix("#/$defs/")
    for option in value.get("anyOf", ()):
        yield from _below(option)
    if "items" in value:
        yield from ((f"[]{way}", inner) for way, inner in _below(value["items"]))
    named = [*value.get("patternProperties", {}).values(), value.get("additionalProperties")]
    for option in named:
        if isinstance(option, dict):
            yield from ((f".NAME{way}", inner) for way, inner in _below(option))


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
