"""Reads `placement.json`: what stands where and what cables are numbered, as an earlier build wrote it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from topo.design.model import Design
from topo.errors import InputError, Problem, shown
from topo.files import read_file

SCHEMA = "topo.placement/1"
MAX_BYTES = 64_000_000
"""A million lines of 64 bytes, one for each device and cable."""
MAX_NUMBER = 1_000_000_000
"""Numbers of cables are printed on labels: nine digits."""
RACK = re.compile(r"[0-9]{1,2}[A-Z]{1,2}[0-9]{2,3}")


@dataclass(frozen=True)
class Standing:
    """`places`: rack and lowest unit by device; `numbers`: of cables by their names, none in files of older builds."""

    places: dict[str, tuple[str, int]]
    numbers: dict[str, int]


def stands_of(design: Design, name: str) -> Standing:
    """What the file says that a design names (beside the design where the path is relative).

    Raises InputError, at the line of the design or with the device's name, for a file that is none.
    """
    path = Path(design.path).parent / name
    keys = ("placement", "keep")

    def wrong(message: str, value: str = "", allowed: str = "") -> InputError:
        hint = "topo build DESIGN -o DIR writes placement.json where the design has a floor"
        return InputError(
            Problem(message, ".".join(keys), value or name, allowed, hint, design.path, design.document.line(keys))
        )

    if not path.exists():
        raise wrong("there is no such file")
    try:
        content = read_file(path, MAX_BYTES)
    except InputError as error:
        first = error.problems[0]
        raise wrong(first.message, first.value, first.allowed) from None
    try:
        value = json.loads(content)
    except (ValueError, RecursionError):
        raise wrong("is not JSON") from None
    devices = value.get("devices") if isinstance(value, dict) and value.get("schema") == SCHEMA else None
    if not isinstance(devices, dict):
        raise wrong(f"holds no placement of schema {SCHEMA}")
    result = {}
    for device, place in devices.items():
        if not _is_place(place):
            raise wrong(f"holds no place for {shown(device)}", shown(place), 'such as {"rack": "1A01", "ru": 1}')
        result[device] = place["rack"], place["ru"]
    numbers = value.get("cables", {})
    if not isinstance(numbers, dict):
        raise wrong("holds no numbers of cables under `cables`", shown(numbers), "a mapping of names to numbers")
    taken: dict[int, str] = {}
    for cable, number in numbers.items():
        if type(number) is not int or not 1 <= number <= MAX_NUMBER:
            raise wrong(f"holds no number for cable {shown(cable)}", shown(number), f"1 to {MAX_NUMBER:,}")
        if taken.setdefault(number, cable) != cable:
            raise wrong(f"numbers cable {shown(cable)} like {shown(taken[number])}", shown(number), "each number once")
    return Standing(result, numbers)


def _is_place(place: Any) -> bool:
    return (
        isinstance(place, dict)
        and isinstance(place.get("rack"), str)
        and RACK.fullmatch(place["rack"]) is not None
        and type(place.get("ru")) is int
        and 1 <= place["ru"] <= 100_000
    )
