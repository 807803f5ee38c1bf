"""Fills a folder that cannot be renamed: a mount point, or one whose parent is not ours to write.

The set is made ready inside the folder, and announced by one rename; then each file takes its place, the manifest last.
A run that is killed before the announcement has changed nothing; the next run completes what one killed later left.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from topo.files import locked

STAGED, READY = ".topo-staged", ".topo-ready"
CANNOT_RENAME = {errno.EBUSY, errno.EXDEV, errno.EACCES, errno.EPERM, errno.EROFS}
"""What the system says of mount points, and of folders in one that is not ours."""


def fill(target: Path, files: Mapping[str, bytes], old: Mapping[str, str]) -> Path:
    """Writes files, the last of them the manifest, into a folder that is there; those of `old` that are no longer
    written go. Raises OSError."""
    with locked(target):
        shutil.rmtree(target / STAGED, ignore_errors=True)
        try:
            for path, content in files.items():
                write_new(target / STAGED / path, content)
            sync(target / STAGED)
            os.rename(target / STAGED, target / READY)
        finally:
            shutil.rmtree(target / STAGED, ignore_errors=True)
        complete(target, list(files)[-1], old)
    return target


def complete(target: Path, manifest: str, old: Mapping[str, str]) -> None:
    """Puts what is ready in its place; nothing where nothing is."""
    ready = target / READY
    if not (ready / manifest).is_file():
        shutil.rmtree(ready, ignore_errors=True)
        return
    waiting = [path.relative_to(ready).as_posix() for path in sorted(ready.rglob("*")) if path.is_file()]
    listed = json.loads((ready / manifest).read_bytes())["files"]
    for path in set(old) - {entry["path"] for entry in listed} - {manifest}:
        if _is_inside(target, path) and not (target / path).is_dir():
            (target / path).unlink(missing_ok=True)
            _prune((target / path).parent, target)
    for path in [p for p in waiting if p != manifest] + [manifest]:
        (target / path).parent.mkdir(parents=True, exist_ok=True)
        os.replace(ready / path, target / path)
    sync(target)
    shutil.rmtree(ready, ignore_errors=True)


def _is_inside(target: Path, path: str) -> bool:
    """Whether a manifest's path leads nowhere else, whoever wrote the manifest."""
    return ".." not in Path(path).parts and target in (target / path).parent.resolve().joinpath("x").parents


def _prune(folder: Path, target: Path) -> None:
    """Takes away folders that are empty now."""
    while folder != target:
        try:
            folder.rmdir()
        except OSError:
            return
        folder = folder.parent


def write_new(path: Path, content: bytes) -> None:
    """Writes a file that is not there yet, down to the disk."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def sync(folder: Path) -> None:
    """Brings a folder's names down to the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
