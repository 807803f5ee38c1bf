"""Links whose ends are ports that do not exist."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from topo.checks.labels import port_label
from topo.checks.model import Context, Finding, WiringCheck
from topo.checks.registries import wiring_checks
from topo.checks.wiring._find import capped
from topo.fabric import Fabric
from topo.fabric.model import BoolArray, IntArray

CODE = "link-ends"


def _exists(fabric: Fabric, port: IntArray) -> BoolArray:
    return np.asarray((port >= 0) & (port < len(fabric.ports)))


def sound(fabric: Fabric) -> Fabric:
    """The fabric without the links and endpoints that this check names: what the other checks can read."""
    links = _exists(fabric, fabric.links.a) & _exists(fabric, fabric.links.b)
    ends = _exists(fabric, fabric.endpoints.port)
    if links.all() and ends.all():
        return fabric
    return replace(fabric, links=fabric.links.rows(links), endpoints=fabric.endpoints.rows(ends))


def _run(context: Context) -> list[Finding]:
    fabric, links = context.fabric, context.fabric.links
    a, b = _exists(fabric, links.a), _exists(fabric, links.b)

    def describe(row: int) -> Finding:
        kept = [int(p) for p, good in ((links.a[row], a[row]), (links.b[row], b[row])) if good]
        where = tuple(port_label(fabric, p) for p in kept)
        other = f" from {where[0]}" if where else ""
        return Finding(
            CODE, "error", f"link {links.id[row]}{other} ends on a port that does not exist", where, "remove the link"
        )

    def describe_end(row: int) -> Finding:
        name = str(fabric.devices.name[fabric.endpoints.host[row]])
        return Finding(CODE, "error", f"an endpoint of {name} is a port that does not exist", (name,))

    found = capped(CODE, np.flatnonzero(~(a & b)), describe, "links end on ports that do not exist")
    ends = np.flatnonzero(~_exists(fabric, fabric.endpoints.port))
    return found + capped(CODE, ends, describe_end, "endpoints are ports that do not exist")


wiring_checks.add(CODE, WiringCheck("both ends of every link are ports of the fabric", _run))
