"""The mistakes that wiring checks must find: where each is made, who must name it, and who else speaks up."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from topo.fabric import HOST, LEAF, SPINE, Fabric, PortRole
from topo.generators.family import families
from topo.generators.rule import by_tiers

from . import mutate
from .positions import Places


@dataclass(frozen=True)
class Mistake:
    """A mutated fabric; `named` gives, by check, labels that one finding of it must name together. `alone`: the links
    that were hit are bundles of one link, so that `bundles` has nothing to say, whatever the case's other links are."""

    fabric: Fabric
    named: Mapping[str, set[str]]
    alone: bool = False


@dataclass(frozen=True)
class Mutation:
    """A mistake that can be made at random places. `fires` are all checks with findings: those that must name the
    place, and the others; cases that differ from the rest stand in `instead`. `cases` are where it can be made."""

    make: Callable[[Places], Mistake]
    fires: frozenset[str]
    cases: tuple[str, ...]
    instead: Mapping[str, frozenset[str]]


MUTATIONS: dict[str, Mutation] = {}
TREES = (
    "ft2", "ft2-parallel", "ft3", "mrft", "mrft-unit-pods", "mrft-rail-pods", "mpft", "mpft-multi-port", "storage",
    "rail-only", "dual-plane", "unlike", "unlike-rails", "unlike-pods",
)  # fmt: skip
LENT = ("lent",)
SHARED_LEAVES = ("shared-leaf", "shared")
LENDING = (*LENT, "lent-leaf", *SHARED_LEAVES)
FLAT = tuple(name for name in families.names() if families.get(name).rule is not by_tiers)
EVERY = TREES + FLAT
THREE_TIERS = ("ft3", "mrft-unit-pods", "mrft-rail-pods", "unlike-pods")
RAILS = ("mrft", "mrft-unit-pods", "mrft-rail-pods", "dual-plane", "unlike-rails")
PLANES = ("mpft", "mpft-multi-port", "storage", "rail-only", "dual-plane")


def mutation(
    fires: str, cases: tuple[str, ...] = TREES, **instead: str
) -> Callable[[Callable[[Places], Mistake]], Callable[[Places], Mistake]]:
    """Registers a mutation under the name of its function; `instead` keys are case names with _ for -."""

    def register(make: Callable[[Places], Mistake]) -> Callable[[Places], Mistake]:
        other = {case.replace("_", "-"): frozenset(codes.split()) for case, codes in instead.items()}
        MUTATIONS[make.__name__.replace("_", "-")] = Mutation(make, frozenset(fires.split()), cases, other)
        return make

    return register


@mutation("dark-ports uplink-spread counts")
def uplink_removed(at: Places) -> Mistake:
    link = at.uplink()
    leaf = at.port(int(at.fabric.links.a[link]))
    named = {"dark-ports": set(), "uplink-spread": {at.device(at.a(link)), leaf, at.device(at.b(link))}}
    return Mistake(mutate.removed(at.fabric, link), named)


@mutation("dark-ports uplink-spread counts", THREE_TIERS)
def core_link_removed(at: Places) -> Mistake:
    link = at.uplink(SPINE)
    spine = at.port(int(at.fabric.links.a[link]))
    return Mistake(
        mutate.removed(at.fabric, link),
        {"uplink-spread": {at.device(at.a(link)), spine, at.device(at.b(link))}, "dark-ports": {spine}},
    )


@mutation("dark-ports cut-off counts", EVERY)
def host_link_removed(at: Places) -> Mistake:
    link = at.host_link()
    host, leaf = (at.port(int(p)) for p in (at.fabric.links.a[link], at.fabric.links.b[link]))
    return Mistake(mutate.removed(at.fabric, link), {"cut-off": {at.device(at.a(link)), host}, "dark-ports": {leaf}})


@mutation("cut-off", EVERY)
def host_link_is_only_a_backup(at: Places) -> Mistake:
    link = at.host_link()
    host = at.port(int(at.fabric.links.a[link]))
    return Mistake(mutate.with_link(at.fabric, link, active=False), {"cut-off": {at.device(at.a(link)), host}})


