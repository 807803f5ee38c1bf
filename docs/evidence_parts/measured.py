"""Tables 4 and 5 and figures 5 to 8 of the DeepSeek-V3 hardware paper."""

from __future__ import annotations

from typing import Any, cast

from evidence_parts.model import ASSUMED, CATALOG, CONTRADICTED, NOT_MODELLED, REPRODUCED, Figure, fabric_of
from topo.analysis.collectives import collective_time, place
from topo.analysis.collectives.experts import ExpertLayout, expected_copies
from topo.analysis.collectives.timing import CollectiveTime, concurrent_time
from topo.analysis.network import switch_network
from topo.analysis.paths.latency import endpoint_latency, latency_model
from topo.catalog import LatencyModel
from topo.fabric import Fabric

GIB = float(1 << 30)
READING = 3.0
SEEDS = 200
QUEUE_PAIRS = (1, 4)
ROCE_GPUS = 64
SIZES = (64.0, float(1 << 20), GIB, 16 * GIB)


def table_4(reference: dict[str, Any]) -> list[Figure]:
    """Training: not a network figure; what the network model says of the two topologies."""
    table = reference["table_4_training_mpft_mrft"]
    mpft, mrft = (_all_to_all(fabric_of(table["gpus"], f"family: {f}"), 2048) for f in ("mpft", "mrft"))
    ratio = mpft.time_us / mrft.time_us
    remark = f"The links give an all-to-all of 2,048 GPUs the same time on both: MPFT over MRFT is {ratio:.4g}."
    gpus = fabric_of(table["gpus"], "family: mpft").devices.gpus.sum()
    found = [Figure(("table_4_training_mpft_mrft.gpus",), "GPUs", table["gpus"], int(gpus), REPRODUCED)]
    day = "tokens_per_day_b"
    found.append(
        Figure(
            tuple(f"table_4_training_mpft_mrft.{f}.{day}" for f in ("MPFT", "MRFT")), "tokens a day, MPFT over MRFT",
            round(table["MPFT"][day] / table["MRFT"][day], 3), 1 / ratio, ASSUMED,
            "The links give both the same time; what else a step holds is taken as the same. Within two thousandths.",
            3, 0.002,
        )
    )  # fmt: skip
    for key in table["MPFT"]:
        if key == day:
            continue
        keys = tuple(f"table_4_training_mpft_mrft.{f}.{key}" for f in ("MPFT", "MRFT"))
        published = f"{table['MPFT'][key]} and {table['MRFT'][key]}"
        found.append(Figure(keys, f"{key}, MPFT and MRFT", published, None, NOT_MODELLED, remark))
    return found


def _all_to_all(fabric: Fabric, ranks: int, size: float = GIB) -> CollectiveTime:
    return collective_time(fabric, "all-to-all", place(fabric, ranks), size, forwarding="rail")


def table_5(reference: dict[str, Any]) -> list[Figure]:
    """Latency of 64 bytes."""
    table = reference["table_5_latency_64_bytes_us"]
    fabric = fabric_of(2048, "family: ft2")
    net = switch_network(fabric)
    found = []
    remark = "Two constants, a base and one per switch, fitted to these two figures."
    for row, model in (("RoCE", "roce"), ("InfiniBand", "infiniband")):
        latency = endpoint_latency(fabric, net, latency_model(CATALOG, model))
        for key, us in (("same_leaf", latency.us[0]), ("cross_leaf", latency.us[-1])):
            name = f"table_5_latency_64_bytes_us.{row}.{key}"
            found.append(
                Figure((name,), f"{row} {key.replace('_', ' ')}, us", table[row][key], float(us), ASSUMED, remark)
            )
    constant = latency_model(CATALOG, "infiniband").scale_up_us
    key = "table_5_latency_64_bytes_us.NVLink.same_node"
    found.append(
        Figure((key,), "NVLink same node, us", table["NVLink"]["same_node"], constant, ASSUMED, "Taken as a constant.")
    )
    return found


def figures_5_and_6(reference: dict[str, Any]) -> list[Figure]:
    """NCCL all-to-all on both topologies: only axes can be read, so the statements are compared."""
    five, six = reference["figure_5_nccl_all_to_all"], reference["figure_6_latency_difference"]
    fabrics = {f: fabric_of(2048, f"family: {f}") for f in ("mpft", "mrft")}
    found = []
    for i, gpus in enumerate(five["gpus"]):
        ours = {f: _all_to_all(fabric, gpus).busbw_gbytes_per_s for f, fabric in fabrics.items()}
        found.append(
            Figure(
                (f"figure_5_nccl_all_to_all.gpus.{i}",), f"figure 5, {gpus} GPUs, GB/s", "bars on an axis to 70", None,
                NOT_MODELLED, f"The bound by links is {ours['mpft']:.3g} on MPFT and {ours['mrft']:.3g} on MRFT.",
            )
        )  # fmt: skip
    key = "figure_5_nccl_all_to_all"
    axis = (f"{key}.axis_gbytes_per_s.0", f"{key}.axis_gbytes_per_s.1")
    remark = "An axis is no measurement; all bounds above lie on it."
    found.append(Figure(axis, "figure 5, axis, GB/s", "0 to 70", None, NOT_MODELLED, remark))
    model = latency_model(CATALOG, "infiniband")
    differs = max(abs(_mpft_over_mrft(fabrics, six["gpus"], size, model) - 1) * 100 for size in SIZES)
    statement = "within 1.5"
    found.append(
        Figure(
            ("figure_6_latency_difference.gpus",), "figure 6, 16 GPUs, MPFT against MRFT, percent", statement,
            statement if differs <= 1.5 else f"up to {differs:.2g}", ASSUMED,
            f"At most {differs:.2g} percent apart from 64 B to 16 GiB, the latency of steps included, where both hand "
            "messages to the receiver's rail inside the sender's host, as NCCL does.",
        )
    )  # fmt: skip
    return found


