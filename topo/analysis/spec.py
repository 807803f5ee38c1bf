"""Names with parameters, as users write them: `ecmp`, `ecmp:qp=4`, `permutation:seed=3`."""

from __future__ import annotations

from typing import Literal, Self, TypeVar

from pydantic import Field, ValidationError, model_validator

from topo.catalog.models import Strict
from topo.errors import InputError, ParameterError, Problem, nearest, shown
from topo.yamlfile.messages import allowed_words

Params = TypeVar("Params", bound=Strict)


class NoParams(Strict):
    """Takes no parameters."""


class GpuParams(Strict):
    """Keys of the all-to-all of GPUs."""

    within: Literal["", "domain"] = Field(
        "", description="`domain`: between the GPUs of one scale-up domain, each over its own ports of the network"
    )
    over: str = Field(
        "",
        description="a second network that carries too, GPUs passing on what they get; pairs of one domain count",
    )

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if self.within and self.over:
            raise ValueError("within one domain there is nothing to go over: give within or over")
        return self


def split_spec(text: str, key: str) -> tuple[str, dict[str, str]]:
    """The name and its parameters as texts; raises ParameterError under `key`."""
    name, colon, rest = text.partition(":")
    values: dict[str, str] = {}
    if colon and not rest:
        raise ParameterError(key, text, "nothing follows the colon", "name or name:key=value,key=value")
    for part in rest.split(",") if rest else ():
        word, equals, value = part.partition("=")
        if not (word and equals and value):
            raise ParameterError(key, text, f"{shown(part) or 'an empty part'} is no parameter", "key=value")
        if word in values:
            raise ParameterError(key, text, f"{word} is given twice", "each key once")
        values[word] = value
    return name, values


def params_of(model: type[Params], name: str, values: dict[str, str], key: str) -> Params:
    """The parameters of one routing or traffic; raises InputError with every mistake."""
    try:
        return model.model_validate_strings(values, strict=False)
    except ValidationError as error:
        known = sorted(model.model_fields)
        problems = []
        for one in error.errors(include_url=False):
            word = str(one["loc"][0]) if one["loc"] else ""
            if one["type"] == "extra_forbidden":
                allowed = ", ".join(known) or "no parameters"
                problem = Problem(f"{name} has no parameter of this name", key, word, allowed, nearest(word, known))
            else:
                allowed = allowed_words(one["msg"])
                problem = Problem(f"{word} of {name} is wrong", key, shown(values.get(word, "missing")), allowed)
            problems.append(problem)
        raise InputError(problems) from None


def spec_text(name: str, params: Strict) -> str:
    """The shortest text that means the same: parameters that differ from their defaults, in the model's order."""
    fields = type(params).model_fields
    given = [f"{k}={_text(getattr(params, k))}" for k, f in fields.items() if getattr(params, k) != f.default]
    return f"{name}:{','.join(given)}" if given else name


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else f"{value:g}" if isinstance(value, float) else str(value)
