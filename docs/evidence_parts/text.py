"""Figures in the text of the DeepSeek-V3 hardware paper."""

from __future__ import annotations

from typing import Any

from evidence_parts.model import ASSUMED, CATALOG, CONTRADICTED, REPRODUCED, Figure, fabric_of
from topo.analysis.collectives.experts import ExpertLayout, sampled_copies, step_time
from topo.analysis.money.cost import network_cost
from topo.analysis.paths.latency import latency_model, path_us
from topo.errors import InputError
from topo.report.counts import network_counts


def figures(reference: dict[str, Any]) -> list[Figure]:
    """One row a figure."""
    text = reference["text"]
    return [*_parts(text), *_sizes(text), *_gating(text), *_times(text), *_claims()]


def _parts(text: dict[str, Any]) -> list[Figure]:
    host, nic = CATALOG.host("h800-node"), CATALOG.nic("nvidia-cx7-osfp")
    compute, storage = (next(n for n in host.nics if n.network == name) for name in ("compute", "storage"))
    assert host.scale_up is not None
    used, effective = host.scale_up.gbps_per_gpu / 8, (host.scale_up.effective_gbps_per_gpu or 0) / 8
    ours = {
        "gpus": host.gpus,
        "nics": compute.count,
        "nic_gbps": nic.gbps,
        "storage_nics": storage.count,
        "storage_gbps": CATALOG.nic(storage.nic).gbps,
        "nvlink_gbytes_per_s_used": used,
        "nvlink_effective_gbytes_per_s": effective,
        "nic_gbytes_per_s": nic.gbps / 8,
        "nic_effective_gbytes_per_s": nic.gbps / 8 * effective / used,
    }
    assumed = {
        "nic_effective_gbytes_per_s": "NICs reach the share of their rate that NVLink is said to reach, 160 of 200."
    }
    ports = CATALOG.switch("nvidia-qm9700").ports
    found = [Figure(("text.switch_ports",), "switch ports", text["switch_ports"], ports, REPRODUCED)]
    for key, value in text["host"].items():
        status, remark = (ASSUMED, assumed[key]) if key in assumed else (REPRODUCED, "As the catalog has it.")
        name = f"host: {key.replace('_', ' ')}"
        found.append(Figure((f"text.host.{key}",), name, value, ours[key], status, remark, 0))
    return found


def _sizes(text: dict[str, Any]) -> list[Figure]:
    most = 0
    for gpus in range(16000, 17000, 8):
        try:
            fabric = fabric_of(gpus, "family: mpft")
        except InputError:
            break
        most = gpus
    deployed = network_counts(fabric_of(2048, "family: mpft"), 0)
    del fabric
    return [
        Figure(("text.planes",), "planes", text["planes"], deployed.planes, REPRODUCED),
        Figure(("text.max_gpus",), "most GPUs", text["max_gpus"], most, REPRODUCED, "The largest that builds."),
        Figure(("text.deployed_gpus",), "deployed GPUs", text["deployed_gpus"], deployed.gpus, REPRODUCED),
    ]


def _gating(text: dict[str, Any]) -> list[Figure]:
    layout = ExpertLayout()
    drawn = sampled_copies(layout, 20_000, seed=1, gating="top-groups")
    ours = {
        "experts": layout.experts,
        "groups": layout.groups,
        "experts_per_group": layout.group_size,
        "experts_per_token": layout.per_token,
        "shared_experts": 9 - layout.per_token,
        "max_nodes_per_token": layout.max_groups,
    }
    remarks = dict.fromkeys(("experts", "groups", "experts_per_token"), "An input of the gating model.")
    remarks |= {
        "shared_experts": "9 experts a token in the time formula, 8 of them routed.",
        "max_nodes_per_token": f"20,000 sampled tokens reach {drawn.hosts:.3g} hosts each, {drawn.nic:.3g} over a NIC.",
    }
    found = []
    for key, value in text["node_limited_routing"].items():
        name, remark = key.replace("_", " "), remarks.get(key, "")
        found.append(Figure((f"text.node_limited_routing.{key}",), name, value, ours[key], REPRODUCED, remark))
    return found


def _times(text: dict[str, Any]) -> list[Figure]:
    slow, fast = step_time(50), step_time(900)
    ours = {
        "at_50_gbytes_per_s_us": slow.once_us,
        "two_per_layer_us": slow.per_layer_us,
        "layers": 61,
        "tpot_ms": slow.step_ms,
        "tokens_per_s": float(int(slow.tokens_per_s)),
        "at_900_gbytes_per_s_us": fast.once_us,
        "tpot_900_ms": fast.step_ms,
        "tokens_per_s_900": round(fast.tokens_per_s, -2),
    }
    remarks = {
        "tokens_per_s": f"{slow.tokens_per_s:.4g}, printed without decimals, cut.",
        "tokens_per_s_900": f"{fast.tokens_per_s:.4g}, printed to hundreds.",
        "layers": "An input of the formula.",
    }
    return [
        Figure(
            (f"text.expert_parallel_time.{key}",), key.replace("_", " "), value, ours[key], REPRODUCED,
            remarks.get(key, ""),
        )
        for key, value in text["expert_parallel_time"].items()
        if key in ours
    ]  # fmt: skip


def _claims() -> list[Figure]:
    book = CATALOG.price_book("published-fabric-links")
    costs = [network_cost(fabric_of(16384, f"family: {f}"), 0, CATALOG, book).total_usd for f in ("mpft", "ft3")]
    cheaper = (1 - costs[0] / costs[1]) * 100
    saved = {
        name: (1 - path_us(model, 3) / path_us(model, 5)) * 100
        for name in ("infiniband", "roce")
        for model in [latency_model(CATALOG, name)]
    }
    return [
        Figure(
            ("text.claims.cost",), "cost below a three-layer fat-tree, percent", "more than 50", f"{cheaper:.0f}",
            CONTRADICTED, "At 16,384 GPUs, 768 against 1,280 switches; table 3 itself gives 1 - 4.39/7.5 = 41 percent.",
        ),
        Figure(
            ("text.claims.latency",), "latency below a three-layer fat-tree, percent", "30",
            f"{saved['infiniband']:.0f} to {saved['roce']:.0f}", CONTRADICTED,
            "Three switches against five with the constants of table 5, InfiniBand and RoCE.",
        ),
    ]  # fmt: skip
