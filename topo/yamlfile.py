"""YAML as a strict, small language: plain values only, a line for every key, every mistake reported at once."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from topo.errors import InputError, Problem, nearest, shown

MAX_BYTES = 1_000_000
MAX_DEPTH = 20

Keys = tuple[str | int, ...]
Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True)
class Document:
    """A YAML file read: its value, and the line of every key in it."""

    path: str
    text: str
    value: dict[str, Any]
    lines: dict[Keys, int]

    def line(self, keys: Keys) -> int:
        """The line of a key, or of the closest key around it."""
        while keys and keys not in self.lines:
            keys = keys[:-1]
        return self.lines.get(keys, 1)


def read(path: str | Path) -> Document:
    """Reads one mapping from a file; raises InputError with file and line."""
    name = str(path)
    try:
        size = Path(path).stat().st_size
        if size > MAX_BYTES:
            raise InputError(
                Problem("the file is too large", "", f"{size:,} bytes", f"at most {MAX_BYTES:,} bytes", file=name)
            )
        text = Path(path).read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise InputError(Problem(f"cannot be read: {error.strerror}", file=name)) from None
    except UnicodeDecodeError as error:
        raise InputError(
            Problem("is not UTF-8 text", allowed="UTF-8", hint=f"byte {error.start} is the first bad one", file=name)
        ) from None
    return parse(text, name)


def parse(text: str, name: str) -> Document:
    """Reads one mapping from text; `name` stands for the file in errors."""
    problems: list[Problem] = []
    lines: dict[Keys, int] = {}
    try:
        loader = yaml.CSafeLoader(text)
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, yaml.CSafeLoader)):
            raise InputError(_alias_problem(text, name))
        node = loader.get_single_node()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        line = min(mark.line, text.rstrip().count("\n")) + 1 if mark else 0
        raise InputError(Problem(f"is not valid YAML: {error.problem}", file=name, line=line)) from None
    except (yaml.YAMLError, RecursionError) as error:
        raise InputError(Problem(f"is not valid YAML: {shown(error)}", file=name)) from None
    if node is None or not isinstance(node, MappingNode):
        raise InputError(Problem("holds no mapping of keys to values", allowed="key: value lines", file=name, line=1))
    value = _value(loader, node, (), lines, problems, name)
    if problems:
        raise InputError(problems)
    return Document(name, text, value, lines)


def _alias_problem(text: str, name: str) -> Problem:
    for event in yaml.parse(text, yaml.CSafeLoader):
        if isinstance(event, yaml.AliasEvent):
            line = event.start_mark.line + 1 if event.start_mark else 0
            return Problem(
                "aliases are not allowed", value=f"*{event.anchor}", hint="write the value out", file=name, line=line
            )
    raise AssertionError("called without an alias")


def _value(loader: Any, node: Node, keys: Keys, lines: dict[Keys, int], problems: list[Problem], name: str) -> Any:
    line = node.start_mark.line + 1
    lines.setdefault(keys, line)
    if len(keys) > MAX_DEPTH:
        problems.append(
            Problem("is nested too deeply", dotted(keys[:3]), allowed=f"{MAX_DEPTH} levels", file=name, line=line)
        )
        return None
    if isinstance(node, SequenceNode):
        return [_value(loader, item, (*keys, i), lines, problems, name) for i, item in enumerate(node.value)]
    if isinstance(node, MappingNode):
        result: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = key_node.value if isinstance(key_node, ScalarNode) else shown(key_node.value)
            here = (*keys, key)
            key_line = key_node.start_mark.line + 1
            if key in result:
                problems.append(
                    Problem(
                        "is given twice", dotted(here), hint=f"first on line {lines[here]}", file=name, line=key_line
                    )
                )
                continue
            lines[here] = key_line
            result[key] = _value(loader, value_node, here, lines, problems, name)
        return result
    if node.tag not in _PLAIN_TAGS:
        if node.tag == "tag:yaml.org,2002:timestamp":
            return node.value
        problems.append(Problem("YAML tags are not allowed", dotted(keys), node.tag, file=name, line=line))
        return None
    try:
        return loader.construct_object(node)
    except ValueError:
        problems.append(Problem("is not a value", dotted(keys), shown(node.value), file=name, line=line))
        return None


_PLAIN_TAGS = {f"tag:yaml.org,2002:{tag}" for tag in ("str", "int", "float", "bool", "null")}


def dotted(keys: Keys) -> str:
    """Keys as a person writes them: networks.compute.planes, requirements[2].at_least."""
    return re.sub(r"\.\[", "[", ".".join(f"[{k}]" if isinstance(k, int) else shown(k, 40) for k in keys))


def validated(model: type[Model], document: Document, value: Any = None, at: Keys = (), **context: Any) -> Model:
    """The value (by default the whole document) as a model; raises InputError with every problem and its line."""
    try:
        return model.model_validate(document.value if value is None else value, context=context or None)
    except ValidationError as error:
        raise InputError([_problem(model, document, dict(e), at) for e in error.errors(include_url=False)]) from None


def _problem(model: type[BaseModel], document: Document, error: dict[str, Any], at: Keys) -> Problem:
    found: Keys = tuple(error["loc"])
    keys: Keys = at
    for step in found:
        if (*keys, step) in document.lines or step is found[-1]:
            keys = (*keys, step)
    line = document.line(keys)
    kind, context = error["type"], error.get("ctx", {})
    message, allowed, hint = error["msg"], "", ""
    if kind == "extra_forbidden":
        known = sorted(_fields_at(model, found[:-1]))
        message, allowed, hint = "unknown key", ", ".join(known), nearest(str(found[-1]), known)
        return Problem(message, dotted(keys), "", allowed, hint, document.path, line)
    if kind == "missing":
        return Problem(
            "is missing",
            dotted(keys),
            "",
            str(context.get("expected", "")),
            "",
            document.path,
            document.line(at + found[:-1]),
        )
    if kind in ("literal_error", "enum"):
        message, allowed = "unknown value", str(context.get("expected", ""))
    elif kind == "value_error":
        message = str(context.get("error", message))
    elif kind.endswith(("_type", "_parsing")):
        message, allowed = "is of the wrong type", message.removeprefix("Input should be ")
    elif message.startswith("Input should be "):
        message, allowed = "is out of range", message.removeprefix("Input should be ")
    value = "" if kind == "value_error" and isinstance(error.get("input"), dict) else shown(error.get("input", ""))
    return Problem(message, dotted(keys), value, allowed, hint, document.path, line)


def _fields_at(model: type[BaseModel], loc: Keys) -> set[str]:
    """The keys that the model reached by `loc` knows."""
    import typing

    current: Any = model
    for step in loc:
        if isinstance(current, type) and issubclass(current, BaseModel):
            field = next((f for n, f in current.model_fields.items() if step in (n, f.alias)), None)
            current = field.annotation if field else None
        options = [current, *typing.get_args(current)]
        options += [b for a in options for b in typing.get_args(a)]
        models = [o for o in options if isinstance(o, type) and issubclass(o, BaseModel)]
        named = [m for m in models if m.__name__ == step]
        current = next(iter(named or models), None)
    if not (isinstance(current, type) and issubclass(current, BaseModel)):
        return set()
    return {f.alias or n for n, f in current.model_fields.items()}
