"""Plain values of a file as something that can be told apart and kept: lists as tuples, mappings as `Fixed`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Value = Any
"""A plain value of the design file."""


class Fixed(dict[str, Value]):
    """A mapping that nobody changes."""

    def __hash__(self) -> int:  # type: ignore[override]
        """By what it holds."""
        return hash(frozenset(self.items()))


def fixed(value: Any) -> Value:
    """The value of a file, hashable."""
    if isinstance(value, list | tuple):
        return tuple(map(fixed, value))
    if isinstance(value, Mapping):
        return Fixed({str(k): fixed(v) for k, v in value.items()})
    return value


def unfixed(value: Value) -> Any:
    """The value as the file has it."""
    if isinstance(value, tuple):
        return [unfixed(one) for one in value]
    return {k: unfixed(v) for k, v in value.items()} if isinstance(value, Fixed) else value
