"""Designs of several networks, host groups and NICs, and the sizes that a refusal names."""

from __future__ import annotations

import re

import numpy as np
import pytest

from topo.design import build, closed_forms, parse_design
from topo.errors import InputError
from topo.fabric import HOST, LEAF


def design(gpus: int, network: str, host: str = "h800-node", more: str = "") -> str:
    return f"name: t\ngpus: {gpus}\nhost: {host}\nnetworks:\n  compute: {{{network}}}\n{more}"


REFUSED = [
    ("family: ft2, switch: nvidia-qm9700", "h800-node", "", 2056),
    ("family: ft2, switch: nvidia-qm9700", "h800-node", "", 1_000_000),
    ("family: mpft, switch: nvidia-qm9700", "h800-node", "", 16392),
    ("family: mrft, switch: nvidia-qm9700, tiers: 2", "h800-node", "", 2056),
    ("family: mrft, switch: nvidia-qm9700, pods: rail", "h800-node", "", 70_000),
    ("family: ft3, switch: nvidia-sn5400", "h800-node", "", 65544),
    ("family: ft2, switch: nvidia-sn5400", "h800-node", "other_hosts: [{host: management-node, count: 5}]", 2048),
    ("family: ft2, switch: example-switch-8", "example-host-2", "other_hosts: [{host: example-host-1, count: 3}]", 40),
    ("family: mpft, switch: example-switch-8", "example-host-2", "other_hosts: [{host: example-host-2, count: 3}]", 80),
    ("family: mrft, switch: example-switch-4, pods: rail", "example-host-2", "", 100),
]


@pytest.mark.parametrize(("network", "host", "others", "gpus"), REFUSED)
def test_the_largest_size_works_and_the_next_does_not(network: str, host: str, others: str, gpus: int) -> None:
    with pytest.raises(InputError) as error:
        build(parse_design(design(gpus, network, host, others)))
    (problem,) = error.value.problems
    assert (problem.key, problem.line, problem.value) == ("gpus", 2, f"{gpus:,}")
    sizes = [int(size.replace(",", "")) for size in re.findall(r"[\d,]+", problem.allowed)]
    assert len(sizes) == 1
    each = parse_design(design(sizes[0], network, host, others)).groups[0].part.gpus
    for size in sizes:
        built = build(parse_design(design(size, network, host, others)))
        assert built.devices.gpus[built.devices.group == 0].sum() == size
    with pytest.raises(InputError):
        closed_forms(parse_design(design(sizes[0] + each, network, host, others)))


def test_a_gpu_count_that_is_no_whole_number_of_hosts() -> None:
    with pytest.raises(InputError) as error:
        parse_design(design(2050, "family: ft2, switch: nvidia-qm9700"))
    (problem,) = error.value.problems
    assert (problem.key, problem.line, problem.allowed) == ("gpus", 2, "2,048 or 2,056")


STORAGE = """\
  storage: {family: ft2, switch: nvidia-sn5400}
other_hosts: [{host: storage-server, count: 16}]
"""


def test_a_storage_network_has_switches_of_its_own() -> None:
    fabric = build(parse_design(design(512, "family: mrft, switch: nvidia-qm9700", more=STORAGE)))
    storage = fabric.endpoints.network == 1
    assert storage.sum() == 64 + 2 * 16
    network = fabric.devices.network
    for end in (fabric.link_a, fabric.link_b):
        switches = fabric.devices.tier[end] != HOST
        np.testing.assert_array_equal(network[end][switches], fabric.links.network[switches])
    used = np.bincount(np.concatenate([fabric.links.a, fabric.links.b]), minlength=len(fabric.ports))
    assert used.max() == 1
    names = fabric.port_name(fabric.endpoints.port[storage & (fabric.endpoints.host < 64)])
    assert set(names.tolist()) == {"mlx5_8"}


def test_an_unused_nic_stays_spare() -> None:
    fabric = build(parse_design(design(64, "family: ft2, switch: nvidia-qm9700")))
    host_ports = fabric.devices.tier[fabric.ports.device] == HOST
    spare = host_ports & (fabric.ports.role == 3)
    assert set(fabric.port_name(np.flatnonzero(spare)).tolist()) == {"mlx5_8"}
    assert spare.sum() == 8


def test_a_network_for_which_no_host_has_a_nic() -> None:
    text = design(64, "family: ft2, switch: nvidia-qm9700", more="  backup: {family: ft2, switch: nvidia-sn5400}\n")
    with pytest.raises(InputError) as error:
        parse_design(text)
    (problem,) = error.value.problems
    assert problem.message == "no host of this design has a NIC for this network"
    assert (problem.key, problem.line, problem.allowed) == ("networks.backup", 6, "compute, storage")


def test_an_infiniband_switch_and_an_ethernet_switch_do_not_mix_with_any_nic() -> None:
    fabric = build(parse_design(design(64, "family: ft2, switch: nvidia-sn5400")))
    assert len(fabric.endpoints) == 64
    text = "name: t\ngpus: 8\nhost: xdr\nnetworks:\n  compute: {family: ft2, switch: nvidia-sn5600}\n"
    from topo.catalog import Host, load_catalog

    catalog = load_catalog()
    node = catalog.host("h800-node")
    nics = node.nics[0].model_copy(update={"nic": "nvidia-cx8-osfp"})
    catalog._read["host", "xdr"] = Host.model_copy(node, update={"id": "xdr", "nics": (nics,)})
    with pytest.raises(InputError) as error:
        parse_design(text, catalog=catalog)
    (problem,) = error.value.problems
    assert problem.message == "speaks ethernet, but the NIC nvidia-cx8-osfp infiniband"
    assert (problem.key, problem.line) == ("networks.compute.switch", 5)
    assert len(build(parse_design(text.replace("sn5600", "q3400"), catalog=catalog)).endpoints) == 8


