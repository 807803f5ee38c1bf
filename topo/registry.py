"""The one registry: a package whose modules each register one typed value under their own file name."""

from __future__ import annotations

import importlib
import os
import pkgutil
from typing import Generic, TypeVar

from topo.errors import ParameterError, nearest

T = TypeVar("T")


def module_names(package: str) -> tuple[str, ...]:
    """The names that a package's modules register, sorted, found from the file names alone."""
    folder = os.path.join(os.path.dirname(__file__), *package.split(".")[1:])
    modules = pkgutil.iter_modules([folder])
    return tuple(sorted(m.name.replace("_", "-") for m in modules if not m.name.startswith("_")))


class Registry(Generic[T]):
    """Named values of one kind, one module each, found in `package`.

    A module `slim_fly.py` registers the name `slim-fly`; names are therefore known without importing anything, and a
    value costs its import only when asked for. Modules whose names start with an underscore register nothing.
    """

    def __init__(self, kind: str, package: str) -> None:
        self.kind = kind
        self.package = package
        self._values: dict[str, T] = {}

    def add(self, name: str, value: T) -> T:
        """Register `value`; raises ValueError on a duplicate name."""
        if name in self._values:
            raise ValueError(f"{self.kind} {name!r} is registered twice")
        self._values[name] = value
        return value

    def names(self) -> tuple[str, ...]:
        """Every name, sorted, without importing the modules behind them."""
        folder = importlib.import_module(self.package)
        found = {m.name.replace("_", "-") for m in pkgutil.iter_modules(folder.__path__) if not m.name.startswith("_")}
        return tuple(sorted(found | set(self._values)))

    def get(self, name: str, key: str = "") -> T:
        """The value called `name`; raises ParameterError (under `key`) that lists the known names."""
        if name not in self._values:
            known = self.names()
            if name not in known:
                raise ParameterError(
                    key or self.kind, name, f"unknown {self.kind}", ", ".join(known), nearest(name, known)
                )
            importlib.import_module(f"{self.package}.{name.replace('-', '_')}")
        if name not in self._values:
            raise ValueError(f"{self.package}.{name.replace('-', '_')} registers no {self.kind} {name!r}")
        return self._values[name]
