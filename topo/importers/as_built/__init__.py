"""Cables as somebody found or planned them: what tools print and what people keep in tables. One file per form."""

from topo.importers.as_built.reader import UNFITTED, AsBuilt, Fitted, Reader, Seen, described, read_as_built, readers

__all__ = ["UNFITTED", "AsBuilt", "Fitted", "Reader", "Seen", "described", "read_as_built", "readers"]
