"""Storage: north-south traffic between many hosts and few servers.

Servers are the hosts without GPUs, of the kind (part) that has the most endpoints in the network; of equals the part
that comes first by name. All other endpoints of a plane are clients. With `direction=read` (default) every server
sends to every client of its plane, with `write` every client to every server: equally, in proportion to both line
rates.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from pydantic import Field

from topo.analysis.demand import Demand
from topo.analysis.network import SwitchNetwork
from topo.analysis.spec import spec_text
from topo.analysis.traffic.registry import traffics
from topo.analysis.traffic.value import Question, Traffic, by_plane, joined, line_rate_flows
from topo.catalog.models import Strict
from topo.errors import ParameterError
from topo.fabric import Fabric
from topo.fabric.model import BoolArray, IntArray

MOST_FLOWS = 20_000_000
"""Half a gigabyte of sources, targets and rates."""


class StorageParams(Strict):
    """Parameters of storage."""

    direction: Literal["read", "write"] = Field("read", description="from the servers, or to them")


def servers(fabric: Fabric, net: SwitchNetwork) -> BoolArray:
    """Shape (endpoints of the network,): whether each is a server's."""
    host = fabric.endpoints.host[net.endpoint]
    part = np.where(fabric.devices.gpus[host] == 0, fabric.devices.part[host], -2)
    kinds, count = np.unique(part[part >= 0], return_counts=True)
    if not len(kinds):
        return np.zeros(len(host), dtype=np.bool_)
    chosen = min(zip((-count).tolist(), [fabric.parts[k] for k in kinds.tolist()], kinds.tolist(), strict=True))[2]
    return np.asarray(part == chosen)


def _demand(question: Question, params: StorageParams) -> Demand:
    net, fabric = question.intact, question.baseline or question.fabric
    serves = servers(fabric, net)
    parts: list[tuple[IntArray, IntArray]] = []
    flows = 0
    for ends in by_plane(net):
        ours, theirs = ends[serves[ends]], ends[~serves[ends]]
        flows += len(ours) * len(theirs)
        if flows > MOST_FLOWS:
            raise ParameterError("traffic", "storage", "too many flows", f"at most {MOST_FLOWS:,}")
        one, other = np.repeat(ours, len(theirs)), np.tile(theirs, len(ours))
        parts.append((one, other) if params.direction == "read" else (other, one))
    if not flows:
        message = "nothing to read from: the network needs hosts without GPUs, and others beside them in a plane"
        raise ParameterError("traffic", "storage", message, hint="give storage servers under `other_hosts`")
    src, dst = joined(parts)
    return line_rate_flows(question, spec_text("storage", params), src, dst, np.ones(len(src)))


traffics.add("storage", Traffic("hosts reading from (or writing to) few storage servers", StorageParams, _demand))
