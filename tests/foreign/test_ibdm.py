"""ibdmtr, of ibutils, reads our topology and system files and walks routes over them port by port."""

from __future__ import annotations

import os
import random
import re
import subprocess
from pathlib import Path

import pytest

from topo.design import parse_design
from topo.exporters import build_files, make_plan
from topo.fabric import Fabric

from . import engines

pytestmark = pytest.mark.foreign
STEP = re.compile(r"FROM Host:(\S+) Plug:(\S+)\s+Node:\S+ Port:\d+\s+TO   Host:(\S+) Plug:(\S+)")


def ends(fabric: Fabric, port: int) -> tuple[str, str]:
    """Device and plug of a port, an adapter's as `C<NIC>/P<port>`."""
    device = int(fabric.ports.device[port])
    name = str(fabric.devices.name[device])
    for e, p in enumerate(fabric.endpoints.port.tolist()):
        if p == port:
            return name, f"C{fabric.endpoints.nic[e] + 1}/P{fabric.endpoints.nic_port[e] + 1}"
    return name, f"P{fabric.ports.number[port]}"


@pytest.mark.parametrize("family", ["mrft", "ft3"])
def test_routes_run_as_planned(family: str, tmp_path: Path) -> None:
    engines.need("ibdmtr")
    compute = f"{{family: {family}, switch: nvidia-qm9700}}"
    plan = make_plan(parse_design(f"name: t\ngpus: 256\nhost: h800-node\nnetworks: {{compute: {compute}}}\n"))
    fabric = plan.fabric
    for path, data in build_files(plan, ["ibdm-topo"]).items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(data)
    partner = dict(zip(fabric.links.a.tolist(), fabric.links.b.tolist(), strict=True))
    partner |= {b: a for a, b in partner.items()}
    choose = random.Random(1)
    for end in choose.sample(range(len(fabric.endpoints)), 12):
        port, walked = int(fabric.endpoints.port[end]), []
        for _ in range(5):
            walked.append((port, partner[port]))
            device = int(fabric.ports.device[partner[port]])
            if fabric.is_host[device]:
                break
            port = choose.choice([p for p in partner if fabric.ports.device[p] == device])
        assert traced(fabric, end, [a for a, _ in walked], tmp_path) == [
            (*ends(fabric, a), *ends(fabric, b)) for a, b in walked
        ]


def traced(fabric: Fabric, end: int, ports: list[int], folder: Path) -> list[tuple[str, ...]]:
    """The steps that ibdmtr prints for a route out of an endpoint."""
    host = f"{fabric.devices.name[fabric.endpoints.host[end]]}/U{fabric.endpoints.nic[end] + 1}"
    numbers = [int(fabric.endpoints.nic_port[end]) + 1, *(int(fabric.ports.number[p]) for p in ports[1:])]
    route = ",".join(map(str, [0, *numbers]))
    done = subprocess.run(
        ["ibdmtr", "-t", "fabric.topo", "-s", host, "-p", str(numbers[0]), "-d", route],
        cwd=folder / "ibdm",
        env={**os.environ, "IBDM_IBNL_PATH": str(folder / "ibdm" / "ibnl")},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "-E-" not in done.stdout, done.stdout
    return STEP.findall(done.stdout)
