"""The version of topo."""

__version__ = "1.0.0rc1"
