"""The parts. A field that is not known is absent (None), never zero."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, ValidationInfo, field_validator, model_validator

from topo.catalog.base import (
    CageForm,
    Connector,
    Cooling,
    Count,
    Gbps,
    Network,
    Part,
    PartId,
    PlugForm,
    Positive,
    Source,
    Strict,
    Text,
    fit,
    printable,
)
from topo.catalog.patterns import HOST_FIELDS, checked_pattern
from topo.catalog.prices import CablePrice, CurrencyCode, PriceBook, RackLayout, Usd
from topo.catalog.switches import Aggregation, Breakout, CageGroup, Switch
from topo.errors import shown
from topo.units import amount, verb

__all__ = [
    "KINDS", "Aggregation", "Breakout", "Cable", "CableEnd", "CablePrice", "CageForm", "CageGroup", "Connector",
    "Count", "CurrencyCode", "Gbps", "Host", "HostNics", "LatencyModel", "Mode", "Network", "Nic", "Panel", "Part",
    "PartId", "Positive", "PriceBook", "Rack", "RackLayout", "ScaleUp", "Source", "Strict", "Switch", "SystemNames",
    "Text", "Transceiver", "Usd", "printable",
]  # fmt: skip


def _host_pattern(text: str) -> str:
    return checked_pattern(text, HOST_FIELDS)


class Nic(Part):
    """A network adapter with `ports` ports of `gbps` each, all in cages of one form."""

    network: tuple[Network, ...] = Field(strict=False)
    ports: Count
    gbps: Gbps
    lanes: Count
    cage: CageForm
    ports_per_cage: Count = Field(1, validate_default=True)
    power_w: Positive | None = None

    @field_validator("ports_per_cage")
    @classmethod
    def _cage_holds(cls, value: int, info: ValidationInfo) -> int:
        if "ports" in info.data and info.data["ports"] % value:
            raise ValueError(
                f"{amount(info.data['ports'], 'port')} {verb(info.data['ports'], 'do')} not fill cages of {value}"
            )
        fit(info, value, info.data.get("lanes", 1))
        return value


class HostNics(Strict):
    """`count` NICs of one part for one network. `port_name` may use {nic}, {port}, {cage}, {sub} (from 1), {nic0} and
    {port0}; cages are counted over the whole host."""

    network: PartId = "compute"
    nic: PartId
    count: Count
    nics_per_cage: Count = Field(1, description="one-port NICs that share a cage, as in a DGX")
    port_name: Annotated[str, Field(min_length=1, max_length=64), AfterValidator(_host_pattern)]


class ScaleUp(Strict):
    """The scale-up domain of a host: bandwidth of one GPU into it, one direction."""

    name: Text
    gbps_per_gpu: Gbps
    effective_gbps_per_gpu: Gbps | None = None
    hosts_per_domain: Count = 1
    planes: Count | None = Field(
        None, description="switches of the domain, each with an equal share of every GPU's links"
    )
    aggregation: bool = Field(False, description="the domain's switches sum and copy what passes them")


class SystemNames(dict[str, tuple[str, ...]]):
    """System -> what it calls the ports of a host, in their order; never changed once made."""

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(tuple(sorted(self.items())))


def _system_names(names: dict[str, tuple[str, ...]]) -> SystemNames:
    for system, words in names.items():
        twice = next((w for w in words if w and words.count(w) > 1), "")
        if twice:
            raise ValueError(f"{system} gives two ports the name {shown(twice)}")
    return SystemNames(names)


PortName = Annotated[str, Field(max_length=64, pattern=r"^([A-Za-z0-9][A-Za-z0-9._/:-]*)?$")]


class Host(Part):
    """A host. GPUs share the NICs of the compute network evenly: with n NICs and g GPUs, NIC i serves GPUs
    floor(i*g/n) .. or, with more NICs than GPUs, GPU floor(i*g/n)."""

    gpus: Annotated[int, Field(ge=0, le=1024)]
    nics: tuple[HostNics, ...] = Field(min_length=1, strict=False)
    port_names: Annotated[
        dict[PartId, Annotated[tuple[PortName, ...], Field(min_length=1, max_length=4096, strict=False)]],
        AfterValidator(_system_names),
    ] = Field(
        SystemNames(),
        description="what other systems (`linux`, `ibstat`) call the ports, in the order of `nics`; a shorter list "
        'names the first ports, "" one that has no name there',
    )
    scale_up: ScaleUp | None = None
    rack_units: Count | None = None
    power_max_w: Positive | None = None
    name_prefix: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$")] = "host"


class Mode(Strict):
    """One way to run a module or a cable: `links` links of `gbps` over `lanes` lanes each."""

    links: Count
    gbps: Gbps
    lanes: Count


class Transceiver(Part):
    """A module for one cage: `links` links of `gbps` each, or as one of `also`, over `connectors` fibre connectors.

    A link of a mode with fewer links than connectors takes connectors / links straight fibres; a mode with more takes
    splitter fibres, links / connectors ways.
    """

    form: CageForm
    links: Count
    gbps: Gbps = Field(description="speed of one link")
    lanes: Count = Field(description="lanes of one link")
    also: tuple[Mode, ...] = Field((), strict=False, description="other ways to run the module")
    medium: Literal["multimode", "single-mode"]
    optics: Text = Field(description="optical standard of one link, such as SR4 or DR4; both ends must agree")
    connector: Connector
    connectors: Count = Field(1, description="fibre connectors of the module")
    reach_m: Positive
    power_w: Positive | None = None
    built_in: bool = Field(
        False, description="co-packaged: part of every switch or NIC with such cages, which take the fibre themselves; "
        "not bought, not counted, its power is in theirs",
    )  # fmt: skip

    @field_validator("also")
    @classmethod
    def _lanes_fit(cls, also: tuple[Mode, ...], info: ValidationInfo) -> tuple[Mode, ...]:
        for mode in also:
            fit(info, mode.links, mode.lanes)
        return also

    @field_validator("lanes")
    @classmethod
    def _cage_holds(cls, value: int, info: ValidationInfo) -> int:
        fit(info, info.data.get("links", 1), value)
        return value

    @field_validator("built_in")
    @classmethod
    def _draws_nothing_of_its_own(cls, built_in: bool, info: ValidationInfo) -> bool:
        if built_in and info.data.get("power_w") is not None:
            raise ValueError("optics that are built in draw their power from the switch's own figure: no power_w")
        return built_in

    @property
    def modes(self) -> tuple[Mode, ...]:
        """Every way to run the module, the default first."""
        return (Mode(links=self.links, gbps=self.gbps, lanes=self.lanes), *self.also)


class CableEnd(Strict):
    """One end: `count` plugs of a form. A fibre's form is its connector."""

    form: PlugForm
    count: Count = 1


