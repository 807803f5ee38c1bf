"""North-south traffic: hosts reading from few servers, and writing to them."""

from __future__ import annotations

import numpy as np
import pytest

import topo
from topo.analysis.traffic import demand_of
from topo.design import build, parse_design
from topo.errors import CertificateError, InputError
from topo.fabric import Fabric

TEXT = """\
name: t
gpus: 128
host: dgx-h100-4-networks
other_hosts:
  - {host: storage-host-3-networks, count: 4}
  - {host: management-host-3-networks, count: 2}
networks:
  storage: {family: ft2, switch: nvidia-qm9700, hosts_per_leaf: 8, uplinks: 6, spines: 2}
"""


@pytest.fixture(scope="module")
def fabric() -> Fabric:
    return build(parse_design(TEXT))


def test_every_server_port_sends_to_every_client_port_at_its_line_rate(fabric: Fabric) -> None:
    demand = demand_of(fabric, "storage")
    assert demand.flows is not None
    sent = np.bincount(demand.flows.src, weights=demand.flows.gbps)
    busy = np.flatnonzero(sent)
    hosts = fabric.devices.name[fabric.endpoints.host[demand.network.endpoint[busy]]]
    assert len(set(hosts.tolist())) == 4
    assert all(str(h).startswith("storage") for h in hosts)
    assert sent[busy].round(9).tolist() == [400.0] * 8
    assert len(demand.flows.src) == 8 * 34


def test_reading_is_bound_by_the_uplinks_of_the_servers_leaf(fabric: Fabric) -> None:
    """Four servers and both management hosts share the last leaf: 6 uplinks for 8 ports x 32 of 34 clients."""
    found = topo.throughput(fabric, "storage", "adaptive")
    assert found.lower == pytest.approx(6 * 34 / (8 * 32), rel=1e-12)
    assert found.upper == pytest.approx(found.lower, rel=1e-12)


def test_writing_is_bound_by_the_servers_links_and_uplinks(fabric: Fabric) -> None:
    """34 clients at line rate into 8 ports; through 6 downlinks come those of 32."""
    found = topo.throughput(fabric, "storage:direction=write", "adaptive")
    assert found.lower == pytest.approx(min(8 / 34, 6 / 32), rel=1e-9)
    assert found.upper == pytest.approx(found.lower, rel=1e-9)


def test_the_checker_derives_the_flows_and_takes_no_other(fabric: Fabric) -> None:
    good = topo.throughput(fabric, "storage", "ecmp").certificate
    proved = topo.verify_certificate(fabric, good)
    assert proved.question is not None
    forged = {**good, "question": {**good["question"], "traffic": "storage:direction=write"}}
    with pytest.raises(CertificateError):
        topo.verify_certificate(fabric, forged)


def test_without_servers_it_is_refused() -> None:
    alone = TEXT.replace("other_hosts:\n", "").replace("  - {host: storage-host-3-networks, count: 4}\n", "")
    alone = alone.replace("  - {host: management-host-3-networks, count: 2}\n", "")
    with pytest.raises(InputError, match="nothing to read from"):
        demand_of(build(parse_design(alone)), "storage")
    with pytest.raises(InputError):
        demand_of(build(parse_design(alone)), "storage:direction=sideways")
