"""Every key of a design that takes a number, with numbers that nobody means: each is taken, and the design then works,
or refused with file, line and key; none ends the program, hangs or grows."""

from __future__ import annotations

import resource
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import yaml

import topo
from tests.errors.test_fuzz import at_most_seconds, shown_on_failure
from topo.catalog import load_catalog
from topo.design import closed_forms, parse_design
from topo.design.schema import schema
from topo.errors import InputError, LimitReachedError
from topo.generators.family import families

SCHEMA = schema()
CATALOG = load_catalog()
VALUES = ("1.0e+308", "1" + "0" * 400, "-1", "0", "1.0e-320", "true", ".nan", "-.inf", "4611686018427387904", "0.1")
QUICK = VALUES[:2]
MARK = "NUMBER"
GROWN_MB = 600
"""What a design of 16 GPUs may take at most, whatever it is asked."""
Path = tuple[str | int, ...]


def resolved(node: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The alternatives of a schema, references followed."""
    if "$ref" in node:
        return resolved(SCHEMA["$defs"][node["$ref"].rpartition("/")[2]])
    parts = [*node.get("anyOf", ()), *node.get("oneOf", ()), *node.get("allOf", ())]
    return [one for part in parts for one in resolved(part)] or [node]


def numbers(node: Mapping[str, Any], at: Path = ()) -> Iterator[Path]:
    """The places of all numbers, in mappings by any name and lists of any length in the first."""
    if len(at) > 12:
        return
    for one in resolved(node):
        if one.get("type") in ("number", "integer"):
            yield at
        for key, inner in one.get("properties", {}).items():
            yield from numbers(inner, (*at, key))
        more = one.get("additionalProperties")
        if isinstance(more, Mapping):
            yield from numbers(more, (*at, "leaf"))
        items = one.get("items")
        if isinstance(items, Mapping):
            yield from numbers(items, (*at, 0))


def sample(node: Mapping[str, Any], key: str = "") -> Any:
    """Something that is allowed, or nearly."""
    one = resolved(node)[0]
    kind = one.get("type")
    if "const" in one or "enum" in one:
        return one.get("const", one.get("enum", [""])[0])
    if kind == "object":
        return {k: sample(one["properties"][k], k) for k in one.get("required", ()) if k in one.get("properties", {})}
    if kind == "array":
        return [sample(one.get("items", {}), key)]
    return {"number": 0.5, "integer": 1, "boolean": True}.get(str(kind), KNOWN.get(key, "compute"))


KNOWN = {"host": "example-host-1", "switch": "example-switch-8", "traffic": "all-to-all", "routing": "spray",
         "any": "cable", "part": "nvidia-qm9700", "hosts": "example-host-1"}  # fmt: skip


def put(tree: Any, node: Mapping[str, Any], path: Path) -> Any:
    """The tree with MARK at a path, and what must stand beside it."""
    if not path:
        return MARK
    key, *rest = path
    if isinstance(key, int):
        items = next(one["items"] for one in resolved(node) if isinstance(one.get("items"), Mapping))
        return [put(sample(items), items, tuple(rest))]
    found = dict(tree) if isinstance(tree, Mapping) else {}
    for one in resolved(node):
        inner = one.get("properties", {}).get(key)
        inner = one.get("additionalProperties") if inner is None and key == "leaf" else inner
        if isinstance(inner, Mapping):
            beside = sample(one)
            found = {**(beside if isinstance(beside, dict) else {}), **found}
            found[key] = put(found.get(key), inner, tuple(rest))
            return found
    raise AssertionError(path)


def base(family: str) -> dict[str, Any]:
    network = {"family": family, "switch": "example-switch-8"}
    return {"name": "t", "gpus": 16, "host": "example-host-1", "networks": {"compute": network}}


def designs() -> dict[str, str]:
    """A design with MARK for every number key, by the key."""
    found: dict[str, str] = {}
    for key, node in SCHEMA["properties"].items():
        if key == "networks":
            continue
        for path in numbers(node, (key,)):
            tree = put(base("ft2"), SCHEMA, path)
            found[".".join(map(str, path))] = yaml.safe_dump(tree, sort_keys=False)
    for family in families.names():
        node = SCHEMA["$defs"][f"family-{family}"]
        for path in numbers(node):
            tree = base(family)
            tree["networks"]["compute"] = put(tree["networks"]["compute"], node, path)
            found[f"{family}.{'.'.join(map(str, path))}"] = yaml.safe_dump(tree, sort_keys=False)
    return found


DESIGNS = designs()


def judged(text: str, whole: bool) -> bool:
    """Whether a design is taken; it is then built and, if `whole`, checked."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    try:
        with at_most_seconds(60):
            design = parse_design(text, "d.yaml", CATALOG)
            closed_forms(design)
            if whole:
                topo.check(design, time_limit_s=0.2)
            taken = True
    except InputError as error:
        taken = False
        assert error.problems  # noqa: PT017
        for problem in error.problems:
            assert problem.file, problem
            assert problem.line or problem.key, problem
    except LimitReachedError:
        taken = True
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    assert grown < GROWN_MB, f"{grown:.0f} MB"
    return taken


def test_there_are_many_number_keys() -> None:
    """Sizes of every family, requirements, floor, prices, failure rates: all that the reference lists as a number."""
    assert len(DESIGNS) > 200
    assert {key.partition(".")[0] for key in DESIGNS} >= {"gpus", "floor", "requirements", *families.names()}


@pytest.mark.parametrize("value", QUICK, ids=["1e308", "10^400"])
def test_no_key_takes_what_is_beyond_everything(value: str) -> None:
    for key, text in DESIGNS.items():
        with shown_on_failure(f"{key}: {value[:20]}"):
            judged(text.replace(MARK, value), whole=False)


@pytest.mark.slow
@pytest.mark.parametrize("value", VALUES, ids=lambda value: value[:12])
def test_every_number_is_taken_or_refused(value: str) -> None:
    taken = 0
    for key, text in DESIGNS.items():
        with shown_on_failure(f"{key}: {value[:20]}"):
            taken += judged(text.replace(MARK, value), whole=True)
    assert taken < len(DESIGNS)
