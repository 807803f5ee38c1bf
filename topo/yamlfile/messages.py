"""A document as a pydantic model, and pydantic's complaints in the words of a user's file."""

from __future__ import annotations

import json
import re
import typing
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from topo.errors import MOST_PROBLEMS, InputError, NotAllowedError, Problem, either, nearest, shown
from topo.yamlfile.reader import Document, Keys, dotted, would_be_other

Model = TypeVar("Model", bound=BaseModel)


def validated(model: type[Model], document: Document, value: Any = None, at: Keys = (), **context: Any) -> Model:
    """The value (by default the whole document) as a model; raises InputError with every problem and its line."""
    try:
        return model.model_validate(document.value if value is None else value, context=context or None)
    except ValidationError as error:
        listed = error.errors(include_url=False, include_input=True)
        result = [_problem(model, document, dict(e), at) for e in listed[:MOST_PROBLEMS]]
        inside = [p.key for p in result]
        hollow = [p for p in result if p.message == _FEW and any(k.startswith(f"{p.key}[") for k in inside)]
        wrong = _merged([p for p in result if p not in hollow])
        raise InputError(wrong, len(listed[MOST_PROBLEMS:])) from None


def _merged(problems: list[Problem]) -> list[Problem]:
    """The problems with the alternatives of one value (a number or text) as one."""
    result: dict[tuple[str, str], Problem] = {}
    for problem in problems:
        same = result.get((problem.key, problem.message))
        if same and problem.allowed not in same.allowed.split(" or "):
            allowed = f"{same.allowed} or {problem.allowed}"
            result[problem.key, problem.message] = Problem(
                same.message, same.key, same.value, allowed, same.hint, same.file, same.line
            )
        result.setdefault((problem.key, problem.message), problem)
    return list(result.values())


_ALLOWED = {
    "a valid integer": "a whole number",
    "a valid number": "a number",
    "a valid string": "text",
    "a valid boolean": "true or false",
    "a valid dictionary": "a mapping of keys to values",
    "a finite number": "a finite number",
    "a valid list": "a list",
    "a valid tuple": "a list",
}
EXACT = 2**53
"""Above this a float is no whole number that anybody wrote."""
FEW_KEYS = 4
"""Of a mapping that is shown as the value that is wrong."""
_FEW = "has too few entries"
_WRONG_TYPE = "is of the wrong type"
_MAPPING = "a mapping of keys to values"
_UNQUOTE = "quotes make it a text: leave them out"
_LENGTHS = {
    "string_too_long": ("is too long", "at most {max_length:,} characters"),
    "string_too_short": ("is too short", "at least {min_length:,} characters"),
    "too_long": ("has too many entries", "at most {max_length:,}"),
    "too_short": (_FEW, "at least {min_length:,}"),
}
_BOUNDS = {
    "greater than or equal to": "at least",
    "less than or equal to": "at most",
    "greater than": "above",
    "less than": "below",
}
_LIMIT = re.compile(r"\b(at least|at most|above|below) (\d{4,15})(?:\.0)?(?![\d.eE])")
_FORMS = {
    "^[A-Za-z0-9][A-Za-z0-9._-]*$": "letters, digits and ._- with a letter or digit first",
    "^[a-z][a-z0-9-]*$": "small letters, digits and - with a letter first",
}
"""What the patterns of names and ids allow, in words."""


def _problem(model: type[BaseModel], document: Document, error: dict[str, Any], at: Keys) -> Problem:
    result: Keys = tuple(step for step in error["loc"] if step != "[key]")
    kind, context = error["type"], error.get("ctx", {})
    keys: Keys = at
    for step in result:
        if (*keys, step) in document.lines or (step is result[-1] and kind == "missing"):
            keys = (*keys, step)
    line = document.line(keys)
    if kind == "extra_forbidden":
        known = sorted(_fields_at(model, result[:-1]))
        hint = nearest(str(result[-1]), known)
        return Problem("unknown key", dotted(keys), "", ", ".join(known), hint, document.path, line)
    if kind == "missing":
        field = _field_at(model, result)
        allowed, hint = ("", "") if field is None else (_kind_of(field.annotation), field.description or "")
        return Problem("is missing", dotted(keys), "", allowed, hint, document.path, document.line(at + result[:-1]))
    message, allowed, hint = _words(kind, context, error["msg"])
    value = error.get("input", "")
    if message in (_WRONG_TYPE, "unknown value") and value is None:
        return Problem("has no value", dotted(keys), "", allowed, "", document.path, line)
    if kind == "value_error" and isinstance(value, dict):
        return Problem(message, dotted(keys), _flow(value), allowed, hint, document.path, line)
    if message == _WRONG_TYPE and isinstance(value, str) and would_be_other(value):
        return Problem(message, dotted(keys), f'"{shown(value)}"', allowed, _UNQUOTE, document.path, line)
    if message == _WRONG_TYPE:
        hint = hint or _plain_number(value, allowed)
    if message == "unknown value" and isinstance(value, str):
        hint = nearest(value, context_words(allowed))
    return Problem(message, dotted(keys), _as_written(value), allowed, hint, document.path, line)


