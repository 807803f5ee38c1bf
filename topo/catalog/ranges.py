"""A price that is known as a range: a number that remembers its two ends."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, Self, TypeVar

from pydantic import BaseModel, ValidatorFunctionWrapHandler

from topo.errors import NotAllowedError

End = Literal["low", "high"]
M = TypeVar("M", bound=BaseModel)
KEYS = ("low", "high", "expected")


class Ranged(float):
    """The expected price, with the least and the most it may be."""

    low: float
    high: float

    @classmethod
    def of(cls, expected: float, low: float, high: float) -> Self:
        """The number `expected`, which lies between the two."""
        result = cls(expected)
        result.low, result.high = low, high
        return result

    def __reduce__(self) -> tuple[Any, tuple[float, float, float]]:
        return Ranged.of, (float(self), self.low, self.high)


def price(value: Any, handler: ValidatorFunctionWrapHandler) -> float:
    """A validator: a number, or `{low, high}` with the expected one (their middle where it is not said)."""
    if not isinstance(value, Mapping):
        return float(handler(value))
    if not {"low", "high"} <= value.keys() <= set(KEYS):
        message = "a price is a number, or a range {low, high}, with `expected` where it is not the middle"
        raise NotAllowedError(message, "a number, {low, high} or {low, high, expected}")
    low, high = float(handler(value["low"])), float(handler(value["high"]))
    if low > high:
        message = f"the range is upside down: low {low:,g} is above high {high:,g}"
        raise NotAllowedError(message, f"a low of at most {high:,g}, or a high of at least {low:,g}")
    expected = float(handler(value["expected"])) if "expected" in value else (low + high) / 2
    if not low <= expected <= high:
        message = f"expected {expected:,g} lies outside of {low:,g} to {high:,g}"
        raise NotAllowedError(message, f"{low:,g} to {high:,g}")
    return Ranged.of(expected, low, high)


def has_range(value: Any) -> bool:
    """Whether a value, or anything inside a model or mapping, is a range."""
    if isinstance(value, BaseModel):
        return any(has_range(getattr(value, name)) for name in type(value).model_fields)
    if isinstance(value, Mapping):
        return any(map(has_range, value.values()))
    return isinstance(value, Ranged)


def at(model: M, end: End) -> M:
    """The model with every range at one of its ends."""

    def moved(value: Any) -> Any:
        if isinstance(value, BaseModel):
            return at(value, end)
        if isinstance(value, Mapping):
            return {key: moved(inner) for key, inner in value.items()}
        return getattr(value, end) if isinstance(value, Ranged) else value

    return model.model_copy(update={name: moved(getattr(model, name)) for name in type(model).model_fields})


def times(value: Any, rate: float) -> Any:
    """A price, a range or a mapping of them, in another currency."""
    if isinstance(value, Ranged):
        return Ranged.of(float(value) * rate, value.low * rate, value.high * rate)
    if isinstance(value, Mapping):
        return {key: times(inner, rate) for key, inner in value.items()}
    return None if value is None else value * rate
