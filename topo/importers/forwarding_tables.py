"""The unicast forwarding tables of live InfiniBand switches, in the two forms in which tools print them.

OpenSM writes `opensm-lfts.dump` (`0x0015 003 # Channel Adapter portguid 0x...: 'host HCA-1'`); `dump_fts`, `dump_lfts`,
`dump_lfts.sh` and `ibroute` print `0x0015 003 : (Channel Adapter portguid 0x...: 'host HCA-1')`, and so does topo. Each
table ends with a count, by which a file that is cut off is noticed. A table is parsed as an array of bytes: a fabric of
16,384 endpoints prints some twenty million lines.
"""

from __future__ import annotations

import mmap
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from topo.errors import InputError, Problem, not_further, shown
from topo.fabric.model import BoolArray, IntArray
from topo.importers.as_built import described
from topo.importers.as_built.reader import checked
from topo.units import amount

MAX_BYTES = 8_000_000_000
"""Some hundred million entries, read block by block."""
HEAD_BYTES = 1 << 20
"""In these the first table begins: what else a dump may begin with is a few warnings."""
MAX_SWITCHES = 100_000
"""InfiniBand numbers 49,151 ends of a subnet (unicast LIDs); twice as many."""
MAX_HEAD = 2_000
"""Of the line above a table, which holds two addresses and a name. Looking for its form takes the square of this."""
MOST_PROBLEMS = 20
"""Of a dump that is wrong throughout, a page of mistakes is enough."""
KINDS = ("Channel Adapter", "Switch", "Router")

Bytes = npt.NDArray[np.uint8]
Guids = npt.NDArray[np.uint64]


@dataclass(frozen=True)
class Destination:
    """A port that tables lead to: `kind` is one of `KINDS`; an adapter's description gives `device` and `adapter`."""

    guid: int
    kind: str
    device: str
    adapter: str
    line: int


@dataclass(frozen=True)
class SwitchTable:
    """One switch: the port number (`port`, shape (n,)) that it uses towards each of `destination` (rows of
    `LftDump.destinations`). Entries without a way out (port 255) are left out."""

    guid: int
    device: str
    line: int
    destination: IntArray
    port: IntArray


@dataclass(frozen=True)
class LftDump:
    """The tables of a file. `unresolved` counts entries that name no destination, `more_paths` those for further
    addresses (LMC) of a port, of which only the first counts."""

    path: str
    switches: tuple[SwitchTable, ...]
    destinations: tuple[Destination, ...]
    unresolved: int
    more_paths: int


def read_forwarding_tables(path: str | Path) -> LftDump:
    """The tables in a file; raises InputError with the line for what is no such file, or a part of one."""
    name = str(path)
    try:
        mode = Path(path).stat()
        size = mode.st_size
        if not (stat.S_ISREG(mode.st_mode) or stat.S_ISDIR(mode.st_mode)):
            raise InputError(Problem("is not a file", allowed=_ALLOWED, file=name))
        if size > MAX_BYTES:
            raise InputError(
                Problem("the file is too large", value=f"{size:,} bytes", allowed=f"at most {MAX_BYTES:,}", file=name)
            )
        if not size:
            raise InputError(Problem("holds no forwarding table", allowed=_ALLOWED, file=name, line=1))
        with Path(path).open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as content:
            head = content[:HEAD_BYTES]
            if size > HEAD_BYTES and b"Unicast" not in head:
                raise InputError(Problem("holds no forwarding table", allowed=_ALLOWED, file=name, line=1))
            if b"\r" in head and b"\n" not in head:
                return _read(content[:].replace(b"\r", b"\n"), name)
            return _read(content, name)
    except OSError as error:
        raise InputError(Problem(f"cannot be read: {error.strerror}", file=name)) from None


