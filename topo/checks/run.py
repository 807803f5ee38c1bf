"""Runs the wiring checks, reads requirements that a program states, and judges them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from pydantic import ValidationError

from topo.checks.model import Context, Finding, Outcome, RequirementParams
from topo.checks.readable import existing, readable
from topo.checks.registries import requirement_kinds, wiring_checks
from topo.errors import InputError, NotAllowedError, Problem, shown
from topo.fabric.planes import one_of_equal_planes
from topo.plain import PlainKeys


class Stated(NamedTuple):
    """One requirement as stated. `id` is its kind and its position, counted from 1."""

    id: str
    kind: str
    params: RequirementParams


def run_wiring(context: Context) -> list[Finding]:
    """Every finding of every wiring check, in the order of the checks' names, each check's worst first.

    Of planes that are equal, one is looked at; all of them, where it has a finding that another would have too. Links
    and endpoints on ports that do not exist are named by `link-ends` and left out of all other checks.
    """
    whole = existing(context.fabric)
    sound = context if whole is context.fabric else replace(context, fabric=whole)
    one_plane = one_of_equal_planes(sound.fabric)
    result: list[Finding] = []
    for name in wiring_checks.names():
        check = wiring_checks.get(name)
        if one_plane is not None and check.by_plane and not check.run(replace(sound, fabric=one_plane)):
            continue
        result += check.run(context if name == "link-ends" else sound)
    return result


def answerable(context: Context) -> Context:
    """The context whose fabric can be asked for requirements and metrics: without rows that contradict each other.

    It is the same context, with all it remembers, where there is nothing to leave out.
    """
    fabric = readable(context.fabric)
    return context if fabric is context.fabric else replace(context, fabric=fabric)


def requirements_from(entries: Sequence[PlainKeys], networks: Sequence[str]) -> tuple[Stated, ...]:
    """Requirements in a design's form, such as [{"hops": {"at_most": 3}}]; raises InputError with every mistake."""
    result: list[Stated] = []
    problems: list[Problem] = []
    for i, entry in enumerate(entries):
        try:
            result.append(_stated(i, entry, networks))
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    return tuple(result)


def _stated(i: int, entry: PlainKeys, networks: Sequence[str]) -> Stated:
    at = f"requirements[{i}]"
    if not isinstance(entry, Mapping) or len(entry) != 1:
        known = ", ".join(requirement_kinds.names())
        raise InputError(
            Problem("a requirement is one kind with its keys", at, shown(entry), known, '{"hops": {"at_most": 3}}')
        )
    ((kind, value),) = entry.items()
    model = requirement_kinds.get(str(kind), at).params
    at = f"{at}.{kind}"
    try:
        params = model.model_validate({} if value is None else value)
    except ValidationError as error:
        raise InputError([_problem(model, dict(e), at) for e in error.errors(include_url=False)]) from None
    if params.network not in networks:
        message = "the fabric has no network of this name"
        raise InputError(Problem(message, f"{at}.network", shown(params.network), ", ".join(networks)))
    return Stated(f"{kind}-{i + 1}", str(kind), params)


def _problem(model: type[RequirementParams], error: Mapping[str, Any], at: str) -> Problem:
    key = ".".join([at, *map(str, error["loc"])])
    if error["type"] == "extra_forbidden":
        return Problem("unknown key", key, "", ", ".join(sorted(model.model_fields)))
    if error["type"] == "missing":
        return Problem("is missing", key)
    own = error.get("ctx", {}).get("error")
    if isinstance(own, NotAllowedError):
        return Problem(own.message, key, shown(error.get("input", "")), own.allowed, own.hint)
    message = error["msg"].removeprefix("Value error, ")
    return Problem("is not allowed", key, shown(error.get("input", "")), message.removeprefix("Input should be "))


def judge(context: Context, stated: Iterable[Stated]) -> list[tuple[Stated, Outcome]]:
    """Every requirement with its outcome, in order."""
    context = answerable(context)
    return [(one, requirement_kinds.get(one.kind).judge(context, one.params)) for one in stated]
