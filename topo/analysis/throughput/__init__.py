"""Throughput: how many times a traffic matrix fits through a network, as a certified interval."""

from topo.analysis.throughput.answer import Throughput, throughput

__all__ = ["Throughput", "throughput"]
