"""SimGrid finishes an all-to-all over our platform with our static routes in the ideal time."""

from __future__ import annotations

import subprocess
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from topo.exporters.simgrid import platform, routes
from topo.fabric import Fabric

pytestmark = pytest.mark.foreign

OPTIONS = "network/model:CM02 network/TCP-gamma:0 network/crosstraffic:0 network/bandwidth-factor:1"
SIZE = 10_000_000


def simulated_s(path: Path) -> float:
    command = ["/usr/bin/python3", str(Path(__file__).with_name("simgrid_all_to_all.py")), str(path), str(SIZE)]
    command += [f"--cfg={o}" for o in [*OPTIONS.split(), "network/latency-factor:1"]]
    done = subprocess.run(command, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, f"apt install python3-simgrid? {done.stderr[-1000:]}"
    return float(done.stdout.split("simulated ")[1].split()[0])


@pytest.mark.parametrize("rule", ["ftree", "minhop"])
def test_an_all_to_all_takes_the_time_of_the_most_loaded_link(
    fabric_of: Callable[..., Fabric], tmp_path: Path, rule: str
) -> None:
    """Two tiers of 8-port switches, 32 hosts: with ftree no link carries more than an endpoint's own; with routes all
    known, no schedule ends before the most loaded link has carried its flows."""
    fabric = fabric_of("ft2", 32, host="example-host-1", switch="example-switch-8")
    path = tmp_path / "platform.xml"
    path.write_bytes(platform(fabric, rule))
    load = Counter(step for _, _, steps in routes(fabric, rule) for step in steps)
    busiest = max(load.values())
    if rule == "ftree":
        assert busiest == 31
    bound_s = busiest * SIZE / 50e9
    found = simulated_s(path)
    assert bound_s * 0.999 <= found <= bound_s * 1.05 + 1e-5
