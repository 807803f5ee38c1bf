"""What a first design is made of."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Outline:
    """The network and what it joins, with further `keys` (KEY=VALUE) of the network."""

    family: str
    gpus: int
    host: str
    switch: str
    keys: tuple[str, ...] = ()
