"""Files from outside, every form: noise, cuts, a million lines, control characters. Findings or refusals with lines."""

from __future__ import annotations

import json
import random
from collections.abc import Callable

import pytest

from tests.audit.test_audit import FABRIC, PLAN, Row, csv_of, fabric_of, lldp_of, rows_of, spare_port
from tests.slow import slow
from topo.audit import audit, lint_plan
from topo.errors import InputError
from topo.exporters.formats.ibnetdiscover import to_ibnetdiscover
from topo.importers.as_built import AsBuilt
from topo.importers.as_built.reader import parse_as_built
from topo.report.answers.audits import audit_json, audit_text

SMALL = fabric_of(64, "ft2")
ROWS = rows_of(SMALL)


def neighbours() -> bytes:
    keys = ("local_device", "local_port", "remote_device", "remote_port")
    return json.dumps([dict(zip(keys, row[:4], strict=True)) for row in ROWS], indent=1).encode()


SOURCES: dict[str, bytes] = {
    "cable-csv": csv_of(ROWS),
    "ibnetdiscover": to_ibnetdiscover(SMALL),
    "lldp": json.dumps(json.loads(lldp_of(ROWS, lambda i: i % 5 == 0)), indent=1).encode(),
    "lldp-list": neighbours(),
}


def read_or_refused(content: bytes) -> AsBuilt | InputError:
    """What is read, or the refusal: the file in every problem, and the line in those that are about one."""
    try:
        return parse_as_built(content, "found.txt")
    except InputError as error:
        found = error
    for problem in found.problems:
        assert problem.file == "found.txt"
        assert problem.line > 0, problem.text()
        assert all(line.isprintable() for line in problem.text().split("\n"))
    return found


def judged(found: AsBuilt | InputError) -> None:
    if isinstance(found, AsBuilt):
        result = audit(SMALL, found)
        assert len(audit_text(result)) > 0
        assert json.loads(audit_json(result))["counts"]["planned"] >= 0
        lint_plan(found)


def flip(random_: random.Random, content: bytearray) -> None:
    content[random_.randrange(len(content))] = random_.randrange(256)


def cut(random_: random.Random, content: bytearray) -> None:
    at = random_.randrange(len(content))
    del content[at : at + random_.choice([1, 20, 2000])]


def insert(random_: random.Random, content: bytearray) -> None:
    what = random_.choice(
        [
            b"\x00",
            b"\x1b[2J",
            b'"',
            b",,,",
            b"[[[[",
            b"{",
            b"\xff\xfe",
            b"9" * 6000,
            "\u202e".encode(),
            b"\n\n",
            b"=1+1",
        ]
    )
    at = random_.randrange(len(content))
    content[at:at] = what


def copy(random_: random.Random, content: bytearray) -> None:
    at, size = random_.randrange(len(content)), random_.randrange(1, 400)
    content[random_.randrange(len(content)) : 0] = content[at : at + size]


def truncate(random_: random.Random, content: bytearray) -> None:
    del content[random_.randrange(1, len(content)) :]


MUTATIONS: tuple[Callable[[random.Random, bytearray], None], ...] = (flip, cut, insert, copy, truncate)


@pytest.mark.parametrize("seeds", [50, slow(150)])
@pytest.mark.sampled(2)
@pytest.mark.parametrize("source", SOURCES)
def test_mutated_files_give_findings_or_a_refusal_with_the_line(seeds: int, source: str) -> None:
    refused = 0
    for seed in range(seeds):
        random_ = random.Random(f"{source}-{seed}")
        content = bytearray(SOURCES[source])
        for _ in range(random_.choice([1, 1, 2, 5])):
            random_.choice(MUTATIONS)(random_, content)
        found = read_or_refused(bytes(content))
        refused += isinstance(found, InputError)
        judged(found)
    assert seeds / 15 < refused < seeds


@pytest.mark.parametrize("source", SOURCES)
def test_a_name_with_a_control_character_is_refused_at_its_line(source: str) -> None:
    content = SOURCES[source]
    name = b"leaf-001"
    first = content.index(name)
    while b"\n" not in content[:first]:
        first = content.index(name, first + 1)
    bad = b"leaf\\u0007001" if source.startswith("lldp") else b"leaf\x07001"
    found = read_or_refused(content[:first] + bad + content[first + len(name) :])
    assert isinstance(found, InputError)
    line = content.count(b"\n", 0, first) + 1
    assert abs(found.problems[0].line - line) <= (8 if source.startswith("lldp") else 0), (found.problems[0], line)


@pytest.mark.parametrize("source", SOURCES)
def test_a_file_cut_in_the_middle_is_refused_or_tells_what_is_missing(source: str) -> None:
    content = SOURCES[source]
    for part in (0.3, 0.7, 0.98):
        found = read_or_refused(content[: int(len(content) * part)])
        if isinstance(found, AsBuilt):
            assert audit(SMALL, found).findings


def test_noise_is_refused() -> None:
    for seed in range(30):
        assert isinstance(read_or_refused(random.Random(seed).randbytes(4000)), InputError)


