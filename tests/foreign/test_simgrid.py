"""SimGrid, a simulator of flows, finishes an all-to-all when we say: in the ideal time with static routes, later with
hashed ones."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from topo.analysis.loads.completion import completion
from topo.exporters.formats.simgrid import platform
from topo.fabric import Fabric

from .engines import need_simgrid

pytestmark = pytest.mark.foreign

OPTIONS = "network/model:CM02 network/TCP-gamma:0 network/crosstraffic:0 network/bandwidth-factor:1"
SIZE = 10_000_000
HOSTS = 32
IDEAL_S = (HOSTS - 1) * SIZE * 8 / 400e9
TREES = {"two tiers": "ft2", "three tiers": "ft3"}


def simulated_s(path: Path) -> float:
    need_simgrid()
    command = ["/usr/bin/python3", str(Path(__file__).with_name("simgrid_all_to_all.py")), str(path), str(SIZE)]
    command += [f"--cfg={o}" for o in [*OPTIONS.split(), "network/latency-factor:1"]]
    done = subprocess.run(command, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stderr[-1000:]
    return float(done.stdout.split("simulated ")[1].split()[0])


@pytest.mark.parametrize("tree", TREES)
@pytest.mark.parametrize("routing", ["static", "static:rule=minhop", "ecmp:seed=1", "ecmp:seed=2", "ecmp:seed=3"])
def test_an_all_to_all_of_32_hosts_takes_the_time_we_predict(
    fabric_of: Callable[..., Fabric], tmp_path: Path, tree: str, routing: str
) -> None:
    fabric = fabric_of(TREES[tree], HOSTS, host="example-host-1", switch="example-switch-8")
    path = tmp_path / "platform.xml"
    path.write_bytes(platform(fabric, routing, latency_s="0"))
    predicted = completion(fabric, SIZE, routing)
    assert simulated_s(path) == pytest.approx(predicted.seconds, rel=1e-4)
    if routing == "static":
        assert predicted.seconds == pytest.approx(IDEAL_S, rel=1e-9)
    if routing.startswith("ecmp"):
        assert predicted.seconds > 1.05 * IDEAL_S  # some link of 64 gets 16 percent more flows than its 28
