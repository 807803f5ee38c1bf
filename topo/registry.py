"""The one registry: a folder whose modules each register one typed value under their own file name, and beside it
what other packages register by entry points."""

from __future__ import annotations

import importlib
import os
import pkgutil
import sys
from functools import cache
from glob import iglob
from typing import TYPE_CHECKING, Generic, TypeVar

from topo.errors import InputError, ParameterError, Problem, nearest

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

T = TypeVar("T")


@cache
def module_names(package: str) -> tuple[str, ...]:
    """The names registered in a folder of extensions, sorted, without importing anything: its file names, and the
    entry points of other packages. A folder is listed once in a process: a check asks some dozens of times."""
    folder = os.path.join(os.path.dirname(__file__), *package.split(".")[1:])
    modules = pkgutil.iter_modules([folder])
    return tuple(
        sorted({m.name.replace("_", "-") for m in modules if not m.name.startswith("_")} | set(_from_outside(package)))
    )


@cache
def _from_outside(package: str) -> dict[str, EntryPoint]:
    """Entry points of the group that bears the folder's name, by theirs; raises InputError where two packages register
    one name."""
    if not _anything_outside():
        return {}
    from importlib.metadata import entry_points

    result: dict[str, EntryPoint] = {}
    for point in entry_points(group=package):
        if point.name in result and result[point.name].value != point.value:
            both = f"{result[point.name].value} ({_package(result[point.name])}) and {point.value} ({_package(point)})"
            raise InputError(Problem(f"is registered by {both}", f"{package} {point.name!r}", hint="uninstall one"))
        result[point.name] = point
    return result


@cache
def _anything_outside() -> bool:
    """Whether any installed package has an entry point for topo; importlib.metadata alone takes as long to load as all
    else that `topo --help` needs, so the files are looked at first."""
    for folder in filter(None, sys.path):
        for path in iglob(os.path.join(folder, "*-info", "entry_points.txt")):
            with open(path, encoding="utf-8", errors="replace") as file:
                if "[topo." in file.read():
                    return True
    return False


class Registry(Generic[T]):
    """Named values of one kind, one module each, found in `package`.

    A module `slim_fly.py` registers the name `slim-fly`; names are therefore known without importing anything, and a
    value costs its import only when asked for. Modules whose names start with an underscore register nothing. A
    package outside topo names its module in an entry point of the group `package`; the module registers the value
    under the entry point's name, or the entry point leads to the value itself.
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
        return tuple(sorted({*module_names(self.package), *self._values}))

    def get(self, name: str, key: str = "") -> T:
        """The value called `name`; raises ParameterError (under `key`) that lists the known names."""
        if name not in self._values:
            known = self.names()
            if name not in known:
                raise ParameterError(
                    key or self.kind, name, f"unknown {self.kind}", ", ".join(known), nearest(name, known)
                )
            self._load(name)
        return self._values[name]

    def _load(self, name: str) -> None:
        outside = _from_outside(self.package)
        point = outside.get(name) or outside.get(name.replace("_", "-"))
        if point is None:
            module = f"{self.package}.{name.replace('-', '_')}"
            importlib.import_module(module)
            if name not in self._values:
                raise ValueError(f"{module} registers no {self.kind} {name!r}")
            return
        before = set(self._values)
        try:
            loaded = point.load()
        except BROKEN as error:
            raise _unusable(point, f"{type(error).__name__}: {error}") from error
        if point.attr and name not in self._values:
            self.add(name, loaded)
        if name not in self._values:
            new = " and ".join(repr(one) for one in sorted(set(self._values) - before))
            raise _unusable(point, f"it registers no {self.kind} {name!r}" + (f", but {new}" if new else ""))


BROKEN = (
    ImportError,
    SyntaxError,
    AttributeError,
    NameError,
    TypeError,
    ValueError,
    LookupError,
    OSError,
    RuntimeError,
)
"""What the import of somebody's module raises where it is wrong, or made for another version of topo."""


def _unusable(point: EntryPoint, why: str) -> InputError:
    """The error of a package whose extension cannot be loaded."""
    message = f"the package {_package(point)} cannot be used: {why}"
    return InputError(Problem(message, point.name, point.value, hint="mend that package, or uninstall it"))


def _package(point: EntryPoint) -> str:
    return f"{point.dist.name} {point.dist.version}" if point.dist else point.module.partition(".")[0]


def from_outside(module: str) -> str:
    """The package, with its version, that a module belongs to; empty for what adds nothing to topo."""
    root = module.partition(".")[0]
    if not _anything_outside():
        return ""
    from importlib.metadata import distributions

    points = (point for one in distributions() for point in one.entry_points if point.group.startswith("topo."))
    return next((_package(point) for point in points if point.module.partition(".")[0] == root), "")
