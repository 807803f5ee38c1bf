"""Sizes of trees as published, or as the ports of a switch allow."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

from evidence_parts.model import ASSUMED, CATALOG, REPRODUCED, Figure
from topo.catalog import Catalog, Host, Nic, Switch
from topo.catalog.models import Breakout, HostNics, Source
from topo.checks import questions
from topo.design import build, context_of
from topo.design.loader import parse_design
from topo.design.wire import closed_forms, growth
from topo.generators import Counts

MADE = Source(document="ports as the published table has them", read=True)


def figures(reference: dict[str, Any]) -> list[Figure]:
    """One row a figure."""
    guide = reference["planning_guide"]
    found: list[Figure] = []
    for i, row in enumerate(guide["one_plane"]):
        found += _guide(f"planning_guide.one_plane.{i}", row, "mrft", "h800-node")
    for i, row in enumerate(guide["two_planes"]):
        found += _guide(f"planning_guide.two_planes.{i}", row, "dual-plane", "multi-port-node")
    for kind, gbps in (("a100", 200), ("h100", 400)):
        for i, row in enumerate(reference["juniper"][kind]):
            found += _template(kind, i, row, gbps)
    return (
        found
        + _clusters(reference)
        + _planes(reference["planes"])
        + _by_ports(reference["by_ports"])
        + _growth(reference["growth"])
    )


def _counts(gpus: int, compute: str, host: str = "h800-node", catalog: Catalog = CATALOG) -> Counts:
    text = f"name: d\ngpus: {gpus}\nhost: {host}\nnetworks:\n  compute: {{{compute}}}\n"
    return closed_forms(parse_design(text, "evidence", catalog))["compute"]


def _guide(key: str, row: dict[str, int], family: str, host: str) -> list[Figure]:
    gpus, planes = row["gpus"], 2 if family == "dual-plane" else 1
    speeds = "switch: nvidia-sn5600, endpoint_gbps: 400, uplink_gbps: 800"
    more = ", spines: 1" if row.get("leaf") == 1 else ""
    counts = _counts(gpus, f"family: {family}, {speeds}{more}", host)
    cables = sum(counts.links.values()) + 2 * gpus // 8 + 64
    ours = {"gpus": gpus, **counts.switches, "cables": cables}
    remark = "With a front end of two cables a host and 64 more." if not more else (
        "With `spines: 1`; by itself one leaf takes no spine. Front end of two cables a host and 64 more."
    )  # fmt: skip
    name = f"planning guide, {gpus} GPUs{', two planes' if planes > 1 else ''}"
    return [Figure((f"{key}.{k}",), f"{name}: {k}", value, ours[k], ASSUMED, remark) for k, value in row.items()]


def made_part(part_id: str, cages: int, *breakouts: tuple[int, float, int]) -> Switch:
    """A switch of so many cages, each as (ports, Gb/s, lanes)."""
    return Switch(
        id=part_id, title="made", source=MADE, network=("ethernet",), cages=cages, cage="osfp-twin",
        breakouts=tuple(Breakout(ports=p, gbps=g, lanes=n) for p, g, n in breakouts),
        ports=cages * breakouts[0][0], port_name="{cage}/{sub}",
    )  # fmt: skip


def made_host(nics: int, ports: int, gbps: float) -> tuple[Host, Nic]:
    """A host of eight GPUs with so many NICs."""
    nic = Nic(id="made-nic", title="made", source=MADE, network=("ethernet",), ports=ports, gbps=gbps, lanes=1,
              cage="osfp-twin")  # fmt: skip
    each = HostNics(nic="made-nic", count=nics, port_name="n{nic0}p{port0}")
    return Host(id="made-host", title="made", source=MADE, gpus=8, nics=(each,)), nic


def with_parts(host: tuple[Host, Nic], *switches: Switch) -> Catalog:
    """The catalog with parts that are made for one table."""
    made: dict[tuple[str, str], Any] = {("host", "made-host"): host[0], ("nic", "made-nic"): host[1]}
    return replace(CATALOG, _read={**made, **{("switch", s.id): s for s in switches}})


def _template(kind: str, i: int, row: dict[str, int], gbps: float) -> list[Figure]:
    leaf = made_part("leaf", 32, (1, 400, 4), (2, 200, 2))
    ports = row["leaf"] * 16 // row["spine"]
    catalog = with_parts(made_host(8, 1, gbps), leaf, made_part("spine", ports, (1, 400, 4)))
    keys = f"family: mrft, switch: leaf, spine_switch: spine, endpoint_gbps: {gbps}, uplink_gbps: 400"
    counts = _counts(row["nodes"] * 8, f"{keys}, rails_per_leaf: 1", "made-host", catalog)
    ours = {"nodes": row["nodes"], "leaf": counts.switches["leaf"], "spine": counts.switches["spine"]}
    remark = f"Spines of {ports} ports."
    return [
        Figure(
            (f"juniper.{kind}.{i}.{k}",), f"{kind.upper()}, {row['nodes']} nodes: {k}", value, ours[k], ASSUMED, remark
        )
        for k, value in row.items()
    ]


def _clusters(reference: dict[str, Any]) -> list[Figure]:
    compute = "family: dual-plane, switch: tomahawk-5, endpoint_gbps: 200, uplink_gbps: 400"
    counts = _counts(
        16384, f"{compute}, oversubscription: '16:15', spine_oversubscription: 15, tiers: 3", "multi-port-node"
    )
    down, up = counts.links["endpoint"] * 200, counts.links["leaf_spine"] * 400
    hpn = reference["hpn"]
    found = [
        Figure(("hpn.spine",), "HPN: spines", hpn["spine"], counts.switches["spine"], ASSUMED, "Both planes."),
        Figure(("hpn.core",), "HPN: cores", hpn["core"], counts.switches["core"], ASSUMED, "Both planes."),
        Figure(("hpn.oversubscription",), "HPN: ratio at a leaf", hpn["oversubscription"], down / up, REPRODUCED),
    ]
    found += _interruptions(hpn)
    catalog = with_parts(
        made_host(8, 1, 400), made_part("rack", 18, (2, 400, 4)), made_part("chassis", 576, (1, 400, 4))
    )
    keys = "family: ft3, switch: rack, spine_switch: chassis, hosts_per_leaf: 2, leaves_per_pod: 192"
    roce, counts = reference["roce_cluster"], _counts(24576, f"{keys}, spine_oversubscription: 7", "made-host", catalog)
    racks = counts.switches["leaf"] // roce["pods"]
    spread = counts.switches["leaf"] / roce["racks"]
    chassis = "Spines of 576 ports; two hosts of eight GPUs a rack."
    return [
        *found,
        Figure(("roce_cluster.pods",), "RoCE cluster: pods", roce["pods"], spread, ASSUMED, chassis),
        Figure(("roce_cluster.racks",), "RoCE cluster: racks a pod", roce["racks"], racks, ASSUMED, chassis),
    ]


def _interruptions(hpn: dict[str, Any]) -> list[Figure]:
    """What the published rates of failures give for a job of 3,072 GPUs."""
    link, leaf = "endpoint_link: {percent_per_month: 0.057}", "leaf: {percent_per_month: 0.051}"
    rates = f"failure_rates: {{{link}, {leaf}}}\nrepair_hours: 24\n"
    one = "family: ft2, switch: nvidia-qm9700, oversubscription: '3:1'"
    two = "family: dual-plane, switch: tomahawk-5, endpoint_gbps: 200, uplink_gbps: 400"
    found = []
    for host, compute in (("h800-node", one), ("multi-port-node", two)):
        text = f"name: d\ngpus: 3072\nhost: {host}\nnetworks:\n  compute: {{{compute}}}\n{rates}"
        design = parse_design(text, "evidence")
        found.append(context_of(design, build(design)).ask(questions.Interruptions("compute")).single)
    single, dual = found
    low, high = (float(end) for end in hpn["interruptions_per_month"].split(" to "))
    said = hpn["interruptions_per_month"] if low <= single <= high else f"{single:.3f}"
    title = "HPN: interruptions a month of a large job"
    more = (
        f"{single:.3f} for 3,072 GPUs by the published rates, on leaves of 48 GPUs; the job's size is our assumption."
    )
    return [
        Figure(
            ("hpn.interruptions_per_month",), f"{title}, one leaf a GPU", hpn["interruptions_per_month"], said, ASSUMED,
            more,
        ),
        Figure(
            ("hpn.interruptions_dual_homed",), f"{title}, two leaves a GPU", hpn["interruptions_dual_homed"], dual,
            REPRODUCED, "By single failures.",
        ),
    ]  # fmt: skip


def _planes(planes: dict[str, Any]) -> list[Figure]:
    gpus = planes["gpus"]
    eight = with_parts(made_host(8, 8, 100), made_part("s512", 64, (8, 100, 1)))
    four = with_parts(made_host(8, 4, 200), made_part("s512", 128, (4, 200, 1)))
    first = _counts(gpus, "family: mpft, switch: s512, planes: 8, rails_per_leaf: 1", "made-host", eight)
    second = _counts(gpus, "family: mpft, switch: s512, planes: 4, rails_per_leaf: 1", "made-host", four)
    return [
        Figure(("planes.gpus",), "planes: GPUs", gpus, first.links["endpoint"] // 8, REPRODUCED),
        Figure(("planes.eight.switches",), "eight planes of 100G: switches", planes["eight"]["switches"],
               sum(first.switches.values()), REPRODUCED),
        *(Figure((f"planes.four.{k}",), f"four planes of 200G: {k}", v, second.switches[k], REPRODUCED)
          for k, v in planes["four"].items()),
    ]  # fmt: skip


def _by_ports(rows: dict[str, Any]) -> list[Figure]:
    keys = "switch: nvidia-qm9700"
    counts = {
        "two_tiers_1152": _counts(1152, f"family: ft2, {keys}, spines: 18"),
        "three_tiers_9216": _counts(9216, f"family: ft3, {keys}, spread: by-one"),
        "rails_2_to_1_1024": _counts(1024, f"family: mrft, {keys}, oversubscription: 2"),
        "rails_2_to_1_768": _counts(768, f"family: mrft, {keys}, oversubscription: 2"),
    }
    found = []
    for name, of in counts.items():
        for tier, n in rows[name].items():
            words = name.replace("_", " ")
            found.append(
                Figure((f"by_ports.{name}.{tier}",), f"by ports, {words}: {tier}", n, of.switches[tier], REPRODUCED)
            )
    for family, n in rows["added_up"].items():
        more = ", rails_per_leaf: 1" if family == "mrft" else ""
        spines = sum(
            _counts(g, f"family: {family}, {keys}, spread: by-one{more}").switches.get("spine", 0)
            for g in range(128, 2049, 128)
        )
        name = f"by ports, spines of 128 to 2,048 GPUs added up: {family}"
        found.append(Figure((f"by_ports.added_up.{family}",), name, n, spines, REPRODUCED))
    return found


def _growth(rows: dict[str, int]) -> list[Figure]:
    found = []
    for name, published in rows.items():
        family, *sizes = name.split("_")
        more = f", build_for_gpus: {sizes[-1]}" if len(sizes) > 2 else ""
        keys = f"networks: {{compute: {{family: {family}, switch: nvidia-qm9700{more}}}}}"
        designs = [parse_design(f"name: d\ngpus: {n}\nhost: h800-node\n{keys}\n", "evidence", CATALOG) for n in sizes]
        kinds = [k for old, new in pairwise(designs) for k in growth(replace(new, grown=old))["compute"].values()]
        moved, least = sum(k.moved for k in kinds), sum(k.least_moved for k in kinds)
        words = f"growth, {family}, {' to '.join(f'{int(n):,}' for n in sizes)} GPUs: links that move"
        remark = f"Proved bound {least:,}. `topo grow`{', `build_for_gpus`' if more else ''}."
        found.append(Figure((f"growth.{name}",), words, published, moved, REPRODUCED, remark))
    return found