_ALLOWED = "opensm-lfts.dump of OpenSM, or what dump_fts or dump_lfts print"
_START = b"Unicast lids "
_HEAD = re.compile(
    rb"Unicast lids \[(?:0x)?[0-9a-fA-F]+-(0x)?([0-9a-fA-F]{1,8})\] of switch "
    rb".*?guid (?:0x)?([0-9a-fA-F]{1,16}) \((.*)\):?$"
)
_FOOT = re.compile(rb"(\d+) (valid )?lids dumped\s*$")
_IGNORED = (b"*** WARNING", b"ibwarn:")
_TITLES = ((b"Lid", b"Out", b"Destination"), (b"Port", b"Info"))
_NO_GUID = (b"path #", b"unknown", b"<unknown", b"illegal", b"reserved")


@dataclass
class _File:
    """What is known while a file is read."""

    path: str
    destinations: list[Destination] = field(default_factory=list)
    guids: Guids = field(default_factory=lambda: np.zeros(0, dtype=np.uint64))
    rows: IntArray = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    problems: list[Problem] = field(default_factory=list)
    unresolved: int = 0
    more_paths: int = 0

    def problem(self, message: str, line: int, value: bytes = b"", allowed: str = "") -> None:
        """Notes a mistake; raises InputError with all of them where there are many."""
        text = shown(value.decode(errors="replace")) if value else ""
        self.problems.append(Problem(message, value=text, allowed=allowed, file=self.path, line=line))
        if len(self.problems) >= MOST_PROBLEMS:
            raise not_further(self.problems)


def _read(content: mmap.mmap | bytes, path: str) -> LftDump:
    file = _File(path)
    tables: list[SwitchTable] = []
    lines_of: dict[int, int] = {}
    line = 1
    for block in _blocks(content):
        if not block.startswith(_START):
            _before(file, block)
            line += block.count(b"\n")
            continue
        table, lines = _table(file, block, line)
        if table is not None:
            if table.guid in lines_of:
                file.problem(f"the switch has a table in line {lines_of[table.guid]} already", line, b"%x" % table.guid)
            lines_of[table.guid] = line
            tables.append(table)
        line += lines
        if len(tables) > MAX_SWITCHES:
            file.problem(f"more than {MAX_SWITCHES:,} switches", line)
    if not tables and not file.problems:
        file.problem("holds no forwarding table", 1, allowed=_ALLOWED)
    if file.problems:
        raise InputError(file.problems)
    return LftDump(path, tuple(tables), tuple(file.destinations), file.unresolved, file.more_paths)


def _blocks(content: mmap.mmap | bytes) -> Iterator[bytes]:
    """The text before the first table, and the tables."""
    start = 0
    while start < len(content):
        stop = content.find(b"\n" + _START, start)
        stop = len(content) if stop < 0 else stop + 1
        yield content[start:stop]
        start = stop


def _before(file: _File, block: bytes) -> None:
    for number, text in enumerate(block.split(b"\n", 200)[:200], 1):
        if text.strip() and not text.startswith(_IGNORED):
            file.problem("is no forwarding table", number, text[:200], _ALLOWED)
            raise InputError(file.problems)