@pytest.mark.parametrize("lines", [100_000, slow(1_000_000)])
def test_a_million_lines_of_one_link(lines: int) -> None:
    """One cable, however often it is listed."""
    row = PLAN[0]
    text = csv_of([row]) + b"\n" + b"\n".join([",".join(map(str, row)).encode()] * lines)
    found = parse_as_built(text, "found.csv")
    assert len(found.cables) == 1
    assert {f.code for f in audit(FABRIC, found).findings} == {"missing"}
    head, first, *_ = [line for line in to_ibnetdiscover(FABRIC).decode().splitlines() if line[:1] in ("S", "[")]
    again = parse_as_built("\n".join([head, *([first] * (lines // 10))]).encode(), "found.net")
    assert len(again.cables) == 1


def test_numbers_of_any_length_are_no_traceback() -> None:
    for text in (
        'Switch\t64 "S-1"\t# "leaf"\n[' + "9" * 5000 + ']\t"H-1"[1]\n',
        "Switch\t" + "9" * 5000 + ' "S-1"\t# "leaf"\n',
        "a_device,a_port,b_device,b_port,speed_gbps\nx,1,y,2," + "9" * 5000 + "\n",
        "a_device,a_port,b_device,b_port,length_m\nx,1,y,2,nan\n",
        "a_device,a_port,b_device,b_port\n" + "x" * 200_000 + ",1,y,2\n",
    ):
        assert isinstance(read_or_refused(text.encode()), InputError)


def test_every_class_of_miswire_at_once_is_found_and_named() -> None:
    """One fault of each class, each far from the others, in one file: as many findings, each naming its own ports."""
    fabric = fabric_of(248, "mrft")
    plan = rows_of(fabric)
    up = [i for i, r in enumerate(plan) if not r[0].startswith("host")]
    leaves = sorted({r[2] for r in plan if r[0].startswith("host")})
    of_leaf = {leaf: [i for i, r in enumerate(plan) if r[2] == leaf and r[0].startswith("host")] for leaf in leaves}
    uplinks = {leaf: [i for i in up if plan[i][0] == leaf] for leaf in leaves}
    free = {leaf: spare_port(fabric, leaf) for leaf in leaves}
    rows: list[Row | None] = list(plan)

    def exchange(*picked: int) -> list[str]:
        for i, j in zip(picked, [*picked[1:], picked[0]], strict=True):
            rows[i] = (*plan[i][:2], *plan[j][2:])
        return [f"{plan[i][0]}:{plan[i][1]}" for i in picked]

    wanted: dict[str, list[str]] = {
        "swapped": exchange(uplinks[leaves[0]][0], uplinks[leaves[1]][1]),
        "rotated": exchange(uplinks[leaves[2]][0], uplinks[leaves[3]][1], uplinks[leaves[4]][2]),
    }
    gone = uplinks[leaves[5]][3]
    rows[gone], wanted["missing"] = None, [f"{plan[gone][0]}:{plan[gone][1]}", f"{plan[gone][2]}:{plan[gone][3]}"]
    moved = of_leaf[leaves[6]][0]
    rows[moved] = (*plan[moved][:3], free[leaves[6]], plan[moved][4])
    wanted["wrong-port"] = [f"{leaves[6]}:{free[leaves[6]]}", f"{plan[moved][2]}:{plan[moved][3]}"]
    rail = of_leaf[leaves[5]][4]
    rows[rail] = (*plan[rail][:2], leaves[7], free[leaves[7]], plan[rail][4])
    wanted["wrong-device"] = [f"{leaves[7]}:{free[leaves[7]]}"]
    strange, slow, no_port = of_leaf[leaves[0]][7], of_leaf[leaves[1]][7], of_leaf[leaves[2]][7]
    rows[strange] = (*plan[strange][:2], "mystery-7", "1/1", plan[strange][4])
    rows[slow] = (*plan[slow][:4], 200.0)
    rows[no_port] = (*plan[no_port][:3], "99/9", plan[no_port][4])
    wanted["unknown-device"] = [f"{plan[strange][0]}:{plan[strange][1]}"]
    wanted["wrong-speed"] = [f"{plan[slow][0]}:{plan[slow][1]}", f"{plan[slow][2]}:{plan[slow][3]}"]
    wanted["unknown-port"] = [f"{plan[no_port][0]}:{plan[no_port][1]}"]
    rows.append((leaves[3], free[leaves[3]], leaves[4], free[leaves[4]], 400.0))
    wanted["extra"] = [f"{leaves[3]}:{free[leaves[3]]}", f"{leaves[4]}:{free[leaves[4]]}"]
    right = of_leaf[leaves[1]][2]
    rows.append((leaves[1], free[leaves[1]], *plan[right][2:]))
    wanted["port-used-twice"] = [f"{plan[right][2]}:{plan[right][3]}"]
    found = audit(fabric, parse_as_built(csv_of([r for r in rows if r]), "found.csv"))
    by_code = {f.code: f for f in found.findings}
    assert sorted(f.code for f in found.findings) == sorted(wanted)
    for code, ports in wanted.items():
        assert set(ports) <= set(by_code[code].where), code
        assert all(port in by_code[code].message for port in ports), code


@pytest.mark.parametrize("many_cables", [4000, slow(20000)])
def test_another_fabric_altogether_and_one_port_with_very_many_cables_end_soon(many_cables: int) -> None:
    """Neither the hints nor the list of what is missing is made anew for each of many findings."""
    other = [(f"x-{w}", x, f"x-{y}", z, g) for w, x, y, z, g in PLAN]
    found = audit(FABRIC, parse_as_built(csv_of(other), "found.csv"))
    assert {f.code for f in found.findings} == {"unknown-device", "not-covered"}
    assert len(found.findings) == len(PLAN) + 1
    row = PLAN[-1]
    many = [(f"thing-{i}", "1", *row[2:]) for i in range(many_cables)]
    found = audit(FABRIC, parse_as_built(csv_of([*PLAN, *many]), "found.csv"))
    assert len(found.findings) == many_cables
    assert {f.code for f in found.findings} == {"port-used-twice"}
