"""The AI factory of 127 DGX H100: four networks in one design, one bill of materials for all of them."""

from __future__ import annotations

import numpy as np
import pytest

import topo
from topo.design import Design
from topo.design.cable import cable
from topo.design.shipped import shipped_design
from topo.fabric import HOST, Fabric, PortRole


@pytest.fixture(scope="module")
def design() -> Design:
    return topo.load_design(shipped_design("dgx-h100-ai-factory"))


@pytest.fixture(scope="module")
def fabric(design: Design) -> Fabric:
    return topo.build(design)


def switches(fabric: Fabric, network: str) -> dict[str, int]:
    mine = (fabric.devices.network == fabric.networks.index(network)) & (fabric.devices.tier != HOST)
    names, count = np.unique(fabric.devices.part[mine], return_counts=True)
    return {fabric.parts[part]: n for part, n in zip(names.tolist(), count.tolist(), strict=True)}


def test_the_compute_network_is_the_published_one(fabric: Fabric) -> None:
    """Four scalable units: 32 leaves and 16 spines (NVIDIA DGX SuperPOD reference architecture, DGX H100)."""
    assert switches(fabric, "compute") == {"nvidia-qm9700": 48}


def test_each_host_has_its_in_band_ports_on_two_leaves(fabric: Fabric) -> None:
    network = fabric.networks.index("in-band")
    mine = np.flatnonzero(fabric.endpoints.network == network)
    leaves = fabric.endpoint_switch[mine]
    for host in np.unique(fabric.endpoints.host[mine]).tolist():
        assert len(set(leaves[fabric.endpoints.host[mine] == host].tolist())) == 2
    assert len(mine) == 2 * (127 + 32 + 5)


def test_every_host_is_on_the_out_of_band_network_at_1g_with_100g_uplinks(fabric: Fabric) -> None:
    network = fabric.networks.index("out-of-band")
    mine = fabric.links.network == network
    speeds, count = np.unique(fabric.links.gbps[mine], return_counts=True)
    assert dict(zip(speeds.tolist(), count.tolist(), strict=True)) == {1.0: 164, 100.0: 8}
    assert set(switches(fabric, "out-of-band")) == {"nvidia-sn2201"}


def test_the_out_of_band_leaves_are_cabled_into_the_in_band_spines(fabric: Fabric) -> None:
    own, there = fabric.networks.index("out-of-band"), fabric.networks.index("in-band")
    mine = (fabric.links.network == own) & ~fabric.is_endpoint_link
    assert set(fabric.devices.network[fabric.link_a[mine]].tolist()) == {own}
    assert set(fabric.devices.network[fabric.link_b[mine]].tolist()) == {there}
    assert set(fabric.devices.name[fabric.link_b[mine]].tolist()) == {"in-band-spine-000", "in-band-spine-001"}
    assert switches(fabric, "out-of-band") == {"nvidia-sn2201": 4}


def test_two_border_leaves_lead_outside_and_hold_no_host(fabric: Fabric) -> None:
    out = fabric.ports.role == PortRole.OUTSIDE
    leaves, ports = np.unique(fabric.ports.device[out], return_counts=True)
    assert fabric.devices.name[leaves].tolist() == ["in-band-border-leaf-000", "in-band-border-leaf-001"]
    assert ports.tolist() == [8, 8]
    assert not np.isin(fabric.endpoint_switch, leaves).any()
    assert (fabric.link_of_port[out] < 0).all()


def test_it_holds_without_a_finding(design: Design) -> None:
    report = topo.check(design)
    assert report.verdict == "held"
    assert report.findings == ()
    total = report.cluster["total"]
    assert total["unknown"] == {}
    assert total["switches"] == 48 + 17 + 14 + 4
    networks = report.cluster["networks"].values()
    assert total["power_w"] == pytest.approx(sum(n["power_w"] for n in networks))
    assert total["cost_usd"] == pytest.approx(sum(n["cost_usd"] for n in networks))
    assert report.others["in-band"].outside == {"switches": 2, "ports": 16, "gbps": 1600.0}


def test_one_page_of_money_is_of_all_networks_and_says_what_it_leaves_out(design: Design) -> None:
    found = topo.cost(design)
    assert {line.network for line in found.lines} == {"compute", "storage", "in-band", "out-of-band"}
    assert found.unpriced == ()
    assert found.not_fitted == ()
    assert found.capex.low < found.capex.expected < found.capex.high
    assert found.total.expected == pytest.approx(sum(a.expected for a in found.sums("network").values()))
    for words in ("hosts and their NICs", "spare parts", "floor"):
        assert any(one.startswith(words) for one in found.leaves_out)
    assert "no quotes" in found.basis


def test_every_rack_of_the_factory_is_fed(design: Design) -> None:
    """Four DGX H100 of 10.2 kW to a rack of 60 kW; no device's power is unknown."""
    cabled = cable(design, topo.build(design))
    places = cabled.places
    assert places is not None
    drawn = np.bincount(places.rack, places.power_w, len(places.racks))
    assert not np.isnan(places.power_w).any()
    assert drawn.max() <= 60_000
    assert drawn.max() >= 4 * 10_200
