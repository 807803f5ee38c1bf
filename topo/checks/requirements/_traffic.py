"""Keys that name a traffic and a routing, such as `permutation:seed=3` and `ecmp:qp=4`."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from topo.analysis.routing import routings
from topo.analysis.spec import split_spec
from topo.analysis.traffic import traffics
from topo.errors import InputError

ADAPTIVE = "adaptive"
GPU_ALL_TO_ALL = "gpu-all-to-all"


def _spec(text: str) -> str:
    try:
        split_spec(text, "")
    except InputError as error:
        raise ValueError(error.problems[0].message) from None
    return text


def _known(text: str, what: str, known: set[str]) -> str:
    name = _spec(text).partition(":")[0]
    if name not in known:
        raise ValueError(f"unknown {what} {name!r}; there are {', '.join(sorted(known))}")
    return text


def _routing(text: str) -> str:
    return _known(text, "routing", {ADAPTIVE, *routings.names()})


def _traffic(text: str) -> str:
    return _known(text, "traffic", {GPU_ALL_TO_ALL, *traffics.names()})


Traffic = Annotated[str, AfterValidator(_traffic), Field(max_length=200)]
Routing = Annotated[str, AfterValidator(_routing), Field(max_length=200)]
