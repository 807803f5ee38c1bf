"""Tests of many cases: the first few run by default, every one in the slow target."""

from __future__ import annotations

from collections.abc import Iterable
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
