"""One published figure beside ours, and its status."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from topo.catalog import Catalog, load_catalog
from topo.design.loader import parse_design
from topo.design.wire import build
from topo.fabric import Fabric

REPRODUCED = "reproduced"
ASSUMED = "reproduced under a stated assumption"
CONTRADICTED = "contradicted"
NOT_MODELLED = "not modelled"

REFERENCE = Path(__file__).parents[2] / "tests" / "data" / "reference"


@dataclass(frozen=True)
class Figure:
    """`keys` are the figures of the reference file that this row covers. `ours` is None where the model has no figure.
    `digits` are the decimals that are printed, to which ours is rounded before it is compared; `tolerance` is how far
    they may lie apart."""

    keys: tuple[str, ...]
    name: str
    published: float | str
    ours: float | str | None
    status: str
    remark: str = ""
    digits: int | None = None
    tolerance: float = 0.0

    @property
    def rounded(self) -> float | str | None:
        """Ours, to the printed decimals."""
        return self.ours if isinstance(self.ours, str) or self.ours is None else round(self.ours, self.places)

    @property
    def places(self) -> int:
        """Decimals that are compared."""
        if self.digits is not None:
            return self.digits
        return len(str(self.published).partition(".")[2]) if isinstance(self.published, float) else 0

    @property
    def agrees(self) -> bool:
        """Ours is the published figure, as printed."""
        if isinstance(self.published, str) or isinstance(self.rounded, str) or self.rounded is None:
            return self.published == self.rounded
        return abs(self.published - self.rounded) <= self.tolerance + 1e-9

    @property
    def difference(self) -> str:
        """Ours less the published, or nothing where one is text."""
        if isinstance(self.published, str) or isinstance(self.ours, str) or self.ours is None:
            return ""
        less = round(self.ours, max(self.places, 2)) - self.published
        return "0" if abs(less) < 10 ** -(self.places + 1) else f"{less:+,.4g}"


def reference(name: str) -> dict[str, Any]:
    """A reference file."""
    loaded: dict[str, Any] = yaml.safe_load((REFERENCE / f"{name}.yaml").read_text(encoding="utf-8"))
    return loaded


CATALOG: Catalog = load_catalog()


def fabric_of(
    gpus: int, compute: str, host: str = "h800-node", more: str = "", switch: str = "nvidia-qm9700"
) -> Fabric:
    """The fabric of a design with one network."""
    text = f"name: d\ngpus: {gpus}\nhost: {host}\n{more}networks:\n  compute: {{switch: {switch}, {compute}}}\n"
    return build(parse_design(text, "evidence", CATALOG))
