"""Fat-trees against published counts: the comparison table of DeepSeek-V3 and the DGX SuperPOD tables."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import yaml
from tree_cases import assert_sound, components

from topo.design import build, closed_forms, parse_design
from topo.fabric import LEAF, Fabric
from topo.generators import Counts

DATA = Path(__file__).parent.parent / "data" / "reference"
TABLE_3 = yaml.safe_load((DATA / "deepseek_v3.yaml").read_text())["table_3_topology_comparison"]["columns"]
SUPERPOD = yaml.safe_load((DATA / "superpod.yaml").read_text())


def built(gpus: int, host: str, network: str, others: str = "") -> tuple[Fabric, Counts]:
    design = parse_design(f"name: t\ngpus: {gpus}\nhost: {host}\nnetworks:\n  compute: {{{network}}}\n{others}")
    return build(design), closed_forms(design)["compute"]


@pytest.mark.parametrize(
    ("column", "network"),
    [
        ("FT2", "family: ft2, switch: nvidia-qm9700"),
        ("MPFT", "family: mpft, switch: nvidia-qm9700, planes: 8"),
        ("FT3", "family: ft3, switch: nvidia-sn5400"),
    ],
)
def test_table_3(column: str, network: str) -> None:
    published = TABLE_3[column]
    fabric, counts = built(published["endpoints"], "h800-node", network)
    assert len(fabric.endpoints) == published["endpoints"]
    assert (fabric.devices.tier >= LEAF).sum() == published["switches"] == sum(counts.switches.values())
    assert (~fabric.is_endpoint_link).sum() == published["links"]
    assert sum(n for kind, n in counts.links.items() if kind != "endpoint") == published["links"]
    assert_sound(fabric, counts)
    assert components(fabric) == (8 if column == "MPFT" else 1)
    assert (fabric.ports.role[fabric.devices.tier[fabric.ports.device] >= LEAF] < 2).all()


@pytest.mark.parametrize("pods", ["scalable-unit", "rail"])
@pytest.mark.parametrize("row", SUPERPOD["b200_compute_fabric"], ids=lambda row: f"su{row['su']}")
def test_superpod_b200(row: dict[str, int], pods: str) -> None:
    fabric, counts = built(row["gpus"], "dgx-b200", f"family: mrft, switch: nvidia-qm9700, pods: {pods}")
    assert (fabric.devices.tier == 0).sum() == row["nodes"]
    assert {t: n for t in ("leaf", "spine", "core") if (n := row[t])} == counts.switches
    wanted = {"endpoint": row["node_leaf"], "leaf_spine": row["leaf_spine"], "spine_core": row["spine_core"]}
    assert {kind: n for kind, n in wanted.items() if n} == counts.links
    assert_sound(fabric, counts)
    assert_rails(fabric, 8)
    if row["core"] and pods == "rail":
        rail = fabric.devices.rail[fabric.devices.tier == LEAF]
        pod = fabric.devices.pod[fabric.devices.tier == LEAF]
        assert all(len(np.unique(rail[pod == p])) == 1 for p in np.unique(pod))


@pytest.mark.parametrize("row", SUPERPOD["h100_compute_fabric"], ids=lambda row: f"su{row['su']}")
def test_superpod_h100(row: dict[str, int]) -> None:
    management = row["node_leaf_with_management"] - row["gpus"]
    fabric, counts = built(
        row["gpus"],
        "dgx-h100",
        "family: mrft, switch: nvidia-qm9700",
        f"other_hosts: [{{host: management-node, count: {management}}}]\n",
    )
    assert (fabric.devices.tier == 0).sum() == row["nodes"] + management
    assert counts.switches == {"leaf": row["leaf"], "spine": row["spine"]}
    assert counts.links == {"endpoint": row["node_leaf_with_management"], "leaf_spine": row["leaf_spine"]}
    assert_sound(fabric, counts)
    assert_rails(fabric, 8)
    others = fabric.endpoints.gpu_count == 0
    assert others.sum() == management
    assert len(np.unique(fabric.endpoint_switch[others])) == management


def assert_rails(fabric: Fabric, rails: int) -> None:
    """NIC i sits on a leaf of rail i, and a host's NICs on leaves of one scalable unit."""
    served = fabric.endpoints.gpu_count > 0
    leaf = fabric.endpoint_switch[served]
    np.testing.assert_array_equal(fabric.devices.rail[leaf], fabric.endpoints.nic[served])
    np.testing.assert_array_equal(fabric.endpoints.rail[served], fabric.endpoints.nic[served])
    hosts = leaf.reshape(-1, rails)
    names = fabric.devices.name[hosts]
    units = np.char.partition(names, "-leaf")[..., 0]
    assert (units == units[:, :1]).all()


@pytest.mark.parametrize("row", SUPERPOD["b300_ethernet"], ids=lambda row: f"su{row['su']}")
def test_b300_on_two_planes(row: dict[str, int]) -> None:
    """Every 800 Gb/s NIC as two ports of 400, a plane each; the published cables carry two of these links."""
    keys = "{family: mpft, switch: nvidia-sn5600, planes: 2}"
    text = f"name: d\ngpus: {row['gpus']}\nhost: hgx-b300-ethernet\nnetworks: {{compute: {keys}}}\n"
    counts = closed_forms(parse_design(text))["compute"]
    assert row["gpus"] == 8 * row["nodes"]
    assert counts.switches == {"leaf": row["leaf"], "spine": row["spine"]}
    assert counts.links == {"endpoint": 2 * row["node_leaf"], "leaf_spine": 2 * row["leaf_spine"]}


@pytest.mark.parametrize("row", SUPERPOD["b300_xdr"], ids=lambda row: f"su{row['su']}")
def test_b300_on_one_plane(row: dict[str, int]) -> None:
    """One 800 Gb/s port a NIC, switches of 144: 18 and 36 spines divide the 72 uplinks of a leaf, 16 and 32 do not."""
    keys = "{family: mrft, switch: nvidia-q3400, rails_per_leaf: 1}"
    text = f"name: d\ngpus: {8 * row['nodes']}\nhost: dgx-b300\nnetworks: {{compute: {keys}}}\n"
    counts = closed_forms(parse_design(text))["compute"]
    assert counts.switches == {"leaf": row["leaf"], "spine": row["spine"]}
    assert counts.links == {"endpoint": row["node_leaf"], "leaf_spine": row["leaf_spine"]}
