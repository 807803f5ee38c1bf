"""Compares the cables of a plan with those that were found, and says what happened to each one that differs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from topo.audit._cover import Uncovered, covered, uncovered
from topo.audit._effect import BisectionEffect, rewired, with_effects
from topo.audit._faults import Differences, explain
from topo.audit._learn import learn
from topo.audit._loose import loose_ends
from topo.audit._names import UNKNOWN, PortNames
from topo.audit._sort import sort_out
from topo.audit.propose import Proposal
from topo.checks.model import Finding
from topo.fabric import Fabric
from topo.fabric.model import IntArray
from topo.importers.as_built import AsBuilt, Remark
from topo.placement import Places

LISTED = 200
"""At most so many findings of one code name what they are about; one more counts the others."""


@dataclass(frozen=True)
class Audit:
    """What an audit found. `counts`: links planned, found right, and findings by code. `fabric` is the plan's fabric
    wired as found (without the cables that are missing or lead to unknown devices), for analyses of what stands there.
    `unseen`: networks of which the files show no switch; their links are not counted as missing. `bisection`: what all
    faults together cost, for each network that the files show and that has tiers. `uncovered`: what else the files say
    nothing about. `read`: the files. `names`: the real names that were proposed."""

    findings: tuple[Finding, ...]
    counts: dict[str, int]
    fabric: Fabric
    unseen: tuple[str, ...]
    bisection: tuple[BisectionEffect, ...] = ()
    uncovered: tuple[Uncovered, ...] = ()
    read: tuple[AsBuilt, ...] = ()
    names: Proposal | None = None

    @property
    def wrong(self) -> bool:
        """Whether anything that the files cover is not right."""
        return any(f.severity == "error" for f in self.findings)


def audit(
    fabric: Fabric,
    as_built: AsBuilt | Sequence[AsBuilt],
    places: Places | None = None,
    real: Mapping[str, str] | None = None,
    proposal: Proposal | None = None,
    said: str = "",
    numbers: IntArray | None = None,
) -> Audit:
    """Every difference between a fabric and what was found in one file or several, swaps explained as swaps. `real`:
    further names of devices (in small letters) and the fabric's they stand for. `proposal`: where the fabric's names
    come from, if they were proposed. `said`: what else is worth a note. `numbers`: of the cable
    of each link (shape (links,)), for findings to name it by."""
    files = [as_built] if isinstance(as_built, AsBuilt) else list(as_built)
    names = PortNames(fabric, real or {})
    remarks = [r for f in files for r in f.remarks]
    remarks += learn(names, [c for f in files for c in f.cables])
    result = sort_out(fabric, names, files)
    expected = covered(fabric, names, files)
    unseen = tuple(n for i, n in enumerate(fabric.networks) if not expected[fabric.links.network == i].any())
    seen = np.zeros(len(fabric.links), dtype=np.bool_)
    seen[list(result.right)] = True
    loose = loose_ends(fabric, names, files, seen, result)
    excused = np.zeros(len(fabric.links), dtype=np.bool_)
    excused[[*loose.unnamed, *loose.down]] = True
    missing = np.flatnonzero(expected & ~seen & ~excused)
    faults = explain(Differences(fabric, places, result.wrong, missing, result.gbps, numbers))
    gone = np.flatnonzero(expected & ~seen)
    gone = gone[~np.isin(gone, list(loose.unnamed))]
    built = rewired(fabric, gone.tolist(), result.wrong)
    shown = [i for i, n in enumerate(fabric.networks) if n not in unseen]
    findings, effects = with_effects(fabric, built, [*faults, *loose.faults(fabric, places, numbers)], shown)
    rest = uncovered(fabric, expected)
    if proposal is not None:
        severity = "warning" if proposal.ambiguous or proposal.left else "note"
        findings.append(Finding("names-proposed", severity, proposal.text(), hint="--write-names FILE keeps them"))
    findings += [Finding("open-size", "note", said)] if said else []
    findings += [*result.notes, *map(_note, remarks), *(u.finding() for u in rest)]
    counts = {"planned": int(expected.sum()), "right": int((seen & expected).sum())}
    counts |= _counted(findings, loose.unnamed, rest)
    return Audit(tuple(_first(findings)), counts, built, unseen, effects, rest, tuple(files), proposal)


def _counted(findings: Sequence[Finding], unnamed: Mapping[int, object], rest: Sequence[Uncovered]) -> dict[str, int]:
    """How many of each word."""
    number: Counter[str] = Counter(f.code for f in findings if f.severity != "note")
    if unnamed:
        number["unnamed-neighbour"] = max(number["unnamed-neighbour"], len(unnamed))
    if rest:
        number["not-covered"] = sum(u.links for u in rest)
    return dict(number)


def _note(remark: Remark) -> Finding:
    return Finding(remark.code, "note", remark.message, remark.where)


def _first(findings: Sequence[Finding]) -> list[Finding]:
    """The first findings of each code, and one that counts the others."""
    number: Counter[str] = Counter()
    kept = []
    for finding in findings:
        number[finding.code] += 1
        if number[finding.code] <= LISTED or finding.severity == "error":
            kept.append(finding)
    more = {code: n for code, n in number.items() if n > LISTED}
    kept += [
        Finding(code, "note", f"and {n - LISTED:,} more of the same kind")
        for code, n in more.items()
        if not any(f.code == code and f.severity == "error" for f in findings)
    ]
    return kept


__all__ = ["UNKNOWN", "Audit", "audit"]
