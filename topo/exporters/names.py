"""Names as Kubernetes takes them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

LONGEST = 63
"""Of a label's value and of a node's host name label; shorter than the 253 of an object's name."""
_RFC1123 = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")


def dns_name(name: str) -> str:
    """A name in lower case, with a dash for every run of letters that RFC 1123 does not allow."""
    return re.sub(r"[^-a-z0-9.]+", "-", name.lower()).strip("-.")


def no_dns_names(names: Iterable[str], longest: int = LONGEST) -> str:
    """Which of these names, in words, are not there once each as names of Kubernetes objects; nothing where all are."""
    for label, times in Counter(map(dns_name, names)).items():
        if times > 1 or len(label) > longest or not _RFC1123.fullmatch(label):
            what = f"is there {times:,} times" if times > 1 else "is none"
            return f"wants lowercase RFC 1123 names, each once: {label!r} {what}"
    return ""
