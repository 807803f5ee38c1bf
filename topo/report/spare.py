"""What a network has beyond need, by tier, with its price and the key that would avoid it.

Switches beyond need are found by sizing the network again with another key; what that costs in throughput is found by
building it and asking both. Free ports are counted.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from topo.catalog import PriceBook
from topo.design import Design, build
from topo.design.model import Network
from topo.design.wire import lends
from topo.errors import InputError, LimitReachedError
from topo.fabric import Fabric
from topo.generators import Counts
from topo.generators.sizing import counts_of
from topo.generators.trees.leaf_kinds import UnlikeParams
from topo.generators.trees.params import RailKeys, TreeParams
from topo.solvers.budget import QUESTION_S
from topo.units import amount, count

ASKED = 20_000
"""Endpoints of a network up to which the throughput of alternatives is asked."""
LIMIT_SHARE = 1 / 6
"""Of the limit of a question, what an alternative is asked for."""
ROUTINGS = ("adaptive", "spray")
GROWN = "grow_from"
"""The key of a design that grows from another, whose switches keep their names."""
TIERS = ("leaf", "spine", "core")
SIZED = (
    "hosts_per_leaf", "rails_per_leaf", "uplinks", "min_leaves", "leaves_per_pod", "tiers", "pods", "reserve_ports",
)  # fmt: skip
"""Keys that may ask for more switches than their default."""


@dataclass(frozen=True)
class Spare:
    """`number` things of a tier beyond need; `key: value` would avoid them at what `costs` says. `usd` is None where no
    price book knows."""

    tier: str
    what: str
    number: int
    usd: float | None = None
    key: str = ""
    value: str | int = ""
    costs: str = ""

    def to_json(self) -> dict[str, Any]:
        """The report's keys; absent where not known."""
        result: dict[str, Any] = {"tier": self.tier, "what": self.what, "number": self.number}
        if self.usd is not None:
            result["usd"] = self.usd
        if self.key:
            result["avoid"] = {"key": self.key, "value": self.value, "costs": self.costs}
        return result

    def words(self) -> str:
        """One line for people."""
        price = f", {count(round(self.usd))} USD" if self.usd is not None else ""
        avoid = f": `{self.key}: {self.value}` {self.costs}" if self.key else ""
        what = (
            _many(self.number, self.tier)
            if self.what == "switches"
            else f"{count(self.number)} {self.tier} {self.what}"
        )
        return f"spare: {what}{price}{avoid}"


def _many(number: int, tier: str = "") -> str:
    """How many switches, of a tier."""
    return f"{count(number)} {tier} {'switch' if number == 1 else 'switches'}".replace("  ", " ")


def spare_of(
    design: Design,
    network: Network,
    counts: Counts,
    fabric: Fabric,
    book: PriceBook | None = None,
    ask: bool = True,
    limit_s: float = QUESTION_S,
) -> tuple[Spare, ...]:
    """What a network has beyond need: switches that another key would save, then free ports, by tier. `fabric` is the
    design's. Of a network that shares spines with another only the ports are told. Unless `ask`, what becomes of the
    throughput is not asked of a solver, nor told; `limit_s` is that of a question."""
    ports = tuple(Spare(tier, "ports", n) for tier, n in counts.spare.items() if n > 0)
    params = network.params
    if not isinstance(params, TreeParams) or lends(design, network):
        return ports
    book = book or (design.catalog.price_book(design.file.price_book) if design.file.price_book else None)
    best: dict[str, tuple[int, int, str, str | int, TreeParams]] = {}
    for nth, (key, value, other) in enumerate(_choices(design, network, params)):
        try:
            less = counts_of(other, design.groups, network.name, design.catalog)
        except InputError:
            continue
        saved = sum(counts.switches.values()) - sum(less.switches.values())
        for tier in TIERS:
            if saved > 0 and counts.switches.get(tier, 0) > less.switches.get(tier, 0):
                result = (saved, -nth, key, value, other)
                best[tier] = max(best.get(tier, result), result, key=lambda f: f[:2])
    told: dict[str, str] = {}
    switches = []
    for tier, (saved, _, key, value, other) in best.items():
        number = counts.switches[tier] - counts_of(other, design.groups, network.name, design.catalog).switches.get(
            tier, 0
        )
        if key not in told:
            free = replace(design, grown=None) if key == GROWN else design
            costs = _costs(free, network, other, fabric, LIMIT_SHARE * limit_s) if ask else ""
            told[key] = f"needs {_many(saved)} fewer; {costs}"
        usd = _price(design, params, tier, book)
        switches.append(Spare(tier, "switches", number, None if usd is None else usd * number, key, value, told[key]))
    return (*switches, *ports)


