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
    named = os.environ.get("NUMBA_CACHE_DIR")
    user = os.environ.get("XDG_CACHE_HOME") or str(Path("~/.cache").expanduser())
    folders = ([Path(named)] if named else []) + [Path(__file__).with_name("__pycache__"), Path(user, "numba")]
    if not any(map(_writable, folders)):
        warn_uncached()


def _writable(folder: Path) -> bool:
    """Whether files can be made in a folder, which is made where it is missing."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
    except OSError:
        return False
    return True
