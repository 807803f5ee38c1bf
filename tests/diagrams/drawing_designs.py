"""Designs that the tests draw, by name: small ones and the sizes people review."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from topo.catalog import load_catalog
from topo.design import build, load_design, parse_design
from topo.diagrams import DiagramInput
from topo.fabric import Fabric
from topo.placement import Floor, place

DESIGNS = {
    "ft2-tiny": (64, "{family: ft2, switch: nvidia-qm9700}"),
    "mpft-small": (128, "{family: mpft, switch: nvidia-qm9700, planes: 8}"),
    "mrft-2048": (2048, "{family: mrft, switch: nvidia-qm9700}"),
    "mpft-16384": (16384, "{family: mpft, switch: nvidia-qm9700, planes: 8}"),
    "mrft-16384": (16384, "{family: mrft, switch: nvidia-qm9700}"),
    "ft3-16384": (16384, "{family: ft3, switch: nvidia-qm9700}"),
    "dragonfly": (4096, "{family: dragonfly, switch: nvidia-qm9700}"),
    "slim-fly": (4096, "{family: slim-fly, switch: nvidia-qm9700}"),
    "jellyfish": (4096, "{family: jellyfish, switch: nvidia-qm9700}"),
    "hyperx": (4096, "{family: hyperx, switch: nvidia-qm9700}"),
    "torus": (512, "{family: torus, switch: nvidia-qm9700}"),
    "dragonfly-plus": (4096, "{family: dragonfly-plus, switch: nvidia-qm9700}"),
}
SHIPPED = (
    "rail-only-16384",
    "dual-plane-16384",
    "dragonfly-16384",
    "hyperx-16384",
    "slim-fly-16928",
    "superpod-b200-16384",
)
"""Designs of the repository that the browser draws too: families and hosts that `DESIGNS` has not at full size."""
FOLDER = Path(__file__).parents[2] / "designs"


@cache
def fabric(name: str) -> Fabric:
    """The fabric of one of `DESIGNS`, each with a storage network beside it, or of one of `SHIPPED`."""
    if name in SHIPPED:
        return build(load_design(FOLDER / f"{name}.yaml"))
    gpus, network = DESIGNS[name]
    storage = "{family: ft2, switch: nvidia-qm9700}"
    return build(
        parse_design(
            f"name: {name}\ngpus: {gpus}\nhost: h800-node\nnetworks:\n  compute: {network}\n  storage: {storage}\n"
        )
    )


@cache
def data(name: str) -> DiagramInput:
    """What to draw of one of `DESIGNS` or `SHIPPED`, on a floor, with a title as long as people give."""
    built = fabric(name)
    return DiagramInput(
        built,
        load_design(FOLDER / f"{name}.yaml").title if name in SHIPPED else "",
        places=place(built, load_catalog(), Floor()),
    )
