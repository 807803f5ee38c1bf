"""The tables that UFM's NDT plugin is to expect, by the plugin's own rules, written down here: NVIDIA UFM Enterprise
user manual, "NDT Plugin", and the plugin's parser and comparison (2026)."""

from __future__ import annotations

import csv
import io
import re

import pytest

from tests.exporters.conftest import PlanOf
from topo.audit import audit
from topo.design import parse_design
from topo.errors import ParameterError
from topo.exporters import Plan, build_files, left_out, make_plan
from topo.importers.as_built.reader import parse_as_built

LinkText = tuple[str, str, str, str]
DIRECTIONS = {"ufm/switch-to-switch.csv": 1, "ufm/switch-to-host.csv": 2}


def expected_links(files: dict[str, bytes]) -> tuple[set[LinkText], set[LinkText]]:
    """What the plugin reads: links, and the reversed ones that it makes of the hosts' file alone. Devices and ports are
    compared without case; a port is `Port N` or is refused; a table without a row is refused."""
    links: set[LinkText] = set()
    backwards: set[LinkText] = set()
    for path, data in files.items():
        rows = list(csv.DictReader(io.StringIO(data.decode())))
        assert rows, path
        for row in rows:
            assert row["LinkType"] == "Data"
            ports = [re.fullmatch(r"Port (\d+)", row[key]) for key in ("StartPort", "EndPort")]
            assert all(ports), row
            near = (row["StartDevice"].upper(), ports[0][1])  # type: ignore[index]
            far = (row["EndDevice"].upper(), ports[1][1])  # type: ignore[index]
            links.add((*near, *far))
            if DIRECTIONS[path] == 2:
                backwards.add((*far, *near))
    return links, backwards


def live(plan: Plan, called: dict[int, str], turned: bool) -> set[LinkText]:
    """The links as UFM sees them, each in one direction of the two; `called`: adapters by port row."""
    f = plan.fabric

    def end(port: int) -> tuple[str, str]:
        name = str(f.devices.name[f.ports.device[port]])
        if not f.is_host[f.ports.device[port]]:
            return name.upper(), str(f.ports.number[port])
        return f"{name} {called[port]}".upper(), "1"

    pairs = [(end(int(a)), end(int(b))) for a, b in zip(f.links.a, f.links.b, strict=True)]
    return {(*b, *a) if turned else (*a, *b) for a, b in pairs}


def hca(plan: Plan) -> dict[int, str]:
    """HCA-n of each host's ports, which count from 1, one port an adapter."""
    f = plan.fabric
    return {
        port: f"HCA-{port - int(f.port_start[d]) + 1}" for port, d in enumerate(f.ports.device.tolist()) if f.is_host[d]
    }


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("family", ["ft2", "ft3", "mpft", "mrft"])
def test_the_plugin_finds_no_difference_whichever_way_ufm_lists_a_link(
    plan_of: PlanOf, family: str, turned: bool
) -> None:
    plan = plan_of(gpus=256, family=family)
    links, backwards = expected_links(build_files(plan, ["ufm-ndt"]))
    ufm = live(plan, hca(plan), turned)
    reverse = {(c, d, a, b) for a, b, c, d in ufm}
    assert links - ufm - reverse == set()
    assert ufm - links - backwards == set()


def test_a_swapped_cable_is_one_difference_on_each_side(plan_of: PlanOf) -> None:
    plan = plan_of(gpus=256)
    links, backwards = expected_links(build_files(plan, ["ufm-ndt"]))
    ufm = live(plan, hca(plan), False)
    first, second = sorted(ufm)[:2]
    swapped = (ufm - {first, second}) | {(*first[:2], *second[2:]), (*second[:2], *first[2:])}
    reverse = {(c, d, a, b) for a, b, c, d in swapped}
    assert len(links - swapped - reverse) == len(swapped - links - backwards) == 2


def test_adapters_are_called_as_ibstat_calls_them(plan_of: PlanOf) -> None:
    plan = plan_of(gpus=64, host="dgx-h100")
    links, backwards = expected_links(build_files(plan, ["ufm-ndt"]))
    names = ["mlx5_11", "mlx5_6", "mlx5_10", "mlx5_9", "mlx5_4", "mlx5_3", "mlx5_5", "mlx5_0"]
    f = plan.fabric
    place = [port - int(f.port_start[d]) for port, d in enumerate(f.ports.device.tolist())]
    called = {port: names[k] for port, k in enumerate(place) if f.is_host[f.ports.device[port]] and k < len(names)}
    ufm = live(plan, called, False)
    assert not ufm - links - backwards


def test_a_plan_without_infiniband_is_refused_and_only_infiniband_is_written(plan_of: PlanOf) -> None:
    ethernet = plan_of(gpus=256, host="dgx-h100", switch="nvidia-sn5600", uplink_gbps=800)
    assert "InfiniBand" in left_out(ethernet)["ufm-ndt"]
    with pytest.raises(ParameterError, match="InfiniBand"):
        build_files(ethernet, ["ufm-ndt"])
    both = make_plan(
        parse_design(
            "name: t\ngpus: 64\nhost: dgx-h100-4-networks\nnetworks:\n"
            "  compute: {family: ft2, switch: nvidia-qm9700}\n"
            "  in-band: {family: ft2, switch: nvidia-sn3700}\n"
        )
    )
    links, _ = expected_links(build_files(both, ["ufm-ndt"]))
    names = {name for a, _, b, _ in links for name in (a, b)}
    other = both.fabric.devices.name[(both.fabric.devices.network == 1) & ~both.fabric.is_host].tolist()
    assert other
    assert not names & {str(n).upper() for n in other}


def test_topo_audits_its_own_expectation_as_right(plan_of: PlanOf) -> None:
    plan = plan_of(gpus=256)
    files = [parse_as_built(data, path) for path, data in build_files(plan, ["ufm-ndt"]).items()]
    found = audit(plan.fabric, files)
    assert [f for f in found.findings if f.severity != "note"] == []
    assert found.counts["right"] == len(plan.fabric.links)
