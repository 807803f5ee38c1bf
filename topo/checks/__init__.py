"""Questions with verdicts as answers: held, broken, undecided, each with findings that name devices and ports.

`topo.checks.wiring` holds the checks that every fabric gets; `topo.checks.requirements` the kinds of requirement that a
design may state. Each is one file that registers one value.
"""

from topo.checks.model import (
    Context,
    Finding,
    Laid,
    Outcome,
    Question,
    RequirementKind,
    RequirementParams,
    Verdict,
    WiringCheck,
)
from topo.checks.registries import requirement_kinds, wiring_checks
from topo.checks.run import Stated, answerable, judge, requirements_from, run_wiring

__all__ = [
    "Context",
    "Finding",
    "Laid",
    "Outcome",
    "Question",
    "RequirementKind",
    "RequirementParams",
    "Stated",
    "Verdict",
    "WiringCheck",
    "answerable",
    "judge",
    "requirement_kinds",
    "requirements_from",
    "run_wiring",
    "wiring_checks",
]
