"""The one registry."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

import topo
from topo.analysis.bisection.way import ways as bisection_ways
from topo.analysis.routing import routings
from topo.analysis.throughput.way import ways as throughput_ways
from topo.analysis.traffic import traffics
from topo.certificates.verify import kinds
from topo.checks.registries import requirement_kinds, wiring_checks
from topo.diagrams.registry import views
from topo.errors import ParameterError
from topo.exporters.plan import exporters
from topo.generators.family import families
from topo.importers.as_built import readers
from topo.registry import Registry, module_names
from topo.report.registry import renderers

REGISTRIES: list[Registry[Any]] = [
    bisection_ways,
    exporters,
    families,
    kinds,
    readers,
    renderers,
    requirement_kinds,
    routings,
    throughput_ways,
    traffics,
    views,
    wiring_checks,
]


def test_names_come_from_the_files_without_importing_them() -> None:
    assert {"ft2", "ft3", "mpft", "mrft", "slim-fly"} <= set(module_names("topo.generators.families"))
    assert not any(name.startswith(("-", "_")) for name in module_names("topo.generators.families"))


def test_duplicate_raises() -> None:
    registry: Registry[int] = Registry("family", "topo.generators.families")
    registry.add("ft2", 1)
    with pytest.raises(ValueError, match="twice"):
        registry.add("ft2", 2)


def test_unknown_lists_the_known_and_the_nearest() -> None:
    registry: Registry[int] = Registry("family", "topo.generators.families")
    with pytest.raises(ParameterError) as caught:
        registry.get("slimfly", "family")
    (problem,) = caught.value.problems
    assert problem.key == "family"
    assert "slim-fly" in problem.allowed
    assert problem.hint == "did you mean slim-fly?"


def test_a_module_that_registers_nothing_is_named() -> None:
    registry: Registry[int] = Registry("family", "topo.generators.families")
    with pytest.raises(ValueError, match="registers no"):
        registry.get("ft2")


def test_an_underscore_means_private() -> None:
    """A module that begins with an underscore is imported by its own folder alone, and an extension folder holds
    extensions: every module in it registers the name of its file."""
    package = Path(topo.__file__).parent
    for path in package.rglob("*.py"):
        text, folder = path.read_text(encoding="utf-8"), ".".join(path.relative_to(package.parent).parent.parts)
        for found in re.finditer(
            r"^\s*(?:from|import) (topo[\w.]*?)(?:\.(_[a-z]\w*))?(?: import (\w+))?", text, re.MULTILINE
        ):
            of, private = found[1], found[2] or (found[3] if (found[3] or "").startswith("_") else None)
            if private and not private.startswith("__"):
                assert of == folder, f"{path.name} imports {of}.{private}"


@pytest.mark.parametrize("registry", REGISTRIES, ids=lambda registry: registry.package)
def test_every_module_of_an_extension_folder_is_an_extension(registry: Registry[object]) -> None:
    for name in registry.names():
        assert registry.get(name) is not None
