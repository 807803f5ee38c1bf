"""A plan written as files, one module per format."""

from topo.exporters.change import change_files, change_plan
from topo.exporters.folder import write_set
from topo.exporters.networkx import to_networkx
from topo.exporters.plan import Exporter, Plan, build_files, exporters, left_out, make_plan, whole_set

__all__ = [
    "Exporter",
    "Plan",
    "build_files",
    "change_files",
    "change_plan",
    "exporters",
    "left_out",
    "make_plan",
    "to_networkx",
    "whole_set",
    "write_set",
]
