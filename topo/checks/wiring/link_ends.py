"""Links whose ends are ports that do not exist."""

from __future__ import annotations

import numpy as np

from topo.checks.labels import port_label
from topo.checks.model import Context, Finding, WiringCheck
from topo.checks.readable import exists
from topo.checks.registries import wiring_checks
from topo.checks.worst import capped

CODE = "link-ends"


def _run(context: Context) -> list[Finding]:
    fabric, links = context.fabric, context.fabric.links
    a, b = exists(fabric, links.a), exists(fabric, links.b)

    def describe(row: int) -> Finding:
        kept = [int(p) for p, good in ((links.a[row], a[row]), (links.b[row], b[row])) if good]
        where = tuple(port_label(fabric, p) for p in kept)
        other = f" from {where[0]}" if where else ""
        return Finding(
            CODE,
            "error",
            f"link {links.id[row]}{other} ends on a port that does not exist",
            where,
            "remove the link",
        )

    def describe_end(row: int) -> Finding:
        name = str(fabric.devices.name[fabric.endpoints.host[row]])
        return Finding(CODE, "error", f"an endpoint of {name} is a port that does not exist", (name,))

    result = capped(CODE, np.flatnonzero(~(a & b)), describe, "links end on ports that do not exist")
    ends = np.flatnonzero(~exists(fabric, fabric.endpoints.port))
    return result + capped(CODE, ends, describe_end, "endpoints are ports that do not exist")


wiring_checks.add(CODE, WiringCheck("both ends of every link are ports of the fabric", _run))