def _flow(value: dict[Any, Any]) -> str:
    """A mapping of a few plain values as YAML has it on one line; empty for a longer one."""
    if any(isinstance(v, dict | list) for v in value.values()) or len(value) > FEW_KEYS:
        return ""
    return shown("{" + ", ".join(f"{k}: {_as_written(v)}" for k, v in value.items()) + "}")


def _plain_number(value: Any, allowed: str) -> str:
    """How a number is written that has a point, or marks between its digits, where none may be."""
    digits = re.sub(r"(?<=[0-9])[,_' ](?=[0-9]{3}(?![0-9]))", "", value) if isinstance(value, str) else ""
    if isinstance(value, str) and digits != value and would_be_other(digits) and "number" in allowed:
        return f"write {digits}"
    if isinstance(value, float) and value.is_integer() and abs(value) < EXACT and allowed == "a whole number":
        return f"write {int(value)}"
    return ""


def context_words(allowed: str) -> list[str]:
    """The words of 'cable, nic or host'."""
    return re.split(r", | or ", allowed)


def _as_written(value: Any) -> str:
    """A value as YAML has it on one line: true, not True, and null, not None; nothing for a tuple, which is a default
    and stands in no file."""
    if isinstance(value, tuple):
        return ""
    if value is not None and not isinstance(value, bool | list | dict):
        return shown(value)
    try:
        return shown(json.dumps(value, ensure_ascii=False))
    except (TypeError, ValueError, RecursionError):
        return shown(value)


def allowed_words(message: str) -> str:
    """What pydantic's message says is allowed, in a user's words."""
    wanted = message.removeprefix("Value error, ").removeprefix("Input should be ")
    wanted = _ALLOWED.get(wanted.partition(",")[0], wanted)
    for long, short in _BOUNDS.items():
        wanted = wanted.replace(long, short)
    wanted = _LIMIT.sub(lambda limit: f"{limit[1]} {int(limit[2]):,}", wanted)
    return re.sub(r"'([A-Za-z0-9_.-]+)'", r"\1", wanted)


def _words(kind: str, context: dict[str, Any], message: str) -> tuple[str, str, str]:
    """What is wrong, what is allowed and a hint, from pydantic's type of error, its numbers and its message."""
    wanted = message.removeprefix("Input should be ")
    if kind in ("literal_error", "enum"):
        return "unknown value", allowed_words(str(context.get("expected", ""))), ""
    if kind == "value_error":
        error = context.get("error", message)
        return (
            (error.message, error.allowed, error.hint) if isinstance(error, NotAllowedError) else (str(error), "", "")
        )
    if kind == "string_pattern_mismatch":
        pattern = str(context.get("pattern", ""))
        return "has a form that is not allowed", _FORMS.get(pattern, pattern), ""
    if kind in _LENGTHS:
        what, limit = _LENGTHS[kind]
        return what, limit.format(**context), ""
    if kind in ("model_type", "dict_type", "model_attributes_type"):
        return _WRONG_TYPE, _MAPPING, ""
    if kind.endswith(("_type", "_parsing", "_from_float")):
        return _WRONG_TYPE, _ALLOWED.get(wanted.partition(",")[0], wanted), ""
    if wanted != message:
        return "is out of range", allowed_words(message), ""
    return message, "", ""


def _kind_of(annotation: Any) -> str:
    """What a value of a field is, in words; empty where it is of several kinds."""
    origin = typing.get_origin(annotation)
    if origin is typing.Annotated:
        return _kind_of(typing.get_args(annotation)[0])
    if origin is typing.Literal:
        return either(typing.get_args(annotation))
    kind = origin or annotation
    if not isinstance(kind, type):
        return ""
    if issubclass(kind, BaseModel | dict):
        return _MAPPING
    kinds = {bool: "true or false", int: "a whole number", float: "a number", str: "text", tuple: "a list"}
    return kinds.get(kind, "")


def _field_at(model: type[BaseModel], loc: Keys) -> FieldInfo | None:
    """The field that `loc` leads to, None where the model does not tell."""
    current = _model_at(model, loc[:-1])
    if current is None:
        return None
    return next((f for n, f in current.model_fields.items() if loc[-1] in (n, f.alias)), None)


def _fields_at(model: type[BaseModel], loc: Keys) -> set[str]:
    """The keys that the model reached by `loc` knows."""
    current = _model_at(model, loc)
    return set() if current is None else {f.alias or n for n, f in current.model_fields.items()}


def _model_at(model: type[BaseModel], loc: Keys) -> type[BaseModel] | None:
    """The model that `loc` leads to, None where it leads to none. Indices of a list and the names of a mapping lead
    to the model of its entries."""
    current: Any = model
    entries = False
    for step in loc:
        if isinstance(current, type) and issubclass(current, BaseModel):
            field = next((f for n, f in current.model_fields.items() if step in (n, f.alias)), None)
            if field is None and entries:
                entries = False
                continue
            current = field.annotation if field else None
        options = [current, *typing.get_args(current)]
        options += [b for a in options for b in typing.get_args(a)]
        models = [o for o in options if isinstance(o, type) and issubclass(o, BaseModel)]
        named = [m for m in models if m.__name__ == step]
        entries = any(typing.get_origin(o) in (dict, list, tuple) for o in options)
        current = next(iter(named or models), None)
    return current if isinstance(current, type) and issubclass(current, BaseModel) else None
