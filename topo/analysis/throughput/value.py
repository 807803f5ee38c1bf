"""The answer: how many times a traffic matrix fits through a network."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from topo.interval import span
from topo.notebook import table
from topo.units import amount, verb

if TYPE_CHECKING:
    from topo.analysis.demand import Demand
    from topo.analysis.routing import Routed
    from topo.analysis.throughput.nearby import Start
    from topo.fabric.model import FloatArray


@dataclass(frozen=True)
class Throughput:
    """How many times the traffic fits: [lower, upper] with the endpoint links, [network_lower, network_upper] without.

    1.0 is line rate, math.inf unbounded (nothing is carried). `exact`: both intervals are single rational numbers.
    `certificate` is JSON data for `topo.verify_certificate`, None where a routing has none. `samples` tells the
    distribution over seeds of a hashed routing; `cut_off` names endpoints that lost peers; `worst_links` the most
    loaded links, worst first, where the routing's loads are known. `arc_use` is the share in use at t = 1 of every arc
    of the network (`SwitchNetwork`: shape (2 * edges,)) in the adaptive routing behind the lower bound, if at hand;
    `walks` where a question near by may start. `routed` is the answer of a routing that leaves no choice, `demand` the
    traffic between the switches.
    """

    traffic: str
    routing: str
    lower: float
    upper: float
    network_lower: float
    network_upper: float
    exact: bool
    certificate: dict[str, Any] | None = None
    samples: Mapping[str, Any] | None = None
    cut_off: tuple[str, ...] = ()
    worst_links: tuple[str, ...] = ()
    arc_use: FloatArray | None = field(default=None, compare=False, repr=False)
    walks: Start | None = field(default=None, compare=False, repr=False)
    routed: Routed | None = field(default=None, compare=False, repr=False)
    demand: Demand | None = field(default=None, compare=False, repr=False)

    def counted(self) -> Throughput:
        """With pairs that no path joins counted: the same where there are none, else 0, which needs no proof beyond
        that endpoints are cut off. The certificate stays that of the pairs with a path."""
        if not self.cut_off:
            return self
        return replace(self, lower=0.0, upper=0.0, network_lower=0.0, network_upper=0.0, exact=True)

    def __repr__(self) -> str:
        ends = span(self.lower, self.upper)
        proof = "with certificate" if self.certificate is not None else "no certificate"
        if self.cut_off:
            proof += (
                f" of the pairs with a path: {amount(len(self.cut_off), 'endpoint')} "
                f"{verb(len(self.cut_off), 'are')} cut off"
            )
        return f"<Throughput of {self.traffic}, {self.routing}: {ends}, {proof}>"

    def _repr_html_(self) -> str:
        rows = [("lower", f"{self.lower:.6g}"), ("upper", f"{self.upper:.6g}"), ("exact", str(self.exact))]
        network = [("network alone", span(self.network_lower, self.network_upper))]
        return table(f"throughput of {self.traffic}, {self.routing}", rows + network)
