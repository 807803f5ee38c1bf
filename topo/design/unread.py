"""What is wrong in a network beside keys that say nothing: parts that no catalog has, networks that no design has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from topo.catalog import Catalog
from topo.errors import InputError, ParameterError, Problem, nearest
from topo.generators.family import families
from topo.generators.trees.leaf_kinds import LendingParams

LENDERS = ("spines_in", "leaves_in")
NO_LENDER = "is no other network of the design that has two tiers and spines of its own"


def unread_problems(networks: Mapping[str, object], catalog: Catalog) -> Iterator[tuple[str, Problem]]:
    """(network, problem) of the networks of a design as they stand in its file, of which some have keys that say
    nothing: each switch part that the catalog lacks, and each network on whose switches another is to be that there is
    not."""
    for name, keys in networks.items():
        if not isinstance(keys, Mapping):
            continue
        for key, part in _switches(keys):
            try:
                catalog.switch(part, key)
            except InputError as error:
                yield from ((str(name), problem) for problem in error.problems)
        for key in LENDERS:
            others = [str(other) for other, own in networks.items() if other != name and _lends(own)]
            value = keys.get(key)
            if _lending(keys) and isinstance(value, str) and value not in others:
                allowed, hint = ", ".join(others) or "none of this design", nearest(value, others)
                yield from ((str(name), p) for p in ParameterError(key, value, NO_LENDER, allowed, hint).problems)


def _switches(keys: Mapping[object, object]) -> Iterator[tuple[str, str]]:
    """The keys of a network that name switch parts, with what they name."""
    family = keys.get("family")
    known = families.get(family).params.model_fields if family in families.names() else {}
    for key, value in keys.items():
        if key in known and isinstance(value, str) and (key == "switch" or str(key).endswith("_switch")):
            yield str(key), value
    kinds = keys.get("leaves")
    for i, kind in enumerate(kinds if "leaves" in known and isinstance(kinds, list) else ()):
        if isinstance(kind, Mapping) and isinstance(kind.get("switch"), str):
            yield f"leaves[{i}].switch", kind["switch"]


def _lending(keys: Mapping[object, object]) -> bool:
    family = keys.get("family")
    return family in families.names() and issubclass(families.get(str(family)).params, LendingParams)


def _lends(keys: object) -> bool:
    """Whether a network may share its switches: it has a family that can, and none of another network's."""
    return isinstance(keys, Mapping) and _lending(keys) and not any(keys.get(key) for key in LENDERS)
