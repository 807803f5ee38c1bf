"""Reading of large files: how far it is, told in as many steps as were announced, and no second copy of the file."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import pytest

from tests.audit import writers
from tests.audit.test_kinds import ETH, NDR
from tests.audit.writers import links_of
from topo.api import import_fabric, linted_plan
from topo.importers.as_built import pieces, read_as_built
from topo.importers.as_built.source import PIECE

LINES = (b"# " + b"a port that nobody asked about " * 30 + b"\n") * 10_000


@pytest.fixture
def dump(tmp_path: Path) -> Path:
    """A dump with some nine million bytes of remarks behind it."""
    path = tmp_path / "dump.txt"
    path.write_bytes(writers.ibnetdiscover(links_of(NDR)) + LINES)
    return path


def test_the_steps_are_those_announced(dump: Path) -> None:
    told: list[str] = []
    found = read_as_built(dump, step=told.append)
    assert len(found.cables) == len(NDR.links)
    assert len(told) == pieces(dump) == 1 + dump.stat().st_size // PIECE == 3
    assert told[0] == "dump.txt: 4 of 9 MB"
    assert told[-1] == "dump.txt"


def test_an_import_and_a_plan_tell_their_steps_too(dump: Path) -> None:
    for read in (lambda step: import_fabric([dump], step=step), lambda step: linted_plan(dump, step=step)):
        told: list[str] = []
        read(told.append)
        assert len(told) == pieces(dump)


def test_a_file_that_is_not_read_by_line_tells_its_steps_at_the_end(tmp_path: Path) -> None:
    path = tmp_path / "all.json"
    path.write_bytes(writers.lldp(links_of(ETH)) + b" " * 9_000_000)
    told: list[str] = []
    assert read_as_built(path, step=told.append).cables
    assert told == ["all.json"] * pieces(path)
    assert len(told) == 3


def test_lines_of_a_dump_are_no_second_copy_of_it(dump: Path) -> None:
    """The file and what is in it, which a tenth of its size is far more than."""
    size = dump.stat().st_size
    tracemalloc.start()
    try:
        read_as_built(dump)
        assert tracemalloc.get_traced_memory()[1] < 1.3 * size
    finally:
        tracemalloc.stop()
