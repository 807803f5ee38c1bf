"""What users get wrong in files: every kind of file that a command reads, broken in every way that is worth a name."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from tests.cli import every

Break = Callable[[Path], None]


class Mistake(NamedTuple):
    """A command line in a folder that `every.furnish` has filled, with one of its files broken."""

    name: str
    words: list[str]
    file: str
    spoil: Break
    line: bool = False
    """Whether the message must name a line of the file."""
    told: str = ""
    """A word that the message must hold: the key, or what is allowed."""


def with_bytes(content: bytes) -> Break:
    """Writes this content."""
    return lambda path: void(path.write_bytes(content))


def void(_: object) -> None:
    """Nothing."""


def text(old: str, new: str) -> Break:
    """Replaces a piece of the file, which is there."""

    def spoil(path: Path) -> None:
        content = path.read_text()
        assert old in content, (path, old)
        path.write_bytes(content.replace(old, new, 1).encode())

    return spoil


def a_folder(path: Path) -> None:
    """A folder where a file is asked for."""
    path.unlink()
    path.mkdir()


def a_pipe(path: Path) -> None:
    """A pipe that nobody writes to."""
    path.unlink()
    os.mkfifo(path)


def endless(path: Path) -> None:
    """A device that never ends."""
    path.unlink()
    path.symlink_to("/dev/zero")


def a_loop(path: Path) -> None:
    """A link to itself."""
    path.unlink()
    path.symlink_to(path.name)


def large(path: Path) -> None:
    """3 GB of nothing, on paper."""
    with open(path, "wb") as stream:
        stream.truncate(3_000_000_000)


ANY: dict[str, Break] = {
    "absent": lambda path: path.unlink(),
    "folder": a_folder,
    "pipe": a_pipe,
    "endless": endless,
    "loop": a_loop,
    "large": large,
    "zero bytes": with_bytes(b""),
    "binary": with_bytes(bytes(range(256)) * 20),
    "NUL": with_bytes(b"a: \0\n"),
    "UTF-16": with_bytes("name: x\n".encode("utf-16")),
    "latin-1": with_bytes("name: caf\xe9\n".encode("latin-1")),
    "gzip": with_bytes(b"\x1f\x8b\x08\0" + b"\0" * 30),
    "deep": with_bytes(b"[" * 100_000),
    "prose": with_bytes(b"Dear all,\nplease find the list attached.\n"),
}

WRONG_GPUS = (
    *("-1", "0", "1.5", "x", "''", "[16]", "{a: 1}", "true", "null", ".nan", ".inf", "1e400", "9" * 40, "16 GPUs"),
    "2026-01-01",
)
DESIGN: dict[str, tuple[Break, str]] = {
    **{f"gpus {v[:12]}": (text("gpus: 16", f"gpus: {v}"), "gpus") for v in WRONG_GPUS},
    "tab": (text("  compute:", "\tcompute:"), "tab"),
    "unknown key": (text("gpus:", "gpu_count: 3\ngpus:"), "gpu_count"),
    "mistyped key": (text("gpus:", "gpuss:"), "gpus"),
    "key twice": (text("gpus: 16", "gpus: 16\ngpus: 32"), "gpus"),
    "no network": (text("networks:\n  compute: {family: mpft, switch: example-switch-8, planes: 2}\n", ""), "networks"),
    "networks a list": (text("  compute: {", "  - compute: {"), "networks"),
    "unknown family": (text("family: mpft", "family: mptf"), "mpft"),
    "unknown switch": (text("example-switch-8", "example-swich-8"), "example-switch-8"),
    "unknown host": (text("example-host-2", "example-hots-2"), "example-host-2"),
    "unknown family key": (text("planes: 2", "plane: 2"), "planes"),
    "planes -2": (text("planes: 2", "planes: -2"), "planes"),
    "planes 1e9": (text("planes: 2", "planes: 1000000000"), "planes"),
    "planes text": (text("planes: 2", "planes: two"), "planes"),
    "unknown requirement": (text("- hops:", "- hopps:"), "hops"),
    "requirement of no mapping": (text("hops: {at_most: ", "hops: 3 #"), "hops"),
    "requirement of no bound": (text("{at_most: ", "{} #"), "at_most"),
    "bound of text": (text("at_most: ", "at_most: three "), "at_most"),
    "bound below zero": (text("at_most: ", "at_most: -"), "at_most"),
    "requirements a mapping": (text("  - hops", "  hops"), "requirements"),
    "a list": (with_bytes(b"- name: x\n- gpus: 3\n"), ""),
    "a word": (with_bytes(b"hello\n"), ""),
    "two documents": (text("gpus:", "---\ngpus:"), ""),
    "a Python object": (text("title: small", "title: !!python/object/apply:os.system ['true']"), ""),
    "aliases of aliases": (text("title: small", "title: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]"), ""),
    "open bracket": (text("planes: 2}", "planes: 2"), ""),
    "open quote": (text("title: ", "title: '"), ""),
    "name with a slash": (text("name: ", "name: ../../"), "name"),
    "name of control characters": (text("name: ", 'name: "a\\e[2J" #'), "name"),
    "name empty": (text("name: ", "name: '' #"), "name"),
}  # fmt: skip
"""By name, how a design is broken and what the message must tell."""

JSON: dict[str, Break] = {
    "cut off": with_bytes(b'[{"a": 1'),
    "a number": with_bytes(b"17"),
    "a word": with_bytes(b'"x"'),
    "null": with_bytes(b"null"),
    "wrong rows": with_bytes(b"[1, 2, [3]]"),
    "other keys": with_bytes(b'{"a": [{"b": {"c": [null]}}]}'),
    "NaN": with_bytes(b"[NaN, Infinity, -1e999]"),
    "long number": with_bytes(b"[" + b"9" * 5000 + b"]"),
    "deep lists": with_bytes(b"[" * 5000 + b"]" * 5000),
    "key twice": with_bytes(b'{"a": 1, "a": 2}'),
}
CSV: dict[str, Break] = {
    "header alone": with_bytes(b"a_device,a_port,b_device,b_port\n"),
    "other header": with_bytes(b"colour,taste\nred,sweet\n"),
    "short row": with_bytes(b"a_device,a_port,b_device,b_port\nx\n"),
    "open quote": with_bytes(b'a_device,a_port,b_device,b_port\n"x,1,y,2\n'),
    "empty names": with_bytes(b"a_device,a_port,b_device,b_port\n,,,\n"),
    "a long field": with_bytes(b"a_device,a_port,b_device,b_port\n" + b"x" * 200_000 + b",1,y,2\n"),
}

MORE: dict[str, list[tuple[list[str], str, str]]] = {
    "audit": [(["audit", "small.yaml", "--as-built", "lldp.json", "--names", "names.csv"], "names.csv", "CSV")],
    "catalog": [(["catalog", "import", "part.yaml", "-o", "parts"], "part.yaml", "")],
    "check": [
        (["check", "small.yaml", "--lft", "tables.txt"], "tables.txt", ""),
        (["check", "fabric.json"], "fabric.json", "JSON"),
        (["check", "small.yaml"], "policy.yaml", ""),
    ],
    "compare": [(["compare", "fabric.json", "small.yaml"], "fabric.json", "JSON")],
    "diagram": [(["diagram", "fabric.json", "-o", "drawn.svg"], "fabric.json", "JSON")],
    "import": [(["import", "lldp.json", "-o", "fabric.json"], "lldp.json", "JSON")],
    "lint-plan": [(["lint-plan", "cables.csv"], "cables.csv", "CSV")],
    "routing": [
        (["routing", "fabric.json"], "fabric.json", "JSON"),
    ],
    "verify": [(["verify", "report.json", "--design", "small.yaml"], "small.yaml", "design")],
}
"""By command, further command lines, the file that is broken and its kind."""

KINDS = {"small.yaml": "design", "other.yaml": "design", "wish.yaml": "design", "lldp.json": "JSON",
         "report.json": "JSON", "cables.csv": "CSV"}  # fmt: skip


def lines() -> Iterator[tuple[list[str], str, str]]:
    """Every command line that reads a file, that file, and its kind."""
    for command, runs in every.RUNS.items():
        for word in runs[0]:
            if word in KINDS and word != "wish.yaml":
                yield [command, *runs[0]], word, KINDS[word]
        yield from MORE.get(command, [])
    yield ["search", "wish.yaml", "-o", "found"], "wish.yaml", ""
    yield ["search", "small.yaml", "-o", "found"], "small.yaml", "design"


def mistakes() -> Iterator[Mistake]:
    """All of them."""
    for words, file, kind in lines():
        head = f"{' '.join(words[:3])} {file}"
        for name, spoil in ANY.items():
            if (file, name) == ("policy.yaml", "absent"):  # none is asked for then
                continue
            yield Mistake(f"{head}: {name}", words, file, spoil)
        if kind == "design":
            for name, (spoil, told) in DESIGN.items():
                if (words[0], name) == ("search", "no network"):  # a request may leave it open
                    continue
                yield Mistake(f"{head}: {name}", words, file, spoil, line=True, told=told)
        for name, spoil in {"JSON": JSON, "CSV": CSV}.get(kind, {}).items():
            if words[0] == "lint-plan" and name in ("header alone", "empty names"):  # a plan of 0 cables, which it says
                continue
            yield Mistake(f"{head}: {name}", words, file, spoil)


def furnish(folder: Path) -> None:
    """The files of all command lines above."""
    every.furnish(folder)
    for name in ("names.csv", "part.yaml", "tables.txt", "fabric.json", "policy.yaml"):
        (folder / name).write_text("")


def state(folder: Path) -> dict[str, bytes | None]:
    """What a folder holds."""
    found = {}
    for path in sorted(folder.rglob("*")):
        plain = path.is_file() and not path.is_symlink() and path.stat().st_size < 1_000_000
        found[str(path.relative_to(folder))] = path.read_bytes() if plain else None
    return found
