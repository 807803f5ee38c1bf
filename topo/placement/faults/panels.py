"""What is wrong with the patch panels of a cabled plan."""

from __future__ import annotations

import numpy as np

from topo.fabric.model import BoolArray
from topo.placement.cables.patching import Patching
from topo.placement.faults.faults import Fault, Plan


def patch_panels(plan: Plan) -> list[Fault]:
    """No position of a panel is taken twice or does not exist; a cord stays in its rack; every segment is sold and long
    enough, and its plugs fit."""
    c, places = plan.cabling, plan.places
    patching = c.patching
    if patching is None or places is None:
        return []
    panels, kind, cable = patching.panels, patching.part, patching.cable
    names = panels.names(places.racks)
    result = []
    spot = (patching.panel * 100_000 + patching.position).ravel()
    value, times = np.unique(spot, return_counts=True)
    for bad, words in (
        (value[times > 1], "a position of a panel is taken twice"),
        (
            spot[((patching.position < 1) | (patching.position > kind.positions)).ravel()],
            "a panel has no such position",
        ),
    ):
        if len(bad):
            panel, position = divmod(int(bad[0]), 100_000)
            result.append(Fault("patch-panels", words, len(bad), f"{names[panel]}:{position}"))
    first = c.cables.first_link[cable]
    rack = places.rack[np.stack([plan.fabric.link_a[first], plan.fabric.link_b[first]], axis=1)]
    wrong = {
        "a panel is not in the rack of the device": (panels.rack[patching.panel] != rack).any(axis=1),
        "a segment is ordered too short": ~(patching.sold_m >= patching.length_m - 1e-9).all(axis=1),
    }
    wrong |= {
        "legs of a trunk end in several panels": _torn(patching),
        "a trunk has no such leg, or one leg is two cables'": _odd_legs(patching),
    }
    parts = np.stack([c.cables.part[cable], patching.trunk, c.cables.part[cable]], axis=1)
    unfit = np.zeros(len(cable), dtype=np.bool_)
    odd = np.zeros(len(cable), dtype=np.bool_)
    for row in np.unique(parts).tolist():
        part = plan.cable(row)
        inside = parts == row
        for segment in (0, 1, 2):
            plug = kind.rear if segment == 1 else kind.connector
            fits = part is not None and part.a.form == part.b.form == plug
            fits &= part is None or segment != 1 or part.a.count == part.b.count == kind.trunk_legs
            unfit |= inside[:, segment] & (not fits)
        if part is not None and part.lengths_m:
            odd |= (inside & ~np.isin(patching.sold_m.round(6), np.round(part.lengths_m, 6))).any(axis=1)
        elif part is not None:
            odd |= (inside & (patching.sold_m > (part.max_m or 0.0) + 1e-9)).any(axis=1)
    wrong |= {"a segment does not plug into the panel": unfit, "a segment is not sold in that length": odd}
    for words, mask in wrong.items():
        rows = np.flatnonzero(mask)
        if len(rows):
            result.append(Fault("patch-panels", words, len(rows), plan.link_name(int(first[rows[0]]))))
    return result


def _torn(patching: Patching) -> BoolArray:
    """Shape (cables,): cables whose trunk joins two other panels for its first cable."""
    ends = np.sort(patching.panel, axis=1)
    _, first, which = np.unique(patching.trunk_number, return_index=True, return_inverse=True)
    return np.asarray((ends != ends[first[which.reshape(-1)]]).any(axis=1))


def _odd_legs(patching: Patching) -> BoolArray:
    """Shape (cables,): cables on a leg that their trunk does not have, or that another cable is on."""
    legs = np.stack([patching.trunk_number, patching.leg])
    _, which, times = np.unique(legs, axis=1, return_inverse=True, return_counts=True)
    twice = times[which.reshape(-1)] > 1
    return np.asarray(twice | (patching.leg < 1) | (patching.leg > patching.part.trunk_legs))
