"""Rows of cabling tables as cables between devices: several terminations a side, patch panels followed through their
trunks, each cable once though it is listed from both ends."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from topo.importers.as_built.alike import same_names
from topo.importers.as_built.model import UNFITTED, AsBuilt, Fitted, Loose, Remark, Seen
from topo.units import amount, verb

_NUMBER = re.compile(r"(\d+)\D*$")
_FRONT, _REAR = re.compile(r"(?i)(front|f)[\W_]?\d+$"), re.compile(r"(?i)(rear|back|trunk|r|t)[\W_]?\d+$")
_FIBRES = (1, 2, 4, 6, 8, 12, 16, 24)
"""How many front ports a rear port may serve."""


class Row(NamedTuple):
    """One line of a table. `kind`: what sort of termination it is (`interface`, `frontport`, `rearport`), empty where
    the table does not say."""

    a_device: str
    a_port: str
    b_device: str
    b_port: str
    line: int
    a_kind: str = ""
    b_kind: str = ""
    gbps: float = 0.0
    a_role: str = ""
    b_role: str = ""
    fitted: Fitted = UNFITTED
    network: str = ""
    a_tier: str = ""
    b_tier: str = ""


End = tuple[str, str]
_PANEL = re.compile(r"(?i)(^|[^a-z])(pp|patch|panel|patchpanel|odf|fdp|cassette)([^a-z]|$)")
"""Names of devices whose ports are sockets on both sides."""


def cables_of(
    rows: Iterable[Row], path: str, form: str, loose: Sequence[Loose] = (), left: Counter[str] | None = None
) -> AsBuilt:
    """The cables of rows."""
    listed = _named_alike([one for row in rows for one in _split(row)])
    remarks: list[Remark] = []
    panels = _panels(listed)
    if panels:
        listed = _followed(listed, panels, remarks)
    result: dict[frozenset[End] | tuple[End, End, int], Seen] = {}
    for row in listed:
        near, far = (row.a_device, row.a_port), (row.b_device, row.b_port)
        key = frozenset((near, far)) if row.a_port and row.b_port else (near, far, row.line)
        if key not in result:
            result[key] = Seen(
                *near, *far, row.gbps, row.line, row.a_role, row.b_role, row.fitted, file=path, network=row.network,
                a_tier=row.a_tier, b_tier=row.b_tier,
            )  # fmt: skip
    cables = tuple(result.values())
    devices = {d for c in cables for d in (c.a_device, c.b_device)} | {one.device for one in loose}
    return AsBuilt(
        path, form, cables, frozenset(devices), loose=tuple(loose), remarks=tuple(remarks), left_out=dict(left or {})
    )


def _named_alike(rows: list[Row]) -> list[Row]:
    """Devices and their ports by one name each, where rows write them with other capitals, or with and without a
    domain."""
    same = same_names({d: None for row in rows for d in (row.a_device, row.b_device)})
    ports: dict[str, dict[str, str]] = {name: {} for name in same.values()}
    changed = []
    for row in rows:
        a, b = same[row.a_device], same[row.b_device]
        p = ports[a].setdefault(row.a_port.lower(), row.a_port)
        q = ports[b].setdefault(row.b_port.lower(), row.b_port)
        if (a, p, b, q) != row[:4]:
            row = row._replace(a_device=a, a_port=p, b_device=b, b_port=q)
        changed.append(row)
    return changed


def _split(row: Row) -> list[Row]:
    """A row for each link of a cable with several terminations a side (`17/1,17/2`)."""
    if not any(c in row.a_port + row.b_port for c in ",;"):
        return [row]
    a, b = ([p.strip() for p in re.split(r"[,;]", port) if p.strip()] for port in (row.a_port, row.b_port))
    devices = [[d.strip() for d in re.split(r"[,;]", name) if d.strip()] for name in (row.a_device, row.b_device)]
    if len(a) == len(b):
        n = len(a)
    elif 1 in (len(a), len(b)):
        n = max(len(a), len(b))
        a, b = ([""] * n if len(side) == 1 else side for side in (a, b))
    else:
        return [row]
    a_devices, b_devices = (
        side if len(side) == n else [name] * n for side, name in zip(devices, (row.a_device, row.b_device), strict=True)
    )
    return [row._replace(a_device=a_devices[i], a_port=a[i], b_device=b_devices[i], b_port=b[i]) for i in range(n)]


def _side(kind: str) -> str:
    low = kind.lower()
    return "front" if "front" in low else "rear" if "rear" in low else ""


def _panels(rows: Sequence[Row]) -> dict[str, dict[str, str]]:
    """Panels with which side each of their ports is on: as the table says, or by the names of ports where a device has
    ports of both sides and no others. A device that is called a panel and has up to two cables at a
    port has sockets of one name on both sides."""
    told: dict[str, dict[str, str]] = defaultdict(dict)
    names: dict[str, set[str]] = defaultdict(set)
    uses: dict[End, set[End]] = defaultdict(set)
    called = {d for d in {d for row in rows for d in (row.a_device, row.b_device)} if _PANEL.search(d)}
    for row in rows:
        a, b = (row.a_device, row.a_port), (row.b_device, row.b_port)
        for (device, port), far, kind in ((a, b, row.a_kind), (b, a, row.b_kind)):
            if _side(kind):
                told[device][port] = _side(kind)
            elif not kind:
                names[device].add(port)
                if device in called:
                    uses[device, port].add(far)
    for device, ports in names.items():
        sides = {p: "rear" if _REAR.match(p) else "front" if _FRONT.match(p) else "" for p in ports}
        if device not in told and set(sides.values()) == {"front", "rear"}:
            told[device] = sides
        elif device not in told and device in called and max(len(uses[device, p]) for p in ports) == 2:
            told[device] = dict.fromkeys(ports, "both")
    return dict(told)


def _inside(ports: dict[str, str]) -> dict[str, tuple[str, int]]:
    """Front port -> rear port behind it and the position in that. By equal numbers where every front has a rear of its
    number, else in equal groups."""
    fronts = sorted((p for p, s in ports.items() if s == "front"), key=_order)
    rears = sorted((p for p, s in ports.items() if s == "rear"), key=_order)
    by_number = {_last(r): r for r in rears}
    if len(by_number) == len(rears) and {_last(f) for f in fronts} <= set(by_number):
        return {f: (by_number[_last(f)], 1) for f in fronts}
    if not rears:
        return {}
    most, last = max(map(_last, fronts), default=0), max(map(_last, rears))
    per = next((n for n in _FIBRES if n and -(-most // n) <= last), len(fronts))
    result = {}
    for front in fronts:
        number = _last(front) - 1
        rear = by_number.get(number // per + 1)
        if rear is not None:
            result[front] = (rear, number % per + 1)
    return result


def _last(port: str) -> int:
    result = _NUMBER.search(port)
    return int(result[1][-9:]) if result else 0


def _order(port: str) -> tuple[int, str]:
    return _last(port), port


def _followed(rows: Sequence[Row], panels: dict[str, dict[str, str]], remarks: list[Remark]) -> list[Row]:
    """Rows from device to device, through the panels between them."""
    inside = {device: _inside(ports) for device, ports in panels.items()}
    rows = list({frozenset(((r.a_device, r.a_port), (r.b_device, r.b_port))): r for r in reversed(rows)}.values())[::-1]
    back = {device: {place: front for front, place in result.items()} for device, result in inside.items()}
    at: dict[End, list[tuple[Row, int]]] = defaultdict(list)
    for row in rows:
        at[row.a_device, row.a_port].append((row, 0))
        at[row.b_device, row.b_port].append((row, 1))
    result, through, ends = [], 0, []
    for row in rows:
        a, b = (row.a_device, row.a_port), (row.b_device, row.b_port)
        if a[0] not in panels and b[0] not in panels:
            result.append(row)
            continue
        if a[0] in panels and b[0] in panels:
            continue
        near, far, role = (a, b, row.a_role) if b[0] in panels else (b, a, row.b_role)
        end = _walk(far, row, panels, inside, back, at)
        if end is None:
            ends.append(f"{far[0]}:{far[1]}")
            continue
        through += 1
        last, last_role = end
        result.append(
            row._replace(
                a_device=near[0],
                a_port=near[1],
                b_device=last[0],
                b_port=last[1],
                a_role=role,
                b_role=last_role,
                fitted=UNFITTED,
            )
        )
    words = (
        f"{amount(through // 2, 'cable')} {verb(through // 2, 'are')} followed through "
        f"{amount(len(panels), 'patch panel')}"
    )
    remarks.append(Remark("patch-panels", words, tuple(sorted(panels)[:5])))
    if ends:
        text = (
            f"{amount(len(ends), 'cable')} {verb(len(ends), 'end')} in a patch panel: nothing is plugged "
            "into the other side of "
            f"{', '.join(ends[:5])}"
        )
        remarks.append(Remark("open-panel", text, tuple(ends[:10])))
    return result


def _walk(
    end: End,
    row: Row,
    panels: dict[str, dict[str, str]],
    inside: dict[str, dict[str, tuple[str, int]]],
    back: dict[str, dict[tuple[str, int], str]],
    at: dict[End, list[tuple[Row, int]]],
) -> tuple[End, str] | None:
    """The device behind a panel's front port, and its role; None where the way ends."""
    place = 1
    for _ in range(64):
        device, port = end
        if device not in panels:
            role = row.a_role if (row.a_device, row.a_port) == end else row.b_role
            return end, role
        if panels[device].get(port) == "both":
            other = end
        elif panels[device].get(port) == "front":
            behind = inside[device].get(port)
            if behind is None:
                return None
            other, place = (device, behind[0]), behind[1]
        else:
            front = back[device].get((port, place))
            if front is None:
                return None
            other = (device, front)
        following = [(r, side) for r, side in at.get(other, ()) if r is not row]
        if len(following) != 1:
            return None
        row, side = following[0]
        end = (row.b_device, row.b_port) if side == 0 else (row.a_device, row.a_port)
    return None
