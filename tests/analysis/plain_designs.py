"""Fabrics of trees by size alone, without the requirements of a design file."""

from __future__ import annotations

from topo.design import build, parse_design
from topo.fabric import Fabric


def tree(gpus: int, network: str) -> Fabric:
    """GPUs on 64-port switches, eight NICs a host; `network` is the family with its keys."""
    text = f"name: plain\ngpus: {gpus}\nhost: h800-node\nnetworks:\n  compute: {{switch: nvidia-qm9700, {network}}}\n"
    return build(parse_design(text))
