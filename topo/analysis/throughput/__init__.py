"""Throughput: how many times a traffic matrix fits through a network, as a certified interval."""

from typing import TYPE_CHECKING

from topo.first_use import at_first_use

if TYPE_CHECKING:
    from topo.analysis.throughput.answer import before_failures, throughput
    from topo.analysis.throughput.before import Before
    from topo.analysis.throughput.value import Throughput

__all__ = ["Before", "Throughput", "before_failures", "throughput"]

__getattr__ = at_first_use(
    __name__,
    {
        "answer": "before_failures, throughput",
        "before": "Before",
        "value": "Throughput",
    },
)