class Cable(Part):
    """A cable or fibre: from end a to end b, carrying `links` links, or as one of `also`. Sold in `lengths_m`, each at
    most `max_m`."""

    medium: Literal["passive-copper", "active-copper", "aoc", "multimode", "single-mode"]
    a: CableEnd
    b: CableEnd
    links: Count
    gbps: Gbps | None = Field(None, description="speed of one link; absent for plain fibre")
    also: tuple[Mode, ...] = Field((), strict=False, description="other ways to use the cable")
    lengths_m: tuple[Positive, ...] = Field((), strict=False)
    max_m: Positive | None = None
    power_w: Positive | None = Field(None, description="both ends together")
    diameter_mm: Positive | None = None
    kg_per_m: Positive | None = None
    delay_ns_per_m: Positive | None = None


class RackContent(Strict):
    """What stands in every rack of a part or a floor beside the devices of the fabric: trays, shelves, power strips.
    Devices of the part that it `holds`, `each` of them, take its units and none of their own."""

    name: Text = Field(description="what it is, for people")
    count: Count = Field(1, description="how many a rack has")
    rack_units: Annotated[int, Field(ge=0, le=100)] = Field(1, description="units of one; 0 for what stands beside")
    power_w: Annotated[float, Field(ge=0, le=1e6, allow_inf_nan=False)] | None = Field(
        None, description="what one draws at most; unknown where it is left out"
    )
    where: Literal["bottom", "top"] = Field("bottom", description="where they stand, in the order of the list")
    holds: PartId | None = Field(None, description="switch part whose devices stand in it")
    each: Count = Field(1, description="how many of them one holds")


class Rack(Part):
    """A rack: what fits in it, what it can feed and cool, what it comes with (`contents`), and how many `hosts` it
    takes where its maker says so."""

    rack_units: Count
    power_w: Positive
    cooling: Cooling | None = None
    width_mm: Positive
    depth_mm: Positive
    contents: tuple[RackContent, ...] = Field((), strict=False)
    hosts: Count | None = None

    @model_validator(mode="after")
    def _holds_its_contents(self) -> Rack:
        units = sum(content.count * content.rack_units for content in self.contents)
        if units >= self.rack_units:
            raise ValueError(f"its contents take {units:,} of {amount(self.rack_units, 'unit')}: nothing else fits")
        return self


class Panel(Part):
    """A patch panel: `positions` adapters, each taking one cord at the front and at the rear a trunk, or one of the
    `trunk_legs` plugs that a trunk has at either end."""

    positions: Count
    rack_units: Count
    connector: Connector = Field(description="plug of the cords at the front")
    rear: Connector = Field(description="plug of the trunks at the rear")
    trunk_legs: Count = Field(
        1, description="plugs at either end of the trunks it takes, side by side: 12 of MPO-12 for 144 fibres"
    )

    @model_validator(mode="after")
    def _takes_whole_trunks(self) -> Panel:
        if self.trunk_legs > self.positions:
            raise ValueError(
                f"a trunk of {amount(self.trunk_legs, 'plug')} does not fit into {amount(self.positions, 'position')}"
            )
        return self


class LatencyModel(Part):
    """Latency of a message between two GPUs: `base_us` at the two ends, `per_switch_us` for each switch on the path,
    `cable_ns_per_m` along the cables; `scale_up_us` from GPU to GPU inside a scale-up domain. The constants hold for
    messages of `message_bytes`."""

    network: Network
    message_bytes: Count
    base_us: Positive
    per_switch_us: Positive
    scale_up_us: Positive
    cable_ns_per_m: Positive


KINDS: dict[str, type[Part]] = {
    "switch": Switch,
    "host": Host,
    "nic": Nic,
    "transceiver": Transceiver,
    "cable": Cable,
    "rack": Rack,
    "panel": Panel,
    "price-book": PriceBook,
    "latency": LatencyModel,
}
"""Catalog folder -> model."""
