"""What a generator takes and gives."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Generic, Self, TypeVar

from pydantic import Field

from topo.catalog import Catalog
from topo.catalog.models import Gbps, PartId, Strict
from topo.fabric import Fabric
from topo.fabric.model import FloatArray, IntArray, StrArray, Table
from topo.generators.hosts import Attached as Attached
from topo.generators.layout import PortLayout
from topo.generators.rule import Rule
from topo.registry import Registry


class NetworkParams(Strict):
    """What every network of a design says. Each family adds its own keys. `SIZES` names those that follow from the
    number of endpoints where they are left out: re-sizing a design drops them."""

    SIZES: ClassVar[tuple[str, ...]] = ()

    family: str = Field(description="topology family")
    switch: PartId = Field(description="switch part of every tier that names no part of its own")
    endpoint_gbps: Gbps | None = Field(None, description="speed of endpoint links; default: the NIC port's speed")

    def of_any_size(self) -> Self:
        """The keys for another number of endpoints: without those of `SIZES`."""
        keys = type(self).model_fields
        dropped = {key: keys[key].get_default(call_default_factory=True) for key in self.SIZES}
        return self.model_copy(update=dropped)

    def standing(self, shape: Mapping[str, int], endpoints: int) -> Self:
        """The keys of a network that grows to so many endpoints from one of this shape (`Wiring.shape`): with sizes,
        where none are stated, in which every switch that stands keeps its name."""
        return self

    def speed_of(self, host: str) -> float | None:
        """The speed of the endpoint links of a host part, None for that of its NIC ports."""
        return self.endpoint_gbps

    def speed_key(self, host: str) -> str:
        """The key that says so."""
        return "endpoint_gbps"


@dataclass(frozen=True)
class Switches(Table):
    """Switch columns; `layout` is a row of `Wiring.layouts`. Meaning as in `topo.fabric.Devices`."""

    name: StrArray
    tier: IntArray
    plane: IntArray
    rail: IntArray
    pod: IntArray
    index: IntArray
    layout: IntArray


@dataclass(frozen=True)
class LinkEnds(Table):
    """Switch-to-switch links: rows of `Switches` and port numbers from 1; `a` is the lower tier. Links between the
    same two switches are consecutive rows."""

    a_switch: IntArray
    a_port: IntArray
    b_switch: IntArray
    b_port: IntArray
    kind: IntArray
    gbps: FloatArray


@dataclass(frozen=True)
class Lent:
    """Switches of another network that a network uses as its own: `rows` among the switches of `network`. Endpoints
    and ends of links count them behind the network's own switches."""

    network: str
    rows: IntArray


@dataclass(frozen=True)
class Wiring:
    """One wired network. `at_switch`, `at_port`, `plane`, `rail`: shape (endpoints,), where each endpoint goes.
    `link_kinds` names the codes of `links.kind`; `shape` is what `symmetries` needs to know of the sizes; `reserved`
    counts ports left free on purpose on each switch of a layout (none where empty)."""

    switches: Switches
    layouts: tuple[PortLayout, ...]
    at_switch: IntArray
    at_port: IntArray
    plane: IntArray
    rail: IntArray
    links: LinkEnds
    link_kinds: tuple[str, ...]
    shape: tuple[tuple[str, int], ...]
    reserved: tuple[int, ...] = ()
    backup: tuple[str, ...] = ()
    """Kinds of links that carry nothing."""
    outside: tuple[tuple[int, ...], ...] = ()
    """Numbers of the ports of each layout that lead out of the fabric."""
    lent: Lent | None = None


@dataclass(frozen=True)
class Counts:
    """Closed-form counts of one network: switches by tier name, links by kind (with `endpoint`), and the number of
    switches on the longest shortest path between two endpoints of a plane (0 where none are joined).

    `formula` and `source` say how and where from. `spare` counts free ports by tier name, without those reserved.
    `notes` say what follows from the keys and is not in them, `read` how ratios are read that are written rounded.
    """

    switches: Mapping[str, int]
    links: Mapping[str, int]
    max_hops: int
    formula: str
    source: str
    spare: Mapping[str, int]
    notes: tuple[str, ...] = ()
    read: tuple[str, ...] = ()


P = TypeVar("P", bound=NetworkParams)


@dataclass(frozen=True)
class Family(Generic[P]):
    """A topology family. `wire` and `counts` raise ParameterError with the nearest sizes that work."""

    title: str
    params: type[P]
    wire: Callable[[P, Attached, Catalog, str], Wiring]
    counts: Callable[[P, Attached, Catalog], Counts]
    symmetries: Callable[[Fabric, int], list[IntArray]]
    """(fabric, network row) -> proposed automorphisms, each a permutation of device rows; empty where none.

    Only switch rows count: hosts may stay in place, as a switch stands for its endpoints. All are verified before use.
    """
    brief: Callable[[P, Attached, Catalog], Counts] | None = None
    """The counts without what has to be measured on wired switches (`max_hops` is 0 then); None where nothing has."""
    rule: Rule | None = None
    """Where links belong, from the paper rather than from `wire`; checks say so where a family brings none."""
    inside: bool = False
    """Joins GPUs of one scale-up domain alone, so that it is no choice for the network of a whole cluster."""

    own_routers: bool = False
    """Its switches are routers inside their endpoints' own devices: nobody buys them."""


families: Registry[Family[Any]] = Registry("family", "topo.generators.families")


def spanning() -> tuple[str, ...]:
    """The families that join all hosts of a network, by name."""
    return tuple(name for name in families.names() if not families.get(name).inside)


def bought() -> tuple[str, ...]:
    """Those of them whose switches are bought."""
    return tuple(name for name in spanning() if not families.get(name).own_routers)


Ratio = Annotated[float | str, Field(description="down:up as 2, 1.5, '3:1' or '7/3'")]
