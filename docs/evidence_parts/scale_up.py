"""Scale-up domains, sums in the network, and the optimum of collectives."""

from __future__ import annotations

from typing import Any

from evidence_parts.boxes import fabric_of_boxes
from evidence_parts.model import ASSUMED, CATALOG, REFERENCE, REPRODUCED, Figure, fabric_of
from topo.analysis.collectives import collective_time, place
from topo.analysis.collectives.in_network import in_network
from topo.analysis.collectives.optimum import optima
from topo.catalog import load_catalog
from topo.design import build, load_design
from topo.report.counts import network_counts

SIZE = float(1 << 30)


def figures(reference: dict[str, Any]) -> list[Figure]:
    """One row a figure."""
    return [
        *_nvl72(reference["nvl72"]),
        *_cloudmatrix(reference["cloudmatrix384"]),
        *_collectives(reference),
        *_forestcoll(reference["forestcoll"]["all_gather_gbytes_per_s"]),
    ]


def _nvl72(published: dict[str, Any]) -> list[Figure]:
    part = CATALOG.host("dgx-gb200-tray")
    assert part.scale_up is not None
    gpus = part.gpus * part.scale_up.hosts_per_domain
    ours = {
        "gpus_of_a_rack": gpus,
        "trays_of_a_rack": part.scale_up.hosts_per_domain,
        "nics_of_a_tray": part.nics[0].count,
        "nvlink_tbytes_per_s_of_a_rack": 2 * gpus * part.scale_up.gbps_per_gpu / 8e3,
    }
    return [
        Figure(
            (f"nvl72.{key}",), f"NVL72: {key.replace('_', ' ')}", value, ours[key], REPRODUCED, "As the catalog has it."
        )
        for key, value in published.items()
    ]


def _cloudmatrix(published: dict[str, Any]) -> list[Figure]:
    folder = REFERENCE.parent / "cloudmatrix-384"
    counts = network_counts(build(load_design(folder / "design.yaml", load_catalog([folder / "parts"]))), 0)
    ours = {
        "npus": counts.gpus,
        "first_tier_switches": counts.switches["leaf"],
        "second_tier_switches": counts.switches["spine"],
        "planes": counts.planes,
    }
    remark = "A leaf on every node in each of 7 planes, 16 spines a plane; `mpft` with these sizes."
    return [
        Figure(
            (f"cloudmatrix384.{key}",), f"CloudMatrix384: {key.replace('_', ' ')}", value, ours[key], ASSUMED, remark
        )
        for key, value in published.items()
    ]


def _collectives(reference: dict[str, Any]) -> list[Figure]:
    fabric = fabric_of(2048, "family: mpft")
    ranks = place(fabric)
    ring = collective_time(fabric, "all-reduce", ranks, SIZE, "hierarchical").endpoint_us
    tree = collective_time(fabric, "all-reduce", ranks, SIZE, "sharp", can=in_network(CATALOG, fabric)).endpoint_us
    one = fabric_of(256, "family: rail-only")
    few = place(one, per_host=1)
    best = optima(one, few)["all-gather"].time_us(SIZE)
    share = best / collective_time(one, "all-gather", few, SIZE, "flat-ring").time_us
    key = "all_reduce_bytes_of_a_ring_over_those_of_a_tree"
    return [
        Figure(
            (f"sharp.{key}",), "SHARP: bytes of a NIC in a ring over those in a tree", reference["sharp"][key],
            ring / tree, REPRODUCED, "256 hosts: 2 x 255/256.",
        ),
        Figure(
            ("forestcoll.one_switch_ring_share_of_optimum",), "ForestColl: a ring on one switch, share of the optimum",
            reference["forestcoll"]["one_switch_ring_share_of_optimum"], share, REPRODUCED, "All-gather of 32 ranks.",
        ),
    ]  # fmt: skip


def _forestcoll(published: dict[str, float]) -> list[Figure]:
    found = []
    for key, value in published.items():
        fabric = fabric_of_boxes(key)
        ours = float(optima(fabric, place(fabric), wanted=("all-gather",))["all-gather"].algbw_gbps) / 8
        found.append(
            Figure(
                (f"forestcoll.all_gather_gbytes_per_s.{key}",),
                f"ForestColl: optimal all-gather, {key.replace('_', ' ')}, GB/s",
                value, ours, REPRODUCED, "What the authors' program answers on its own topology.", 3,
            )
        )  # fmt: skip
    return found
