"""What devices report of their neighbours (LLDP) as cables.

A neighbour's port is told in several ways, tried in this order: its id where that is a name, its description, its
alias. A MAC address, a bare number of a local id and free text tell no port. Of several neighbours on one port the one
that reports the port itself is the cable; the others (members of a bond, phones, hosts behind a small switch) are said.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

from topo.importers.as_built.alike import ADDRESS, same_names
from topo.importers.as_built.model import AsBuilt, Loose, Remark, Seen
from topo.importers.as_built.reader import checked
from topo.units import amount, verb

_MAC = re.compile(
    r"(?i)([0-9a-f]{2}[:.-]){5}[0-9a-f]{2}$|([0-9a-f]{4}[.:-]){2}[0-9a-f]{4}$|[0-9a-f]{12}$|0x[0-9a-f]{8,}$"
)
_VIRTUAL = re.compile(
    r"(?i)(bond|br|bridge|virbr|docker|veth|vlan|irb|loopback|lo|lag|team|port-?channel|po|ae|vxlan|tun|tap|dummy|peerlink"
    r"|mgmt-br|cali|cni|vnet|nve|svi|bvi)[-_]?\d*(\.\d+)?$"
)
_SUB = re.compile(r"(.*[A-Za-z].*\d)\.\d+$")
NAMELESS = frozenset(
    {"not advertised", "(none)", "unknown", "none", "-", "n/a", "null", "localhost", "localhost.localdomain",
     "localhost4", "localhost6"}
)  # fmt: skip
"""What devices call themselves that have no name."""
NAMES = frozenset(
    {"ifname", "interfacename", "interface-name", "5", "local", "locally-assigned", "locallyassigned", "7"}
)
ALIASES = frozenset({"ifalias", "interfacealias", "interface-alias", "1"})


class Report(NamedTuple):
    """One neighbour that a device reports on one of its ports. `ports`: what may name the neighbour's port, best
    first. `who`: an address that tells neighbours without a name apart."""

    device: str
    port: str
    far: str
    ports: tuple[str, ...]
    who: str = ""
    line: int = 0
    gbps: float = 0.0
    role: str = ""


@lru_cache(maxsize=2**17)
def port_words(id_: str, kind: str, description: str = "", alias: str = "", port_only: bool = False) -> tuple[str, ...]:
    """What may name a port, best first, from its LLDP id with the id's kind (`ifname`, `local`, `mac`, ..., empty where
    the tool does not tell it), its description and its alias."""
    kind = kind.lower().replace(" ", "").replace("_", "-")
    id_, description, alias = (word.strip().strip('"') for word in (id_, description, alias))
    words = []
    named = not kind or kind in NAMES or kind in ALIASES
    local = kind in ("local", "locally-assigned", "locallyassigned", "7")
    if id_ and named and not _MAC.match(id_) and not (local and id_.isdigit()):
        words.append(id_)
    if _names_a_port(description):
        words.append(description)
    if not port_only and _names_a_port(alias):
        words.append(alias)
    return tuple(dict.fromkeys(words))


def _names_a_port(text: str) -> bool:
    """Whether a description may be a port's name: one word with a number in it, and no address."""
    return " " not in text and any(c.isdigit() for c in text) and not _MAC.match(text)


def joined(
    path: str, form: str, reports: Iterable[Report], devices: Iterable[str], down: Sequence[Loose] = ()
) -> AsBuilt:
    """The cables that reports speak of, each once though both ends report it. `devices`: all that report, also those
    that report nothing. Raises InputError for names that are none."""
    left: Counter[str] = Counter()
    rows = _kept(reports, path, left)
    speakers = {checked(d, "device", path, 0) for d in devices if d}
    rows, remarks = _told_apart(rows)
    same = same_names([*speakers, *(r.device for r in rows), *(r.far for r in rows if r.far)])
    rows = [r._replace(device=same[r.device], far=same.get(r.far, r.far)) for r in rows]
    loose = [
        Loose(r.device, r.port, "unnamed", r.who or (r.ports[0] if r.ports else ""), r.line, path, r.role)
        for r in rows
        if not r.far
    ]
    named = [r for r in rows if r.far]
    cables, more = _cables(named, path)
    busy = {end for c in cables for end in (c[:2], c[2:4])}
    names = frozenset(same.values())
    return AsBuilt(
        path,
        form,
        tuple(cables),
        names,
        loose=(*(one for one in dict.fromkeys(loose) if one[:2] not in busy), *down),
        reporters=frozenset(same[d] for d in speakers),
        remarks=(*remarks, *more),
        left_out=dict(left),
    )