@pytest.mark.parametrize(("host", "planes", "gbps"), [("multi-port-node", 2, 400), ("multi-port-node-4x200", 4, 200)])
def test_ports_of_a_nic_go_to_planes_and_nics_keep_their_rail(host: str, planes: int, gbps: float) -> None:
    fabric = build(parse_design(design(1024, "family: mpft, switch: nvidia-sn5600", host)))
    ends = fabric.endpoints
    np.testing.assert_array_equal(ends.plane, ends.nic_port)
    np.testing.assert_array_equal(ends.rail, ends.nic)
    assert set(ends.plane.tolist()) == set(range(planes))
    assert set(ends.gbps.tolist()) == {gbps}
    np.testing.assert_array_equal(ends.gpu_first, ends.nic)
    assert len(ends) == 1024 * planes
    leaf = fabric.endpoint_switch
    assert (fabric.devices.tier[leaf] == LEAF).all()
    per_host_plane = {(h, p, s) for h, p, s in zip(ends.host.tolist(), ends.plane.tolist(), leaf.tolist(), strict=True)}
    assert len(per_host_plane) == 128 * planes


def test_ports_of_a_nic_stay_on_the_rail_of_their_nic_in_one_network() -> None:
    fabric = build(parse_design(design(1024, "family: mrft, switch: nvidia-sn5600", "multi-port-node")))
    np.testing.assert_array_equal(fabric.devices.rail[fabric.endpoint_switch], fabric.endpoints.nic)


def test_a_wrong_number_of_planes_is_refused() -> None:
    with pytest.raises(InputError) as error:
        build(parse_design(design(64, "family: mpft, switch: nvidia-qm9700, planes: 3")))
    (problem,) = error.value.problems
    assert (problem.key, problem.value, problem.allowed) == ("networks.compute.planes", "3", "1, 2, 4 or 8")


def test_cages_of_a_dgx_carry_two_nics() -> None:
    fabric = build(parse_design(design(8, "family: mrft, switch: nvidia-qm9700", "dgx-h100")))
    ports = fabric.endpoints.port
    assert fabric.ports.cage[ports].tolist() == [1, 1, 2, 2, 3, 3, 4, 4]
    assert fabric.ports.sub[ports].tolist() == [1, 2] * 4
    assert fabric.port_name(ports).tolist()[:3] == ["osfp1p1", "osfp1p2", "osfp2p1"]


@pytest.mark.parametrize(
    ("switch", "names"),
    [
        ("nvidia-qm9700", ["1/1", "1/2", "2/1"]),
        ("nvidia-sn5600", ["swp1s0", "swp1s1", "swp2s0"]),
        ("nvidia-sn5400", ["swp1", "swp2", "swp3"]),
        ("tomahawk-5", ["Ethernet0", "Ethernet4", "Ethernet8"]),
        ("roce-128x400", ["Ethernet0", "Ethernet4", "Ethernet8"]),
    ],
)
def test_port_names_are_the_vendors(switch: str, names: list[str]) -> None:
    fabric = build(parse_design(design(16, f"family: ft2, switch: {switch}")))
    first = fabric.port_start[fabric.device_row["leaf-000"]]
    assert fabric.port_name(np.arange(first, first + 3)).tolist() == names


@pytest.mark.parametrize(
    ("gpus", "networks", "more", "keys"),
    [
        (33, "{family: ft2, spines: 70, uplinks: 70, leaves_per_pod: 3}", "",
         {"gpus", "compute.spines", "compute.uplinks", "compute.leaves_per_pod"}),
        (1153, "{family: mrft, rails_per_leaf: 3, spines: 170}", "requirements: [{hops: {at_most: x}}]",
         {"gpus", "compute.rails_per_leaf", "compute.spines", "requirements[0].hops.at_most"}),
        (3904, "{family: ft2, spines: 70}", "", {"gpus", "compute.spines"}),
        (3904, "{family: ft2, hosts_per_leaf: 9}", "", {"gpus", "compute.hosts_per_leaf"}),
        (1024, "{family: ft2, build_for_gpus: 6248, cores: 80}", "", {"compute.build_for_gpus", "compute.cores"}),
        (390_400, "{family: mpft, cores: 3, min_leaves: 9000}", "", {"gpus", "compute.cores", "compute.min_leaves"}),
        (1152, "{family: ft2, spines: 3}", "  storage: {family: ft2, switch: nvidia-qm9700, spines: 99}",
         {"compute.spines", "storage.spines"}),
        (1153, "{family: ft2, spines: 3}", "price_book: none-such", {"gpus", "compute.spines", "price_book"}),
    ],
)  # fmt: skip
def test_a_size_that_does_not_fit_hides_no_other_mistake(gpus: int, networks: str, more: str, keys: set[str]) -> None:
    """All at once, whichever of the stages of reading finds each."""
    network = networks.replace("{", "{switch: nvidia-qm9700, ")
    text = f"name: t\ngpus: {gpus}\nhost: h800-node\nnetworks:\n  compute: {network}\n{more}\n"
    with pytest.raises(InputError) as error:
        closed_forms(parse_design(text))
    assert {p.key.removeprefix("networks.") for p in error.value.problems} == keys
    assert all(p.line and p.allowed for p in error.value.problems)
