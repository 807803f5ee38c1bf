"""The list of candidates: each row as JSON in one line, put together from pieces that many rows have in common."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from topo.searching.candidates.candidate import Candidate
from topo.searching.candidates.count import Alike, Counted
from topo.searching.candidates.values import unfixed
from topo.searching.record.result import Row

SIMPLE = (str, int, float, bool)


dumped: Callable[[Any], str] = json.JSONEncoder(ensure_ascii=False).encode
"""A value as JSON in one line."""


def as_json(value: Any) -> bytes:
    """JSON as it stands in the folder of a search."""
    return (json.dumps(value, indent=1, ensure_ascii=False) + "\n").encode()


class Lines:
    """Writes rows as `dumped(row.to_json())` would, and remembers the pieces."""

    def __init__(self) -> None:
        self._pairs: dict[tuple[Any, ...], str] = {}
        self._texts: dict[str, str] = {}
        self._counts: dict[int, tuple[Alike, str, str]] = {}
        self._proofs: dict[tuple[int, str], str] = {}

    def line(self, row: Row) -> str:
        """The row in one line."""
        result = f'{{"number": {row.number}, "design": {self._design(row.candidate)}, "verdict": "{row.state}"'
        if row.reason:
            result += f', "reason": {self._text(row.reason)}'
        counted = row.counted
        if isinstance(counted, Counted):
            _, numbers, upper = self._counted(counted.alike)
            usd = f', "cost_usd_at_least": {counted.cost_lower!r}' if counted.cost_lower > 0 else ""
            result += numbers + usd + upper
        if row.proof:
            result += f', "proof": {self._proof(row.proof, counted)}'
        if row.judgment is not None and row.judgment.values:
            result += f', "objectives": {dumped(dict(row.judgment.values))}'
        return result + "}"

    def _design(self, candidate: Candidate) -> str:
        pairs, texts = self._pairs, []
        for pair in candidate.keys:
            value = pair[1]
            kind = value.__class__
            key = (*pair, kind) if kind in SIMPLE else (pair[0], repr(value), kind)
            text = pairs.get(key)
            if text is None:
                text = pairs[key] = f", {dumped(pair[0])}: {dumped(unfixed(value))}"
            texts.append(text)
        return f'{{"host": {self._text(candidate.host)}, "family": {self._text(candidate.family)}{"".join(texts)}}}'

    def _text(self, text: str) -> str:
        result = self._texts.get(text)
        if result is None:
            result = self._texts[text] = dumped(text)
        return result

    def _counted(self, alike: Alike) -> tuple[Alike, str, str]:
        """The counts, before and after the price; `alike` is kept so that no other takes its place."""
        result = self._counts.get(id(alike))
        if result is None:
            counts = alike.counts
            numbers = f', "switches": {dumped(dict(counts.switches))}, "links": {dumped(dict(counts.links))}'
            most = alike.throughput_upper
            upper = f', "throughput_at_most": {dumped(most)}' if most < 1 else ""
            result = self._counts[id(alike)] = (alike, numbers, upper)
        return result

    def _proof(self, proof: Mapping[str, Any], counted: object) -> str:
        """A cut follows from the counts alone, and is written once for all that have them."""
        if len(proof) == 2 and proof["kind"] == "recount" and "key" in proof:
            return f'{{"kind": "recount", "key": {self._text(proof["key"])}}}'
        if len(proof) == 2 and proof["kind"] == "counts":
            return f'{{"kind": "counts", "by": {proof["by"]}}}'
        if "cut" not in proof or not isinstance(counted, Counted):
            return dumped(dict(proof))
        key = (id(counted.alike), str(proof["requirement"]))
        result = self._proofs.get(key)
        if result is None:
            result = self._proofs[key] = dumped(dict(proof))
        return result
