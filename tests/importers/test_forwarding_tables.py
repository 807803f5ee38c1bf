"""Tables that OpenSM and dump_lfts really wrote, read by a parser of its own; and everything that is no table."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest

from tests.slow import slow
from topo.errors import InputError
from topo.importers.forwarding_tables import LftDump, read_forwarding_tables

DATA = Path(__file__).parents[1] / "data" / "opensm"
FILES = sorted(DATA.iterdir())
MINHOP = (DATA / "tiny-ft3-minhop.opensm-lfts.dump").read_bytes()
PRINTED = (DATA / "tiny-ft3-minhop.dump_lfts.txt").read_bytes()


def by_line(text: str) -> dict[tuple[str, int], int]:
    """(switch, destination GUID) -> port, line by line."""
    found, switch = {}, ""
    for line in text.splitlines():
        head = re.match(r"Unicast lids .* guid 0x[0-9a-f]+ \('?([^')]+)'?\):", line)
        switch = head[1] if head else switch
        row = re.match(r"0x[0-9a-f]+ (\d+) [:#] \(?[A-Z][A-Za-z ]+ portguid 0x([0-9a-f]+): ", line)
        if row:
            found[switch, int(row[2], 16)] = int(row[1])
    return found


def by_column(dump: LftDump) -> dict[tuple[str, int], int]:
    return {
        (table.device, dump.destinations[d].guid): p
        for table in dump.switches
        for d, p in zip(table.destination.tolist(), table.port.tolist(), strict=True)
    }


def read(content: bytes, folder: Path) -> LftDump:
    path = folder / "found.dump"
    path.write_bytes(content)
    return read_forwarding_tables(path)


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.name)
def test_every_entry_is_read(path: Path) -> None:
    dump = read_forwarding_tables(path)
    assert by_column(dump) == by_line(path.read_text())
    assert (len(dump.switches), len(dump.destinations), dump.more_paths) == (20, 36, 0)
    hosts = {(d.device, d.adapter) for d in dump.destinations if d.kind == "Channel Adapter"}
    assert hosts == {(f"host-{i:05d}", "HCA-1") for i in range(16)}


def test_both_forms_of_the_same_tables_are_equal() -> None:
    one, two = (
        read_forwarding_tables(DATA / f"tiny-ft3-minhop.{form}") for form in ("opensm-lfts.dump", "dump_lfts.txt")
    )
    hosts = {d.guid for d in one.destinations if d.kind == "Channel Adapter"}
    kept = [{k: v for k, v in by_column(dump).items() if k[1] in hosts} for dump in (one, two)]
    assert kept[0] == kept[1]
    assert len(kept[0]) == 20 * 16


def test_names_of_vendors_line_ends_of_windows_and_further_addresses(tmp_path: Path) -> None:
    text = (
        "Unicast lids [0x0-0x5] of switch Lid 1 guid 0x0000000000200000 (MF0;leaf1:MQM9700/U1):\r\n"
        "  Lid  Out   Destination\r\n       Port     Info \r\n"
        "0x0001 000 : (Switch portguid 0x0000000000200000: 'MF0;leaf1:MQM9700/U1')\r\n"
        "0x0002 007 : (Channel Adapter portguid 0x0000000000100001: 'gpu7 mlx5_0')\r\n"
        "0x0003 009 : (path #1 out of 2: portguid 0x0000000000100001)\r\n"
        "0x0004 255 : (path #0 - illegal port)\r\n"
        "4 lids dumped\r\n"
    )
    dump = read(text.encode(), tmp_path)
    assert [(d.kind, d.device, d.adapter) for d in dump.destinations] == [
        ("Channel Adapter", "gpu7", "mlx5_0"),
        ("Switch", "leaf1", ""),
    ]
    assert by_column(dump) == {("leaf1", 0x100001): 7, ("leaf1", 0x200000): 0}
    assert (dump.unresolved, dump.more_paths) == (0, 1)
    unknown = text.replace("(path #1 out of 2: portguid 0x0000000000100001)", "(unknown node and type)")
    assert (read(unknown.encode(), tmp_path).unresolved, read(unknown.encode(), tmp_path).more_paths) == (1, 0)
    twice = text.replace("0x0003 009 : (path #1 out of 2: portguid", "0x0003 009 : (Channel Adapter portguid")
    again = read(twice.replace("000100001)", "000100001: 'gpu7 mlx5_0')").encode(), tmp_path)
    assert (by_column(again), again.more_paths) == (by_column(dump), 1)


def wrong(content: bytes, folder: Path) -> tuple[str, int]:
    with pytest.raises(InputError) as error:
        read(content, folder)
    problem = error.value.problems[0]
    assert problem.file.endswith("found.dump")
    assert problem.text().isprintable() or "\n" in problem.text()
    return problem.message, problem.line


LINE_5 = MINHOP.split(b"\n")[4]


@pytest.mark.parametrize(
    ("content", "message", "line"),
    [
        (b"", "holds no forwarding table", 1),
        (b"\x00\xff\xfe\x80" * 400, "is no forwarding table", 1),
        (b"hello\n", "is no forwarding table", 1),
        (b"\n\n", "holds no forwarding table", 1),
        (b"Unicast lids [0-36] of swi", "is no head of a forwarding table, or is cut off", 1),
        (MINHOP[:300], "is no entry of a forwarding table, or is cut off", 5),
        (MINHOP[: MINHOP.index(LINE_5)], "the table that starts in line 1 is cut off: it has no count at its end", 4),
        (MINHOP.replace(b"36 lids dumped", b"35 lids dumped", 1), "the table that starts in line 1 is cut off: ", 38),
        (PRINTED.replace(PRINTED.split(b"\n")[7] + b"\n", b""), "the table that starts in line 1 is cut off: ", 39),
        (re.sub(rb"(?m)^(0x[0-9a-f]+ \d+) .*$", rb"\1 ", PRINTED), "the entries name no destinations", 4),
        (MINHOP + MINHOP, "the switch has a table in line 1 already", 761),
        (MINHOP.replace(LINE_5, LINE_5 + b"\n" + LINE_5), "the table has this address twice", 6),
        (MINHOP.replace(b"0x0004 ", b"0x00z4 ", 1), "is no entry of a forwarding table, or is cut off", 5),
        (MINHOP.replace(LINE_5[:11], LINE_5[:7] + b"999 "), "is no entry of a forwarding table, or is cut off", 5),
        (MINHOP.replace(b"portguid 0x2982ad", b"portguid 0x29-2ad", 1), "is no entry of a forwarding table, or is", 5),
        (MINHOP.replace(b"'pod01-leaf00'", b"'pod01\x1bleaf00'", 1), "holds a control character", 5),
        (MINHOP.replace(b"'pod01-leaf00'", "'pod01\u200bleaf00'".encode(), 1), "is no name of a destination", 5),
        (MINHOP.replace(b"('pod02-spine01'):", b"(''):"), "is no name of a switch", 1),
        (MINHOP.replace(b"36 lids dumped", b"and so on", 1), "is no line of a forwarding table, or is cut off", 38),
    ],
)  # fmt: skip
def test_what_is_no_table_is_refused_with_its_line(content: bytes, message: str, line: int, tmp_path: Path) -> None:
    found, at = wrong(content, tmp_path)
    assert found.startswith(message)
    assert at == line


@pytest.mark.parametrize("count", [100_000, slow(1_000_000)])
def test_many_lines_of_one_address_are_refused_with_the_second(count: int, tmp_path: Path) -> None:
    head = MINHOP.split(b"\n", 1)[0]
    lines = b"\n".join([LINE_5] * count)
    assert wrong(head + b"\n" + lines + b"\n36 lids dumped\n", tmp_path) == ("the table has this address twice", 3)


def test_missing_file_and_folder(tmp_path: Path) -> None:
    for path in (tmp_path / "none", tmp_path):
        with pytest.raises(InputError, match="cannot be read"):
            read_forwarding_tables(path)


def test_a_file_cut_at_any_byte_is_refused_or_has_whole_tables(tmp_path: Path) -> None:
    """Where the end of a table is the end of the file, fewer switches are there; anywhere else the file is refused."""
    random_ = random.Random(5)
    whole = [m.end() for m in re.finditer(rb"\d+ lids dumped\n?", MINHOP)]
    for cut in [*random_.sample(range(1, len(MINHOP) - 1), 150), *whole[:-1]]:
        found = read_or_refused(MINHOP[:cut], tmp_path)
        at_the_end_of_a_table = cut in {w - k for w in whole for k in (0, 1)}
        assert isinstance(found, LftDump) == at_the_end_of_a_table
        assert not isinstance(found, LftDump) or len(found.switches) < 20


def read_or_refused(content: bytes, folder: Path) -> LftDump | InputError:
    """What is read, or the refusal, each of its problems with a line."""
    try:
        return read(content, folder)
    except InputError as error:
        found = error
    assert all(p.line > 0 and p.file for p in found.problems)
    return found


@pytest.mark.sampled(40)
@pytest.mark.parametrize("source", [MINHOP, PRINTED], ids=["opensm", "dump_lfts"])
@pytest.mark.parametrize("seed", range(60))
def test_mutated_bytes_are_read_or_refused_with_a_line(source: bytes, seed: int, tmp_path: Path) -> None:
    random_ = random.Random(seed)
    content = bytearray(source[: random_.choice([len(source), 4000])])
    for _ in range(random_.choice([1, 3, 40])):
        at = random_.randrange(len(content))
        kind = random_.randrange(3)
        if kind == 0:
            content[at] = random_.randrange(256)
        elif kind == 1:
            del content[at : at + random_.randrange(1, 200)]
        else:
            content[at:at] = content[: random_.randrange(300)] if random_.random() < 0.5 else random_.randbytes(9)
    assert read_or_refused(bytes(content), tmp_path)
