"""Link ids that are used twice: an id is how a link is known after others were removed."""

from __future__ import annotations

import numpy as np

from topo.checks.labels import link_label
from topo.checks.model import Context, Finding, WiringCheck
from topo.checks.registries import wiring_checks
from topo.checks.worst import capped, worst_first
from topo.units import amount, verb

CODE = "link-ids"


def _run(context: Context) -> list[Finding]:
    fabric, links = context.fabric, context.fabric.links
    if (links.id[1:] > links.id[:-1]).all():
        return []
    unique, times = np.unique(links.id, return_counts=True)

    def describe(row: int) -> Finding:
        users = np.flatnonzero(links.id == unique[row])
        where = [end for link in users[:4] for end in link_label(fabric, int(link))]
        return Finding(
            CODE, "error", f"{amount(times[row], 'link')} {verb(times[row], 'have')} the id {unique[row]}", tuple(where)
        )

    rows = np.flatnonzero(times > 1)
    return capped(CODE, worst_first(rows, times[rows]), describe, "link ids are used more than once")


wiring_checks.add(CODE, WiringCheck("every link has an id of its own", _run))