@mutation("port-reuse dark-ports counts", EVERY)
def upper_port_used_twice(at: Places) -> Mistake:
    shared = np.bincount(at.fabric.link_b[at.uplinks], minlength=len(at.fabric.devices)) > 1
    link = at.one(np.flatnonzero(at.uplinks & shared[at.fabric.link_b]))
    others = np.setdiff1d(np.flatnonzero(at.uplinks & (at.fabric.link_b == at.b(link))), [link])
    taken = int(at.fabric.links.b[at.one(others)])
    lost = at.port(int(at.fabric.links.b[link]))
    return Mistake(mutate.with_link(at.fabric, link, b=taken), {"port-reuse": {at.port(taken)}, "dark-ports": {lost}})


@mutation("port-reuse dark-ports counts", EVERY)
def leaf_port_used_by_two_nics(at: Places) -> Mistake:
    link = at.host_link()
    neighbours = np.flatnonzero((at.fabric.link_b == at.b(link)) & (at.lower == HOST))
    taken = int(at.fabric.links.b[at.one(np.setdiff1d(neighbours, [link]))])
    return Mistake(mutate.with_link(at.fabric, link, b=taken), {"port-reuse": {at.port(taken)}})


@mutation("port-range", EVERY)
def port_beyond_the_radix(at: Places) -> Mistake:
    port = int(at.fabric.links.b[at.uplink()])
    device = int(at.fabric.ports.device[port])
    radix = int(at.fabric.port_start[device + 1] - at.fabric.port_start[device])
    fabric = mutate.renamed_port(at.fabric, port, f"{radix + 1}", number=radix + 1, cage=radix + 1)
    return Mistake(fabric, {"port-range": {f"{at.device(device)}:{radix + 1}"}})


@mutation("port-range", EVERY)
def nic_port_that_the_host_lacks(at: Places) -> Mistake:
    port = int(at.fabric.links.a[at.host_link()])
    return Mistake(mutate.with_port(at.fabric, port, number=99), {"port-range": {at.port(port)}})


@mutation("link-ends dark-ports uplink-spread counts")
def link_to_a_port_that_does_not_exist(at: Places) -> Mistake:
    link = at.uplink()
    nowhere = at.one(np.array([-1, len(at.fabric.ports)]))
    leaf = at.port(int(at.fabric.links.a[link]))
    return Mistake(mutate.with_link(at.fabric, link, b=nowhere), {"link-ends": {leaf}})


@mutation("speeds port-range", EVERY)
def port_at_another_speed(at: Places) -> Mistake:
    link = at.uplink()
    port = int(at.one(np.array([at.fabric.links.a[link], at.fabric.links.b[link]])))
    return Mistake(
        mutate.with_port(at.fabric, port, gbps=200.0), {"speeds": at.ends(link), "port-range": {at.port(port)}}
    )


@mutation(
    "speeds", EVERY, ft2_parallel="speeds bundles", mpft_multi_port="speeds bundles", unlike="speeds bundles",
    unlike_rails="speeds bundles", unlike_pods="speeds bundles",
)  # fmt: skip
def link_at_another_speed(at: Places) -> Mistake:
    link = at.uplink()
    return Mistake(mutate.with_link(at.fabric, link, gbps=200.0), {"speeds": at.ends(link)}, at.alone(link))


@mutation("speeds", EVERY)
def nic_port_at_another_speed(at: Places) -> Mistake:
    link = at.host_link()
    port = int(at.fabric.links.a[link])
    return Mistake(mutate.with_port(at.fabric, port, gbps=200.0), {"speeds": at.ends(link)})


@mutation("rails", RAILS)
def cable_on_another_rail(at: Places) -> Mistake:
    link = at.host_link()
    links = at.fabric.links
    same_host = (at.fabric.link_a == at.a(link)) & (links.plane == links.plane[link])
    other = at.one(np.flatnonzero(same_host & (links.rail != links.rail[link])))
    fabric = mutate.swapped(at.fabric, link, other)
    moved = {at.port(int(at.fabric.links.a[link])), at.port(int(at.fabric.links.b[other]))}
    return Mistake(fabric, {"rails": moved})


@mutation("leaf-kinds", ("unlike-rails",))
def cables_of_unlike_hosts_swapped(at: Places) -> Mistake:
    """Two hosts of different kinds exchange the leaf ends of a cable of one rail."""
    fabric, links = at.fabric, at.fabric.links
    group = fabric.devices.group[fabric.link_a]
    few = at.one(np.flatnonzero(fabric.is_endpoint_link & (group == 1)))
    many = at.one(np.flatnonzero(fabric.is_endpoint_link & (group == 0) & (links.rail == links.rail[few])))
    moved = {at.port(int(links.a[few])), at.port(int(links.b[many]))}
    return Mistake(mutate.swapped(fabric, few, many), {"leaf-kinds": moved})


