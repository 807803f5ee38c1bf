"""Packages that import what they give at first use give all of it, and the same as their modules."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import topo

ROOT = Path(topo.__file__).parents[1]
LAZY = sorted(
    ".".join(file.relative_to(ROOT).parent.parts)
    for file in ROOT.glob("topo/**/__init__.py")
    if "at_first_use(" in file.read_text(encoding="utf-8")
)


@pytest.mark.parametrize("name", LAZY)
def test_every_name_is_there_and_no_module_takes_its_place(name: str) -> None:
    """In a process of its own, in which every module of the package is imported first."""
    folder = ROOT / name.replace(".", "/")
    modules = [".".join(f.relative_to(ROOT).with_suffix("").parts) for f in folder.glob("*.py") if f.stem != "__init__"]
    code = (
        "from importlib import import_module; from types import ModuleType\n"
        f"package = import_module({name!r})\n"
        f"for module in {sorted(modules)!r}: import_module(module)\n"
        "print([n for n in package.__all__ if isinstance(getattr(package, n), ModuleType)])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("name", LAZY)
def test_another_name_is_no_attribute(name: str) -> None:
    assert not hasattr(import_module(name), "nothing")
