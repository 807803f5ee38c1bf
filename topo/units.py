"""Exact numbers and how they are written for people."""

from __future__ import annotations

import re
from fractions import Fraction
from functools import lru_cache

from topo.errors import NotAllowedError

MET_WITHIN = 1e-6
"""A bound counts as met within this relative difference."""


@lru_cache(maxsize=1024, typed=True)
def ratio(value: float | int | str) -> Fraction:
    """A design's ratio as an exact fraction: 3, 1.5, '3:1' or '7/3'. Raises NotAllowedError, a ValueError."""
    result = _RATIO.fullmatch(str(value))
    if not result or not float(result[1]) or (result[2] and not float(result[2])):
        raise NotAllowedError("is no ratio of down to up", "1, 1.5 or '3:1', each part above 0")
    return Fraction(result[1]) / Fraction(result[2] or "1")


_DECIMAL = re.compile(r"\s*(\d{1,9}\.(\d{2,9}))\s*(?:[:/]\s*1\s*)?", re.ASCII)
MOST_UP = 100
"""Ports up of a ratio that people round when they write it: a switch has hardly more."""


def rounded(value: float | int | str) -> Fraction | None:
    """The ratio of small numbers that a decimal of two places or more is the rounding of: 16:15 of 1.067, 4:3 of 1.33.
    None where the decimal itself is as simple (1.25), could be two of them (1.07: 15:14, 16:15), or is none: it is the
    simplest fraction within half a unit of the last digit, where the next one and the decimal's own have denominators
    of more than twice as much."""
    found = _DECIMAL.fullmatch(str(value))
    if not found:
        return None
    exact, half = Fraction(found[1]), Fraction(1, 2 * 10 ** len(found[2]))
    near = (Fraction(round(exact * up), up) for up in range(1, min(MOST_UP, exact.denominator) + 1))
    fits = list(dict.fromkeys(r for r in near if r > 0 and -half <= r - exact < half)) or [exact]
    return fits[0] if all(r.denominator > 2 * fits[0].denominator for r in [*fits[1:], exact]) else None


_NUMBER = r"\s*(\d{1,9}(?:\.\d{1,18})?)\s*"
_RATIO = re.compile(rf"{_NUMBER}(?:[:/]{_NUMBER})?", re.ASCII)


def count(value: int) -> str:
    """16384 as '16,384'."""
    return f"{value:,}"


_MANY = {
    "leaf": "leaves",
    "class": "classes",
    "switch": "switches",
    "entry": "entries",
    "address": "addresses",
    "dependency": "dependencies",
}


def noun(value: float, one: str, many: str = "") -> str:
    """The noun of a number: 'switch' where it is 1, else 'switches' (`many`, or by the last word of `one`)."""
    if value == 1:
        return one
    *words, last = one.split(" ")
    return many or " ".join((*words, _MANY.get(last, last + "s")))


def amount(value: int, one: str, many: str = "") -> str:
    """'1 switch', '8 switches', '1,024 spare ports'."""
    return f"{value:,} {noun(value, one, many)}"


_ONE = {"are": "is", "have": "has", "do": "does", "carry": "carries", "reach": "reaches", "cross": "crosses"}


def verb(value: float, many: str) -> str:
    """The verb of a number: 'is' where it is 1, else 'are'."""
    return many if value != 1 else _ONE.get(many, many + "s")


_FEW = {"GPUs": "GPU", "hosts": "host", "switches": "switch", "ports": "port", "lanes": "lane", "spares": "spare",
        "endpoints": "endpoint", "racks": "rack"}  # fmt: skip


def unit_of(value: float, unit: str) -> str:
    """A unit as it stands after a number: 'GPUs', but '1 GPU'; what is no count stays."""
    return " ".join(_FEW.get(word, word) for word in unit.split(" ")) if value == 1 else unit


def between(low: float, high: float) -> str:
    """The words of an interval: '0.5', 'between 0.5 and 0.75', 'at least 0.5' where nothing is known above."""
    if low == high:
        return f"{high:.6g}"
    return f"at least {low:.6g}" if high == float("inf") else f"between {low:.6g} and {high:.6g}"


def gbps(value: float) -> str:
    """A bandwidth with a readable unit: 400 -> '400 Gb/s', 6553600 -> '6,553.6 Tb/s'."""
    return f"{value / 1000:,.6g} Tb/s" if value >= 100_000 else f"{value:,.6g} Gb/s"


_SIZES = {"": 1, "B": 1} | {
    f"{k}{e}": (1024 if e == "iB" else 1000) ** (i + 1) for i, k in enumerate("KMGT") for e in ("iB", "B")
}
_SIZE = re.compile(r"\s*(\d{1,15}(?:\.\d{1,9})?)\s*([KMGT]?i?B?)\s*", re.ASCII)


def size_bytes(text: str) -> int:
    """'64', '64B', '128MiB' or '1.5GB' as a number of bytes; raises ValueError for no size above zero."""
    result = _SIZE.fullmatch(text.replace("k", "K"))
    if not result or result[2] not in _SIZES:
        raise ValueError("is no size such as 64B, 128MiB or 1GB")
    value: int = round(float(result[1]) * _SIZES[result[2]])
    if value < 1:
        raise ValueError("is no size above zero")
    return value


def size_text(value: float) -> str:
    """A number of bytes with the largest binary unit that leaves at least one: 1073741824 as '1 GiB'."""
    for power, unit in ((4, "TiB"), (3, "GiB"), (2, "MiB"), (1, "KiB")):
        if value >= 1 << 10 * power:
            return f"{value / (1 << 10 * power):,.6g} {unit}"
    return f"{value:,.6g} B"
