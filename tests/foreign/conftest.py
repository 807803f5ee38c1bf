from __future__ import annotations

from pathlib import Path

import pytest

from topo.catalog import load_catalog
from topo.design import build, parse_design
from topo.fabric import Fabric

SWITCH = """id: switch-24
title: 24 ports
network: [infiniband]
cages: 12
cage: osfp-twin
breakouts: [{ports: 2, gbps: 400, lanes: 4}]
ports: 24
port_name: "{cage}/{sub}"
source: {document: test, read: true}
"""


@pytest.fixture
def fabric_of(tmp_path: Path):  # type: ignore[no-untyped-def]
    """A fabric by family and size."""
    folder = tmp_path / "catalog"
    (folder / "switch").mkdir(parents=True)
    (folder / "switch" / "switch-24.yaml").write_text(SWITCH)

    def make(family: str, gpus: int, host: str = "h800-node", switch: str = "nvidia-qm9700", keys: str = "") -> Fabric:
        compute = f"{{family: {family}, switch: {switch}{keys}}}"
        text = f"name: t\ngpus: {gpus}\nhost: {host}\nnetworks: {{compute: {compute}}}\n"
        return build(parse_design(text, catalog=load_catalog([folder])))

    return make
