"""The one registry of benchmark cases: frozen sizes that every benchmark sweeps over."""

from __future__ import annotations

from dataclasses import dataclass

from topo.catalog import Catalog, Host, Nic, Switch
from topo.catalog.loader import shipped_folder
from topo.catalog.models import Breakout, HostNics, Source
from topo.fabric import Fabric
from topo.generators import HostGroup, NetworkPiece, assemble, attached
from topo.generators.family import families

SOURCE = Source(document="a benchmark's part", read=True)


@dataclass(frozen=True)
class Case:
    """A full or filled tree of hosts with 8 GPUs and 8 NICs on switches of one radix."""

    family: str
    gpus: int
    radix: int = 64
    nics: int = 8
    sizes: tuple[tuple[str, int | str], ...] = ()
    """Further keys of the family."""

    @property
    def name(self) -> str:
        """As `mpft-16384`, or `ft2-512-k32` for another radix."""
        return f"{self.family}-{self.gpus}" + (f"-k{self.radix}" if self.radix != 64 else "")


CASES = (
    Case("ft2", 128, 16),
    Case("ft2", 512, 32),
    Case("ft2", 2048),
    Case("mrft", 2048),
    Case("mpft", 4096),
    Case("mpft", 8192),
    Case("mpft", 16384),
    Case("mrft", 4096),
    Case("mrft", 16384),
    Case("ft3", 128, 8, 2),
    Case("ft3", 8192),
    Case("ft3", 16384),
    Case("ft3", 32768),
    Case("ft3", 65536),
)


CANONICAL = (("p", 16), ("a", 32), ("h", 16))
FLAT = (
    Case("slim-fly", 200, sizes=(("q", 5), ("p", 4))),
    Case("slim-fly", 2704, sizes=(("q", 13), ("p", 8))),
    Case("slim-fly", 16384, sizes=(("q", 23), ("p", 16))),
    Case("slim-fly", 16928, sizes=(("q", 23), ("p", 16))),
    Case("slim-fly", 26912, sizes=(("q", 29), ("p", 16))),
    Case("dragonfly", 72, sizes=(("p", 2), ("a", 4), ("h", 2))),
    Case("dragonfly", 16384, sizes=(*CANONICAL, ("arrangement", "circulant"))),
    Case("dragonfly", 261632, sizes=(*CANONICAL, ("g", 511))),
    Case("jellyfish", 16384),
)
"""Families without tiers."""


def case(name: str) -> Case:
    """The case of a name."""
    return next(found for found in CASES if found.name == name)


@dataclass(frozen=True)
class Inputs:
    """What a generator gets: hosts, their parts, and the family's parameters."""

    family: str
    groups: tuple[HostGroup, ...]
    parts: Catalog
    params: dict[str, object]


def inputs(one: Case) -> Inputs:
    """The inputs of a case, made outside of what is measured."""
    switch = Switch(
        id="sw", title="t", source=SOURCE, network=("ethernet",), cages=one.radix // 2, cage="osfp-twin",
        breakouts=(Breakout(ports=2, gbps=400, lanes=4),), ports=one.radix, port_name="{cage}/{sub}",
    )  # fmt: skip
    nic = Nic(id="nic", title="t", source=SOURCE, network=("ethernet",), ports=1, gbps=400, lanes=4, cage="osfp")
    host = Host(
        id="h", title="t", source=SOURCE, gpus=one.nics,
        nics=(HostNics(nic="nic", count=one.nics, port_name="mlx5_{nic0}"),),
    )  # fmt: skip
    known = {("switch", "sw"): switch, ("nic", "nic"): nic, ("host", "h"): host}
    groups = (HostGroup(host, one.gpus // one.nics),)
    return Inputs(
        one.family,
        groups,
        Catalog((shipped_folder(),), known),
        {"family": one.family, "switch": "sw", **dict(one.sizes)},
    )


def fabric(given: Inputs) -> Fabric:
    """The whole generator: endpoints, wiring, every device, port and link with its name."""
    family = families.get(given.family)
    params = family.params.model_validate(given.params)
    ends = attached(given.groups, "compute", given.parts)
    wiring = family.wire(params, ends, given.parts, "")
    return assemble("b", given.groups, [NetworkPiece("compute", given.family, ends, wiring)], given.parts)
