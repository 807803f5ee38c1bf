"""Whose code runs: nothing that lies in the current folder is ever imported, by this process or by its children.

A design folder may come from anybody. Python puts the current folder first in its search path in several ways; a
`pickle.py` beside the designs would then run. This module imports only what is loaded already when Python starts.
"""

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

_HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
"""The folder that holds the package `topo`."""


AT_END: "list[Callable[[], object]]" = []
"""What takes away the temporary files of this process, called also where it ends without Python's own end."""


def shut_out_current_folder(first: bool = False) -> None:
    """Takes the current folder out of this program's search path and out of that of the programs it starts.

    A home that is not known, or a folder of settings or caches that is not absolute, would be one below the current
    folder, from which libraries take settings and machine code: there is none then.

    `first`: the first entry goes too, which `python -m` has put there. The folder that holds topo itself stays, last:
    what lies beside it hides nothing. For the start of a program, before anything else is imported.
    """
    if first and not sys.flags.safe_path:
        del sys.path[0]
    sys.path[:] = [entry for entry in sys.path if os.path.isabs(entry)]
    if not any(os.path.abspath(entry) == _HERE for entry in sys.path):
        sys.path.append(_HERE)
    os.environ.update(children_environment())
    if not os.environ["PYTHONPATH"]:
        del os.environ["PYTHONPATH"]
    for key in ("XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"):
        if not os.path.isabs(os.environ.get(key, _HERE)):
            del os.environ[key]
    if not os.path.isabs(os.path.expanduser("~")):
        os.environ["HOME"] = os.devnull


def children_environment() -> dict[str, str]:
    """Variables with which another Python never looks into the current folder: `PYTHONSAFEPATH`, and `PYTHONPATH`
    without entries that are empty or relative."""
    entries = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    return {"PYTHONSAFEPATH": "1", "PYTHONPATH": os.pathsep.join(e for e in entries if os.path.isabs(e))}


class SafeChildren:
    """A context in which Python processes that are started never import from the current folder; the environment is
    put back afterwards. For a library's caller, whose environment is not ours to change."""

    def __enter__(self) -> None:
        self.before = {key: os.environ.get(key) for key in children_environment()}
        os.environ.update(children_environment())

    def __exit__(self, *error: object) -> None:
        for key, value in self.before.items():
            if value is None:
                os.environ.pop(key, None)
            else:
                os.environ[key] = value


def import_numba() -> None:
    """Imports numba without its `.numba_config.yaml` of the current folder, which can name a folder of machine code to
    load. Call it before whatever imports numba."""
    if "numba" in sys.modules:
        return
    here = os.getcwd() if os.path.lexists(".numba_config.yaml") else ""
    if here:
        os.chdir(_HERE if not os.path.samefile(_HERE, here) else os.path.dirname(os.path.abspath(__file__)))
    try:
        from numba.core import config
    finally:
        if here:
            os.chdir(here)
    config._config_fname = os.devnull
