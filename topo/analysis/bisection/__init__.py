"""Bisection and cuts: what crosses when the hosts are split in two, as an interval with its proof."""

from topo.analysis.bisection._answer import Bisection, bisection
from topo.analysis.bisection._named import NamedCut, cut_capacity

__all__ = ["Bisection", "NamedCut", "bisection", "cut_capacity"]
