"""Throughput: how many times a traffic matrix fits through a network, as a certified interval."""

from topo.analysis.throughput.answer import Throughput, before_failures, throughput
from topo.analysis.throughput.before import Before

__all__ = ["Before", "Throughput", "before_failures", "throughput"]
