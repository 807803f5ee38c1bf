from __future__ import annotations

from collections.abc import Callable

import pytest

from topo.design import parse_design
from topo.exporters import Plan, make_plan

TEXT = """name: t
title: {title}
gpus: {gpus}
host: {host}
networks:
  compute: {{family: {family}, switch: {switch}{keys}}}
lengths_m: {{{lengths}}}
"""

PlanOf = Callable[..., Plan]


@pytest.fixture(scope="session")
def plan_of() -> PlanOf:
    def make(
        gpus: int = 256,
        host: str = "h800-node",
        family: str = "ft2",
        switch: str = "nvidia-qm9700",
        title: str = "t",
        lengths: str = "",
        **keys: object,
    ) -> Plan:
        extra = "".join(f", {k}: {v}" for k, v in keys.items())
        text = TEXT.format(gpus=gpus, host=host, family=family, switch=switch, title=title, keys=extra, lengths=lengths)
        return make_plan(parse_design(text))

    return make


KINDS = [
    {"family": "ft2", "gpus": 512},
    {"family": "ft3", "gpus": 256},
    {"family": "mrft", "gpus": 256},
    {"family": "mpft", "gpus": 128},
    {"family": "ft2", "gpus": 512, "lengths": "endpoint: 2, leaf_spine: 1"},
    {"family": "ft2", "gpus": 256, "host": "dgx-h100", "switch": "nvidia-sn5600", "uplink_gbps": 800},
    {"family": "mpft", "gpus": 64, "host": "multi-port-node-4x200"},
]


@pytest.fixture(params=KINDS, ids=lambda k: "-".join(str(v) for v in k.values()).replace(" ", ""))
def any_plan(request: pytest.FixtureRequest, plan_of: PlanOf) -> Plan:
    return plan_of(**request.param)
