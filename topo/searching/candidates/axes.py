"""The choices that a request states: which key may have which values."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

from pydantic import BaseModel

from topo import yamlfile
from topo.catalog import Catalog
from topo.errors import InputError, Problem, nearest
from topo.generators.family import families, spanning
from topo.searching.candidates.values import Value, fixed, unfixed
from topo.yamlfile import Document, Keys

PLURALS = {"families": "family", "switches": "switch", "hosts": "host"}
LISTS = ("shape", "width", "size", "leaves")
"""Keys whose one value is a list in some families: several choices are a list of lists."""


def axis_name(key: str) -> str:
    """The design key that a key of `choose` speaks of: families -> family, spine_switches -> spine_switch."""
    if key in PLURALS:
        return PLURALS[key]
    return f"{key.removesuffix('es')}" if key.endswith("_switches") else key


def known_keys() -> dict[str, list[str]]:
    """Every key that some family has -> those families."""
    result: dict[str, list[str]] = {}
    for name in families.names():
        for key in families.get(name).params.model_fields:
            result.setdefault(key, []).append(name)
    return result


def checked_axes(
    network: Mapping[str, Any], choose: Mapping[str, Any], document: Document, name: str, catalog: Catalog
) -> tuple[dict[str, tuple[Value, ...]], frozenset[str], list[Problem]]:
    """The values by key, the keys that the network states itself, and what is wrong with them."""
    problems: list[Problem] = []
    axes: dict[str, tuple[Value, ...]] = {}
    places: dict[str, Keys] = {}
    named = _named(network, choose)
    for source, at in ((network, ("networks", name)), (choose, ("choose",))):
        for key, value in source.items():
            axis, where = axis_name(key) if at == ("choose",) else key, (*at, key)
            if axis in axes:
                problems.append(
                    _problem(
                        document,
                        where,
                        "is chosen twice",
                        "",
                        "one of the two",
                        f"leave {yamlfile.dotted(places[axis])} or it out",
                    )
                )
                continue
            values = _listed(axis, value, partial(_taken, axis, named, document))
            if not values:
                problems.append(_problem(document, where, "holds no choice", "[]", "at least one value"))
                continue
            axes[axis], places[axis] = values, where
    chosen = [f for f in axes.get("family", spanning()) if f in families.names()]
    known = _Known(known_keys(), chosen, document, catalog)
    for axis, values in axes.items():
        problems += _wrong(axis, values, places[axis], known)
    return axes, frozenset(network), problems


def _listed(axis: str, value: Any, taken: Callable[[Value], bool]) -> tuple[Value, ...]:
    """The choices that a key states: the entries of a list, unless the list is one value."""
    if not isinstance(value, list):
        return (fixed(value),)
    if axis in LISTS and value and not any(isinstance(one, list) for one in value) and taken(fixed(value)):
        return (fixed(value),)
    return _without_repeats(value)


def _named(network: Mapping[str, Any], choose: Mapping[str, Any]) -> list[str]:
    """The families that the request names, or all."""
    stated = network.get("family", choose.get("families", choose.get("family")))
    names = [one for one in (stated if isinstance(stated, list) else [stated]) if one in spanning()]
    return names or list(spanning())


def _taken(axis: str, named: Sequence[str], document: Document, value: Value) -> bool:
    """Whether some of these families takes the value for this key."""
    owners = [f for f in known_keys().get(axis, []) if f in named]
    return any(_refusal(families.get(f).params, axis, value, document, ()) is None for f in owners)


def _without_repeats(values: list[Any]) -> tuple[Value, ...]:
    result: list[Any] = []
    for value in map(fixed, values):
        if value not in result:
            result.append(value)
    return tuple(result)


class _Known(NamedTuple):
    """What keys are looked up in: the families that have each key, those that are chosen, the request's text, parts."""

    keys: Mapping[str, list[str]]
    chosen: list[str]
    document: Document
    catalog: Catalog


def _wrong(axis: str, values: tuple[Value, ...], at: Keys, known: _Known) -> list[Problem]:
    keys, chosen, document, catalog = known
    problems: list[Problem] = []
    if axis == "family":
        names = spanning()
        for value in values:
            if value not in names:
                listed = ", ".join(names)
                problems.append(
                    _problem(document, at, "unknown family", str(value), listed, nearest(str(value), names))
                )
        return problems
    if axis == "host":
        return [_problem(document, at, "is chosen by the key host", "", "the key host", "host: [ID, ID]")]
    owners = [f for f in keys.get(axis, ()) if f in chosen] or keys.get(axis, [])
    if not owners:
        others = sorted({*keys, *(("families", "switches") if at[0] == "choose" else ())})
        return [_problem(document, at, "unknown key", "", ", ".join(others), nearest(str(at[-1]), others))]
    for value in values:
        if value is None and axis != "switch":
            continue
        if axis == "switch" or axis.endswith("_switch"):
            try:
                catalog.switch(str(value), yamlfile.dotted(at))
            except InputError as error:
                problems += error.at(document.path, document.line(at)).problems
            continue
        errors = [_refusal(families.get(f).params, axis, value, document, at) for f in owners]
        if all(errors):
            problems += errors[0] or []
    return problems


def _refusal(model: type[BaseModel], axis: str, value: Value, document: Document, at: Keys) -> list[Problem] | None:
    given = {"family": _family_of(model), "switch": "x", axis: unfixed(value)}
    try:
        yamlfile.validated(model, document, given, at[:-1])
    except InputError as error:
        from dataclasses import replace

        return [replace(p, key=yamlfile.dotted(at), line=document.line(at)) for p in error.problems]
    return None


def _family_of(model: type[BaseModel]) -> str:
    return str(model.model_fields["family"].annotation.__args__[0])  # type: ignore[union-attr]


def _problem(document: Document, at: Keys, message: str, value: str = "", allowed: str = "", hint: str = "") -> Problem:
    return Problem(message, yamlfile.dotted(at), value, allowed, hint, document.path, document.line(at))
