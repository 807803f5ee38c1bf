"""Certificates come from files that anybody may have written: plain data, and what is taken away from a fabric."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from typing import Any

from topo.certificates.reading.question import only
from topo.errors import CertificateError

DEEPEST = 32
"""Far deeper than a certificate nests; a recursion of many thousands would end the process."""
MOST_BITS = 13_000
"""Of a whole number: about 4,000 digits."""
_SIMPLE = {int, float, str, bool, type(None)}


def refuse_what_is_not_plain(value: object) -> None:
    """Raises CertificateError, with the place, for anything but mappings by text, lists, text, finite numbers of a size
    that can be handled, true, false and null. Looks at every entry once."""
    left: list[tuple[object, tuple[str, ...]]] = [(value, ())]
    while left:
        one, path = left.pop()
        if isinstance(one, Mapping):
            if len(path) >= DEEPEST:
                raise CertificateError(f"{'.'.join(path[:4])}... is nested more than {DEEPEST} deep")
            if not all(type(key) is str for key in one):
                raise CertificateError(f"{_place(path)} has a key that is no text")
            left += [(inner, (*path, key)) for key, inner in one.items()]
        elif isinstance(one, (list, tuple)):
            _list(one, path, left)
        else:
            _scalars([one], path)


def _list(values: list[object] | tuple[object, ...], path: tuple[str, ...], left: list[Any]) -> None:
    if len(path) >= DEEPEST:
        raise CertificateError(f"{'.'.join(path[:4])}... is nested more than {DEEPEST} deep")
    if set(map(type, values)) <= _SIMPLE:
        _scalars(values, path)
    else:
        left += [(inner, (*path, str(i))) for i, inner in enumerate(values)]


def _scalars(values: list[object] | tuple[object, ...], path: tuple[str, ...]) -> None:
    kinds = set(map(type, values))
    if not kinds <= _SIMPLE:
        raise CertificateError(f"{_place(path)} is no plain data")
    if int in kinds:
        numbers = [value for value in values if type(value) is int]
        if max(max(numbers), -min(numbers)).bit_length() > MOST_BITS:
            raise CertificateError(f"{_place(path)} holds a number of more than {MOST_BITS:,} bits")
    if float in kinds and not all(isfinite(value) for value in values if type(value) is float):
        raise CertificateError(f"{_place(path)} holds a number that is not finite")


def _place(path: tuple[str, ...]) -> str:
    return ".".join(path) if path else "the certificate"


Taken = tuple[tuple[int, ...], tuple[str, ...]]
"""Ids of links and names of devices, both sorted."""


def taken_away(value: object) -> Taken:
    """What a `without` takes away: `links` by id and `devices` by name, each once. Raises CertificateError."""
    if not isinstance(value, Mapping):
        raise CertificateError("`without` lists links and devices")
    only(value, "without", ("links", "devices"))
    links, devices = value.get("links", ()), value.get("devices", ())
    for what, given, kind in (("links", links, int), ("devices", devices, str)):
        if not isinstance(given, (list, tuple)) or not all(type(one) is kind for one in given):
            raise CertificateError(f"`without` lists {what} by {'id' if kind is int else 'name'}")
        if len(set(given)) != len(given):
            raise CertificateError(f"`without` lists one of the {what} twice")
    if not all(0 <= link < 2**62 for link in links):
        raise CertificateError("no link has such an id")
    return tuple(sorted(links)), tuple(sorted(devices))
