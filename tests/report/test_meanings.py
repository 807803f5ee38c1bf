"""Every code that a finding can have, and every requirement, is explained."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import topo
from tests.cli.test_contract import run
from topo.checks.registries import requirement_kinds, wiring_checks
from topo.errors import InputError
from topo.report.meanings import MEANINGS, explained, known_codes

PACKAGE = Path(topo.__file__).parent


def written() -> set[str]:
    """Codes that stand in the code: first arguments of Finding(...), as text or as a constant of the module."""
    found = set()
    for path in PACKAGE.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        if "Finding(" not in text:
            continue
        tree = ast.parse(text)
        constants = {
            node.targets[0].id: node.value.value
            for node in ast.walk(tree)
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
            if isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        }
        for node in ast.walk(tree):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id == "Finding"
                and node.args
            ):
                code = node.args[0]
                if isinstance(code, ast.Constant):
                    found.add(str(code.value))
                elif isinstance(code, ast.Name) and code.id in constants:
                    found.add(constants[code.id])
    return found


def test_every_code_is_explained() -> None:
    kinds = {name.replace("_", "-") for name in requirement_kinds.names()}
    assert sorted((written() | kinds | set(wiring_checks.names())) - set(MEANINGS)) == []


def test_every_meaning_says_what_and_what_to_do() -> None:
    for code in known_codes():
        text = explained(code)
        assert "means: " in text, code
        assert "do: " in text, code
    assert "uplinks" in explained("oversubscription")
    assert explained("cost_usd") == explained("cost-usd")
    assert explained("cable-tray-fill") == explained("tray-fill")


def test_the_command_lists_and_explains() -> None:
    assert run("explain").stdout.split() == list(known_codes())
    assert run("explain", "hops").stdout.startswith("hops\n")
    told = run("explain", "uplink-spred")
    assert told.returncode == 2
    assert "uplink-spread" in told.stderr


def test_unknown_codes_raise() -> None:
    with pytest.raises(InputError):
        explained("nothing")