def _table(file: _File, block: bytes, line: int) -> tuple[SwitchTable | None, int]:
    """One switch's table, None where it is wrong, and how many lines it has."""
    data = np.frombuffer(block + bytes(64), dtype=np.uint8)
    ends = np.flatnonzero(data[: len(block)] == 10)
    whole = len(ends) and ends[-1] == len(block) - 1
    ends = ends if whole else np.append(ends, len(block))
    starts = np.append(0, ends[:-1] + 1)
    is_entry = (data[starts] == ord("0")) & (data[starts + 1] == ord("x")) & (ends > starts + 1)
    odd = (data[: len(block)] < 32) & (data[: len(block)] != 10) & (data[: len(block)] != 13)
    if odd.any():
        at = int(np.searchsorted(ends, np.flatnonzero(odd)[0]))
        file.problem("holds a control character", line + at, block[starts[at] : ends[at]])
        return None, len(starts)
    head = _HEAD.match(block[starts[0] : min(ends[0], starts[0] + MAX_HEAD)].rstrip())
    if head is None:
        file.problem(
            "is no head of a forwarding table, or is cut off", line, block[starts[0] : ends[0]][:200], _ALLOWED
        )
        return None, len(starts)
    foot = _others(file, block, starts, ends, is_entry, line)
    first, entries = np.flatnonzero(is_entry) + line, starts[is_entry]
    before = len(file.problems)
    parsed = _entries(file, block, data, entries, ends[is_entry], first)
    top = int(head[2], 16 if head[1] else 10)
    of_opensm = len(entries) > 0 and data[entries[0] + 11] == ord("#")
    wanted = top if of_opensm else len(entries)
    if len(file.problems) > before:
        return None, len(starts)
    if foot is None or int(foot[1]) != wanted:
        has = (
            "no count at its end" if foot is None else f"{amount(len(entries), 'entry')} and the count {int(foot[1]):,}"
        )
        file.problem(f"the table that starts in line {line} is cut off: it has {has}", line + len(starts) - 1)
        return None, len(starts)
    words = head[4].decode(errors="replace").strip()
    words = words[1:-1] if words[:1] == words[-1:] == "'" and len(words) > 1 else words
    try:
        name = checked(words, "switch", file.path, line)
    except InputError as error:
        file.problems += error.problems
        return None, len(starts)
    row, port = parsed
    return SwitchTable(int(head[3], 16), described("Switch", name)[0], line, row, port), len(starts)


def _others(
    file: _File, block: bytes, starts: IntArray, ends: IntArray, is_entry: BoolArray, line: int
) -> re.Match[bytes] | None:
    """The last count of a table; every other line that is no entry is a title, empty, or a problem."""
    foot = None
    for i in np.flatnonzero(~is_entry)[1:].tolist():
        text = block[starts[i] : ends[i]].strip()
        result = _FOOT.match(text)
        if result:
            foot = result
        elif text and tuple(text.split()) not in _TITLES and not text.startswith(_IGNORED):
            file.problem("is no line of a forwarding table, or is cut off", line + i, text[:200])
    return foot


def _entries(
    file: _File, block: bytes, data: Bytes, starts: IntArray, ends: IntArray, lines: IntArray
) -> tuple[IntArray, IntArray]:
    """(destination, port) of a table's entries; wrong lines become problems."""
    width = np.where(data[starts + 6] == 32, 4, np.where(data[starts + 7] == 32, 5, 6))
    at = starts + 2 + width
    lid, good = _number(data, starts[:, None] + 2 + np.arange(6), np.arange(6) < width[:, None], 16)
    port, digits = _number(data, at[:, None] + 1 + np.arange(3), np.ones((len(at), 3), dtype=np.bool_), 10)
    mark = data[at + 5]
    good &= digits & (port <= 255) & (data[at] == 32) & (data[at + 4] == 32) & ((mark == ord(":")) | (mark == ord("#")))
    good &= (ends > at + 7) & (data[at + 6] == 32)
    text = at + np.where((mark == ord(":")) & (data[at + 7] == ord("(")), 8, 7)
    kind = np.full(len(at), -1, dtype=np.int64)
    guid_at = np.zeros(len(at), dtype=np.int64)
    for n, word in enumerate(KINDS):
        lead = f"{word} portguid 0x".encode()
        own = np.flatnonzero(good & (data[text] == lead[0]) & (ends >= text + len(lead) + 16 + 2))
        own = own[(data[text[own][:, None] + np.arange(len(lead))] == np.frombuffer(lead, np.uint8)).all(axis=1)]
        kind[own], guid_at[own] = n, text[own] + len(lead)
    named = np.flatnonzero(kind >= 0)
    guid, hexed = _number(data, guid_at[named][:, None] + np.arange(16), np.ones((len(named), 16), np.bool_), 16)
    close = data[ends[named] - 1 - (data[ends[named] - 1] == 13)]
    hexed &= (data[guid_at[named] + 16] == ord(":")) & (close == np.where(data[text[named] - 1] == 40, 41, 39))
    good[named[~hexed]] = False
    for i in np.flatnonzero(good & (kind < 0)).tolist():
        words = block[text[i] : ends[i]]
        good[i] = words.startswith(_NO_GUID)
        file.more_paths += int(words.startswith(b"path #") and b"portguid" in words)
        file.unresolved += int(bool(good[i]) and port[i] != 255 and b"portguid" not in words)
    if len(at) and not good.any() and (ends - starts <= 2 + width + 5).all():
        file.problem("the entries name no destinations", int(lines[0]), allowed="tables printed without -n")
        raise InputError(file.problems)
    for i in np.flatnonzero(~good)[:MOST_PROBLEMS].tolist():
        file.problem(
            "is no entry of a forwarding table, or is cut off", int(lines[i]), block[starts[i] : ends[i]][:200]
        )
    order = np.argsort(lid, kind="stable")
    twice = np.flatnonzero(lid[order][1:] == lid[order][:-1])
    if len(twice):
        i = int(order[twice[0] + 1])
        file.problem("the table has this address twice", int(lines[i]), block[starts[i] : ends[i]][:200])
    named, guid = named[hexed], guid[hexed]
    by_lid = np.argsort(lid[named], kind="stable")
    named, guid = named[by_lid], guid[by_lid]
    unique, first = np.unique(guid, return_index=True)
    file.more_paths += len(guid) - len(unique)
    row = _rows(file, _Entries(block, kind, guid_at, ends, lines), unique, named[first])
    leads = port[named[first]] < 255
    return row[leads], port[named[first]][leads].astype(np.uint8)


