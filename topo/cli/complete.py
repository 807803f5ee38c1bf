"""What the shell offers after an option: names that are registered, parts of the catalog."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from topo.registry import module_names

Complete = Callable[[str], list[str]]


def among(names: Sequence[str]) -> Complete:
    """Completes one of a few words."""
    return lambda incomplete: [name for name in names if name.startswith(incomplete)]


def registered(package: str) -> Complete:
    """Completes the names that a package's modules register."""
    return among(module_names(package))


def part(kind: str) -> Complete:
    """Completes the id of a part of a kind, or of any kind where it is empty."""

    def complete(incomplete: str) -> list[str]:
        from topo.catalog import load_catalog
        from topo.catalog.models import KINDS

        catalog = load_catalog()
        known = [name for each in ([kind] if kind else KINDS) for name in catalog.ids(each)]
        return [name for name in known if name.startswith(incomplete)]

    return complete
