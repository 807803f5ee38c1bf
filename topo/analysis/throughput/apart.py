"""Who has no path to whom, without the question that is put to a solver."""

from __future__ import annotations

from topo.analysis.gpus.hosts import HostClasses, host_classes
from topo.analysis.gpus.joint import joint_classes
from topo.analysis.spec import GpuParams, params_of, split_spec
from topo.analysis.traffic import demand_of
from topo.fabric import Fabric

GPU_ALL_TO_ALL = "gpu-all-to-all"
SEARCHED = ("longest-matching", "worst-permutation")
"""Traffics between endpoints of one plane that take long to find."""


def gpu_classes(fabric: Fabric, network: int, asked: GpuParams, intact: Fabric | None = None) -> HostClasses:
    """The hosts of a network (row) whose GPUs are alike, as the all-to-all of GPUs asks."""
    if asked.over:
        return joint_classes(fabric, network, asked.over, intact)
    return host_classes(fabric, network, intact, asked.within == "domain")


def cut_off(fabric: Fabric, traffic: str, network: int) -> tuple[str, ...]:
    """The endpoints of a traffic that have no path to some peers, as its throughput names them."""
    name, values = split_spec(traffic, "traffic")
    if name == GPU_ALL_TO_ALL:
        return gpu_classes(fabric, network, params_of(GpuParams, name, values, "traffic")).cut_off
    if name in SEARCHED and not demand_of(fabric, "all-to-all", network).cut_off:
        return ()
    return demand_of(fabric, traffic, network).cut_off
