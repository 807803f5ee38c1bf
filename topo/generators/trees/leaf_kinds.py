"""Keys of unlike leaves: of some host parts each, or without hosts and joined to the outside."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, field_validator

from topo.catalog.models import Count, Gbps, PartId, Strict
from topo.errors import shown
from topo.generators.trees.params import TreeParams

NetworkName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=64)]


class Outside(Strict):
    """Ports that lead out of the fabric."""

    ports: Count = Field(description="ports of every leaf of the kind that lead out of the fabric")
    gbps: Gbps = Field(description="their speed")


class LeafKind(Strict):
    """Leaves of some host parts, or leaves without hosts whose ports lead out of the fabric. What is left out is the
    network's."""

    role: Literal["leaf", "service", "border"] = Field(
        "leaf",
        description="`service`: leaves of storage and management hosts, or of appliances outside; `border`: leaves "
        "without hosts that join the fabric to the outside. The switches are named after it",
    )
    hosts: PartId | list[PartId] | None = Field(
        None, description="host part or parts that these leaves join; none on border leaves"
    )
    count: Count | None = Field(None, description="how many leaves (of a plane); on leaves without hosts alone")
    outside: Outside | None = Field(
        None, description="{ports, gbps}: ports of each leaf that lead out; on leaves without hosts"
    )
    uplinks: Count | None = Field(
        None,
        description="uplinks of each of these leaves; default: the network's, or the split of their ports that meets "
        "the ratio (of leaves without hosts: the fewest that meet it)",
    )
    hosts_per_leaf: Count | None = Field(
        None, description="hosts of each of these leaves; default: the network's, or as many as fit"
    )
    switch: PartId | None = Field(None, description="switch part of these leaves; default: `switch`")
    endpoint_gbps: Gbps | None = Field(None, description="speed of their endpoint links; default: the network's")
    uplink_gbps: Gbps | None = Field(
        None, description="speed of their uplinks; default: the network's, or as their endpoint links"
    )
    oversubscription: float | str | None = Field(None, description="their down:up bandwidth; default: the network's")

    @field_validator("oversubscription")
    @classmethod
    def _is_ratio(cls, value: float | str | None) -> float | str | None:
        return value if value is None else TreeParams._is_ratio(value)

    @property
    def parts(self) -> tuple[str, ...]:
        """The host parts of these leaves."""
        return (self.hosts,) if isinstance(self.hosts, str) else tuple(self.hosts or ())


class UnlikeParams(TreeParams):
    """Keys of a tree that may have unlike leaves."""

    leaves: list[LeafKind] = Field(
        [],
        description="leaves of some host parts, each with its own switch, speeds and ratio, and leaves that lead out "
        "of the fabric, all under the spines of their plane; default: one kind",
    )

    def speed_of(self, host: str) -> float | None:
        """The speed of the endpoint links of a host part, None for that of its NIC ports."""
        own = next((k.endpoint_gbps for k in self.leaves if host in k.parts), None)
        return own or self.endpoint_gbps

    def speed_key(self, host: str) -> str:
        """The key that says so."""
        own = next((i for i, k in enumerate(self.leaves) if host in k.parts and k.endpoint_gbps), None)
        return "endpoint_gbps" if own is None else f"leaves[{own}].endpoint_gbps"


Role = Literal["leaf", "service", "border"]


class LendingParams(UnlikeParams):
    """Keys of a tree that may share spines or leaves with another."""

    spines_in: NetworkName | None = Field(
        None,
        description="another network of two tiers, whose spines are this network's too: the leaves are cabled into "
        "their free ports; default: spines of its own",
    )
    spines_on: Literal["spine", "leaf", "service", "border"] | None = Field(
        None,
        description="which switches of the network `spines_in` names: its spines, or its leaves of a role, to which "
        "the leaves of this one are then cabled; default: spine",
    )
    leaves_in: NetworkName | None = Field(
        None,
        description="another network of two tiers, on whose leaves the hosts of this one are too, in free ports, with "
        "uplinks of its own; default: leaves of its own",
    )
    leaves_on: Role | None = Field(
        None, description="which leaves of the network `leaves_in` names, by their role; default: leaf"
    )

    @property
    def lender(self) -> str | None:
        """The other network, None where this one has all switches to itself."""
        return self.spines_in or self.leaves_in


def contradictions(kind: LeafKind) -> list[tuple[str, str, str, str]]:
    """(key, value, message, allowed) of each key of one kind of leaves that contradicts another."""
    result = []
    if kind.role == "border" and kind.parts:
        result.append(("hosts", ", ".join(kind.parts), "no host is cabled to a border leaf", "role: service, or leaf"))
    if kind.parts and kind.role != "border":
        with_hosts = {"count": kind.count, "outside": kind.outside}
        result += [
            (key, shown(value), "belongs to leaves without hosts: these follow from their hosts",
             "leave it out, or leaves of their own")
            for key, value in with_hosts.items() if value is not None
        ]  # fmt: skip
    elif not kind.parts and kind.role == "leaf":
        result.append(("hosts", "", "is missing", "host parts, or role: border or service with count and outside"))
    elif not kind.parts:
        result += [
            (key, "", f"is missing: {kind.role} leaves without hosts need it", allowed)
            for key, allowed in (("count", "a whole number"), ("outside", "{ports: 8, gbps: 100}"))
            if getattr(kind, key) is None
        ]
        if kind.hosts_per_leaf is not None:
            result.append(("hosts_per_leaf", str(kind.hosts_per_leaf), "these leaves have no hosts", "leave it out"))
        if kind.endpoint_gbps is not None:
            result.append(
                ("endpoint_gbps", f"{kind.endpoint_gbps:g}", "these leaves have no endpoints", "outside.gbps")
            )
    return result
