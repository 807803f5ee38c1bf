"""YAML as a strict, small language: plain values only, a line for every key, every mistake reported at once."""

from topo.yamlfile.messages import validated
from topo.yamlfile.reader import MAX_BYTES, MAX_DEPTH, Document, Keys, dotted, parse, read

__all__ = ["MAX_BYTES", "MAX_DEPTH", "Document", "Keys", "dotted", "parse", "read", "validated"]
