"""Keys of every fat-tree, and how they are read."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, PrivateAttr, field_validator

from topo.catalog.models import Count, Gbps, PartId, Strict
from topo.generators.family import NetworkParams
from topo.units import ratio

Ports = Annotated[int, Field(ge=0, le=100_000)]


class ReservedPorts(Strict):
    """Ports left free on purpose on every switch of a tier."""

    leaf: Ports = Field(0, description="ports of every leaf, at the speed of its endpoint links")
    spine: Ports = Field(0, description="ports of every spine")
    core: Ports = Field(0, description="ports of every core")


class TreeParams(NetworkParams):
    """Keys of every fat-tree."""

    SIZES: ClassVar[tuple[str, ...]] = ("spines", "cores", "build_for_gpus")

    spine_switch: PartId | None = Field(None, description="switch part of the spine tier; default: `switch`")
    core_switch: PartId | None = Field(None, description="switch part of the core tier; default: the spine's part")
    uplink_gbps: Gbps | None = Field(None, description="speed of switch-to-switch links; default: as endpoint links")
    oversubscription: float | str = Field(
        1.0,
        description="down:up bandwidth at a leaf, as 1, 1.5 or '3:1'; 1.067, which no split of ports gives, is read as "
        "16:15, of which it is the rounding, and so are others of two places or more",
    )
    spine_oversubscription: float | str = Field(
        1.0, description="down:up bandwidth at a spine that has a core tier above it"
    )
    spines: Count | None = Field(
        None,
        description="spine switches of a pod, or of a plane of two tiers; default: the fewest that `spread` allows",
    )
    cores: Count | None = Field(
        None, description="core switches of a plane of three tiers; default: the fewest that `spread` allows"
    )
    spread: Literal["even", "by-one"] | None = Field(
        None,
        description="links from a leaf to the spines of its pod, and from a spine to its cores: equally many (`even`), "
        "or numbers that differ by at most one (`by-one`); default: even, but by-one where a given number of spines or "
        "cores divides nothing",
    )
    uplinks: Count | None = Field(
        None, description="uplinks of a leaf; default: the split of its ports that meets `oversubscription`"
    )
    hosts_per_leaf: Count | None = Field(None, description="hosts of a leaf; default: as many as fit")
    packing: Literal["full", "balanced"] = Field(
        "full", description="leaves filled in order (`full`), or the same leaves filled as equally as can be"
    )
    min_leaves: Count | None = Field(
        None,
        description="the least number of leaves (of a plane), filled alike where the hosts need fewer; default: as "
        "many as the hosts need",
    )
    leaves_per_pod: Count | None = Field(
        None, description="leaves of a pod of three tiers; default: the most that its spines can join"
    )
    homing: Literal["single", "dual"] = Field(
        "single",
        description="`dual`: the ends of a host in a network, or in each of its planes, go in turn to the two leaves "
        "of a pair, so that no host is lost with a leaf",
    )
    peer_links: Count | None = Field(
        None,
        description="links between the two leaves of a pair of `homing: dual`, at the speed of endpoint links; they "
        "are cabled as backups and carry nothing; default: none",
    )
    lone: bool = Field(
        False,
        description="a network, or each of its planes, is one switch with all ports down: refused where one cannot "
        "hold it; default: false, as a leaf with uplinks has room to grow (rail-only: true where one holds it)",
    )
    reserve_ports: ReservedPorts = Field(
        ReservedPorts(leaf=0, spine=0, core=0),
        description="ports left free on purpose, as {leaf: n, spine: n, core: n}; default: none",
    )
    build_for_gpus: Annotated[int, Field(gt=0, le=10_000_000)] | None = Field(
        None,
        description="upper tiers are bought and ports kept for this many GPUs; default: the design's own number",
    )

    _core_share: int | None = PrivateAttr(None)

    @property
    def core_share(self) -> int | None:
        """Spine indices of a core group that stand in a design that this one grows from; None where any do."""
        return self._core_share

    def with_core_share(self, share: int) -> Self:
        """The keys for core groups of so many spine indices, where the sizes allow them."""
        result = self.model_copy()
        result._core_share = share
        return result

    @field_validator("oversubscription", "spine_oversubscription")
    @classmethod
    def _is_ratio(cls, value: float | str) -> float | str:
        ratio(value)
        return value


class RailKeys(TreeParams):
    """Keys of a tree whose leaves hold whole rails."""

    rails_per_leaf: Count | None = Field(
        None,
        description="whole rails of a leaf, a number that divides the rails (those of a plane in mpft); default: the "
        "most that fit on a leaf with all hosts, or 1; in mpft all, which keeps a host on one leaf of each plane",
    )


class RailParams(RailKeys):
    """Keys of a tree of two or three tiers whose leaves hold whole rails."""

    SIZES: ClassVar[tuple[str, ...]] = (*TreeParams.SIZES, "tiers")

    pods: Literal["scalable-unit", "rail"] = Field("scalable-unit", description="what a pod of three tiers holds")
    tiers: Literal[2, 3] | None = Field(None, description="default: two while they fit, then three")
