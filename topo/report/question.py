"""The requirements that a report judges."""

from __future__ import annotations

from dataclasses import dataclass

from topo.checks import RequirementParams
from topo.design import Design


@dataclass(frozen=True)
class Question:
    """A requirement to judge; `line` where a design asks for it."""

    id: str
    kind: str
    params: RequirementParams
    line: int = 0


def questions_of(design: Design) -> tuple[Question, ...]:
    """The requirements of a design."""
    return tuple(Question(r.id, r.kind, r.params, r.line) for r in design.requirements)
