"""The one place that runs Graphviz: the library inside pygraphviz's wheel, or else a `dot` program."""

from __future__ import annotations

import atexit
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from topo.errors import ParameterError
from topo.extras import how_to_install
from topo.isolated import AT_END

FONTS = Path(__file__).resolve().parent.parent / "fonts"
_CONFIG = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>{fonts}</dir><cachedir>{cache}</cachedir></fontconfig>
"""

LOADS = "install the system libraries glib 2 and X11 (Debian: libglib2.0-0 libxrender1), or graphviz"
"""What pygraphviz's wheel does not bring."""


def run_graphviz(dot: str, format: str) -> bytes:
    """DOT with positions to `svg`, `png` or `pdf`; raises ParameterError where this machine has no Graphviz at all."""
    try:
        import pygraphviz
    except ImportError as error:
        if isinstance(error, ModuleNotFoundError) and error.name == "pygraphviz":
            hint = f"{how_to_install('pygraphviz')}, or install the program (Debian: graphviz)"
            return _run_program(dot, format, "pygraphviz is not installed", hint)
        return _run_program(dot, format, f"pygraphviz cannot be loaded ({error})", LOADS)
    reader: Any = pygraphviz.AGraph
    with _own_font():
        graph = reader(string=dot)
        graph.has_layout = True
        data = bytes(graph.draw(format=format))
        graph.close()
    return data


def _run_program(dot: str, format: str, reason: str, hint: str) -> bytes:
    missing = ParameterError(
        "format", format, f"needs Graphviz: {reason} and there is no `dot` program", "svg, dot", hint
    )
    try:
        import graphviz
    except ImportError:
        raise missing from None
    try:
        return bytes(graphviz.pipe("neato", format, dot.encode(), neato_no_op=2))
    except graphviz.ExecutableNotFound:
        raise missing from None


@contextmanager
def _own_font() -> Iterator[None]:
    """Fontconfig sees the shipped font and nothing else, whatever the machine has, and dates are in UTC, whose offset
    stands in a PDF; the environment is put back."""
    ours = {**_font_environment(), "TZ": "UTC"}
    before = {key: os.environ.get(key) for key in ours}
    os.environ.update(ours)
    _clock()
    try:
        yield
    finally:
        for key, value in before.items():
            if value is None:
                del os.environ[key]
            else:
                os.environ[key] = value
        _clock()


def _clock() -> None:
    """The C library looks at TZ again, where it can."""
    if hasattr(time, "tzset"):
        time.tzset()


@cache
def _font_environment() -> dict[str, str]:
    """Fontconfig's variables, pointing into a temporary folder that goes when the process ends.

    The library in the wheel is older than many systems' configuration and complains about it on stderr; a system root
    of our own, in which the two paths it needs lead back to themselves, keeps it from reading any of that.
    """
    folder = tempfile.TemporaryDirectory(prefix="topo-fonts-")
    atexit.register(folder.cleanup)
    AT_END.append(folder.cleanup)
    here = Path(folder.name).resolve()
    root = here / "root"
    for target in (here, FONTS):
        link = root / target.relative_to("/")
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(target)
    config = here / "fonts.conf"
    config.write_text(_CONFIG.format(fonts=FONTS, cache=here / "cache"), encoding="utf-8")
    return {"FONTCONFIG_FILE": str(config), "FONTCONFIG_SYSROOT": str(root)}
