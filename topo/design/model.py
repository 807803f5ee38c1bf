"""The design file's keys, and the frozen value that the rest of topo works with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from topo.analysis.money import CostTerms
from topo.analysis.reliability.rates import GroupRule, Rate, Rates
from topo.catalog import Catalog
from topo.catalog.models import Count, PartId, Positive, Strict, Text
from topo.checks import RequirementParams
from topo.fabric import Fabric
from topo.generators import HostGroup, NetworkParams
from topo.notebook import table
from topo.placement import Floor
from topo.units import amount
from topo.yamlfile import Document

if TYPE_CHECKING:
    from topo.importers.site_names import SiteNames

Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=64)]


class OtherHosts(Strict):
    """Hosts beside the GPU hosts: storage servers, management nodes."""

    host: PartId = Field(description="host part")
    count: Count = Field(description="how many")


class Keep(Strict):
    """What of a placement is given."""

    keep: Annotated[str, Field(min_length=1, max_length=400)] = Field(
        description="a `placement.json` that `topo build` wrote, beside this file: what stands somewhere stays there "
        "while it fits"
    )


class DesignFile(Strict):
    """A design: what is wanted, in as few words as possible."""

    name: Name = Field(description="name of the design and of its fabric")
    title: Text = Field("", description="one line for people")
    gpus: Annotated[int, Field(gt=0, le=1_000_000)] = Field(description="how many GPUs")
    host: PartId = Field(description="host part that holds the GPUs")
    other_hosts: tuple[OtherHosts, ...] = Field((), strict=False, description="hosts beside the GPU hosts")
    networks: dict[Name, dict[str, Any]] = Field(
        min_length=1, description="the networks by name; the one called compute, or else the first, is the main one"
    )
    requirements: tuple[dict[str, Any], ...] = Field((), strict=False, description="what the fabric must do")
    price_book: PartId | None = Field(None, description="price book part")
    cost: CostTerms | None = Field(None, description="what is paid beside prices, and for how long: `topo cost`")
    failure_rates: dict[Name, Rate] = Field(
        {}, description="how often one thing breaks, by kind (link, module, switch, leaf, host, rack, ...), part or "
        "risk group"
    )  # fmt: skip
    repair_hours: Positive | None = Field(None, description="mean hours until what broke works again")
    risk_groups: dict[Name, GroupRule] = Field({}, description="what fails together, by name")
    lengths_m: dict[Name, Positive] = Field(
        {}, description="assumed cable length per link kind in metres, instead of the defaults"
    )
    media: Literal["single-mode", "multimode"] | None = Field(
        None, description="fibre and modules of this kind alone; default: what fits, multimode before single-mode"
    )
    spares_percent: Annotated[float, Field(ge=0, le=100)] = Field(
        0.0, description="spare modules and cables in percent, at least one of each type; 0 for none"
    )
    names: Text = Field(
        "", description="CSV file, beside the design, of planned and real names of devices, used everywhere"
    )
    floor: Floor | None = Field(None, description="the floor plan; without it cable lengths are assumed")
    grow_from: Annotated[str, Field(min_length=1, max_length=400)] | None = Field(
        None,
        description="the design that stands already, beside this file: its names, ports and cables stay wherever the "
        "family allows, and with a floor its devices stay where they stand",
    )
    placement: Keep | None = Field(None, description="what stands where already; needs a floor")

    @property
    def rates(self) -> Rates | None:
        """How often things break, and what fails together; None where the design says neither."""
        said = self.failure_rates or self.risk_groups
        return Rates(self.failure_rates, self.repair_hours, self.risk_groups) if said else None


@dataclass(frozen=True)
class Network:
    """One network of a design: its name and its family's parameters."""

    name: str
    params: NetworkParams


@dataclass(frozen=True)
class Requirement:
    """One requirement of a design. `id` is its kind and position, `line` where the design file states it."""

    id: str
    kind: str
    params: RequirementParams
    line: int


@dataclass(frozen=True)
class Design:
    """A design file that was read and validated."""

    name: str
    title: str
    path: str
    sha256: str
    document: Document
    file: DesignFile
    catalog: Catalog
    groups: tuple[HostGroup, ...]
    networks: tuple[Network, ...]
    requirements: tuple[Requirement, ...]
    site: SiteNames | None = None
    """The site's own names, which the fabric carries."""
    given: Fabric | None = None
    """The fabric itself, where it was imported and nothing designs it: then there is no host part and no family."""
    grown: Design | None = None
    """The smaller design that stands already, where it grows from one (`grow_from`)."""

    def __repr__(self) -> str:
        families = ", ".join(f"{n.name}: {n.params.family}" for n in self.networks)
        return f"<Design {self.name}: {amount(self.file.gpus, 'GPU')}, {families}>"

    def _repr_html_(self) -> str:
        rows = [("GPUs", f"{self.file.gpus:,}"), ("host", self.file.host)]
        rows += [(n.name, f"{n.params.family}, {n.params.switch}") for n in self.networks]
        return table(self.title or self.name, [*rows, ("requirements", f"{len(self.requirements)}")])