def _told_apart(rows: Sequence[Report]) -> tuple[list[Report], list[Remark]]:
    """The reports with names that are believed. A name that several chassis addresses carry, and of which one port is
    seen at two places, is no device's own (hosts made from one image): its bearers are as many unnamed neighbours. A
    neighbour that tells no name here and one elsewhere, with the same address, has it."""
    places: dict[tuple[str, str], dict[str, set[Port]]] = defaultdict(lambda: defaultdict(set))
    called: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        if row.far and row.who:
            called[row.who.lower()].add(row.far.lower())
            for port in row.ports[:1]:
                places[row.far.lower(), port.lower()][row.who.lower()].add(_key(row))
    twice = {far for (far, _), by_who in places.items() if len({p for at in by_who.values() for p in at}) > 1
             and len(by_who) > 1}  # fmt: skip
    twice -= {row.device.lower() for row in rows}
    named: dict[str, str] = {}
    for row in rows:
        if row.far and row.who and row.far.lower() not in twice and len(called[row.who.lower()]) == 1:
            named.setdefault(row.who.lower(), row.far)
    result = []
    for row in rows:
        if row.far.lower() in twice and row.far:
            row = row._replace(far="")
        elif not row.far and row.who.lower() in named:
            row = row._replace(far=named[row.who.lower()])
        result.append(row)
    if not twice:
        return result, []
    words = (
        f"several devices call themselves {', '.join(sorted(twice)[:5])}, each with an address of its own: they are "
    )
    return result, [Remark("name-twice", words + "known by the port they sit on", tuple(sorted(twice)[:5]))]


def _kept(reports: Iterable[Report], path: str, left: Counter[str]) -> list[Report]:
    """The reports on ports, each once, without those that are about interfaces of software."""
    kept: dict[Report, None] = {}
    for report in reports:
        port = report.port.strip()
        if _VIRTUAL.match(port):
            left["reports on bonds, bridges and other interfaces of software"] += 1
            continue
        port = _whole(port)
        far = report.far.strip()
        if far and (_MAC.match(far) or far.lower() in NAMELESS):
            report = report._replace(who=report.who or (far if _MAC.match(far) else ""))
            far = ""
        ports = tuple(checked(_whole(p), "port", path, report.line) for p in report.ports if p.strip())
        report = report._replace(
            device=checked(report.device, "device", path, report.line),
            port=checked(port, "port", path, report.line) if port else "",
            far=checked(far, "device", path, report.line) if far else "",
            ports=ports,
        )
        kept.setdefault(report, None)
    return list(kept)


def _whole(port: str) -> str:
    """The port that a sub-interface (`swp1.100`) is of; other ports as they are."""
    sub = _SUB.match(port)
    return sub[1] if sub and not ADDRESS.match(port) else port


def _cables(rows: Sequence[Report], path: str) -> tuple[list[Seen], list[Remark]]:
    at: dict[Port, list[Report]] = defaultdict(list)
    claims: dict[Port, list[Report]] = defaultdict(list)
    for row in rows:
        at[_key(row)].append(row)
        for port in row.ports:
            claims[row.far, port.lower()].append(row)
    result: dict[tuple[str, str, str, str], Seen] = {}
    taken: set[Port] = set()
    waiting: list[list[Report]] = []
    several = []
    for (device, _), group in at.items():
        if len({(r.far, r.ports[:1]) for r in group}) > 1:
            several.append(f"{device}:{group[0].port}")
        mutual = [(r, back) for r in group if (back := _back(r, at, claims)) is not None]
        certain = [(r, b) for r, b in mutual if len(at[_key(b)]) == 1] or mutual
        if len(certain) != 1:
            waiting.append(group)
            continue
        row, back = certain[0]
        here = (row.device, row.port, back.device, back.port)
        if (*here[2:], *here[:2]) not in result:
            result[here] = _seen(row, back.port, path, "ab")
        taken |= {_key(row), _key(back)}
    speakers = {row.device for row in rows}
    for group in waiting:
        left = [r for r in group if not (r.ports and (r.far, r.ports[0].lower()) in taken)] or group
        left = [] if _key(group[0]) in taken else left
        for row in left:
            port = row.ports[0] if row.ports else ""
            here = (row.device, row.port, row.far, port)
            if (*here[2:], *here[:2]) not in result:
                one = _seen(row, port, path, "a" if row.far in speakers else "")
                result.setdefault(here, one._replace(doubt=len(left) > 1))
    remarks = []
    if several:
        words = (
            f"{amount(len(several), 'port')} {verb(len(several), 'show')} several neighbours (members of a "
            "bond show those of all "
            "members; phones and "
        )
        words += "hosts behind a small switch share a port); the one that reports the port itself is the cable"
        remarks.append(Remark("several-neighbours", words, tuple(several[:10])))
    return list(result.values()), remarks


Port = tuple[str, str]


def _key(row: Report) -> Port:
    return row.device, row.port.lower()


def _back(row: Report, at: dict[Port, list[Report]], claims: dict[Port, list[Report]]) -> Report | None:
    """The neighbour's own report of this cable: on the port that this report names or, where it names none, the only
    one that names this port."""
    for port in row.ports:
        for other in at.get((row.far, port.lower()), ()):
            if other.far == row.device and (not other.ports or row.port.lower() in {p.lower() for p in other.ports}):
                return other
    if row.ports:
        return None
    back = [other for other in claims.get(_key(row), ()) if other.device == row.far]
    return back[0] if len(back) == 1 else None


def _seen(row: Report, port: str, path: str, heard: str) -> Seen:
    others = tuple(p for p in row.ports if p != port)
    return Seen(
        row.device, row.port, row.far, port, row.gbps, row.line, b_other=others, file=path, heard=heard,
        b_role=row.role,
    )  # fmt: skip
