"""Thousands of broken designs and parts from a seed: each is either taken or refused with a place, and none hangs."""

from __future__ import annotations

import random
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.slow import slow
from topo.catalog import Catalog, lint, load_catalog
from topo.catalog.loader import shipped_folder
from topo.design import build, closed_forms, parse_design
from topo.design.schema import schema
from topo.errors import InputError
from topo.fabric import HOST
from topo.generators.family import families

SCHEMA = schema()
CATALOG = load_catalog()
HOSTS = [i for i in CATALOG.ids("host") if CATALOG.host(i).gpus]
SCALARS = [
    *("0", "-1", "1", "2", "3", "7", "8", "64", "1000000", "1e3", "0.5", "1.5", ".nan", ".inf", "1e308", "1e-308"),
    *(
        "true",
        "null",
        "''",
        "x",
        "3:1",
        "'0:0'",
        "'1:0'",
        "[]",
        "{}",
        "[1]",
        "[2, 2]",
        "[0]",
        "{a: 1}",
        "nvidia-qm9700",
    ),
    *("nvidia-sn5600", "h800-node", "storage-server", "compute", "ft2", "200", "400", "800", "rail", "\U0001f600"),
    *(
        "\u202e",
        "a/b",
        "../x",
        "'a,b'",
        "=1+1",
        "<b>",
        "9" * 30,
        "'{cage'",
        "'{cage.__class__}'",
        "'{number:>9999999}'",
    ),
]
MARKS = ["\x00", "\t", "{", "}", "[", "]", ":", "'", '"', "\n", "- ", "&a ", "*a", "!x ", "#", "|", ">", "%", "@", "`",
         "\u2028", "\r", "\x85", "\ufeff", "? ", ", "]  # fmt: skip


class HangError(Exception):
    """Took too long."""


@contextmanager
def at_most_seconds(seconds: int) -> Iterator[None]:
    def ring(*_: object) -> None:
        raise HangError

    before = signal.signal(signal.SIGALRM, ring)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


@contextmanager
def shown_on_failure(text: str) -> Iterator[None]:
    """Prints an input that is neither taken nor refused as it should be; pytest shows what a failed test printed."""
    done = False
    try:
        yield
        done = True
    finally:
        if not done:
            print(text)


def a_design(rnd: random.Random) -> str:
    """A design whose keys exist and whose values may be anything; some are broken on top."""
    host = rnd.choice(HOSTS)
    lines = [
        "name: t",
        f"gpus: {rnd.choice([1, 2, 5, 16, 33, 256]) * CATALOG.host(host).gpus}",
        f"host: {host}",
        "networks:",
    ]
    for name in rnd.sample(["compute", "storage"], rnd.choice([1, 1, 2])):
        family = rnd.choice(families.names())
        keys = [key for key in SCHEMA["$defs"][f"family-{family}"]["properties"] if key not in ("family", "switch")]
        given = [f"{key}: {rnd.choice(SCALARS)}" for key in rnd.sample(keys, rnd.choice([0, 0, 1, 2]))]
        switch = rnd.choice(CATALOG.ids("switch"))
        lines.append(f"  {name}: {{{', '.join([f'family: {family}', f'switch: {switch}', *given])}}}")
    kinds = SCHEMA["properties"]["requirements"]["items"]["properties"]
    if rnd.random() < 0.3:
        kind = rnd.choice(sorted(kinds))
        keys = sorted(SCHEMA["$defs"][f"requirement-{kind}"]["properties"])
        given = [f"{key}: {rnd.choice(SCALARS)}" for key in rnd.sample(keys, min(len(keys), rnd.choice([1, 2])))]
        lines += ["requirements:", f"  - {kind}: {{{', '.join(given)}}}"]
    return broken("\n".join(lines) + "\n", rnd)


def broken(text: str, rnd: random.Random) -> str:
    """The text with a mark put in, a line lost, or a value replaced; or as it is."""
    lines, choice = text.splitlines(), rnd.random()
    i = rnd.randrange(len(lines))
    if choice < 0.15:
        at = rnd.randrange(len(text))
        return text[:at] + rnd.choice(MARKS) + text[at + rnd.choice([0, 1, 3]) :]
    if choice < 0.25:
        del lines[i]
    elif choice < 0.45:
        lines[i] = f"{lines[i].partition(':')[0]}: {rnd.choice(SCALARS)}"
    return "\n".join(lines) + "\n"


def try_design(text: str, catalog: Catalog) -> bool:
    """Whether the design was taken; a refusal names file and line of every problem, whatever else raises fails."""
    try:
        with at_most_seconds(60):
            design = parse_design(text, "d.yaml", catalog)
            fabric, counts = build(design), closed_forms(design)
    except InputError as error:
        assert error.problems  # noqa: PT017
        for problem in error.problems:
            assert problem.file, problem
            assert problem.line, problem
            assert problem.message
        return False
    assert sum(sum(c.switches.values()) for c in counts.values()) == (fabric.devices.tier != HOST).sum()
    return True


def run_designs(seed: int, count: int) -> int:
    taken = 0
    for i in range(count):
        text = a_design(random.Random(seed * 1_000_003 + i))
        with shown_on_failure(text):
            taken += try_design(text, CATALOG)
    return taken


def run_catalogs(seed: int, count: int, folder: Path) -> int:
    files = sorted(shipped_folder().glob("*/*.yaml"))
    refused = 0
    for i in range(count):
        rnd = random.Random(seed * 1_000_003 + i)
        source = rnd.choice([f for f in files if f.parent.name in ("switch", "host", "nic", "cable", "transceiver")])
        text = broken(source.read_text(), rnd)
        target = folder / source.parent.name / source.name
        target.parent.mkdir(exist_ok=True)
        target.write_text(text)
        catalog = Catalog((shipped_folder(), folder))
        host = source.stem if source.parent.name == "host" and source.stem in HOSTS else "h800-node"
        switch = source.stem if source.parent.name == "switch" else "nvidia-qm9700"
        design = f"name: t\ngpus: 64\nhost: {host}\nnetworks:\n  compute: {{family: mrft, switch: {switch}}}\n"
        with shown_on_failure(f"{source}\n{text}"):
            with at_most_seconds(60):
                problems = lint(catalog)
            refused += bool(problems)
            assert all(problem.file and problem.message for problem in problems)
            try_design(design, catalog)
        target.unlink()
    return refused


@pytest.mark.parametrize("many", [120, slow(400)])
def test_broken_designs(many: int) -> None:
    taken = run_designs(1, many)
    assert many // 40 < taken < many // 2


@pytest.mark.parametrize("many", [10, slow(60)])
def test_broken_parts(many: int, tmp_path: Path) -> None:
    assert run_catalogs(1, many, tmp_path) > many // 6


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2, 6))
def test_many_more(seed: int, tmp_path: Path) -> None:
    assert run_designs(seed, 2500) > 60
    assert run_catalogs(seed, 400, tmp_path) > 60
