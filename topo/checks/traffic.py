"""Keys that name a traffic and a routing, such as `permutation:seed=3` and `ecmp:qp=4`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from pydantic import AfterValidator, Field

from topo.analysis.routing import routings
from topo.analysis.spec import params_of, split_spec
from topo.analysis.traffic import traffics
from topo.catalog.models import Strict
from topo.errors import InputError, NotAllowedError, nearest

ADAPTIVE = "adaptive"


def _checked(text: str, what: str, known: tuple[str, ...], model: Callable[[str], type[Strict]]) -> str:
    """The text, where its name is known and its parameters are such as `model` of the name has."""
    try:
        name, values = split_spec(text, what)
        if name not in known:
            raise NotAllowedError(f"unknown {what}", ", ".join(sorted(known)), nearest(name, known))
        if values:
            params_of(model(name), name, values, what)
    except InputError as error:
        first = error.problems[0]
        value = f" ({first.value})" if first.value and first.value != text else ""
        raise NotAllowedError(f"{first.message}{value}", first.allowed, first.hint) from None
    return text


def _routing(text: str) -> str:
    def model(name: str) -> type[Strict]:
        from topo.analysis.throughput.answer import AdaptiveParams

        return AdaptiveParams if name == ADAPTIVE else routings.get(name).params

    return _checked(text, "routing", (ADAPTIVE, *routings.names()), model)


def _traffic(text: str) -> str:
    return _checked(text, "traffic", traffics.names(), lambda name: traffics.get(name).params)


def reachable(share: float, traffic: str) -> None:
    """Raises ValueError for a share of line rate that no network can carry: an endpoint sends or receives at line rate
    at most. A stated matrix is the exception, whose flows may be as small as one likes."""
    if share > 1 and traffic.partition(":")[0] != "matrix":
        raise ValueError("at most 1: endpoints send at line rate at most (level: network leaves their links out)")


Traffic = Annotated[str, AfterValidator(_traffic), Field(max_length=200)]
Routing = Annotated[str, AfterValidator(_routing), Field(max_length=200)]
