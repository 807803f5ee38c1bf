"""Tests of many cases: the first few run by default, every one in the slow target."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import pytest


def first(few: int, cases: Iterable[Any]) -> list[Any]:
    """The cases of a test, of which those behind the first few are slow. A case is a value, or a tuple where the test
    takes several."""
    listed = list(cases)
    return [*listed[:few], *(slow(*(case if isinstance(case, tuple) else (case,))) for case in listed[few:])]


def slow(*values: Any, id: str | None = None) -> Any:
    """A case that only the slow target runs."""
    return pytest.param(*values, id=id, marks=pytest.mark.slow)


def often(
    few: int, many: int, *strategies: Any, **named: Any
) -> Callable[[Callable[..., None]], Callable[[int], None]]:
    """A property of examples that hypothesis draws from strategies, the same ones in every run: `few` of them by
    default, `many` in the slow target."""
    from hypothesis import given, settings

    def decorated(test: Callable[..., None]) -> Callable[[int], None]:
        @pytest.mark.parametrize("examples", [few, slow(many)])
        def drawn(examples: int) -> None:
            settings(max_examples=examples, derandomize=True, deadline=None)(given(*strategies, **named)(test))()

        drawn.__name__, drawn.__doc__, drawn.__module__ = test.__name__, test.__doc__, test.__module__
        return drawn

    return decorated
