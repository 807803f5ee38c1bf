"""Writes a set of files whole or not at all.

The set is written into a sibling folder together with a manifest of digests; then the folders are swapped by two
renames. A run that was killed between them is repaired by the next one. A folder that cannot be renamed (a mount point,
such as a container's volume) is filled in place. One run at a time writes: the next waits.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from topo.errors import InputError, Problem
from topo.exporters.in_place import CANNOT_RENAME, READY, STAGED, complete, fill, sync, write_new
from topo.files import locked, read_file

MANIFEST = "manifest.json"
SCHEMA = "topo.manifest/1"
MOVE = "move it away, or name another folder"
MANIFEST_BYTES = 100_000_000
"""Some half a million files, each with its name and digest."""
LOST_AND_FOUND = "lost+found"
"""What a file system's own root holds."""


def write_set(folder: str | Path, files: Mapping[str, bytes], force: bool = False) -> Path:
    """Writes `files` (by relative path) and their manifest to `folder`, which must be new, empty or hold our manifest;
    then only the files that the manifest names are replaced, and files of other origin stay. Another run that writes
    there is waited for.

    Raises InputError for a path that leaves the folder, a folder that is not ours, a file of other origin in the way or
    one of ours that was changed (unless `force` is given), and whatever the file system refuses; the folder then is as
    it was.
    """
    _check_paths(files)
    target = Path(os.path.abspath(os.path.realpath(folder)))
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with locked(target.parent if os.access(target.parent, os.R_OK) else target):
            return _write(target, files, force)
    except OSError as error:
        raise InputError(Problem(f"cannot be written: {error.strerror or error}", "output", str(folder))) from None


def _write(target: Path, files: Mapping[str, bytes], force: bool) -> Path:
    new, old = target.with_name(f".{target.name}.topo-new"), target.with_name(f".{target.name}.topo-old")
    _repair(target, new, old)
    foreign = _foreign(target, files, force)
    if os.path.ismount(target):
        return fill(target, {**files, MANIFEST: manifest(files)}, _digests(target) or {})
    try:
        new.mkdir()
        for path in foreign:
            _carry_over(target / path, new / path)
        for path, content in {**files, MANIFEST: manifest(files)}.items():
            write_new(new / path, content)
        sync(new)
        if target.exists():
            shutil.copymode(target, new)
            os.rename(target, old)
        os.rename(new, target)
        sync(target.parent)
    except OSError as error:
        if error.errno not in CANNOT_RENAME or not target.is_dir() or old.exists():
            raise
        return fill(target, {**files, MANIFEST: manifest(files)}, _digests(target) or {})
    finally:
        if old.exists() and not target.exists():
            os.rename(old, target)
        shutil.rmtree(new, ignore_errors=True)
    shutil.rmtree(old, ignore_errors=True)
    return target


def files_written(folder: Path) -> frozenset[Path]:
    """The files that the manifest of a set in a folder names; none where there is no set of ours."""
    try:
        return frozenset(folder / path for path in _digests(folder) or ())
    except (InputError, OSError):
        return frozenset()


def manifest(files: Mapping[str, bytes]) -> bytes:
    """The manifest: path, size and SHA-256 of every file, by path."""
    entries = [
        {"path": path, "bytes": len(files[path]), "sha256": hashlib.sha256(files[path]).hexdigest()}
        for path in sorted(files)
    ]
    return (json.dumps({"schema": SCHEMA, "files": entries}, indent=1, ensure_ascii=False) + "\n").encode()


def _check_paths(files: Mapping[str, bytes]) -> None:
    problems = []
    folders = {str(parent) for path in files for parent in PurePosixPath(path).parents}
    for path in files:
        pure = PurePosixPath(path)
        inside = path == str(pure) and not pure.is_absolute() and ".." not in pure.parts and path not in ("", ".")
        if not inside or "\\" in path or not path.isprintable():
            problems.append(Problem("this path leaves the output folder or is no plain path", "output", path))
        elif path.casefold() == MANIFEST:
            problems.append(Problem("this name is the manifest's", "output", path))
        elif path in folders:
            problems.append(Problem("is a file and a folder at once", "output", path))
    if problems:
        raise InputError(problems)


def _repair(target: Path, new: Path, old: Path) -> None:
    """Undoes or completes what a killed run left."""
    if old.exists() and not target.exists():
        os.rename(old, target)
    for leftover in (new, old):
        if leftover.exists():
            shutil.rmtree(leftover)
    if target.is_dir():
        complete(target, MANIFEST, _digests(target) or {})


def _foreign(target: Path, files: Mapping[str, bytes], force: bool) -> list[str]:
    """Paths of files in the folder that are not ours; raises InputError where the folder cannot be replaced."""
    if not os.path.lexists(target):
        return []
    if not target.is_dir():
        raise InputError(
            Problem("is not a folder", "output", str(target), hint="name a folder, there or still to be made")
        )
    here = Path.cwd().resolve()
    if (here == target and not os.path.ismount(target)) or target in here.parents:
        raise InputError(
            Problem("the current folder cannot be replaced", "output", str(target), hint="name a folder inside it")
        )
    present = sorted(_walk(target, target))
    if not present:
        return []
    ours = _digests(target)
    if ours is None and not force:
        raise InputError(
            Problem(
                "the folder holds files that topo did not write", "output", str(target),
                f"a new or empty folder, or one with our {MANIFEST}",
                f"for example {present[0]}; --force writes beside them",
            )
        )  # fmt: skip
    ours = ours or {}
    foreign = [path for path in present if path not in ours]
    wanted = set(files) | {str(p) for path in files for p in PurePosixPath(path).parents}
    in_the_way = [
        path for path in foreign if path in wanted or any(str(p) in files for p in PurePosixPath(path).parents)
    ]
    problems = [
        Problem("a file that topo did not write is in the way", "output", str(target / p), hint=MOVE)
        for p in in_the_way
    ]
    changed = [path for path in present if ours.get(path) and _digest(target / path) != ours[path]]
    problems += [
        Problem("was changed since topo wrote it", "output", str(target / path), hint="--force replaces it")
        for path in changed
        if not (path in files and _digest(target / path) == hashlib.sha256(files[path]).hexdigest())
    ]
    if problems and not force:
        raise InputError(problems)
    return [path for path in foreign if path not in in_the_way]


def _digests(target: Path) -> dict[str, str] | None:
    """The paths that the folder's manifest names, with their digests (empty where unknown); None where it has no
    manifest of ours."""
    try:
        result: Any = json.loads(read_file(target / MANIFEST, MANIFEST_BYTES))
    except (InputError, ValueError, RecursionError):
        return None
    if not isinstance(result, dict) or result.get("schema") != SCHEMA or not isinstance(result.get("files"), list):
        return None
    named = [e for e in result["files"] if isinstance(e, dict) and "path" in e]
    return {MANIFEST: "", **{str(e["path"]): str(e.get("sha256", "")) for e in named}}


def _digest(path: Path) -> str:
    """The SHA-256 of a file; of where it leads for a link, which we never write."""
    if path.is_symlink() or not path.is_file():
        return "none"
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _walk(folder: Path, root: Path) -> Iterator[str]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name in (READY, STAGED, LOST_AND_FOUND) and folder == root:
                continue
            if entry.is_dir(follow_symlinks=False):
                yield from _walk(Path(entry.path), root)
            else:
                yield Path(entry.path).relative_to(root).as_posix()


def _carry_over(source: Path, to: Path) -> None:
    to.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(source, to, follow_symlinks=False)
    except OSError:
        shutil.copy2(source, to, follow_symlinks=False)
