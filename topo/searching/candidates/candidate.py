"""One point of the space: a host, a family and the values of its keys."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from topo.catalog import Switch
from topo.searching.candidates.values import fixed, unfixed


@dataclass(frozen=True)
class Candidate:
    """One point of the space. `keys` are those of the searched network beside `family`, in a fixed order."""

    host: str
    family: str
    keys: tuple[tuple[str, Any], ...]

    @cached_property
    def text(self) -> str:
        """The point in one line: family, then key=value."""
        words = [self.family, *(f"{k}={_word(v)}" for k, v in self.keys)]
        return " ".join(words)

    def get(self, key: str, default: Any = None) -> Any:
        """The value of a key."""
        for name, value in self.keys:
            if name == key:
                return value
        return default

    def network(self) -> dict[str, Any]:
        """The network of a design file."""
        return {"family": self.family, **{k: unfixed(v) for k, v in self.keys}}

    def key_of(self, tier: str) -> str:
        """The key that names the switch part of a tier: its own, or that of the tier below, or `switch`."""
        chain = {"core": ("core_switch", "spine_switch"), "spine": ("spine_switch",)}.get(tier, (f"{tier}_switch",))
        return next((key for key in chain if self.get(key)), "switch")

    def part_of(self, tier: str) -> str:
        """The switch part of a tier."""
        return str(self.get(self.key_of(tier)))

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        return {"host": self.host, **self.network()}

    @staticmethod
    def from_json(value: Mapping[str, Any]) -> Candidate:
        """The candidate that `to_json` wrote."""
        keys = tuple((k, fixed(v)) for k, v in value.items() if k not in ("host", "family"))
        return Candidate(str(value["host"]), str(value["family"]), keys)


def _word(value: Any) -> str:
    return "x".join(map(str, value)) if isinstance(value, tuple) else str(value)


def design_text(candidate: Candidate, common: Mapping[str, Any], network: str, name: str, title: str) -> str:
    """The complete design file of a candidate; `common` is what every design of the search has alike."""
    networks = {network: candidate.network(), **common["networks"]}
    lines = [f"name: {_flow(name)}", f"title: {_flow(title)}", f"gpus: {common['gpus']}", f"host: {candidate.host}"]
    rest = {k: v for k, v in common.items() if k not in ("gpus", "networks", "requirements", "price_book")}
    lines += [f"{key}: {_flow(value)}" for key, value in sorted(rest.items())]
    lines += ["networks:", *(f"  {n}: {_flow(value)}" for n, value in networks.items())]
    if common.get("price_book"):
        lines.append(f"price_book: {common['price_book']}")
    lines += ["requirements:", *(f"  - {_flow(entry)}" for entry in common["requirements"])]
    return "\n".join(lines) + "\n"


def _flow(value: Any) -> str:
    """A value as YAML writes it in one line; text is quoted where it could be read as something else."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{k}: {_flow(v)}" for k, v in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(_flow, value)) + "]"
    if isinstance(value, str):
        plain = value[:1].isalpha() and all(c.isascii() and (c.isalnum() or c in "-_") for c in value)
        return (
            value if plain and value.lower() not in ("true", "false", "null") else json.dumps(value, ensure_ascii=False)
        )
    return json.dumps(value)


def ports_at(switch: Switch, gbps: float) -> int:
    """How many ports of this speed a switch has, 0 where none."""
    return switch.ports_at(gbps)
