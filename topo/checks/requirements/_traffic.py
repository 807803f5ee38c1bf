"""Keys that name a traffic and a routing, such as `permutation:seed=3` and `ecmp:qp=4`."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from topo.analysis.routing import routings
from topo.analysis.spec import split_spec
from topo.errors import InputError

ADAPTIVE = "adaptive"


def _spec(text: str) -> str:
    try:
        split_spec(text, "")
    except InputError as error:
        raise ValueError(error.problems[0].message) from None
    return text


def _routing(text: str) -> str:
    known = (ADAPTIVE, *routings.names())
    name = _spec(text).partition(":")[0]
    if name not in known:
        raise ValueError(f"unknown routing {name!r}; there are {', '.join(known)}")
    return text


Traffic = Annotated[str, AfterValidator(_spec), Field(max_length=200)]
Routing = Annotated[str, AfterValidator(_routing), Field(max_length=200)]
