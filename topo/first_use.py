"""Names of a package that are imported where they are first used, so that who needs one does not pay for all."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any


def at_first_use(package: str, names: Mapping[str, str]) -> Callable[[str], Any]:
    """The `__getattr__` of a package. `names`: what is imported from each of its modules, written as an import has it
    ("place", "unlike as unlike_failures, classes"). No module may be called as a name of the package: it would be
    taken for it once it is imported."""
    of = {}
    for module, listed in names.items():
        for one in listed.split(", "):
            own, _, called = one.partition(" as ")
            of[called or own] = module, own

    def found(name: str) -> Any:
        if name not in of:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        module, own = of[name]
        return getattr(import_module(f"{package}.{module}"), own)

    return found
