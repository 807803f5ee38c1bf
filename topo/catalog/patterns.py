"""Port names: the vendor's pattern of a part, and the cages it counts."""

from __future__ import annotations

import re
from string import Formatter

SWITCH_FIELDS = ("number", "cage", "sub", "cage0", "sub0", "lane0")
HOST_FIELDS = ("nic", "nic0", "port", "port0", "cage", "sub")

_BRACES = re.compile(r"\{([^{}]*)\}")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/:-]*")


def checked_pattern(pattern: str, fields: tuple[str, ...]) -> str:
    """The pattern, when it uses only these fields and makes port names of allowed characters; raises ValueError."""
    try:
        used = [name for _, name, _, _ in Formatter().parse(pattern) if name is not None]
        example = pattern.format(**{name: 1 for name in used if name})
    except (ValueError, KeyError, IndexError, AttributeError):
        used, example = [name for name in _BRACES.findall(pattern) if name not in fields], ""
    unknown = [name for name in used if name not in fields]
    if unknown:
        raise ValueError(f"{{{unknown[0]}}} stands for nothing; allowed are {', '.join(fields)}")
    if not example:
        raise ValueError(f"is no pattern; write names such as {{{fields[0]}}} in braces")
    if not _NAME.fullmatch(example):
        raise ValueError(f"makes the port name {example!r}; letters, digits and ._-/: are allowed")
    return pattern
