"""The version of topo."""

__version__ = "0.1.0"
