"""slurmctld reads our topology.conf and logs the same tree: hosts of every leaf, and one root above all."""

from __future__ import annotations

import getpass
import os
import re
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from tests.exporters.test_formats import expanded
from topo.design import parse_design
from topo.exporters import build_files, make_plan

CONF = """ClusterName=t
SlurmctldHost=localhost
AuthType=auth/none
SlurmUser={user}
StateSaveLocation={folder}/state
SlurmctldPort=26817
SlurmctldPidFile={folder}/pid
TopologyPlugin=topology/tree
NodeName=host-[00000-00127] NodeAddr=127.0.0.1 CPUs=1
PartitionName=p Nodes=ALL Default=YES
"""
TEXT = "name: t\ngpus: 1024\nhost: h800-node\nnetworks: {compute: {family: mrft, switch: nvidia-qm9700}}\n"
SWITCH = re.compile(r"Switch level:(\d) name:(\S+) nodes:(\S+)")


SLURMCTLD = shutil.which("slurmctld", path=os.environ.get("PATH", "") + ":/usr/sbin")


@pytest.mark.skipif(SLURMCTLD is None, reason="slurmctld is not installed")
def test_slurmctld_sees_the_same_tree(tmp_path: Path) -> None:
    plan = make_plan(parse_design(TEXT))
    (tmp_path / "state").mkdir()
    (tmp_path / "slurm.conf").write_text(CONF.format(folder=tmp_path, user=getpass.getuser()))
    conf = build_files(plan, ["slurm"])["slurm/topology.conf"]
    (tmp_path / "topology.conf").write_bytes(conf)
    log = tmp_path / "log"
    with open(log, "w") as out:
        command = [str(SLURMCTLD), "-D", "-c", "-f", str(tmp_path / "slurm.conf"), "-vvv"]
        run = subprocess.Popen(command, stdout=out, stderr=out)
        try:
            for _ in range(100):
                time.sleep(0.1)
                if "switches_dist" in log.read_text() or run.poll() is not None:
                    break
        finally:
            run.kill()
            run.wait()
    seen = {name: (int(level), expanded(nodes)) for level, name, nodes in SWITCH.findall(log.read_text())}
    lines = [dict(f.split("=", 1) for f in line.split(" ")) for line in conf.decode().splitlines()]
    leaves = {f["SwitchName"]: (0, expanded(f["Nodes"])) for f in lines if "Nodes" in f}
    assert {name: held for name, held in seen.items() if held[0] == 0} == leaves
    hosts = set(plan.fabric.devices.name[plan.fabric.is_host].tolist())
    assert [held for level, held in seen.values() if level == 1] == [hosts]
