"""Reserved ports are the last free ones of each device, as counting port by port finds."""

from __future__ import annotations

import re

import numpy as np
import pytest

from tests.checks.cases import DESIGNS, FOLDER
from topo.catalog import load_catalog
from topo.design import parse_design
from topo.design.wire import build
from topo.fabric import TIER_NAMES, PortRole


@pytest.mark.parametrize("case", ["ft2", "mpft"])
@pytest.mark.parametrize("kept", [{"leaf": 1}, {"spine": 2}, {"leaf": 2, "spine": 1}])
def test_the_last_free_ports_of_each_switch_are_reserved(case: str, kept: dict[str, int]) -> None:
    catalog = load_catalog([FOLDER])
    keys = ", ".join(f"{tier}: {ports}" for tier, ports in kept.items())
    text = re.sub("gpus: [0-9]+", "gpus: 16", DESIGNS[case]).replace("}}}", f", reserve_ports: {{{keys}}}}}}}}}")
    fabric = build(parse_design(f"{{name: kept, {text[1:]}", "kept.yaml", catalog))
    linked = fabric.link_of_port >= 0
    for device in np.flatnonzero(~fabric.is_host).tolist():
        ports = np.arange(fabric.port_start[device], fabric.port_start[device + 1])
        free = ports[~linked[ports]]
        wanted = kept.get(TIER_NAMES[int(fabric.devices.tier[device])], 0)
        reserved = ports[fabric.ports.role[ports] == PortRole.RESERVED]
        assert reserved.tolist() == free[len(free) - wanted :].tolist()
