"""The one way to read what a user names: a size that is known beforehand, no waiting for what never comes."""

from __future__ import annotations

import errno
import os
import stat
import sys
from itertools import islice
from json import JSONDecodeError
from pathlib import Path

from topo.errors import InputError, Problem, nearest, shown

STDIN = "-"
CHUNK = 1 << 20
"""1 MiB: what is larger than it should be is refused before much of it is in memory."""
DEVICE = 1 << 24
"""Bytes of a device, most of which are endless."""

MOST_BESIDE = 2000
"""Of so many names beside a file that is not there one may have been meant."""

_seen: set[tuple[int, ...]] = set()
"""Every file that this process has read, as `_identity` has it: none of them is overwritten unasked."""


def read_file(path: str | Path, limit: int, key: str = "") -> bytes:
    """The bytes of a file, of standard input where the path is `-`, or of a pipe that this process was given
    (`/dev/stdin`, a shell's `<(...)`).

    Raises InputError, with the number, for more than `limit` bytes; for other pipes and sockets, which nobody may ever
    write to; and for what the system refuses.
    """
    name = str(path)
    try:
        if name == STDIN:
            return _bounded(sys.stdin.buffer.fileno(), limit, "standard input", key)
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | (0 if _inherited(name) else os.O_NONBLOCK))
        try:
            kind = os.fstat(handle)
            _seen.add(_identity(kind))
            if stat.S_ISDIR(kind.st_mode):
                raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
            if stat.S_ISCHR(kind.st_mode):
                return _bounded(handle, min(limit, DEVICE), name, key)
            if not (stat.S_ISREG(kind.st_mode) or (stat.S_ISFIFO(kind.st_mode) and _inherited(name))):
                hint = "`-` reads standard input, where a command reads one file"
                raise InputError(Problem("is no file with an end", key, hint=hint, file=name))
            return _bounded(handle, limit, name, key)
        finally:
            os.close(handle)
    except (OSError, ValueError, AttributeError) as error:
        reason = getattr(error, "strerror", "") or "there is no such stream"
        raise InputError(
            Problem(f"cannot be read: {reason}", key, hint=_instead(error, Path(name)), file=name)
        ) from None


def _instead(error: Exception, path: Path) -> str:
    """What may have been meant by a path that is no file: one of a like name beside it, or a file in the folder."""
    if isinstance(error, IsADirectoryError):
        return "name a file in it"
    if not isinstance(error, FileNotFoundError):
        return ""
    if not path.parent.is_dir():
        return f"there is no folder {path.parent}"
    try:
        beside = [entry.name for entry in islice(os.scandir(path.parent), MOST_BESIDE)]
    except OSError:
        return ""
    return nearest(path.name, sorted(beside))


def read_text(path: str | Path, limit: int, key: str = "") -> str:
    """As `read_file`, as UTF-8 text with or without a mark at its start; line ends of any kind become newlines."""
    return text_of(read_file(path, limit, key), str(path))


def text_of(content: bytes, name: str) -> str:
    """The bytes of a file as `read_text` gives them; raises InputError."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(not_text(content, error, name)) from None
    return plain_lines(text)


def not_text(content: bytes, error: UnicodeDecodeError, name: str) -> Problem:
    """What is told of bytes that are no UTF-8."""
    line = content.count(b"\n", 0, error.start) + 1
    hint = "save it as UTF-8" + (", not as UTF-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "")
    return Problem("is not UTF-8 text", value=f"byte {content[error.start]:#04x}", hint=hint, file=name, line=line)


def not_json(error: Exception, name: str, key: str = "", hint: str = "") -> Problem:
    """What is told of a text that Python's `json` refuses with `error`."""
    if isinstance(error, RecursionError):
        return Problem("is nested too deeply", key, hint=hint, file=name)
    if not isinstance(error, JSONDecodeError):
        return Problem(f"is no JSON: {shown(error)}", key, hint=hint, file=name)
    if not error.doc.strip():
        return Problem("is empty", key, allowed="JSON", hint=hint, file=name)
    return Problem(f"is no JSON: {error.msg}, at column {error.colno}", key, hint=hint, file=name, line=error.lineno)


def plain_lines(text: str) -> str:
    """The text with newlines as its only line ends (CR and CR LF become them)."""
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def was_read(kind: os.stat_result) -> bool:
    """Whether this process has read the file with this state."""
    return _identity(kind) in _seen


def _identity(kind: os.stat_result) -> tuple[int, ...]:
    """Where a file is and when it was changed: another may get the number of one that is gone."""
    return kind.st_dev, kind.st_ino, kind.st_mtime_ns, kind.st_size


def _bounded(handle: int, limit: int, name: str, key: str) -> bytes:
    """Everything up to the end, at most `limit` bytes; a file of a known size in one piece, so that it is held once."""
    kind = os.fstat(handle)
    if stat.S_ISREG(kind.st_mode) and kind.st_size > limit:
        raise InputError(_too_large(name, key, limit, kind.st_size))
    parts, size = [], 0
    ask = max(CHUNK, kind.st_size + 1) if stat.S_ISREG(kind.st_mode) else CHUNK
    while part := os.read(handle, min(ask, limit + 1 - size)):
        parts.append(part)
        size += len(part)
        ask = CHUNK
        if size > limit:
            raise InputError(_too_large(name, key, limit))
    return b"".join(parts)


def _too_large(name: str, key: str, limit: int, size: int = 0) -> Problem:
    value = f"{size:,} bytes" if size else ""
    return Problem("the file is too large", key, value, f"at most {limit:,} bytes", file=name)


def _inherited(name: str) -> bool:
    """Whether a path names a stream that this process was started with."""
    return name == "/dev/stdin" or name.startswith(("/dev/fd/", "/proc/self/fd/"))
