"""Uniform all-to-all: every endpoint to every other endpoint of its own plane."""

from __future__ import annotations

from topo.analysis.demand import Demand, all_to_all
from topo.analysis.spec import NoParams
from topo.analysis.traffic.registry import traffics
from topo.analysis.traffic.value import Question, Traffic


def _demand(question: Question, params: NoParams) -> Demand:
    return all_to_all(question.fabric, question.network, question.baseline)


traffics.add("all-to-all", Traffic("every endpoint to every other endpoint of its plane", NoParams, _demand))