@mutation("leaf-kinds bundles", ("unlike", "unlike-pods"))
def hosts_of_two_kinds_swapped(at: Places) -> Mistake:
    """Cables of a host of one kind and of one of another exchange their leaf ends."""
    fabric, links = at.fabric, at.fabric.links
    few = at.one(np.flatnonzero(fabric.is_host & (fabric.devices.group == 1)))
    many = at.one(np.flatnonzero(fabric.is_host & (fabric.devices.group == 0)))
    own, away = (np.flatnonzero(fabric.link_a == host) for host in (few, many))
    named = {at.port(int(links.a[own[0]])), at.port(int(links.b[away[0]]))}
    for link, other in zip(own.tolist(), away.tolist(), strict=False):
        fabric = mutate.swapped(fabric, link, other)
    return Mistake(fabric, {"leaf-kinds": named})


@mutation("planes rails", PLANES, mpft_multi_port="planes", dual_plane="planes")
def host_cable_in_another_plane(at: Places) -> Mistake:
    link = at.host_link()
    links = at.fabric.links
    mine = (links.network == 0) & (at.fabric.link_a == at.a(link)) & (links.plane != links.plane[link])
    alike = mine & (links.rail == links.rail[link])
    other = at.one(np.flatnonzero(alike if alike.any() else mine))
    moved = {at.port(int(links.a[link])), at.port(int(links.b[other]))}
    return Mistake(mutate.swapped(at.fabric, link, other), {"planes": moved})


@mutation("planes uplink-spread path-length", PLANES, mpft_multi_port="planes uplink-spread bundles path-length")
def uplink_to_another_plane(at: Places) -> Mistake:
    links = at.fabric.links
    uplinks = (at.lower == LEAF) & (links.network == 0)
    link = at.one(np.flatnonzero(uplinks))
    other = at.one(np.flatnonzero(uplinks & (links.plane != links.plane[link])))
    moved = {at.port(int(links.a[link])), at.port(int(links.b[other]))}
    return Mistake(mutate.swapped(at.fabric, link, other), {"planes": moved, "uplink-spread": {at.device(at.a(link))}})


@mutation("networks", ("storage",))
def cable_in_another_network(at: Places) -> Mistake:
    link = at.host_link(1)
    links = at.fabric.links
    other = at.one(np.flatnonzero((at.fabric.link_a == at.a(link)) & (links.network == 0)))
    moved = {at.port(int(links.a[link])), at.port(int(links.b[other]))}
    return Mistake(mutate.swapped(at.fabric, link, other), {"networks": moved})


@mutation(
    "uplink-spread", ft2_parallel="uplink-spread bundles", mpft_multi_port="uplink-spread bundles",
    unlike="uplink-spread bundles", unlike_rails="uplink-spread bundles", unlike_pods="uplink-spread bundles",
)  # fmt: skip
def uplinks_crossed(at: Places) -> Mistake:
    """Two leaves of one pod exchange the upper ends of two cables: every port stays in use."""
    devices = at.fabric.devices
    in_pod = np.bincount(at.fabric.link_b) > 1
    link = at.one(np.flatnonzero((at.lower == LEAF) & in_pod[at.fabric.link_b]))
    a, b = at.a(link), at.b(link)
    alike = (at.lower == LEAF) & (at.fabric.link_a != a) & (at.fabric.link_b != b)
    for column in (devices.network, devices.plane, devices.pod):
        alike &= column[at.fabric.link_a] == column[a]
    other = at.one(np.flatnonzero(alike))
    leaf = {at.device(a), at.port(int(at.fabric.links.a[link])), at.device(b), at.device(at.b(other))}
    return Mistake(mutate.swapped(at.fabric, link, other), {"uplink-spread": leaf}, at.alone(link, other))


