"""What a list of candidates says of one: refused, refuted or dominated by counts, and the figures beside."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import Any

from topo.searching.record.result import DOMINATED, REFUSED, REFUTED

BY_COUNTS = {REFUSED: {"reason", "proof"}, REFUTED: {"reason", "switches", "links", "proof"},
             DOMINATED: {"switches", "links", "proof"}}  # fmt: skip
"""What a row says of a candidate that no engine was asked about."""
MAY = {"cost_usd_at_least", "throughput_at_most"}


@dataclass(frozen=True, slots=True)
class Said:
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
    state = row.get("verdict")
    if state not in BY_COUNTS:
        return None
    rest = row.keys() - {"verdict"} - (MAY if state != REFUSED else set())
    proof = row.get("proof")
    if rest != BY_COUNTS[state] or not isinstance(proof, dict):
        return None
    switches, usd = row.get("switches", {}), row.get("cost_usd_at_least", math.inf)
    if not isinstance(switches, dict) or not all(_number(n) for n in (*switches.values(), usd)):
        return None
    total = sum(switches.values())
    if state == REFUSED:
        known = proof.keys() == {"kind", "key"} and proof["kind"] == "recount" and isinstance(proof["key"], str)
        return Said(state, key=proof["key"]) if known and isinstance(row["reason"], str) else None
    if state == REFUTED:
        broken = row["reason"]
        known = proof.get("kind") == "recount" and proof.get("requirement") == broken and isinstance(broken, str)
        return Said(state, requirement=broken, switches=total, usd=usd) if known else None
    known = proof.keys() == {"kind", "by"} and proof["kind"] == "counts" and type(proof["by"]) is int
    return Said(state, by=proof["by"], switches=total, usd=usd) if known else None


def _number(value: Any) -> bool:
    return type(value) in (int, float) and value >= 0
