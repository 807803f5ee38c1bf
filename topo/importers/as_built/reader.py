"""What a reader of as-built data gives."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from topo.errors import InputError, Problem, shown
from topo.registry import Registry

MAX_BYTES = 1_000_000_000
MAX_NAME = 200


class Fitted(NamedTuple):
    """What a table says of a cable's parts, empty where it says nothing: the cable's part, the module in the cage at
    either end, the connector that the cable has there, and its length in metres (0.0)."""

    part: str = ""
    a_module: str = ""
    b_module: str = ""
    a_connector: str = ""
    b_connector: str = ""
    length_m: float = 0.0


UNFITTED = Fitted()


class Seen(NamedTuple):
    """A cable as the file has it. Ports are names or numbers, empty where the file knows none; `gbps` 0.0 where it does
    not say. `line` counts from 1, 0 where lines mean nothing. Roles are `host`, `switch` or empty."""

    a_device: str
    a_port: str
    b_device: str
    b_port: str
    gbps: float = 0.0
    line: int = 0
    a_role: str = ""
    b_role: str = ""
    fitted: Fitted = UNFITTED


@dataclass(frozen=True)
class AsBuilt:
    """The cables of a file. `simulated`: its speeds mean nothing, as in what ibsim shows. `devices`: every device that
    the file knows, with or without a cable."""

    path: str
    form: str
    cables: tuple[Seen, ...]
    devices: frozenset[str]
    simulated: bool = False


@dataclass(frozen=True)
class Reader:
    """A form: whether a text looks like it, and how it is read (text, path). `read` raises InputError with lines."""

    title: str
    fits: Callable[[str], bool]
    read: Callable[[str, str], AsBuilt]


readers: Registry[Reader] = Registry("form", "topo.importers.as_built.forms")


def read_as_built(path: str | Path, form: str = "") -> AsBuilt:
    """Reads a file in the named form, or in the form it looks like; raises InputError."""
    name = str(path)
    try:
        size = Path(path).stat().st_size
        if size > MAX_BYTES:
            raise InputError(
                Problem("the file is too large", "", f"{size:,} bytes", f"at most {MAX_BYTES:,} bytes", file=name)
            )
        content = Path(path).read_bytes()
    except OSError as error:
        raise InputError(Problem(f"cannot be read: {error.strerror}", file=name)) from None
    return parse_as_built(content, name, form)


def parse_as_built(content: bytes, name: str, form: str = "") -> AsBuilt:
    """As `read_as_built`, from bytes."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise InputError(Problem("is not UTF-8 text", allowed="UTF-8", file=name, line=line)) from None
    if form:
        return readers.get(form, "form").read(text, name)
    for known in readers.names():
        reader = readers.get(known)
        if reader.fits(text):
            return reader.read(text, name)
    titles = ", ".join(f"{known} ({readers.get(known).title})" for known in readers.names())
    raise InputError(Problem("is of no known form", allowed=titles, file=name, line=1))


def checked(word: str, what: str, file: str, line: int) -> str:
    """A name from outside, stripped; raises InputError for one that is empty, long or not printable."""
    word = word.strip()
    if not word or len(word) > MAX_NAME or not word.isprintable():
        raise InputError(
            Problem(f"is no name of a {what}", value=shown(word), allowed=f"1 to {MAX_NAME} printable characters",
                    file=file, line=line)
        )  # fmt: skip
    return word


def described(kind: str, description: str) -> tuple[str, str]:
    """The device and the adapter (empty for switches) that an InfiniBand node description names: `MF0;leaf1:MQM9700/U1`
    is the switch `leaf1`, `gpu7 mlx5_0` an adapter of the host `gpu7`."""
    if kind == "Switch":
        return description.removeprefix("MF0;").split(":")[0] if description.startswith("MF0;") else description, ""
    host, _, adapter = description.partition(" ")
    return host, adapter
