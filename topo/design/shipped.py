"""The designs that travel with topo."""

from __future__ import annotations

from pathlib import Path

from topo.errors import ParameterError, nearest


def shipped_designs() -> dict[str, Path]:
    """The design files by name: inside the wheel, or beside the package in a checkout. Policies are none."""
    package = Path(__file__).resolve().parent.parent
    inside = package / "_data" / "designs"
    folder = inside if inside.is_dir() else package.parent / "designs"
    files = sorted(folder.glob("*.yaml"), key=lambda path: path.stem)
    return {path.stem: path for path in files if path.stem != "policy"}


def shipped_design(name: str) -> Path:
    """The file of a design by name; raises ParameterError that lists those there are."""
    result = shipped_designs()
    if name not in result:
        raise ParameterError("NAME", name, "no such example", ", ".join(result), nearest(name, list(result)))
    return result[name]


def title_of(path: Path) -> str:
    """The title that a design file states, without reading it as a design; empty where it states none."""
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("title:"):
            return line.removeprefix("title:").strip().strip("\"'")
    return ""
