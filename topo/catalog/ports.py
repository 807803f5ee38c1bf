"""The ports that a switch's cages and a host's NICs give, in number order, with the vendor's names."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from topo.catalog.models import Breakout, CageGroup, Host, HostNics, Nic, Switch
from topo.units import amount


class SwitchPort(NamedTuple):
    """One port of a switch; `cage` and `sub` count from 1."""

    cage: int
    sub: int
    breakout: Breakout
    name: str


class HostPort(NamedTuple):
    """One NIC port of a host; `nic` counts from 0 within `nics`, `port` from 0, `cage` and `sub` from 1."""

    nics: HostNics
    part: Nic
    nic: int
    port: int
    cage: int
    sub: int
    name: str


def switch_ports(part: Switch, runs: Sequence[tuple[int, Breakout]]) -> list[SwitchPort]:
    """The ports of a switch whose first cages take the first breakout of `runs` (cages, breakout), and so on."""
    cages = [breakout for count, breakout in runs for _ in range(count)]
    result: list[SwitchPort] = []
    lane = 0
    for group in part.groups:
        widest = max(b.ports * b.lanes for b in group.breakouts)
        for c in range(group.first - 1, min(group.first - 1 + group.cages, len(cages))):
            breakout = cages[c]
            pattern = _pattern(group, breakout)
            for s in range(breakout.ports):
                name = pattern.format(
                    number=len(result) + 1, cage=c + 1, sub=s + 1, cage0=c, sub0=s, lane0=lane + s * breakout.lanes
                )
                result.append(SwitchPort(c + 1, s + 1, breakout, name))
            lane += widest
    return result


def _pattern(group: CageGroup, breakout: Breakout) -> str:
    """The pattern of the names of a cage's ports."""
    if breakout.ports == 1:
        return group.port_name_whole or group.port_name
    tells = any(field in group.port_name for field in ("{sub", "{number", "{lane0"))
    return group.port_name if tells or group.breakouts[0].ports > 1 else group.port_name + "/{sub}"


def host_ports(host: Host, nic_of: Callable[[str], Nic]) -> list[HostPort]:
    """The NIC ports of a host in the order of its `nics`; `nic_of` finds a NIC by id."""
    result: list[HostPort] = []
    cage = 0
    for nics in host.nics:
        part = nic_of(nics.nic)
        for n in range(nics.count):
            for p in range(part.ports):
                sub = p % part.ports_per_cage + 1 if part.ports > 1 else n % nics.nics_per_cage + 1
                cage += sub == 1
                name = nics.port_name.format(nic=n + 1, nic0=n, port=p + 1, port0=p, cage=cage, sub=sub)
                result.append(HostPort(nics, part, n, p, cage, sub, name))
    return result


def misnamed(host: Host, ports: Sequence[HostPort]) -> tuple[str, str, str]:
    """What is wrong with the names that other systems give a host's ports: the system, the name and the words; all
    empty where a name means one port, whoever says it."""
    known = {port.name.lower(): i for i, port in enumerate(ports)}
    for system, names in host.port_names.items():
        if len(names) > len(ports):
            return system, names[len(ports)], f"names {amount(len(names), 'port')} of a host that has {len(ports):,}"
        for i, name in enumerate(names):
            other = known.setdefault(name.lower(), i) if name else i
            if other != i:
                return system, name, f"is the name of {ports[other].name} and of {ports[i].name}"
    return "", "", ""
