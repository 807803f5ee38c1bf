"""Reads as-built files: asks every form, refuses what two fit, and one file or many."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from glob import glob
from pathlib import Path
from typing import TypedDict

from topo.errors import InputError, Problem, shown
from topo.files import read_file
from topo.importers.as_built.model import AsBuilt
from topo.importers.as_built.source import PIECE, Source, Steps
from topo.registry import Registry

MAX_BYTES = 1_000_000_000
"""Some five million lines of 200 bytes; it is held in memory."""
MAX_NAME = 200
"""Three times as long as a host's name may be (RFC 1123: 63 characters a label): what is longer is no name."""


@dataclass(frozen=True)
class Reader:
    """A form: whether a file looks like it, and how it is read. `read` raises InputError with lines. `broad`: a form so
    wide that any other that fits is meant instead."""

    title: str
    fits: Callable[[Source], bool]
    read: Callable[[Source], AsBuilt]
    broad: bool = False


class Reading(TypedDict, total=False):
    """What may be told of files beside their form; each as in `read_as_built`."""

    sheet: str
    columns: Sequence[tuple[str, str]]
    step: Callable[[str], None] | None


readers: Registry[Reader] = Registry("form", "topo.importers.as_built.forms")


def read_as_built(
    path: str | Path,
    form: str = "",
    sheet: str = "",
    columns: Sequence[tuple[str, str]] = (),
    step: Callable[[str], None] | None = None,
) -> AsBuilt:
    """Reads a file in the named form, or in the form it looks like; raises InputError. Of a workbook the sheet, of a
    table the titles of its columns by what they hold (`a_device`, `a_port`, `b_device`, `b_port`, `gbps`) may be told.
    `step` is called `pieces(path)` times, with how far the reading is.
    """
    return parse_as_built(read_file(path, MAX_BYTES), str(path), form, sheet, columns, step)


def pieces(path: Path) -> int:
    """The steps in which a file is read; 1 where its size is not known."""
    try:
        return 1 + path.stat().st_size // PIECE
    except OSError:
        return 1


def parse_as_built(
    content: bytes,
    name: str,
    form: str = "",
    sheet: str = "",
    columns: Sequence[tuple[str, str]] = (),
    step: Callable[[str], None] | None = None,
) -> AsBuilt:
    """As `read_as_built`, from bytes."""
    if b"\r" in content and b"\n" not in content and content[:2] not in (b"PK", b"\xff\xfe", b"\xfe\xff"):
        content = content.replace(b"\r", b"\n")
    steps = Steps(Path(name).name, len(content), step) if step else None
    with _uncollected():
        result = _read(Source(name, content, sheet, tuple(columns), steps), form)
    if steps:
        steps.end()
    return result


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without the collector of cycles, of which readers make none: with the millions of objects of a large file it
    takes half of the time."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _read(source: Source, form: str) -> AsBuilt:
    """The file in the named form, or in the one it looks like."""
    if form:
        return _in_form(readers.get(form, "--form"), source, f"read as {form}, as --form says")
    fitting = [known for known in readers.names() if readers.get(known).fits(source)]
    narrow = [known for known in fitting if not readers.get(known).broad] or fitting
    if len(narrow) == 1:
        return _in_form(
            readers.get(narrow[0]), source, f"read as {narrow[0]}, which it looks like; --form names another"
        )
    if narrow:
        words = " and ".join(f"{known} ({readers.get(known).title})" for known in narrow)
        raise source.wrong(f"may be {words}", 1, hint=f"say which: --form {narrow[0]}")
    _ = source.text
    titles = ", ".join(f"{known} ({readers.get(known).title})" for known in readers.names())
    raise source.wrong("is of no known form", 1, allowed=titles)


def _in_form(reader: Reader, source: Source, how: str) -> AsBuilt:
    """What the reader makes of a file. A first mistake of which it says nothing more tells how the file was read: it
    may be of another form."""
    try:
        return reader.read(source)
    except InputError as error:
        raise error.hinted(how) from None


def files_of(paths: Sequence[str | Path], option: str = "--as-built") -> list[Path]:
    """The files that paths name: files, every file of a folder, and what a pattern with `*` or `?` matches; each once.
    Raises InputError where one names nothing."""
    result: dict[Path, None] = {}
    for path in map(Path, paths):
        if path.is_dir():
            inside = sorted(p for p in path.rglob("*") if p.is_file() and not p.name.startswith("."))
        elif not path.exists() and any(c in str(path) for c in "*?["):
            inside = sorted(p for p in map(Path, glob(str(path), recursive=True)) if p.is_file())
        else:
            inside = [path]
        if not inside:
            raise InputError(
                Problem("names no file", option, str(path), "a file, a folder that holds one, or a pattern")
            )
        result |= dict.fromkeys(inside)
    return list(result)


def checked(word: str, what: str, file: str, line: int) -> str:
    """A name from outside, stripped; raises InputError for one that is empty, long or not printable."""
    word = word.strip()
    if not word or len(word) > MAX_NAME or not word.isprintable():
        raise InputError(
            Problem(f"is no name of a {what}", value=shown(word), allowed=f"1 to {MAX_NAME:,} printable characters",
                    file=file, line=line)
        )  # fmt: skip
    return word
