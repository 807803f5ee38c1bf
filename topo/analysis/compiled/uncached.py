"""Says once that compiled functions are not kept on disk. numba is not needed to know it."""

from __future__ import annotations

import os
import tempfile
import warnings
from functools import cache
from pathlib import Path

from topo.errors import CacheWarning


@cache
def warn_uncached() -> None:
    """Warns, once in a process, with CacheWarning."""
    warnings.warn(
        "compiled functions cannot be kept on disk, every run compiles them again (name a folder that can be written "
        "with NUMBA_CACHE_DIR)",
        CacheWarning,
        stacklevel=2,
    )


def warn_if_uncached() -> None:
    """Warns where no folder that numba would use can be written; for a process that lets others do the work."""
    if not can_keep(os.path.dirname(__file__)):
        warn_uncached()


@cache
def can_keep(folder: str) -> bool:
    """Whether what is compiled from a folder of source can be kept where no current folder has a say: a home that is
    not known, or not absolute, would be one beside the designs, and what lies there is never to be run."""
    user = os.path.expanduser(os.environ.get("XDG_CACHE_HOME", "~/.cache"))
    places = [os.environ.get("NUMBA_CACHE_DIR"), os.path.join(folder, "__pycache__")]
    if os.path.isabs(user):
        places.append(os.path.join(user, "numba"))
    return any(_writable(Path(place)) for place in places if place)


def _writable(folder: Path) -> bool:
    """Whether files can be made in a folder, which is made where it is missing."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
    except OSError:
        return False
    return True
