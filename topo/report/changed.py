"""Which designs a change touches: their own file, the policy beside them, or a catalog part that they read."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path

from topo.catalog import Catalog
from topo.design import load_design
from topo.errors import InputError, ParameterError
from topo.exporters import make_plan


def touched(designs: Sequence[Path], revision: str, catalog: Catalog) -> list[Path]:
    """The designs that a change since a git revision touches, in their order; an invalid design counts as touched.

    Raises ParameterError where git does not know the revision or the folder is no checkout.
    """
    folders = {design.resolve().parent for design in designs} | {f.resolve() for f in catalog.folders if f.is_dir()}
    changed = {path for folder in folders for path in _changed(folder, revision)}
    return [design for design in designs if _uses(design, catalog) & changed]


def _uses(design: Path, catalog: Catalog) -> set[Path]:
    own = Catalog(catalog.folders)
    files = {design.resolve(), (design.parent / "policy.yaml").resolve()}
    try:
        make_plan(load_design(design, own))
    except InputError:
        return files | {path.resolve() for folder in own.folders for path in folder.rglob("*.yaml")}
    return files | {path.resolve() for path in own.files_read()}


def _changed(folder: Path, revision: str) -> set[Path]:
    """Files below a folder that differ from the revision or are not tracked yet; none outside a checkout."""
    top = _git(folder, "rev-parse", "--show-toplevel")
    if top is None:
        return set()
    if _git(folder, "rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}") is None:
        raise ParameterError("--changed-since", revision, f"git knows no such revision in {folder}")
    names = (_git(folder, "diff", "--name-only", "-z", revision) or "").split("\0")
    new = (_git(folder, "ls-files", "--others", "--exclude-standard", "-z", "--full-name") or "").split("\0")
    return {(Path(top.strip()) / name).resolve() for name in [*names, *new] if name}


def _git(folder: Path, *args: str) -> str | None:
    try:
        done = subprocess.run(["git", "-C", str(folder), *args], capture_output=True, text=True, check=False)
    except OSError:
        raise ParameterError("--changed-since", "git", "there is no git program here") from None
    return done.stdout if done.returncode == 0 else None
