"""The one registry."""

from __future__ import annotations

import pytest

from topo.errors import ParameterError
from topo.registry import Registry, module_names


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
