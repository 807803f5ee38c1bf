"""Which designs files and folders name."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from topo.errors import InputError, Problem
from topo.files.reading import STDIN

NO_DESIGN = {"policy.yaml"}
"""YAML files of a design folder that are no designs."""


def design_files(paths: Sequence[Path], leave: Callable[[Path, int], None] = lambda folder, n: None) -> list[Path]:
    """The designs that files and folders name, sorted within each folder: every `.yaml` and `.yml`, also behind linked
    folders, but for those in folders called `requests` and the exports of `topo build`, of which `leave` is told each
    folder and how many; `-` is standard input, alone. A folder that cannot be read is among them, for its error to be
    told. Raises InputError where there are none."""
    if len(paths) > 1 and Path(STDIN) in paths:
        raise InputError(
            Problem("standard input is one design, and checked alone", "DESIGN", STDIN, "- alone, or files and folders")
        )
    result: list[Path] = []
    for path in paths:
        if not path.is_dir():
            result.append(path)
            continue
        left: dict[Path, int] = {}
        inside = sorted(_designs_below(path, set(), left))
        if not inside:
            hint = "its YAML files are exports of topo build; name the design that they were made of" if left else ""
            raise InputError(Problem("the folder holds no design", "DESIGN", str(path), "*.yaml, *.yml", hint))
        for folder, n in left.items():
            leave(folder, n)
        result += inside
    return result


def _designs_below(
    folder: Path, seen: set[Path], left: dict[Path, int], ours: frozenset[Path] = frozenset(), top: Path | None = None
) -> Iterator[Path]:
    """Designs in a folder and those inside it; each folder once, whatever links lead to it. `ours`: exports of a build
    into the folder `top`, which are counted in `left`."""
    from topo.exporters.folder import MANIFEST, files_written

    real = folder.resolve()
    if real in seen:
        return
    seen.add(real)
    try:
        entries = sorted(folder.iterdir())
    except OSError:
        yield folder
        return
    if folder / MANIFEST in entries:
        written = files_written(folder)
        result = folder / "search.json" in written
        ours, top = (frozenset[Path](), None) if result else (written, folder)
    for entry in entries:
        if entry.is_dir():
            skipped = entry.name in (".git", "requests")
            yield from () if skipped else _designs_below(entry, seen, left, ours, top)
        elif entry in ours and top is not None and not _may_be_design(entry):
            if entry.suffix.lower() in (".yaml", ".yml"):
                left[top] = left.get(top, 0) + 1
        elif entry.suffix.lower() in (".yaml", ".yml") and entry.name not in NO_DESIGN:
            yield entry


def _may_be_design(path: Path) -> bool:
    """Whether a file that a manifest names could be a design all the same, so that no manifest hides one: it has the
    words that every design has, or escapes that could spell them."""
    from topo.files import read_file
    from topo.yamlfile import MAX_BYTES

    if path.suffix.lower() not in (".yaml", ".yml"):
        return False
    try:
        content = read_file(path, MAX_BYTES)
    except InputError:
        return False
    return (b"gpus" in content and b"networks" in content) or b"\\" in content
