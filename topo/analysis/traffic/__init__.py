"""Traffic patterns: one file each, registered in `traffics`."""

from typing import TYPE_CHECKING

from topo.first_use import at_first_use

if TYPE_CHECKING:
    from topo.analysis.traffic.demanded import demand_of
    from topo.analysis.traffic.registry import traffics
    from topo.analysis.traffic.value import Question, Traffic

__all__ = ["Question", "Traffic", "demand_of", "traffics"]

__getattr__ = at_first_use(
    __name__,
    {
        "demanded": "demand_of",
        "registry": "traffics",
        "value": "Question, Traffic",
    },
)
