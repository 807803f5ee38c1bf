"""Sums and copies made by the network: closed forms, what the parts say, and what cannot be done."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from tests.errors.run_cli import run
from topo.analysis.collectives import collective_time, place
from topo.analysis.collectives.experts import ExpertLayout, in_network_gains
from topo.analysis.collectives.in_network import InNetwork, in_network
from topo.analysis.paths.latency import latency_model
from topo.catalog import load_catalog
from topo.catalog.models import Aggregation
from topo.design.loader import parse_design
from topo.design.wire import build
from topo.errors import ParameterError
from topo.fabric import Fabric

CATALOG = load_catalog()
GIB = float(1 << 30)


def text_of(gpus: int, host: str, compute: str) -> str:
    return f"name: d\ngpus: {gpus}\nhost: {host}\nnetworks:\n  compute: {{{compute}}}\n"


def fabric_of(gpus: int, host: str = "h800-node", compute: str = "family: mpft, switch: nvidia-qm9700") -> Fabric:
    return build(parse_design(text_of(gpus, host, compute), "d", CATALOG))


@pytest.mark.parametrize(
    "compute", ["family: mpft, switch: nvidia-qm9700", "family: mrft, switch: nvidia-qm9700",
                "family: ft2, switch: nvidia-qm9700", "family: ft3, switch: nvidia-qm9700"],
)  # fmt: skip
@pytest.mark.parametrize("per_host", [1, 8])
def test_each_byte_goes_up_once_and_down_once(compute: str, per_host: int) -> None:
    fabric = fabric_of(1024, compute=compute)
    found = collective_time(
        fabric, "all-reduce", place(fabric, per_host=per_host), GIB, "sharp", can=in_network(CATALOG, fabric)
    )
    ring = collective_time(fabric, "all-reduce", place(fabric, per_host=per_host), GIB, "hierarchical")
    assert found.endpoint_us == pytest.approx(GIB / per_host / 50e3)
    assert ring.endpoint_us / found.endpoint_us == pytest.approx(2 * 127 / 128)
    assert found.network_us[0] <= found.endpoint_us * (1 + 1e-9)
    assert found.in_network


def test_a_leaf_passes_one_sum_up() -> None:
    """256 hosts on eight leaves: what a leaf gets 32 times it passes on once, over the links to its trees' roots."""
    fabric = fabric_of(2048)
    found = collective_time(fabric, "all-reduce", place(fabric), GIB, "sharp", can=in_network(CATALOG, fabric))
    assert found.network_us[0] < GIB / 8 / 50e3 / 4
    small = InNetwork({"nvidia-qm9700": Aggregation(trees=1)}, frozenset(), ())
    one = collective_time(fabric, "all-reduce", place(fabric), GIB, "sharp", can=small)
    assert one.network_us[0] > found.network_us[0]


def test_scale_up_switches_that_sum_halve_the_domain_part() -> None:
    fabric = fabric_of(576, "dgx-gb200-tray", "family: mrft, switch: nvidia-qm9700")
    can = in_network(CATALOG, fabric)
    with_ = collective_time(fabric, "all-reduce", place(fabric), GIB, "sharp", can=can)
    without = collective_time(fabric, "all-reduce", place(fabric), GIB, "sharp", can=replace(can, hosts=frozenset()))
    assert with_.scale_up_us == pytest.approx(GIB / 900e3)
    assert without.scale_up_us == pytest.approx(2 * GIB * 71 / 72 / 900e3)
    assert with_.endpoint_us == pytest.approx(GIB / 72 / 50e3)
    assert with_.algbw_gbytes_per_s > 850


def test_what_a_switch_sums_at_most_limits_it() -> None:
    fabric = fabric_of(512)
    slow = InNetwork({"nvidia-qm9700": Aggregation(trees=64, gbps=100.0)}, frozenset(), ())
    found = collective_time(fabric, "all-reduce", place(fabric), GIB, "sharp", can=slow)
    assert found.network_us[0] >= 32 * GIB / 8 / 100 * 8e-3


def test_steps_go_up_and_down_once() -> None:
    fabric = fabric_of(512)
    model = latency_model(CATALOG, "infiniband")
    found = collective_time(
        fabric, "all-reduce", place(fabric), 64.0, "sharp", model=model, can=in_network(CATALOG, fabric)
    )
    assert found.steps_us == pytest.approx(2 * model.scale_up_us + model.base_us + 3 * model.per_switch_us)


@pytest.mark.parametrize(
    ("compute", "host", "options", "says"),
    [
        ("family: ft2, switch: nvidia-sn5600", "dgx-h100", {}, "nvidia-qm9700"),
        ("family: mpft, switch: nvidia-qm9700", "h800-node", {"ranks": "8"}, "ranks in several domains"),
        ("family: mpft, switch: nvidia-qm9700", "h800-node", {"op": "all-gather"}, "ring"),
    ],
)
def test_what_no_part_can_do_is_refused(
    tmp_path: Path, compute: str, host: str, options: dict[str, str], says: str
) -> None:
    path = tmp_path / "d.yaml"
    path.write_text(text_of(64, host, compute))
    more = [word for key, value in options.items() for word in (f"--{key}", value)]
    more += [] if "op" in options else ["--op", "all-reduce"]
    found = run(["collective", str(path), "--algorithm", "sharp", *more])
    assert (found.code, found.stdout) == (2, "")
    assert says in found.stderr


def test_more_trees_than_a_switch_takes_part_in_are_refused() -> None:
    fabric = fabric_of(576, "dgx-gb200-tray", "family: mrft, switch: nvidia-qm9700")
    few = InNetwork({"nvidia-qm9700": Aggregation(trees=2)}, frozenset(), ())
    with pytest.raises(ParameterError, match="trees"):
        collective_time(fabric, "all-reduce", place(fabric), GIB, "sharp", can=few)


@pytest.mark.parametrize("split", [(), (4, 4), (2, 6)])
def test_copies_sent_once_by_sampling(split: tuple[int, ...]) -> None:
    layout = ExpertLayout(gpus_per_host=4)
    shares = np.array(split or (1,) * 8)
    domain = np.repeat(np.arange(len(shares)), shares)
    random = np.random.default_rng(3)
    for gain in in_network_gains(layout, split)[:4]:
        leaves = copies = 0
        for _ in range(4000):
            groups = random.permutation(8)[: gain.max_groups]
            experts = random.permutation(gain.max_groups * 32)[:8]
            hit = set(domain[groups[experts // 32]].tolist()) - {int(domain[random.integers(8)])}
            leaves += bool(hit)
            copies += len(hit)
        assert gain.once == pytest.approx(leaves / 4000, abs=0.03)
        assert gain.copies == pytest.approx(copies / 4000, rel=0.05)


def test_the_gain_by_groups() -> None:
    gains = in_network_gains(ExpertLayout())
    assert [g.max_groups for g in gains] == list(range(1, 9))
    assert gains[0].sent == pytest.approx(1.0)
    assert all(a.sent < b.sent for a, b in pairwise(gains))
    assert all(g.once <= 1 and 1 <= g.time < 2 for g in gains)
    inside = in_network_gains(ExpertLayout(), (8,))
    assert {g.sent for g in inside} == {1.0}
