"""Names that are one name: capitals and domains do not tell devices apart."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable

ADDRESS = re.compile(r"\d+\.\d+\.\d+\.\d+$")


def same_names(names: Iterable[str]) -> dict[str, str]:
    """Names that differ by case, or by a domain that only some carry, are one: the first that is met."""
    full: dict[str, str] = {}
    short: dict[str, set[str]] = defaultdict(set)
    met: dict[str, str] = {}
    listed = list(dict.fromkeys(names))
    for name in listed:
        low = name.lower()
        full.setdefault(low, name)
        first, _, domain = low.partition(".")
        stem = first if any(c.isalpha() for c in domain) and not ADDRESS.match(low) else low
        short[stem].add(low)
        met.setdefault(stem, name)
    one: dict[str, str] = {}
    for stem, group in short.items():
        domains = {low for low in group if low != stem}
        for low in group:
            one[low] = met[stem] if len(domains) <= 1 else full[low]
    return {name: one[name.lower()] for name in listed}
