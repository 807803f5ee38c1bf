"""docs/checks.md names every check and every kind of requirement."""

from __future__ import annotations

from pathlib import Path

import pytest

from topo.checks import requirement_kinds, wiring_checks
from topo.design.policy import parse_policy

PAGE = (Path(__file__).parents[2] / "docs" / "checks.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", wiring_checks.names())
def test_every_wiring_check_is_listed_with_its_question(name: str) -> None:
    assert f"| `{name}` | {wiring_checks.get(name).title} |" in PAGE


@pytest.mark.parametrize("name", requirement_kinds.names())
def test_every_kind_of_requirement_is_listed(name: str) -> None:
    assert f"\n| `{name}` | " in PAGE


def test_the_example_policy_is_one() -> None:
    (text,) = [part.partition("```")[0] for part in PAGE.split("```yaml\n")[1:]]
    policy = parse_policy(text)
    assert [(rule.id, rule.severity) for rule in policy.rules] == [
        ("full-bisection", "error"),
        ("room-for-growth", "warning"),
    ]
    assert policy.waiver("full-bisection", "ft2-3072-oversubscribed") is not None