def _choices(design: Design, network: Network, params: TreeParams) -> Iterator[tuple[str, str | int, TreeParams]]:
    """Other keys that may need less. Sizes that only the design that this one grows from gives have one key: that it
    grows from it."""
    given = design.file.networks.get(network.name, {})
    held = {k for k in type(params).model_fields if k not in given} if design.grown else set()
    for key, value, other in _others(params):
        if key not in held or value != "left out":
            yield key, value, other
    if design.grown:
        own = type(params).model_validate(given)
        if own != params:
            yield GROWN, "left out", own


def _others(params: TreeParams) -> Iterator[tuple[str, str | int, TreeParams]]:
    """Other keys that may need less: (key, value, all keys)."""

    def changed(**keys: object) -> TreeParams:
        return params.model_copy(update=keys)

    if not params.lone:
        yield "lone", "true", changed(lone=True)
    if params.build_for_gpus is not None:
        yield "build_for_gpus", "left out", changed(build_for_gpus=None)
    if params.spread != "by-one":
        yield "spread", "by-one", changed(spread="by-one")
    for key in ("spines", "cores"):
        if getattr(params, key) is not None:
            yield key, "left out", changed(**{key: None})
    for key in SIZED:
        given = getattr(params, key, None)
        if given is not None and given != type(params).model_fields[key].get_default():
            yield key, "left out", changed(**{key: type(params).model_fields[key].get_default()})
    if isinstance(params, RailKeys):
        for rails in (2, 3, 4, 6, 8):
            if rails != params.rails_per_leaf:
                yield "rails_per_leaf", rails, changed(rails_per_leaf=rails)


def _costs(design: Design, network: Network, other: TreeParams, fabric: Fabric, limit_s: float) -> str:
    """What becomes of all-to-all traffic, by asking both fabrics."""
    endpoints = int((fabric.endpoints.network == fabric.network_row(network.name)).sum())
    if endpoints > ASKED:
        return f"throughput is not asked above {amount(ASKED, 'endpoint')}"
    from topo.analysis.throughput import throughput

    changed = build(replace(design, networks=(Network(network.name, other),)))
    words = []
    for routing in ROUTINGS:
        try:
            before, after = (
                throughput(f, "all-to-all", routing, network.name, time_limit_s=limit_s, certified=False)
                for f in (fabric, changed)
            )
        except LimitReachedError:
            words.append(f"{routing} is not known within {limit_s:g} s")
            continue
        words.append(f"{routing} {_change(before.lower, after.lower)}")
    return f"all-to-all: {', '.join(words)}"


def _change(before: float, after: float) -> str:
    if abs(before - after) <= 1e-6 * max(before, after, 1e-9):
        return f"stays {before:.4g}"
    return f"{'falls' if after < before else 'rises'} from {before:.4g} to {after:.4g}"


def _price(design: Design, params: TreeParams, tier: str, book: PriceBook | None) -> float | None:
    """The price of one switch of a tier; None where no book knows it, or its leaves are of several parts."""
    if (
        tier == "leaf"
        and isinstance(params, UnlikeParams)
        and {k.switch for k in params.leaves} - {None, params.switch}
    ):
        return None
    spine = params.spine_switch or params.switch
    part = {"leaf": params.switch, "spine": spine, "core": params.core_switch or spine}[tier]
    return book.switch_price_usd(part, design.catalog.switch(part).ports) if book else None


def words_of(result: Sequence[Any]) -> list[str]:
    """Lines of the report's list, switches each on a line of its own and free ports on one."""
    lines = [Spare(**_flat(one)).words() for one in result if one["what"] == "switches"]
    ports = [f"{count(one['number'])} {one['tier']}" for one in result if one["what"] == "ports"]
    return lines + ([f"free ports: {', '.join(ports)}"] if ports else [])


def _flat(one: Any) -> dict[str, Any]:
    avoid = one.get("avoid", {})
    return {k: one[k] for k in ("tier", "what", "number", "usd") if k in one} | dict(avoid)