@dataclass(frozen=True)
class _Entries:
    """The entries of a table: the kind that each names, where in the text its GUID and its line's end are, its line."""

    block: bytes
    kind: IntArray
    at: IntArray
    ends: IntArray
    lines: IntArray

    def name(self, e: int) -> str:
        """What the line of an entry calls its destination."""
        raw = self.block[self.at[e] + 17 : self.ends[e]].decode(errors="replace")
        return raw.strip().removesuffix(")").strip().strip("'")


def _rows(file: _File, entries: _Entries, guid: Guids, entry: IntArray) -> IntArray:
    """Destination rows of ascending GUIDs; those not seen before are added with the names on their lines."""
    place = np.searchsorted(file.guids, guid)
    known = np.zeros(len(guid), dtype=np.bool_)
    inside = place < len(file.guids)
    known[inside] = file.guids[place[inside]] == guid[inside]
    fresh = np.flatnonzero(~known)
    for i in fresh.tolist():
        e = int(entry[i])
        word, line = KINDS[entries.kind[e]], int(entries.lines[e])
        try:
            device, adapter = described(word, checked(entries.name(e), "destination", file.path, line))
        except InputError as error:
            file.problems += error.problems
            device, adapter = "", ""
            if len(file.problems) >= MOST_PROBLEMS:
                raise not_further(file.problems) from None
        file.destinations.append(Destination(int(guid[i]), word, device, adapter, line))
    if len(fresh):
        new = np.arange(len(file.destinations) - len(fresh), len(file.destinations))
        both = np.concatenate([file.guids, guid[fresh]])
        order = np.argsort(both, kind="stable")
        file.guids, file.rows = both[order], np.concatenate([file.rows, new])[order]
        place = np.searchsorted(file.guids, guid)
    return file.rows[place]


_DIGIT = np.full(256, 255, dtype=np.uint8)
for _i, _c in enumerate(b"0123456789abcdef"):
    _DIGIT[_c] = _i
for _i, _c in enumerate(b"ABCDEF"):
    _DIGIT[_c] = 10 + _i


def _number(data: Bytes, at: IntArray, used: BoolArray, base: int) -> tuple[Guids, BoolArray]:
    """Numbers from their digits' places (n, digits), as far as they are used, and whether all digits are such."""
    digit = _DIGIT[data[np.minimum(at, len(data) - 1)]]
    value = np.zeros(len(at), dtype=np.uint64)
    for i in range(at.shape[1]):
        more = value * np.uint64(base) + digit[:, i]
        value = np.where(used[:, i], more, value)
    return value, np.asarray(((digit < base) | ~used).all(axis=1))
