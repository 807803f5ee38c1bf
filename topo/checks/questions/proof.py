"""Questions for certificates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from topo.checks.model import Question

Certificate = dict[str, Any]


@dataclass(frozen=True)
class Proof(Question[Certificate | None]):
    """The certificate of an answer about `network`; None where there is none. `kinds` are those of the certificates
    that can prove it."""

    network: str
    kinds: ClassVar[tuple[str, ...]]
