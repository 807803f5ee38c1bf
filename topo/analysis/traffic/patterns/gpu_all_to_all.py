"""Every GPU to every GPU of other scale-up domains, forwarded inside hosts to any plane that both ends reach; or within
scale-up domains alone, each over its own ports."""

from __future__ import annotations

from topo.analysis.demand import Demand
from topo.analysis.hosts import gpu_all_to_all
from topo.analysis.spec import GpuParams
from topo.analysis.traffic.value import Question, Traffic, traffics


def _demand(question: Question, params: GpuParams) -> Demand:
    return gpu_all_to_all(question.fabric, question.network, question.baseline, params.within == "domain")


traffics.add("gpu-all-to-all", Traffic("every GPU to every GPU, over any plane of both hosts", GpuParams, _demand))
