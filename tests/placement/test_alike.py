"""Racks are alike where they hold the same parts of the same networks, not where they hold as many things."""

from __future__ import annotations

import numpy as np

import topo
from topo.catalog import load_catalog
from topo.design import parse_design
from topo.placement import Floor, place
from topo.placement.floor.alike import kinds_of

TEXT = """\
name: t
gpus: 256
host: dgx-h100-4-networks
other_hosts:
  - {host: storage-host-3-networks, count: 8}
  - {host: management-host-3-networks, count: 4}
networks:
  compute: {family: mrft, switch: nvidia-qm9700}
  storage: {family: ft2, switch: nvidia-qm9700}
  out-of-band: {family: ft2, switch: nvidia-sn2201, uplink_gbps: 100, uplinks: 2}
"""


def test_racks_of_unlike_parts_are_never_one_kind() -> None:
    catalog = load_catalog()
    fabric = topo.build(parse_design(TEXT))
    places = place(fabric, catalog, Floor(hosts_per_rack=4))
    kinds = kinds_of(fabric, places)
    assert sum(count for _, count in kinds) == len(places.racks)

    def holds(rack: int) -> list[tuple[int, int, int]]:
        mine = np.flatnonzero(places.rack == rack)
        devices = fabric.devices
        return sorted(
            zip(devices.part[mine].tolist(), devices.network[mine].tolist(), places.units[mine].tolist(), strict=True)
        )

    every = [holds(rack) for rack in range(len(places.racks))]
    distinct: list[list[tuple[int, int, int]]] = []
    for one in every:
        if one not in distinct:
            distinct.append(one)
    assert len(kinds) == len(distinct)
    for first, count in kinds:
        assert sum(one == every[first] for one in every) == count
