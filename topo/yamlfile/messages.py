"""A document as a pydantic model, and pydantic's complaints in the words of a user's file."""

from __future__ import annotations

import json
import re
import typing
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from topo.errors import MOST_PROBLEMS, InputError, Problem, nearest, shown
from topo.yamlfile.reader import Document, Keys, dotted

Model = TypeVar("Model", bound=BaseModel)


def validated(model: type[Model], document: Document, value: Any = None, at: Keys = (), **context: Any) -> Model:
    """The value (by default the whole document) as a model; raises InputError with every problem and its line."""
    try:
        return model.model_validate(document.value if value is None else value, context=context or None)
    except ValidationError as error:
        listed = error.errors(include_url=False, include_input=True)
        found = [_problem(model, document, dict(e), at) for e in listed[:MOST_PROBLEMS]]
        inside = [p.key for p in found]
        hollow = [p for p in found if p.message == _FEW and any(k.startswith(f"{p.key}[") for k in inside)]
        wrong = _merged([p for p in found if p not in hollow])
        raise InputError(wrong, len(listed[MOST_PROBLEMS:])) from None


def _merged(problems: list[Problem]) -> list[Problem]:
    """The problems with the alternatives of one value (a number or text) as one."""
    found: dict[tuple[str, str], Problem] = {}
    for problem in problems:
        same = found.get((problem.key, problem.message))
        if same and problem.allowed not in same.allowed.split(" or "):
            allowed = f"{same.allowed} or {problem.allowed}"
            found[problem.key, problem.message] = Problem(
                same.message, same.key, same.value, allowed, same.hint, same.file, same.line
            )
        found.setdefault((problem.key, problem.message), problem)
    return list(found.values())


_ALLOWED = {
    "a valid integer": "a whole number",
    "a valid number": "a number",
    "a valid string": "text",
    "a valid boolean": "true or false",
    "a valid dictionary": "a mapping of keys to values",
    "a valid list": "a list",
    "a valid tuple": "a list",
}
_FEW = "has too few entries"
_WRONG_TYPE = "is of the wrong type"
_NUMBER = re.compile(r"[-+]?[0-9][0-9_]*(\.[0-9]*)?([eE][-+]?[0-9]+)?")
_UNQUOTE = "quotes make it a text: leave them out"
_LENGTHS = {
    "string_too_long": ("is too long", "at most {max_length} characters"),
    "string_too_short": ("is too short", "at least {min_length} characters"),
    "too_long": ("has too many entries", "at most {max_length}"),
    "too_short": (_FEW, "at least {min_length}"),
}
_BOUNDS = {
    "greater than or equal to": "at least",
    "less than or equal to": "at most",
    "greater than": "above",
    "less than": "below",
}
_FORMS = {
    "^[A-Za-z0-9][A-Za-z0-9._-]*$": "letters, digits and ._- with a letter or digit first",
    "^[a-z][a-z0-9-]*$": "small letters, digits and - with a letter first",
}
"""What the patterns of names and ids allow, in words."""


def _problem(model: type[BaseModel], document: Document, error: dict[str, Any], at: Keys) -> Problem:
    found: Keys = tuple(step for step in error["loc"] if step != "[key]")
    kind, context = error["type"], error.get("ctx", {})
    keys: Keys = at
    for step in found:
        if (*keys, step) in document.lines or (step is found[-1] and kind == "missing"):
            keys = (*keys, step)
    line = document.line(keys)
    if kind == "extra_forbidden":
        known = sorted(_fields_at(model, found[:-1]))
        hint = nearest(str(found[-1]), known)
        return Problem("unknown key", dotted(keys), "", ", ".join(known), hint, document.path, line)
    if kind == "missing":
        return Problem("is missing", dotted(keys), file=document.path, line=document.line(at + found[:-1]))
    message, allowed = _words(kind, context, error["msg"])
    value = error.get("input", "")
    if message == _WRONG_TYPE and value is None:
        return Problem("has no value", dotted(keys), "", allowed, "", document.path, line)
    if kind == "value_error" and isinstance(value, dict):
        return Problem(message, dotted(keys), "", allowed, "", document.path, line)
    if message == _WRONG_TYPE and isinstance(value, str) and _looks_other(value):
        return Problem(message, dotted(keys), f'"{shown(value)}"', allowed, _UNQUOTE, document.path, line)
    return Problem(message, dotted(keys), _as_written(value), allowed, "", document.path, line)


def _looks_other(text: str) -> bool:
    """Whether a text would be a number, true or false without quotes."""
    return text in ("true", "false") or _NUMBER.fullmatch(text) is not None


def _as_written(value: Any) -> str:
    """A value as YAML has it on one line: true, not True, and null, not None."""
    if not isinstance(value, bool | list | dict):
        return shown(value)
    try:
        return shown(json.dumps(value, ensure_ascii=False))
    except (TypeError, ValueError, RecursionError):
        return shown(value)


def _words(kind: str, context: dict[str, Any], message: str) -> tuple[str, str]:
    """What is wrong and what is allowed, from pydantic's type of error, its numbers and its message."""
    wanted = message.removeprefix("Input should be ")
    if kind in ("literal_error", "enum"):
        return "unknown value", str(context.get("expected", ""))
    if kind == "value_error":
        return str(context.get("error", message)), ""
    if kind == "string_pattern_mismatch":
        pattern = str(context.get("pattern", ""))
        return "has a form that is not allowed", _FORMS.get(pattern, pattern)
    if kind in _LENGTHS:
        what, limit = _LENGTHS[kind]
        return what, limit.format(**context)
    if kind in ("model_type", "dict_type", "model_attributes_type"):
        return _WRONG_TYPE, "a mapping of keys to values"
    if kind.endswith(("_type", "_parsing", "_from_float")):
        return _WRONG_TYPE, _ALLOWED.get(wanted.partition(",")[0], wanted)
    if wanted != message:
        for long, short in _BOUNDS.items():
            wanted = wanted.replace(long, short)
        return "is out of range", wanted
    return message, ""


def _fields_at(model: type[BaseModel], loc: Keys) -> set[str]:
    """The keys that the model reached by `loc` knows."""
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
