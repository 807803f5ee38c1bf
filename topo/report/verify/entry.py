"""What is said of one thing that a report shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Verified:
    """One thing that a report shows. `rests_on` a certificate, a recount from the design, or nothing; what is not
    proved has a `reason`. What rests on nothing is told, and does not count against the report."""

    design: str
    id: str
    statement: str
    proved: bool
    rests_on: str
    reason: str = ""

    def to_json(self) -> dict[str, Any]:
        """The entry as plain data."""
        return {
            "design": self.design,
            "id": self.id,
            "statement": self.statement,
            "proved": self.proved,
            "rests_on": self.rests_on,
            "reason": self.reason,
        }

    def text(self) -> str:
        """The entry on one line."""
        on = "" if self.rests_on == "certificate" else f" ({self.rests_on})"
        said = "proved" if self.proved else f"NOT PROVED: {self.reason}"
        return f"{self.design}: {self.id}{on}: {said}"


def sound(found: Sequence[Verified]) -> bool:
    """Whether all that rests on anything follows from it."""
    return all(one.proved or one.rests_on == "nothing" for one in found)
