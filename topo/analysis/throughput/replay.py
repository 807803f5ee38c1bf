"""Certificates of routings that leave no choice: what the checker needs to find their figures again."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

from topo.analysis.demand import Demand, Sparse
from topo.analysis.routing import ForwardingTables, Routed
from topo.analysis.symmetry import network_symmetry
from topo.analysis.throughput.ends import Ends
from topo.analysis.throughput.proof import generators_proof
from topo.fabric import Fabric
from topo.fabric.model import IntArray

ROUNDED = Fraction(1, 2**48)
"""What rounded demands may change of a throughput at most, with room to spare: each is right within 2^-53."""


def replayed(fabric: Fabric, network: int, demand: Demand, result: Routed, ends: Ends) -> dict[str, Any]:
    """The keys `kind`, `question`, `claim` and those of the kind: generators of spray and wcmp, tables of static."""
    replay = result.replay
    assert replay is not None
    claim: dict[str, Any] = {**ends.claim()}
    more: dict[str, Any] = {}
    if replay.kind in ("spray", "wcmp"):
        more["generators"] = []
        if not isinstance(demand.form, Sparse):
            colour = np.unique(demand.form.weight, return_inverse=True)[1]
            symmetry = network_symmetry(fabric, demand.network, network, colour, search=False)
            more["generators"] = generators_proof(symmetry)
    if result.tables is not None:
        more["tables"] = tables_proof(result.tables)
    if replay.samples:
        slack = ROUNDED if demand.rounded else Fraction(0)
        claim["samples"] = [list(one.widened(slack).claim().values()) for one in replay.samples]
    question = {"traffic": demand.traffic, "routing": result.routing, **replay.question}
    return {"kind": replay.kind, "question": question, **more, "claim": claim}


def tables_proof(tables: ForwardingTables) -> dict[str, Any]:
    """Tables as certificates hold them, endpoints sorted by switch and then by position."""
    from topo.certificates import packed_tables

    net, channels = tables.network, tables.channels
    most = int(channels.number.max(initial=0))
    number = np.append(channels.number, 0).astype(np.uint8 if most < 256 else np.uint16)
    place = np.empty(len(net.at), dtype=np.int64)
    place[np.argsort(net.at, kind="stable")] = np.arange(len(net.at))
    ports: IntArray = np.zeros((net.switches, len(net.at)), dtype=number.dtype)
    for block in tables.blocks():
        ports[:, place[block]] = number[tables.channel_rows(block)].T
    return packed_tables(ports)
