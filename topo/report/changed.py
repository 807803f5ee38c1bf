"""Which designs a change touches: their own file, the policy beside them, a part that they read, a file they name."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path

from topo.catalog import Catalog
from topo.design import load_design
from topo.errors import InputError, ParameterError
from topo.exporters import make_plan
from topo.files import read_text
from topo.yamlfile.reader import MAX_BYTES

OPTION = "--changed-since"


_NO_PROGRAMS = ("-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "-c", "safe.bareRepository=explicit")
"""Git runs no program that the checkout's own configuration names."""


def touched(designs: Sequence[Path], revision: str, catalog: Catalog) -> list[Path]:
    """The designs that a change since a git revision touches, in their order; an invalid design counts as touched when
    any part changed.

    The change is that of the checkouts that hold the designs; a catalog elsewhere is not part of it. Raises
    ParameterError where git does not know the revision, a design lies in no checkout, or there is no git.
    """
    tops = {_top(folder) for folder in {design.resolve().parent for design in designs}}
    changed = {path for top in tops for path in _changed(top, revision)}
    return [design for design in designs if _is_touched(design, catalog, changed)]


def _is_touched(design: Path, catalog: Catalog, changed: set[Path]) -> bool:
    own = Catalog(catalog.folders)
    if changed & {design.resolve(), (design.parent / "policy.yaml").resolve()}:
        return True
    parts = {path for path in changed if any(folder.resolve() in path.parents for folder in own.folders)}
    try:
        make_plan(load_design(design, own))
        named = read_text(design, MAX_BYTES)
    except InputError:
        return bool(parts)
    kinds = {kind for kind, _ in own.asked()}
    gone = {path for path in parts if not path.exists() and path.parent.name in kinds}
    return bool(gone or parts & _places(own) or any(path.name in named for path in changed - parts))


def _places(catalog: Catalog) -> set[Path]:
    """Where a part that was asked for is or might be: a file that is taken away may have hidden another."""
    return {(folder / kind / f"{name}.yaml").resolve() for folder in catalog.folders for kind, name in catalog.asked()}


def _top(folder: Path) -> Path:
    top = _git(folder, "rev-parse", "--show-toplevel")
    if top is None:
        raise ParameterError(OPTION, folder, "the designs lie in no git checkout", hint="leave the option out")
    return Path(top.rstrip("\n"))


def _changed(top: Path, revision: str) -> set[Path]:
    """Files of a checkout that differ from the revision, are gone, or are not tracked yet."""
    if _git(top, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}") is None:
        hint = "in CI, fetch it first: a shallow checkout has one commit only"
        raise ParameterError(OPTION, revision, f"git knows no such revision in {top}", hint=hint)
    names = (
        _git(top, "diff", "--no-ext-diff", "--no-textconv", "--name-only", "--no-renames", "-z", revision, "--") or ""
    ).split("\0")
    new = (_git(top, "ls-files", "--others", "--exclude-standard", "-z") or "").split("\0")
    return {(top / name).resolve() for name in [*names, *new] if name}


def _git(folder: Path, *args: str) -> str | None:
    try:
        done = subprocess.run(
            ["git", *_NO_PROGRAMS, "-C", str(folder), *args], capture_output=True, text=True, check=False
        )
    except OSError:
        raise ParameterError(
            OPTION, "git", "there is no git program here", hint="install git, or name the designs themselves"
        ) from None
    return done.stdout if done.returncode == 0 else None
