"""What a list of candidates says of one: refused, refuted or dominated by counts, and the figures beside."""

from __future__ import annotations

import json
import math
from typing import Any, NamedTuple

from topo.searching.record.result import DOMINATED, REFUSED, REFUTED

BY_COUNTS = {REFUSED: {"verdict", "reason", "proof"}, REFUTED: {"verdict", "reason", "switches", "links", "proof"},
             DOMINATED: {"verdict", "switches", "links", "proof"}}  # fmt: skip
"""What a row says of a candidate that no engine was asked about."""
MOST = 1e15
"""More switches or dollars than any network has, and few enough that a float tells them all apart."""
MAY = {"cost_usd_at_least", "throughput_at_most"}


class Said(NamedTuple):
    """A verdict, the key that refuses, the candidate that dominates, the requirement that is broken, and the switches
    and the least price that are stated."""

    state: str
    key: str = ""
    by: int = -1
    requirement: str = ""
    switches: float = math.inf
    usd: float = math.inf


def said(text: str) -> Said | None:
    """What a row says; None where that is more, or less, than such rows say."""
    try:
        row = json.loads(text)
    except (ValueError, RecursionError):
        return None
    state, proof = row.get("verdict"), row.get("proof")
    if type(proof) is not dict:
        return None
    if state == REFUSED:
        key = proof.get("key")
        known = row.keys() == BY_COUNTS[REFUSED] and proof == {"kind": "recount", "key": key}
        return Said(state, key=key) if known and type(key) is str and type(row["reason"]) is str else None
    if (state != REFUTED and state != DOMINATED) or row.keys() - MAY != BY_COUNTS[state]:
        return None
    switches, usd = row["switches"], row.get("cost_usd_at_least", math.inf)
    if type(switches) is not dict or not all(map(_number, (*switches.values(), usd))):
        return None
    total = sum(switches.values())
    if state == REFUTED:
        broken = row["reason"]
        known = proof.get("kind") == "recount" and proof.get("requirement") == broken and type(broken) is str
        return Said(state, requirement=broken, switches=total, usd=usd) if known else None
    by = proof.get("by")
    if type(by) is not int or proof != {"kind": "counts", "by": by}:
        return None
    return Said(state, by=by, switches=total, usd=usd)


def _number(value: Any) -> bool:
    return type(value) in (int, float) and 0 <= value < MOST