@mutation("uplink-spread pods", THREE_TIERS, unlike_pods="uplink-spread pods bundles")
def uplinks_crossed_between_pods(at: Places) -> Mistake:
    link = at.uplink()
    pod = at.fabric.devices.pod
    away = (at.lower == LEAF) & (pod[at.fabric.link_a] != pod[at.a(link)])
    other = at.one(np.flatnonzero(away))
    moved = {at.port(int(at.fabric.links.a[link])), at.port(int(at.fabric.links.b[other]))}
    named = {"pods": moved, "uplink-spread": {at.device(at.a(link))}}
    return Mistake(mutate.swapped(at.fabric, link, other), named, at.alone(link, other))


@mutation("uplink-spread", THREE_TIERS, unlike_pods="uplink-spread bundles")
def core_cables_crossed(at: Places) -> Mistake:
    """A spine's cable ends on the core group of another spine."""
    links = at.fabric.links
    link = at.uplink(SPINE)
    index = at.fabric.devices.index
    away = (at.lower == SPINE) & (index[at.fabric.link_a] != index[at.a(link)])
    other = at.one(np.flatnonzero(away))
    named = {at.device(at.a(link)), at.port(int(links.a[link])), at.device(at.b(link)), at.device(at.b(other))}
    return Mistake(mutate.swapped(at.fabric, link, other), {"uplink-spread": named})


@mutation("uplink-spread dark-ports port-roles", ("ft3", "mrft-unit-pods"))
def core_cable_moved_to_a_spare_port(at: Places) -> Mistake:
    """A spine's second cable to one core of its group, on a port that was spare."""
    link = at.uplink(SPINE)
    fabric = at.fabric
    spine, core = at.a(link), at.b(link)
    peers = np.setdiff1d(fabric.link_b[fabric.link_a == spine], [core, *fabric.link_a[fabric.link_b == spine]])
    target = at.one(peers)
    ports = np.arange(fabric.port_start[target], fabric.port_start[target + 1])
    spare = at.one(ports[fabric.link_of_port[ports] < 0])
    named = {at.device(spine), at.port(int(fabric.links.a[link])), at.device(target), at.device(core)}
    return Mistake(
        mutate.with_link(fabric, link, b=spare),
        {"uplink-spread": named, "dark-ports": {at.port(int(fabric.links.b[link]))}, "port-roles": {at.port(spare)}},
    )


@mutation("tier-order uplink-spread bundles")
def link_upside_down(at: Places) -> Mistake:
    link = at.uplink()
    return Mistake(mutate.turned(at.fabric, link), {"tier-order": at.ends(link)})


@mutation("tier-order port-roles bundles uplink-spread", tuple(case for case in TREES if case != "unlike-rails"))
def host_on_a_spine(at: Places) -> Mistake:
    """A host's cable and an uplink of another leaf exchange their upper ends."""
    fabric = at.fabric
    link = at.host_link()
    plane = fabric.links.plane == fabric.links.plane[link]
    rail = fabric.links.rail == fabric.devices.rail[at.b(link)]
    mine = (at.lower == LEAF) & plane & rail & (fabric.link_a != at.b(link)) & (fabric.links.network == 0)
    other = at.one(np.flatnonzero(mine))
    moved = {at.port(int(fabric.links.a[link])), at.port(int(fabric.links.b[other]))}
    return Mistake(mutate.swapped(fabric, link, other), {"tier-order": moved})


@mutation("same-device tier-order bundles port-reuse dark-ports uplink-spread counts")
def link_that_stays_on_its_leaf(at: Places) -> Mistake:
    link = at.uplink()
    others = np.flatnonzero((at.fabric.link_a == at.a(link)) & (np.arange(len(at.fabric.links)) != link))
    port = int(at.fabric.links.a[at.one(others)])
    named = {at.port(int(at.fabric.links.a[link])), at.port(port)}
    return Mistake(mutate.with_link(at.fabric, link, b=port), {"same-device": named})


@mutation("dark-switches dark-ports uplink-spread counts")
def spine_without_a_link(at: Places) -> Mistake:
    spine = at.switch(SPINE)
    return Mistake(mutate.removed(at.fabric, at.links_of(spine)), {"dark-switches": {at.device(spine)}})


@mutation("islands dark-ports uplink-spread counts")
def leaf_without_an_uplink(at: Places) -> Mistake:
    leaf = at.switch(LEAF)
    mine = np.flatnonzero(at.fabric.link_a == leaf)
    return Mistake(mutate.removed(at.fabric, mine), {"islands": {at.device(leaf)}, "uplink-spread": {at.device(leaf)}})


