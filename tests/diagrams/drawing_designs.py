"""Designs that the tests draw, by name: small ones and the sizes people review."""

from __future__ import annotations

from functools import cache

from topo.catalog import load_catalog
from topo.design import build, parse_design
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
}


@cache
def fabric(name: str) -> Fabric:
    """The fabric of one of `DESIGNS`, each with a storage network beside it."""
    gpus, network = DESIGNS[name]
    storage = "{family: ft2, switch: nvidia-qm9700}"
    return build(
        parse_design(
            f"name: {name}\ngpus: {gpus}\nhost: h800-node\nnetworks:\n  compute: {network}\n  storage: {storage}\n"
        )
    )


@cache
def data(name: str) -> DiagramInput:
    """What to draw of one of `DESIGNS`, on a floor."""
    built = fabric(name)
    return DiagramInput(built, places=place(built, load_catalog(), Floor()))