def _mpft_over_mrft(fabrics: dict[str, Fabric], gpus: int, size: float, model: LatencyModel) -> float:
    times = [
        collective_time(fabrics[f], "all-to-all", place(fabrics[f], gpus), size, forwarding="rail", model=model).time_us
        for f in ("mpft", "mrft")
    ]
    return times[0] / times[1]


def figure_7(reference: dict[str, Any]) -> list[Figure]:
    """DeepEP: the bound by the NICs on the logical bandwidth."""
    found = []
    for direction in ("dispatch", "combine"):
        for gpus, published in reference["figure_7_deepep_gbytes_per_s"][direction].items():
            hosts = gpus // 8
            copies = expected_copies(ExpertLayout(groups=hosts, max_groups=min(4, hosts)))
            bound = 50 * copies.hosts / copies.nic
            found.append(
                Figure(
                    (f"figure_7_deepep_gbytes_per_s.{direction}.{gpus}",), f"{direction}, {gpus} GPUs, GB/s", published,
                    None, NOT_MODELLED,
                    f"At most {bound:.4g} by the NICs: {copies.hosts:.3g} hosts a token, {copies.nic:.3g} over a NIC "
                    f"of 50 GB/s; measured {published / bound:.0%} of that.",
                )
            )  # fmt: skip
    return found


def figure_8(reference: dict[str, Any]) -> list[Figure]:
    """All-gather over RoCE under three routings."""
    fabric = fabric_of(ROCE_GPUS, "family: ft2", switch="nvidia-sn5400")
    found = []
    for tp, bars in reference["figure_8_roce_routing_gbytes_per_s"]["by_tp"].items():
        width = 8 // tp
        groups = [place(fabric, per_host=width, first_gpu=k * width) for k in range(tp)]
        for routing, published in bars.items():
            ours = []
            for queue_pairs in QUEUE_PAIRS if routing == "ecmp" else (0,):
                spec = f"ecmp:qp={queue_pairs},seeds={SEEDS}" if queue_pairs else routing
                time = concurrent_time(fabric, "all-gather", groups, GIB, "ring", spec)
                ours.append(sorted(time.busbw_samples))
            found.append(
                _hashed(tp, published, ours) if routing == "ecmp" else _bar(tp, routing, published, ours[0][0])
            )
    return found


def _hashed(tp: int, published: float, ours: list[list[float]]) -> Figure:
    """A bar under ECMP: ours is the mean over seeds with the last number of queue pairs."""
    parts = []
    for queue_pairs, samples in zip(QUEUE_PAIRS, ours, strict=True):
        below = sum(s < published for s in samples) / len(samples)
        mean = sum(samples) / len(samples)
        word = "pair" if queue_pairs == 1 else "pairs"
        parts.append(
            f"{queue_pairs} queue {word}: {samples[0]:.3g} to {samples[-1]:.3g}, mean {mean:.3g}, {below:.0%} of "
            f"{SEEDS} hash seeds below the bar"
        )
    last = ours[-1]
    mean = sum(last) / len(last)
    inside = last[0] - READING <= published <= last[-1] + READING
    remark = "; ".join(parts) + "."
    if not inside:
        remark += " No one number of queue pairs gives the bars of all three sizes."
    key = (f"figure_8_roce_routing_gbytes_per_s.by_tp.{tp}.ecmp",)
    spread = max(mean - last[0], last[-1] - mean) + READING
    status = ASSUMED if inside else CONTRADICTED
    return Figure(key, f"TP {tp}, ecmp, GB/s", published, mean, status, remark, 1, spread)


def _bar(tp: int, routing: str, published: float, ours: float) -> Figure:
    """A bar of a routing without a hash."""
    key = (f"figure_8_roce_routing_gbytes_per_s.by_tp.{tp}.{routing}",)
    name = f"TP {tp}, {routing}, GB/s"
    if abs(ours - published) <= READING:
        return Figure(key, name, published, ours, ASSUMED, "Within the reading error of 3.", 1, READING)
    nics = "only NIC" if tp == 8 else f"{8 // tp} NICs"
    reason = (
        f"The bar lies above the {ours:.3g} GB/s that the {nics} of a group on a host can carry."
        if published > ours
        else f"The links allow {ours:.3g}; the model knows no protocol overhead."
    )
    return Figure(key, name, published, ours, CONTRADICTED, reason, 1)


def all_measured(reference: dict[str, Any]) -> dict[str, list[Figure]]:
    """Rows by heading."""
    parts = {
        "Table 4: training": table_4,
        "Table 5: latency": table_5,
        "Figures 5 and 6: NCCL all-to-all": figures_5_and_6,
        "Figure 7: DeepEP": figure_7,
        "Figure 8: all-gather and reduce-scatter over RoCE": figure_8,
    }
    return {heading: cast("list[Figure]", build(reference)) for heading, build in parts.items()}