@mutation("names", EVERY)
def name_with_a_slash(at: Places) -> Mistake:
    row = at.one(np.arange(len(at.fabric.devices)))
    name = at.device(row)[:-1] + str(at.chance.choice(["/", " ", "é", "=", '"', "\n", "\u2028"]))
    from topo.errors import shown

    return Mistake(mutate.with_device(at.fabric, row, name=name), {"names": {shown(name)}})


@mutation("names", EVERY)
def name_used_twice(at: Places) -> Mistake:
    row, other = at.chance.choice(len(at.fabric.devices), 2, replace=False)
    return Mistake(mutate.with_device(at.fabric, row, name=at.device(other)), {"names": {at.device(other)}})


@mutation("names", EVERY)
def port_name_used_twice(at: Places) -> Mistake:
    device = at.switch(at.lowest)
    start = int(at.fabric.port_start[device])
    port, other = at.chance.choice(int(at.fabric.port_start[device + 1]) - start, 2, replace=False) + start
    fabric = mutate.with_port(at.fabric, int(port), name=at.fabric.ports.name[other])
    return Mistake(fabric, {"names": {at.port(int(other))}})


@mutation("link-ids", EVERY)
def link_id_used_twice(at: Places) -> Mistake:
    link, other = (int(row) for row in at.chance.choice(len(at.fabric.links), 2, replace=False))
    fabric = mutate.with_link(at.fabric, link, id=at.fabric.links.id[other])
    return Mistake(fabric, {"link-ids": at.ends(link) | at.ends(other)})


@mutation("endpoint-ports", EVERY)
def endpoint_said_to_be_on_another_host(at: Places) -> Mistake:
    row = at.one(np.flatnonzero(at.fabric.endpoints.network == 0))
    port = at.port(int(at.fabric.endpoints.port[row]))
    host = int(at.fabric.endpoints.host[row])
    others = np.flatnonzero(at.fabric.is_host & (np.arange(len(at.fabric.devices)) != host))
    other = at.one(others)
    fabric = mutate.with_endpoint(at.fabric, row, host=other)
    return Mistake(fabric, {"endpoint-ports": {port, at.device(other)}})


@mutation("bundles", EVERY)
def link_counted_to_another_bundle(at: Places) -> Mistake:
    link = at.uplink()
    away = np.flatnonzero((at.fabric.link_b != at.b(link)) & at.uplinks)
    other = at.one(away)
    fabric = mutate.with_link(at.fabric, link, bundle=at.fabric.links.bundle[other])
    return Mistake(fabric, {"bundles": at.ends(other) if _lone(at.fabric, other) else at.ends(link)})


def _lone(fabric: Fabric, link: int) -> bool:
    """Whether a link is the only one of its bundle, so that either of two could be the odd one."""
    return int((fabric.links.bundle == fabric.links.bundle[link]).sum()) == 1


@mutation(
    "bundles counts",
    EVERY,
    slim_fly="bundles counts flat-links",
    dragonfly="bundles counts flat-links",
    hyperx="bundles counts flat-links",
    zcube="bundles counts flat-links",
    torus="bundles counts flat-links",
    dragonfly_plus="bundles counts flat-links",
)
def link_of_the_wrong_kind(at: Places) -> Mistake:
    link = at.uplink()
    return Mistake(mutate.with_link(at.fabric, link, kind=0), {"bundles": at.ends(link)})


@mutation("port-roles", EVERY)
def port_meant_as_a_spare(at: Places) -> Mistake:
    port = int(at.fabric.links.b[at.uplink()])
    role = int(at.chance.choice([PortRole.SPARE, PortRole.RESERVED, PortRole.HOST, PortRole.BACKUP]))
    return Mistake(mutate.with_port(at.fabric, port, role=role), {"port-roles": {at.port(port)}})


@mutation("protocols", EVERY)
def switch_of_another_protocol(at: Places) -> Mistake:
    spine = at.b(at.uplink())
    radix = int(at.fabric.port_start[spine + 1] - at.fabric.port_start[spine])
    parts = (*at.fabric.parts, f"test-ib-{radix}")
    fabric = mutate.with_device(replace(at.fabric, parts=parts), spine, part=len(parts) - 1)
    link = int(at.links_of(spine)[0])
    return Mistake(fabric, {"protocols": at.ends(link)})


