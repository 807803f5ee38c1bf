"""Writes docs/gallery.md with pictures of every design: `python docs/write_gallery.py`, from the project's folder."""

from __future__ import annotations

from pathlib import Path

from topo import api
from topo.diagrams import DiagramInput, draw, render
from topo.diagrams.facts import headline
from topo.errors import ParameterError

VIEWS = ("overview", "plane", "pod")


def write_gallery(designs: Path, docs: Path) -> None:
    """The page and its pictures, one section a design, in the order of their sizes."""
    folder = docs / "gallery"
    folder.mkdir(exist_ok=True)
    built = [(design, api.build(design)) for design in map(api.load_design, api.design_files([designs]))]
    built.sort(key=lambda pair: (pair[0].file.gpus, pair[0].name))
    lines = ["# Gallery", "", "Every design of the repository, drawn by `topo diagram`.", ""]
    for design, fabric in built:
        lines += [f"## {design.title or design.name}", "", f"`designs/{Path(design.path).name}`", ""]
        lines += [f"{text}  " for n in range(len(fabric.networks)) for text in headline(fabric, n)] + [""]
        for view in VIEWS:
            try:
                svg = render(draw(view, DiagramInput(fabric, design.title)), "svg")
            except ParameterError:
                continue
            target = folder / f"{design.name}-{view}.svg"
            target.write_bytes(svg)
            lines += [f"![{view} of {design.name}](gallery/{target.name})", ""]
    (docs / "gallery.md").write_text("\n".join(lines), encoding="utf-8")


if __name__ == "__main__":
    here = Path(__file__).resolve().parent
    write_gallery(here.parent / "designs", here)
