"""Plain data: what JSON and YAML hold, and what callers write as literals."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TypeAlias

from topo.errors import InputError, Problem, shown

Plain: TypeAlias = "str | int | float | bool | Sequence[Plain] | Mapping[str, Plain] | None"
"""A value of a design, a request or a certificate."""
PlainKeys: TypeAlias = Mapping[str, Plain]
"""Keys with their values, such as `{"hops": {"at_most": 3}}`."""


def written(value: Plain, key: str) -> str:
    """The value as JSON, which YAML reads; raises InputError, under the name of `key`, for what is not plain."""
    try:
        return json.dumps(value)
    except (TypeError, ValueError, RecursionError):
        allowed = "text, numbers, true, false, null, and lists and mappings of them"
        hint = "numbers of numpy by `.item()`, arrays by `.tolist()`, paths and dates by `str()`"
        raise InputError(Problem("is not plain data", key, shown(value), allowed, hint)) from None