@mutation("outside-ports counts", LENT)
def outside_port_lost(at: Places) -> Mistake:
    port = at.one(np.flatnonzero(at.fabric.ports.role == PortRole.OUTSIDE))
    device = at.device(int(at.fabric.ports.device[port]))
    return Mistake(mutate.with_port(at.fabric, port, role=PortRole.SPARE), {"outside-ports": {device}})


@mutation("outside-ports counts", LENT)
def outside_port_on_a_spine(at: Places) -> Mistake:
    free = (at.fabric.ports.role == PortRole.SPARE) & (at.fabric.devices.tier[at.fabric.ports.device] == SPINE)
    port = at.one(np.flatnonzero(free))
    device = at.device(int(at.fabric.ports.device[port]))
    return Mistake(mutate.with_port(at.fabric, port, role=PortRole.OUTSIDE), {"outside-ports": {device}})


@mutation("outside-ports port-range", LENT)
def outside_port_slow(at: Places) -> Mistake:
    port = at.one(np.flatnonzero(at.fabric.ports.role == PortRole.OUTSIDE))
    device = at.device(int(at.fabric.ports.device[port]))
    return Mistake(mutate.with_port(at.fabric, port, gbps=200.0), {"outside-ports": {device}})


def _lent_link(at: Places) -> int:
    fabric = at.fabric
    mine = (fabric.links.network == fabric.networks.index("storage")) & ~fabric.is_endpoint_link
    return at.one(np.flatnonzero(mine))


@mutation("dark-ports uplink-spread counts", LENDING)
def lent_link_removed(at: Places) -> Mistake:
    link = _lent_link(at)
    named = {"uplink-spread": {at.device(at.a(link)), at.device(at.b(link))}}
    return Mistake(mutate.removed(at.fabric, link), named)


@mutation("networks dark-ports port-roles uplink-spread tier-order bundles counts", LENT)
def lent_link_on_a_leaf_of_the_lender(at: Places) -> Mistake:
    fabric, link = at.fabric, _lent_link(at)
    leaf = (fabric.devices.network == 0) & (fabric.devices.tier == LEAF)
    port = at.one(np.flatnonzero(leaf[fabric.ports.device] & (fabric.ports.role == PortRole.SPARE)))
    named = {"networks": {at.port(int(fabric.links.a[link])), at.port(port)}}
    return Mistake(mutate.with_link(fabric, link, b=port), named)


@mutation("networks counts uplink-spread", (*LENT, "shared-leaf"))
def lent_link_planned_for_the_lender(at: Places) -> Mistake:
    link = _lent_link(at)
    return Mistake(mutate.with_link(at.fabric, link, network=0), {"networks": at.ends(link)})


@mutation("counts uplink-spread", ("shared",))
def link_between_shared_switches_planned_for_the_lender(at: Places) -> Mistake:
    link = _lent_link(at)
    named = {"uplink-spread": {at.device(at.a(link)), at.device(at.b(link))}}
    return Mistake(mutate.with_link(at.fabric, link, network=0), named)


@mutation("networks tier-order bundles counts uplink-spread", ("lent-leaf",))
def link_to_a_lent_leaf_planned_for_the_lender(at: Places) -> Mistake:
    link = _lent_link(at)
    return Mistake(mutate.with_link(at.fabric, link, network=0), {"networks": at.ends(link)})


@mutation("networks dark-ports port-roles uplink-spread tier-order bundles", ("lent-leaf",))
def lent_link_on_a_leaf_that_is_not_lent(at: Places) -> Mistake:
    fabric, link = at.fabric, _lent_link(at)
    other = (fabric.devices.network == 0) & (fabric.devices.tier == LEAF) & ~fabric.lent_to(1, SPINE)
    port = at.one(np.flatnonzero(other[fabric.ports.device] & (fabric.ports.role == PortRole.SPARE)))
    named = {"networks": {at.port(int(fabric.links.a[link])), at.port(port)}}
    return Mistake(mutate.with_link(fabric, link, b=port), named)


@mutation("networks counts", SHARED_LEAVES)
def host_of_a_shared_leaf_planned_for_the_lender(at: Places) -> Mistake:
    fabric = at.fabric
    link = at.one(np.flatnonzero((fabric.links.network == 1) & fabric.is_endpoint_link))
    return Mistake(mutate.with_link(fabric, link, network=0), {"networks": at.ends(link)})
