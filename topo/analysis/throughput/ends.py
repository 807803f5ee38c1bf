"""The two intervals of a throughput: with the endpoint links, and of the network alone."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TypedDict

from topo.interval import Interval


class Named(TypedDict):
    """The four ends by the names of `Throughput`, infinite where unbounded."""

    lower: float
    upper: float
    network_lower: float
    network_upper: float


@dataclass(frozen=True)
class Ends:
    """The largest t in units of line rate: `whole` with the endpoint links, `network` without."""

    whole: Interval
    network: Interval

    @property
    def exact(self) -> bool:
        """Both are known."""
        return self.whole.exact and self.network.exact

    def claim(self) -> dict[str, str]:
        """As a certificate claims them."""
        return self.whole.claim() | self.network.claim("network_")

    def floats(self) -> Named:
        """As floating point."""
        lower, upper = self.whole.floats()
        network_lower, network_upper = self.network.floats()
        return {"lower": lower, "upper": upper, "network_lower": network_lower, "network_upper": network_upper}


def limited(network: Interval, endpoint_limit: Fraction | None) -> Ends:
    """What a network carries where its endpoint links allow at most this."""
    return Ends(network.least(endpoint_limit), network)
