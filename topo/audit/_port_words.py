"""Port names as vendors write them, read as cage and part of a cage.

A scheme turns a name into (cage, part), both from 1. Which scheme a switch's names follow is not told by one name
(`Ethernet1/1` is a cage and a lane on EOS, a slot and a port on NX-OS), but by all names of the switch together: the
scheme under which they all are ports of the planned switch and meet the planned neighbours most often.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

Place = tuple[int, int]
MOST_CARDS = 18
"""Line cards of the largest chassis that is looked for."""
Scheme = Callable[[str], Place | None]

_SWP = re.compile(r"(?i)swp(\d{1,4})(?:s(\d{1,2}))?$")
_ETP = re.compile(r"(?i)etp(\d{1,4})([a-h])?$")
_JUNOS = re.compile(r"(?i)[a-z]{2}-(\d{1,2})/(\d{1,2})/(\d{1,4})(?::(\d{1,2}))?$")
_DELL = re.compile(r"(?i)ethernet(\d{1,2})/(\d{1,2})/(\d{1,4})(?::(\d{1,2}))?$")
_SLASHED = re.compile(r"(?i)(?:ib|e|et|eth|ethernet|hu|fo|te)?\s?(\d{1,4})((?:/\d{1,4})*)$")
_PLAIN = re.compile(r"(?i)(?:ethernet|eth|et|e|port|p)\s?(\d{1,5})$")


def _swp(name: str) -> Place | None:
    result = _SWP.match(name)
    return (int(result[1]), int(result[2] or 0) + 1) if result else None


def _etp(name: str) -> Place | None:
    result = _ETP.match(name)
    return (int(result[1]), "abcdefgh".index(result[2].lower()) + 1 if result[2] else 1) if result else None


def _junos(name: str) -> Place | None:
    result = _JUNOS.match(name)
    return (int(result[3]) + 1, int(result[4] or 0) + 1) if result else None


def _dell(name: str) -> Place | None:
    result = _DELL.match(name)
    return (int(result[3]), int(result[4] or 1)) if result else None


def _numbers(name: str) -> list[int] | None:
    result = _SLASHED.match(name)
    return [int(result[1]), *(int(n) for n in result[2].split("/")[1:])] if result else None


def _cage_part(name: str) -> Place | None:
    n = _numbers(name)
    return (n[0], n[1] if len(n) == 2 else 1) if n and len(n) <= 2 else None


def _slot_cage_part(name: str) -> Place | None:
    n = _numbers(name)
    return (n[1], n[2] if len(n) > 2 else 1) if n and 2 <= len(n) <= 3 else None


def _asic_cage_port_part(name: str) -> Place | None:
    n = _numbers(name)
    return (n[1], n[2]) if n and len(n) == 4 else None


def _plain(name: str) -> Place | None:
    result = _PLAIN.match(name)
    return (int(result[1]), 1) if result else None


def _lanes(inner: Scheme, lanes: int, parts: int) -> Scheme:
    """Parts called by their first lane (1, 5 of 8)."""

    def read(name: str) -> Place | None:
        place = inner(name)
        if place is None or (place[1] - 1) % (lanes // parts):
            return None
        return place[0], (place[1] - 1) // (lanes // parts) + 1

    return read


def _by_lane(lanes: int, parts: int) -> Scheme:
    """SONiC: `Ethernet0`, `Ethernet8`: numbers of lanes from 0, parts by their first lane."""

    def read(name: str) -> Place | None:
        result = re.match(r"(?i)(?:ethernet|eth)(\d{1,5})$", name)
        if not result or int(result[1]) % (lanes // parts):
            return None
        return int(result[1]) // lanes + 1, int(result[1]) % lanes // (lanes // parts) + 1

    return read


SCHEMES: tuple[Scheme, ...] = (
    _swp,
    _etp,
    _junos,
    _dell,
    _cage_part,
    _slot_cage_part,
    _asic_cage_port_part,
    _plain,
    *(
        _lanes(inner, lanes, parts)
        for inner in (_cage_part, _slot_cage_part)
        for lanes, parts in ((8, 2), (4, 2), (8, 4))
    ),
    *(
        _by_lane(lanes, parts)
        for lanes, parts in ((8, 1), (8, 2), (4, 1), (4, 2), (8, 4), (8, 8), (4, 4), (2, 1), (1, 1))
    ),
)


def read_by(scheme: Scheme, names: Sequence[str]) -> dict[str, Place]:
    """The names that a scheme reads; none where two would be one port."""
    result = {name: place for name in names if (place := scheme(name)) is not None}
    return result if len(set(result.values())) == len(result) else {}


def part_of(name: str) -> tuple[tuple[int, ...], int] | None:
    """Cage, with the card it is on, and part of a name, the part 0 where the name means the whole cage; None for names
    that can be read in more than one way."""
    for pattern, base in ((_SWP, 1), (_JUNOS, 1), (_DELL, 0)):
        result = pattern.match(name)
        if result:
            *cage, part = result.groups()
            return tuple(map(int, cage)), int(part) + base if part is not None else 0
    result = _ETP.match(name)
    if result:
        return (int(result[1]),), "abcdefgh".index(result[2].lower()) + 1 if result[2] else 0
    return None


def _on_card(name: str) -> tuple[int, Place] | None:
    """The line card of a name, and cage and part on it."""
    result = _JUNOS.match(name)
    if result:
        return int(result[1]), (int(result[3]) + 1, int(result[4] or 0) + 1)
    n = _numbers(name)
    return (n[0], (n[1], n[2] if len(n) > 2 else 1)) if n and 2 <= len(n) <= 3 else None


def card_schemes(names: Sequence[str], cages: int) -> tuple[Scheme, ...]:
    """Schemes for a chassis of which these names show more than one line card: its `cages` cages are shared out evenly
    over the cards, which count from slot 0, 1 or 3, or are all seen, whatever their slots."""
    slots = sorted({result[0] for name in names if (result := _on_card(name))})
    ways: list[tuple[int, dict[int, int]]] = []
    for cards in (n for n in range(max(2, len(slots)), MOST_CARDS + 1) if cages % n == 0):
        orders = [{base + i: i for i in range(cards)} for base in (0, 1, 3)]
        if len(slots) == cards:
            orders.insert(0, {slot: i for i, slot in enumerate(slots)})
        ways += [(cages // cards, order) for order in orders if len(slots) > 1 and set(slots) <= set(order)]
    return tuple(_card(order, each, lanes) for each, order in ways for lanes in (1, 4, 2))


def _card(order: dict[int, int], each: int, lanes: int) -> Scheme:
    """Cages of card after card, `each` a card; a part goes by its number, or by its first lane of `lanes`."""

    def read(name: str) -> Place | None:
        result = _on_card(name)
        if result is None or result[0] not in order or not 1 <= result[1][0] <= each or (result[1][1] - 1) % lanes:
            return None
        return order[result[0]] * each + result[1][0], (result[1][1] - 1) // lanes + 1

    return read
