"""What is asked: the design's schema and its loader, with line numbers in every error."""

from topo.design.cable import Cabled, cable
from topo.design.context import context_of
from topo.design.loader import load_design, parse_design, parse_grown, with_requirements
from topo.design.model import Design, Network, Requirement
from topo.design.wire import build, closed_forms

__all__ = [
    "Cabled",
    "Design",
    "Network",
    "Requirement",
    "build",
    "cable",
    "closed_forms",
    "context_of",
    "load_design",
    "parse_design",
    "parse_grown",
    "with_requirements",
]
