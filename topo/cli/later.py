"""Modules of other packages that are loaded only where something of them is used."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import LazyLoader
from types import ModuleType

LATER = ("numpy.f2py", "numpy.testing")
"""SciPy looks at every name that NumPy has, these among them, and uses nothing of them: 0.07 s."""


class Later:
    """A finder of these modules whose loading waits for the first use of a name in them."""

    @staticmethod
    def find_spec(name: str, path: Sequence[str] | None = None, target: ModuleType | None = None) -> ModuleSpec | None:
        """The module's own description with a loader that waits; None for all other modules."""
        found = PathFinder.find_spec(name, path, target) if name in LATER else None
        if found is not None and found.loader is not None:
            found.loader = LazyLoader(found.loader)
        return found


def load_later() -> None:
    """Has these modules wait in this process."""
    sys.meta_path.insert(0, Later)
