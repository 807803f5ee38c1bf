"""Writes a set of files whole or not at all.

The set is written into a sibling folder together with a manifest of digests; then the folders are swapped by two
renames. A run that was killed between them is repaired by the next one.
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

MANIFEST = "manifest.json"
SCHEMA = "topo.manifest/1"


def write_set(folder: str | Path, files: Mapping[str, bytes]) -> Path:
    """Writes `files` (by relative path) and their manifest to `folder`, which must be new, empty or hold our manifest;
    then only the files that the manifest names are replaced, and files of other origin stay.

    Raises InputError for a path that leaves the folder, a folder that is not ours, a file of other origin in the way,
    and whatever the file system refuses; the folder then is as it was.
    """
    _check_paths(files)
    target = Path(os.path.abspath(os.path.realpath(folder)))
    try:
        return _write(target, files)
    except OSError as error:
        raise InputError(
            Problem(f"cannot be written: {error.strerror or error}", "output", str(error.filename or folder))
        ) from None


def _write(target: Path, files: Mapping[str, bytes]) -> Path:
    new, old = target.with_name(f".{target.name}.topo-new"), target.with_name(f".{target.name}.topo-old")
    _repair(target, new, old)
    foreign = _foreign(target, files)
    target.parent.mkdir(parents=True, exist_ok=True)
    new.mkdir()
    try:
        for path in foreign:
            _carry_over(target / path, new / path)
        for path, content in {**files, MANIFEST: manifest(files)}.items():
            _write_file(new / path, content)
        _sync(new)
        if target.exists():
            shutil.copymode(target, new)
            os.rename(target, old)
        os.rename(new, target)
        _sync(target.parent)
    finally:
        if old.exists() and not target.exists():
            os.rename(old, target)
        shutil.rmtree(new, ignore_errors=True)
    shutil.rmtree(old, ignore_errors=True)
    return target


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


def _foreign(target: Path, files: Mapping[str, bytes]) -> list[str]:
    """Paths of files in the folder that are not ours; raises InputError where the folder cannot be replaced."""
    if not os.path.lexists(target):
        return []
    if not target.is_dir():
        raise InputError(Problem("is not a folder", "output", str(target)))
    here = Path.cwd().resolve()
    if here == target or target in here.parents:
        raise InputError(
            Problem("the current folder cannot be replaced", "output", str(target), hint="name a folder inside it")
        )
    present = sorted(_walk(target, target))
    if not present:
        return []
    ours = _ours(target)
    if ours is None:
        raise InputError(
            Problem(
                "the folder holds files that topo did not write", "output", str(target),
                f"a new or empty folder, or one with our {MANIFEST}", f"for example {present[0]}",
            )
        )  # fmt: skip
    foreign = [path for path in present if path not in ours]
    wanted = set(files) | {str(p) for path in files for p in PurePosixPath(path).parents}
    in_the_way = [
        path for path in foreign if path in wanted or any(str(p) in files for p in PurePosixPath(path).parents)
    ]
    if in_the_way:
        raise InputError(
            [Problem("a file that topo did not write is in the way", "output", str(target / p)) for p in in_the_way]
        )
    return foreign


def _ours(target: Path) -> set[str] | None:
    """The paths that the folder's manifest names; None where it has no manifest of ours."""
    try:
        found: Any = json.loads((target / MANIFEST).read_bytes())
    except (OSError, ValueError, RecursionError):
        return None
    if not isinstance(found, dict) or found.get("schema") != SCHEMA or not isinstance(found.get("files"), list):
        return None
    return {MANIFEST, *(str(e["path"]) for e in found["files"] if isinstance(e, dict) and "path" in e)}


def _walk(folder: Path, root: Path) -> Iterator[str]:
    with os.scandir(folder) as entries:
        for entry in entries:
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


def _write_file(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
