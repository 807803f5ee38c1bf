"""Writes docs/gallery.md with pictures of every design: `python docs/write_gallery.py`, from the project's folder."""

from __future__ import annotations

from pathlib import Path

from topo import api
from topo.design import Design
from topo.diagrams import Box, DiagramInput, draw
from topo.diagrams.facts import headline
from topo.diagrams.written.render import render
from topo.errors import ParameterError
from topo.fabric import Fabric

VIEWS = ("overview", "plane", "pod", "path")
HEAD = """# Gallery

Every design of the repository, drawn by `topo diagram`. A picture opens alone when it is clicked; hovering a box or a
line tells its name or its count. `topo report` has all views of one design in one page.

| GPUs | design | family | switches | links between switches |
|---:|---|---|---:|---:|
"""


def write_gallery(designs: Path, docs: Path) -> None:
    """The page and its pictures, one section a design, in the order of their sizes."""
    folder = docs / "gallery"
    folder.mkdir(exist_ok=True)
    built = [(design, api.build(design)) for design in map(api.load_design, api.design_files([designs]))]
    built.sort(key=lambda pair: (pair[0].file.gpus, pair[0].name))
    lines = [HEAD + "\n".join(_row(design, fabric) for design, fabric in built), ""]
    for design, fabric in built:
        lines += [f"## {design.title or design.name} {{#{design.name}}}", "", f"`designs/{Path(design.path).name}`", ""]
        lines += [f"{text}  " for n in range(len(fabric.networks)) for text in headline(fabric, n)] + [""]
        seen: list[tuple[Box, ...]] = []
        for view in VIEWS:
            try:
                drawing = draw(view, DiagramInput(fabric, design.title))
            except ParameterError:
                continue
            if drawing.boxes in seen:
                continue
            seen.append(drawing.boxes)
            target = folder / f"{design.name}-{view}.svg"
            target.write_bytes(render(drawing, "svg"))
            picture = f"![{view} of {design.name}](gallery/{target.name}){{ loading=lazy }}"
            lines += [f"**{view}**", "", f"[{picture}](gallery/{target.name})", ""]
    (docs / "gallery.md").write_text("\n".join(lines), encoding="utf-8")


def _row(design: Design, fabric: Fabric) -> str:
    """One line of the table at the top, which leads to the design's section."""
    inner = int((~fabric.is_endpoint_link & (fabric.links.network == 0)).sum())
    switches = int((~fabric.is_host & (fabric.devices.network == 0)).sum())
    family = fabric.origins[0].family
    return f"| {design.file.gpus:,} | [{design.name}](#{design.name}) | {family} | {switches:,} | {inner:,} |"


if __name__ == "__main__":
    here = Path(__file__).resolve().parent
    write_gallery(here.parent / "designs", here)
