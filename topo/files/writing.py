"""The one way to write a single file: whole or not at all, and nothing of the user's is lost unasked."""

from __future__ import annotations

import contextlib
import os
import stat
from pathlib import Path

from topo.errors import InputError, Problem
from topo.files.marks import kept_for, marked
from topo.files.reading import was_read

FORCE = "--force replaces it"
LARGEST = 1_000_000_000
"""Files above this are not ours."""


def write_file(path: Path, content: bytes, key: str = "-o", force: bool = False) -> int:
    """Writes one file whole or not at all, its folder too, under the user's umask; its size in bytes.

    A file that is there is replaced where topo wrote it and nobody changed it since; any other, and one that this run
    has read, only with `force`. A device or pipe is written to. Raises InputError under the option `key` for what is
    not replaced and where the file system refuses.
    """
    content = marked(content)
    try:
        if _is_stream(path):
            with open(path, "wb", buffering=0) as stream:
                _write_all(stream.fileno(), content)
            return len(content)
        if not force:
            check_output(path, key, content)
        path.parent.mkdir(parents=True, exist_ok=True)
        _replace(path, content)
    except OSError as error:
        raise InputError(Problem(f"cannot be written: {error.strerror or error}", key, str(path))) from None
    return len(content)


def check_output(path: Path, key: str, content: bytes | None = None) -> None:
    """Raises InputError where a file must not be replaced by `content` unasked; without content, where no content can
    make it right: for folders and for files that bear no mark but could not bear one. For the start of long work."""
    try:
        kind = path.stat()
    except FileNotFoundError:
        return
    except OSError as error:
        raise InputError(Problem(f"cannot be written: {error.strerror}", key, str(path))) from None
    if stat.S_ISDIR(kind.st_mode):
        raise InputError(Problem("is a folder", key, str(path), "a file"))
    if not stat.S_ISREG(kind.st_mode) or str(path).startswith("/dev/"):
        return
    if content is None and path.suffix.lower() in (".csv", ".json"):
        return
    if was_read(kind):
        raise InputError(Problem("is read by this command", key, str(path), hint=f"name another file; {FORCE}"))
    why = "is a file that topo did not write"
    if kind.st_size <= LARGEST:
        with contextlib.suppress(PermissionError):
            why = kept_for(path.read_bytes(), content or b"")
    if why:
        raise InputError(Problem(why, key, str(path), hint=f"name another file; {FORCE}"))


def _is_stream(path: Path) -> bool:
    """Whether a path names something that is written to rather than replaced."""
    try:
        mode = path.stat().st_mode
    except OSError:
        return False
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)) or str(path).startswith("/dev/")


def _replace(path: Path, content: bytes) -> None:
    """Puts a file in the place of another by one rename, with the mode of the one that was there. Until then it has no
    name where the system can do that, so that nothing is left of a run that is killed."""
    new = path.with_name(f".{path.name[:200]}.{os.getpid()}.topo-new")
    _clean(path)
    handle, named = _open_new(new)
    done = False
    try:
        with contextlib.suppress(FileNotFoundError):
            os.fchmod(handle, stat.S_IMODE(path.stat().st_mode))
        _write_all(handle, content)
        os.fsync(handle)
        if not named:
            os.link(f"/proc/self/fd/{handle}", new, src_dir_fd=handle, follow_symlinks=True)
        os.replace(new, path)
        done = True
    finally:
        if not done:
            with contextlib.suppress(OSError):
                os.unlink(new)
        os.close(handle)


def _open_new(new: Path) -> tuple[int, bool]:
    """A new file to write, and whether it has its name already; the umask decides who may read it."""
    unnamed = getattr(os, "O_TMPFILE", 0)
    if unnamed and os.path.isdir("/proc/self/fd"):
        with contextlib.suppress(OSError):
            return os.open(new.parent, os.O_WRONLY | os.O_CLOEXEC | unnamed, 0o666), False
    return os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666), True


def _clean(path: Path) -> None:
    """Takes away what runs that were killed left of this file."""
    head, tail = f".{path.name[:200]}.", ".topo-new"
    for name in os.listdir(path.parent):
        number = name[len(head) : -len(tail)]
        if name.startswith(head) and name.endswith(tail) and number.isdigit() and not _alive(int(number)):
            with contextlib.suppress(OSError):
                os.unlink(path.parent / name)


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True
    return process != os.getpid()


def _write_all(handle: int, content: bytes) -> None:
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(handle, rest) :]
