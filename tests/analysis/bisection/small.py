"""Small fabrics with parts that exist in memory only."""

from __future__ import annotations

from topo.catalog import Catalog
from topo.catalog.models import Breakout, Host, HostNics, Nic, Source, Switch
from topo.fabric import Fabric
from topo.generators import HostGroup, NetworkPiece, assemble, attached
from topo.generators.family import families

INVENTED = Source(document="invented for tests", read=True)


def switch(ports: int) -> Switch:
    """A switch of so many 400 Gb/s ports, called s<ports>."""
    one = Breakout(ports=1, gbps=400, lanes=4)
    return Switch(
        id=f"s{ports}",
        title="test",
        source=INVENTED,
        network=("ethernet",),
        cages=ports,
        cage="qsfp112",
        breakouts=(one,),
        ports=ports,
        port_name="{number}",
    )


def host(nics: int, nic_ports: int = 1, gpus: int | None = None) -> Host:
    """A host of so many NICs of so many ports; `gpus` defaults to one per NIC."""
    of = HostNics(nic=f"n{nic_ports}", count=nics, port_name="n{nic}p{port}")
    count = nics if gpus is None else gpus
    return Host(
        id=f"h{nics}x{nic_ports}g{count}",
        title="test",
        source=INVENTED,
        gpus=count,
        nics=(of,),
        name_prefix=f"h{nics}x{nic_ports}g{count}",
    )


def nic(ports: int) -> Nic:
    """A NIC of so many 400 Gb/s ports, called n<ports>."""
    return Nic(
        id=f"n{ports}",
        title="test",
        source=INVENTED,
        network=("ethernet",),
        ports=ports,
        gbps=400,
        lanes=4,
        cage="qsfp112",
    )


CATALOG = Catalog(
    (),
    {
        **{("switch", f"s{n}"): switch(n) for n in range(2, 17)},
        **{("nic", f"n{n}"): nic(n) for n in range(1, 5)},
    },
)


def fabric(family: str, hosts: list[tuple[Host, int]], radix: int, **keys: object) -> Fabric:
    """The fabric of one network of a family; raises ParameterError where the sizes do not fit."""
    groups = [HostGroup(part, count) for part, count in hosts]
    kind = families.get(family)
    params = kind.params(family=family, switch=f"s{radix}", **keys)
    ends = attached(groups, "compute", CATALOG, params.endpoint_gbps)
    wiring = kind.wire(params, ends, CATALOG, "")
    return assemble("t", groups, [NetworkPiece("compute", family, ends, wiring)], CATALOG)
