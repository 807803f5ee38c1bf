"""Reads a design: every mistake of the file at once, each with its line."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from topo import yamlfile
from topo.catalog import Catalog, load_catalog
from topo.checks import requirement_kinds
from topo.design.model import Design, DesignFile, Network, Requirement
from topo.errors import InputError, Problem
from topo.generators import HostGroup, families
from topo.yamlfile import Document, Keys

R = TypeVar("R")


def load_design(path: str | Path, catalog: Catalog | None = None) -> Design:
    """The design in a file; raises InputError with every problem found."""
    return _design(yamlfile.read(path), catalog or load_catalog())


def parse_design(text: str, name: str = "design.yaml", catalog: Catalog | None = None) -> Design:
    """The design in a text; `name` stands for the file in errors."""
    return _design(yamlfile.parse(text, name), catalog or load_catalog())


def _design(document: Document, catalog: Catalog) -> Design:
    problems: list[Problem] = []
    try:
        file = yamlfile.validated(DesignFile, document)
    except InputError as error:
        problems += error.problems
        raise InputError(problems + _inner_problems(document, catalog)) from None
    collect = _Collector(document, problems)
    groups = collect.run((), lambda: _groups(file, catalog)) or ()
    networks = _networks(document, collect)
    requirements = _requirements(document, collect, [n.name for n in networks])
    if file.price_book:
        collect.run(("price_book",), lambda: catalog.price_book(file.price_book or ""))
    if problems:
        raise InputError(problems)
    digest = hashlib.sha256(document.text.encode()).hexdigest()
    return Design(file.name, file.title, document.path, digest, document, file, catalog, groups, networks, requirements)


class _Collector:
    """Runs steps, adds file and line to what they raise, and goes on."""

    def __init__(self, document: Document, problems: list[Problem]) -> None:
        self.document, self.problems = document, problems

    def run(self, at: Keys, step: Callable[[], R]) -> R | None:
        try:
            return step()
        except InputError as error:
            self.problems += placed(error, self.document, at).problems
            return None


def placed(error: InputError, document: Document, at: Keys) -> InputError:
    """The error with the file, the full key and the line of keys that stand below `at`."""
    from dataclasses import replace

    found = []
    for problem in error.problems:
        if problem.file:
            found.append(problem)
            continue
        inner: Keys = (*at, problem.key)
        keys = inner if problem.key and inner in document.lines else (problem.key,)
        keys = keys if keys in document.lines else at
        key = yamlfile.dotted(inner) if keys != (problem.key,) else problem.key
        found.append(replace(problem, key=key.strip("."), file=document.path, line=document.line(keys)))
    return InputError(found)


def _inner_problems(document: Document, catalog: Catalog) -> list[Problem]:
    """What is wrong inside networks and requirements, where those can be read at all."""
    problems: list[Problem] = []
    collect = _Collector(document, problems)
    networks = _networks(document, collect)
    _requirements(document, collect, [n.name for n in networks])
    return problems


def _groups(file: DesignFile, catalog: Catalog) -> tuple[HostGroup, ...]:
    host = catalog.host(file.host)
    if host.gpus == 0:
        raise InputError(Problem("this host has no GPUs", "host", file.host, "a host with GPUs"))
    if file.gpus % host.gpus:
        low = file.gpus // host.gpus * host.gpus
        sizes = [size for size in (low, low + host.gpus) if size]
        raise InputError(
            Problem(
                f"the host has {host.gpus} GPUs; this is no whole number of hosts", "gpus", str(file.gpus),
                " or ".join(str(size) for size in sizes),
            )
        )  # fmt: skip
    others = [HostGroup(catalog.host(o.host, "other_hosts"), o.count) for o in file.other_hosts]
    return (HostGroup(host, file.gpus // host.gpus), *others)


def _networks(document: Document, collect: _Collector) -> tuple[Network, ...]:
    given = document.value.get("networks")
    found = []
    for name, value in given.items() if isinstance(given, dict) else ():
        at: Keys = ("networks", name)
        if not isinstance(value, dict):
            continue
        network = collect.run(at, lambda: _network(document, name, value, at))  # noqa: B023
        if network:
            found.append(network)
    found.sort(key=lambda n: n.name != "compute")
    return tuple(found)


def _network(document: Document, name: str, value: dict[str, object], at: Keys) -> Network:
    if "family" not in value:
        known = ", ".join(families.names())
        raise InputError(Problem("is missing", "family", "", known))
    family = families.get(str(value["family"]), "family")
    return Network(name, yamlfile.validated(family.params, document, value, at))


def _requirements(document: Document, collect: _Collector, networks: list[str]) -> tuple[Requirement, ...]:
    given = document.value.get("requirements")
    found = []
    for i, entry in enumerate(given if isinstance(given, list) else ()):
        at: Keys = ("requirements", i)
        requirement = collect.run(at, lambda: _requirement(document, i, entry, networks))  # noqa: B023
        if requirement:
            found.append(requirement)
    return tuple(found)


def _requirement(document: Document, i: int, entry: object, networks: list[str]) -> Requirement:
    if not isinstance(entry, dict) or len(entry) != 1:
        known = ", ".join(requirement_kinds.names())
        raise InputError(Problem("a requirement is one kind with its keys", "", "", known, "- hops: {at_most: 3}"))
    ((kind, value),) = entry.items()
    params_type = requirement_kinds.get(kind, kind).params
    at: Keys = ("requirements", i, kind)
    params = yamlfile.validated(params_type, document, {} if value is None else value, at)
    if params.network not in networks:
        raise InputError(
            Problem("no network of this design has this name", f"{kind}.network", params.network, ", ".join(networks))
        )
    return Requirement(f"{kind}-{i + 1}", kind, params, document.line(at))
