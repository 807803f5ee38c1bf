"""What is said of one thing that a report or a search shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Entry:
    """One thing that is shown, and whether it is proved. `rests_on` a certificate, a recount from what was asked, or
    nothing; what is not proved has a `reason`. What rests on nothing is told, and does not count against the file.
    `design` is the one that the report is of; empty in a search, which is one of many."""

    id: str
    statement: str
    proved: bool
    rests_on: str
    reason: str = ""
    design: str = ""

    def to_json(self) -> dict[str, Any]:
        """The entry as plain data."""
        return {
            **({"design": self.design} if self.design else {}),
            "id": self.id,
            "statement": self.statement,
            "proved": self.proved,
            "rests_on": self.rests_on,
            "reason": self.reason,
        }

    def text(self) -> str:
        """The entry on one line."""
        name = self.id
        if self.design:
            name = f"{self.design}: {self.id}" + ("" if self.rests_on == "certificate" else f" ({self.rests_on})")
        return f"{name}: {'proved' if self.proved else f'NOT PROVED: {self.reason}'}"


def sound(entries: Sequence[Entry]) -> bool:
    """Whether all that rests on anything follows from it."""
    return all(one.proved or one.rests_on == "nothing" for one in entries)
