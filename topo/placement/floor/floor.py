"""The floor that racks stand on: the keys of a design's `floor`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from topo.catalog.models import Count, PartId, Positive, RackContent, Strict, printable

RackName = Annotated[str, Field(pattern=r"^[0-9]{1,2}[A-Z]{1,2}[0-9]{2,3}$")]
DeviceName = Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]+$", max_length=200)]
Metres = Annotated[float, Field(ge=0, le=10_000, allow_inf_nan=False)]
Apart = Annotated[float, Field(gt=0, le=10_000, allow_inf_nan=False)]
"""Metres from one to the next."""


class Place(Strict):
    """Where one device stands, whatever the rule says."""

    rack: RackName = Field(description="hall, row and position: 1C07")
    ru: Count = Field(description="lowest rack unit of the device, from 1 at the bottom")


class PairLength(Strict):
    """The measured length of every cable between two racks."""

    racks: tuple[RackName, RackName] = Field(strict=False, description="the two racks")
    length_m: Apart = Field(description="length of the cables between them")


class PatchPanels(Strict):
    """Patch panels: the cables that `where` names become a cord, a trunk between panels, and a cord."""

    part: PartId = Field("mpo-panel-1u", description="panel part; the cables it joins end in its connector")
    where: Literal["between-rows", "between-racks"] = Field(
        "between-rows", description="which cables pass panels: those between rows, or all that leave their rack"
    )


RuleName = Literal["middle-of-row", "leaf-in-rack", "rail-rows", "block"]


class Floor(Strict):
    """The floor plan. Every key has a default, so `floor: {}` is a plan."""

    rule: RuleName = Field(
        "middle-of-row",
        description="where switches with hosts stand: in the middle of their hosts' row, in their hosts' rack, in rows "
        "of their own ordered by rail, or in rows of their own ordered by plane and pod",
    )
    rule_of: dict[Annotated[str, Field(max_length=100)], RuleName] = Field(
        {}, description="the rule for the switches of one network, by its name, instead of `rule`"
    )
    switch_rows: Literal["middle", "first", "last"] = Field(
        "middle", description="where the rows of all other switches stand; `first` stays put when the fabric grows"
    )
    room_for_gpus: Annotated[int, Field(gt=0, le=1_000_000)] | None = Field(
        None,
        description="place the fabric as part of one of this many GPUs, so that devices stand where they will stand "
        "then: growth up to there moves none",
    )
    site: Annotated[str, Field(max_length=40), AfterValidator(printable)] = Field(
        "", description="name of the site, for the schedule"
    )
    rack: PartId = Field("rack-48u", description="rack part")
    racks_of: dict[Annotated[str, Field(max_length=100)], PartId] = Field(
        {},
        description="rack part by host part or network, instead of `rack`; hosts and switches that are named so stand "
        "in no other, and `rack_power_w` is not theirs",
    )
    contents: tuple[RackContent, ...] = Field(
        (), strict=False, description="what every rack holds beside devices and what its part brings: power strips, ..."
    )
    racks_per_row: Annotated[int, Field(ge=2, le=200)] = Field(24, description="rack positions of a row")
    rows_per_hall: Annotated[int, Field(ge=1, le=200)] = Field(30, description="rows of a hall")
    halls: Annotated[int, Field(ge=1, le=99)] | None = Field(None, description="halls; default: as many as it takes")
    hosts_per_rack: Count | None = Field(
        None, description="at most, where units and power allow it; default: as many as they do"
    )
    hosts_per_rack_of: dict[PartId, Count] = Field(
        {},
        description="hosts of a rack by host part, instead of `hosts_per_rack`; each kind has racks of its own",
    )
    row_power_w: Positive | None = Field(
        None, description="power that all racks of a row can draw together; more of what is known is refused"
    )
    hall_power_w: Positive | None = Field(
        None, description="power that all racks of a hall can draw together; more of what is known is refused"
    )
    rack_power_w: Positive | None = Field(None, description="power a rack can draw; default: the rack part's")
    spare_units: Annotated[int, Field(ge=0, le=40)] = Field(
        2, description="units of every rack kept free, for management and panels"
    )
    rack_pitch_m: Apart | None = Field(None, description="distance of racks in a row; default: the part's width")
    row_pitch_m: Apart = Field(3.0, description="distance of rows, aisle included")
    hall_gap_m: Metres = Field(20.0, description="way from hall to hall")
    cross_trays: tuple[Annotated[float, Field(ge=0, le=1)], ...] = Field(
        (0.0, 0.5, 1.0), strict=False, min_length=1, description="where trays cross the rows, from 0 (start) to 1 (end)"
    )
    entry: Literal["overhead", "underfloor"] = Field("overhead", description="where cables leave a rack")
    tray_m: Metres = Field(0.5, description="tray above the rack's top, or below the floor")
    tray_mm2: Positive = Field(60_000.0, description="cross-section of a tray, 600 by 100 mm")
    tray_fill_percent: Annotated[float, Field(gt=0, le=100)] = Field(
        50.0,
        description="how much of a tray's cross-section cables may take; default: the maximum of ANSI/TIA-569-E for "
        "cable trays (from memory: half the section taken by cables that lie at random is a full tray)",
    )
    slack_m: Metres = Field(1.0, description="reserve of every cable, both ends together")
    patch_panels: PatchPanels | None = Field(
        None, description="patch panels in the racks; they take units that `spare_units` keeps free"
    )
    improve: Literal["length", "optics"] | None = Field(
        None,
        description="what a search improves over the rule, in the racks that the rule uses: the length of all routes, "
        "or the number of cables that copper cannot be",
    )
    improve_work: Annotated[float, Field(gt=0, le=3600)] = Field(
        30.0,
        description="effort of the search: about seconds of one processor, but counted in steps and not by a clock, so "
        "that the same design gives the same plan everywhere",
    )
    devices: dict[DeviceName, Place] = Field({}, description="devices that stand elsewhere than the rule says")
    rack_pairs: tuple[PairLength, ...] = Field((), strict=False, description="measured lengths between racks")

    def most_hosts(self, part: str) -> int | None:
        """Hosts of this part that a rack may hold; None where only units and power say."""
        return self.hosts_per_rack_of.get(part, self.hosts_per_rack)
