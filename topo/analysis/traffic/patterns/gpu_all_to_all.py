"""Every GPU to every GPU of other scale-up domains, forwarded inside hosts to any plane that both ends reach; or within
scale-up domains alone, each over its own ports."""

from __future__ import annotations

from topo.analysis.demand import Demand
from topo.analysis.gpus.hosts import gpu_all_to_all
from topo.analysis.spec import GpuParams
from topo.analysis.traffic.registry import traffics
from topo.analysis.traffic.value import Question, Traffic
from topo.errors import ParameterError


def _demand(question: Question, params: GpuParams) -> Demand:
    if params.over:
        message = "is divided by no fixed rule: what goes over which network is the routing's choice"
        raise ParameterError("traffic", f"gpu-all-to-all:over={params.over}", message, "routing adaptive")
    return gpu_all_to_all(question.fabric, question.network, question.baseline, params.within == "domain")


traffics.add("gpu-all-to-all", Traffic("every GPU to every GPU, over any plane of both hosts", GpuParams, _demand))
