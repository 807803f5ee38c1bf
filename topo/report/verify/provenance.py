"""What a report says of its own making: the version, the catalog, the day."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

VERSION = re.compile(r"(\d+)\.(\d+)\.(\d+)(?:(a|b|rc)(\d+))?")
"""A released version of topo, and a pre-release of it."""


def provenance(made: Mapping[str, str], shown: Any) -> Iterator[tuple[str, str, str, str]]:
    """Id, statement, what it rests on and the reason why it is not proved (empty where it is) of each thing that a
    report says in `made_by`; `made` is what this version with this catalog would say."""
    if not isinstance(shown, Mapping):
        yield "made_by", str(shown)[:80], "recount", "it has to be a mapping"
        return
    for key in sorted({*made, *shown} - {"date"}):
        want, have = made.get(key), shown.get(key)
        on, reason = "recount", ""
        if key not in made:
            reason = "a report has no such key"
        elif have is None:
            reason = "it is missing"
        elif key == "topo" and have != want:
            earlier = _parts(str(have)) is not None and (_parts(str(have)) or ()) < (_parts(str(want)) or ())
            on = "nothing" if earlier else "recount"
            reason = f"this is topo {want}, {'a later one' if earlier else 'which cannot have been after it'}"
        elif key == "design_text" and have != want:
            reason = "it is not the text of the design"
        elif have != want:
            reason = "the catalog is another one now: the parts have changed, or --catalog names other folders"
        yield f"made_by.{key}", f"{key} {str(have)[:80]}", on, reason
    if "date" in shown:
        day = str(shown["date"])
        if _is_day(day):
            yield "made_by.date", day, "nothing", "the user gave it"
        else:
            yield "made_by.date", day[:80], "recount", "it is no day: YYYY-MM-DD"


def _parts(version: str) -> tuple[int | str, ...] | None:
    """A version in the order of versions; None where it is none."""
    result = VERSION.fullmatch(version)
    if result is None:
        return None
    major, minor, patch, stage, number = result.groups()
    return int(major), int(minor), int(patch), stage or "z", int(number or 0)


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
