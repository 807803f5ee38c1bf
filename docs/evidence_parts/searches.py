"""Fronts and limits that `topo search` finds; the searches themselves are tests."""

from __future__ import annotations

from typing import Any

from evidence_parts.model import CATALOG, CONTRADICTED, REPRODUCED, Figure, fabric_of
from evidence_parts.sizes import made_host, made_part, with_parts
from topo.analysis.throughput import throughput
from topo.design.loader import parse_design
from topo.design.wire import closed_forms
from topo.errors import InputError
from topo.report.counts import network_counts

SPRAY = (
    "36 leaves of 32 uplinks fill the 64 ports of each of 18 spines, so every spine has leaves on one link. What the "
    "other 63 links of the spine bring down such a link is t x 63/32 x 32 x 32/1,151 of it: all of it at t = 0.571, in "
    "whatever way links are dealt, if their numbers differ by at most one."
)


def figures(reference: dict[str, Any]) -> list[Figure]:
    """One row a figure."""
    found = []
    for i, row in enumerate(reference["front_1152"]):
        fabric = fabric_of(1152, f"family: ft2, spread: by-one, spines: {row['spines']}")
        ours = {"spines": network_counts(fabric, 0).switches["spine"]}
        for routing in ("adaptive", "spray"):
            ours[routing] = throughput(fabric, routing=routing).lower
        for key, value in row.items():
            off = key == "spray" and row["spines"] == 18
            found.append(
                Figure(
                    (f"front_1152.{i}.{key}",), f"1,152 GPUs, {row['spines']} spines: {key}", value, ours[key],
                    CONTRADICTED if off else REPRODUCED, SPRAY if off else "",
                )
            )  # fmt: skip
    keys = "networks: {compute: {family: zcube, switch: dell-z9432f}}"
    text = f"name: z\ngpus: 256\nhost: example-host-1-two-ports\n{keys}\n"
    switches = closed_forms(parse_design(text, "evidence", CATALOG))["compute"].switches["switch"]
    found.append(
        Figure(
            ("zcube_256.switches",), "ZCube of 256 GPUs: switches", reference["zcube_256"]["switches"], switches,
            REPRODUCED, "A search finds it cheaper than any tree for traffic between GPUs.",
        )
    )  # fmt: skip
    hosts = reference["two_tiers_36_216"]["hosts"]
    most = max(n for n in range(hosts - 2, hosts + 3) if _holds(n))
    found.append(
        Figure(("two_tiers_36_216.hosts",), "two tiers of 36 and 216 ports: most hosts", hosts, most, REPRODUCED)
    )
    return found


def _holds(hosts: int) -> bool:
    """Whether two tiers of 36-port leaves and 216-port spines without oversubscription join so many hosts."""
    catalog = with_parts(made_host(1, 1, 400), made_part("edge", 36, (1, 400, 4)), made_part("core", 216, (1, 400, 4)))
    keys = "{compute: {family: ft2, switch: edge, spine_switch: core, oversubscription: 1}}"
    text = f"name: d\ngpus: {8 * hosts}\nhost: made-host\nnetworks: {keys}\n"
    try:
        return bool(closed_forms(parse_design(text, "evidence", catalog)))
    except InputError:
        return False
