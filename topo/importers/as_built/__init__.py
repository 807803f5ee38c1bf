"""Cables as somebody found or planned them: what tools print and what people keep in tables. One file per form."""

from topo.importers.as_built.infiniband import described
from topo.importers.as_built.model import UNFITTED, AsBuilt, Fitted, Loose, Remark, Seen
from topo.importers.as_built.reader import Reader, Reading, files_of, pieces, read_as_built, readers

__all__ = [
    "UNFITTED", "AsBuilt", "Fitted", "Loose", "Reader", "Reading", "Remark", "Seen", "described", "files_of", "pieces",
    "read_as_built", "readers",
]  # fmt: skip
