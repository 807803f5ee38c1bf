"""Sizes of a design that grows, where no key gives them: those with which every switch that stands keeps its name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations

import numpy as np

from topo.design.model import Design, Network
from topo.errors import InputError
from topo.fabric import LEAF, SPINE, Fabric
from topo.generators import NetworkParams
from topo.generators.hosts import attached
from topo.generators.sizing import counts_of
from topo.generators.trees.params import RailParams, TreeParams


def growing(design: Design, old: Design) -> Design:
    """The design as it grows from another: where no key says otherwise, its sizes are such that every switch that
    stands keeps its name. Leaves hold as many rails as those that stand; in three tiers pods keep their spines, leaves
    their uplinks, and cores the spines of their group."""
    from topo.design.wire import build

    stood = {n.name for n in old.networks}
    free = [
        n for n in design.networks
        if n.name in stood and isinstance(n.params, RailParams) and n.params.rails_per_leaf is None
    ]  # fmt: skip
    flat = [n for n in design.networks if n.name in stood and type(n.params).standing is not NetworkParams.standing]
    tall = [n.name for n in design.networks if n.name in stood and _has_cores(design, n)]
    if not free and not tall and not flat:
        return replace(design, grown=old)
    fabric = build(replace(old, site=None))
    for network in flat:
        shape = next(dict(o.shape) for o in fabric.origins if o.network == network.name)
        ends = attached(design.groups, network.name, design.catalog, network.params.speed_of)
        design = _with(design, network.name, network.params.standing(shape, len(ends)))
    for network in free:
        rails = _rails(fabric, fabric.network_row(network.name))
        held = network.params.model_copy(update={"rails_per_leaf": rails})
        if rails > 1 and not (getattr(held, "leaves", []) and _refused(design, network.name, held)):
            design = _with(design, network.name, held)
    for name in tall:
        design = _as_it_stands(design, name, fabric)
    return replace(design, grown=old)


def _with(design: Design, name: str, params: NetworkParams) -> Design:
    networks = tuple(replace(n, params=params) if n.name == name else n for n in design.networks)
    return replace(design, networks=networks)


def _has_cores(design: Design, network: Network) -> bool:
    if not isinstance(network.params, TreeParams):
        return False
    try:
        return "core" in counts_of(network.params, design.groups, network.name, design.catalog).switches
    except InputError:
        return False  # what is wrong is told where it is built


def _refused(design: Design, name: str, params: NetworkParams) -> bool:
    """Whether a network cannot be sized with these keys: hosts of another kind may have too few rails."""
    try:
        counts_of(params, design.groups, name, design.catalog)
    except InputError:
        return True
    return False


def _rails(fabric: Fabric, network: int) -> int:
    """The most rails of GPUs that a leaf of a network holds."""
    ends = fabric.endpoints
    rows = np.flatnonzero((ends.network == network) & (ends.gpu_count > 0) & (fabric.endpoint_switch >= 0))
    if not len(rows):
        return 1
    leaf = np.unique(np.stack([fabric.endpoint_switch[rows], ends.nic[rows]]), axis=1)[0]
    return int(np.bincount(leaf).max())


def _as_it_stands(design: Design, name: str, old: Fabric) -> Design:
    """The design with a network of three tiers in which every switch that stands has its name, where the default sizes
    lack one and other sizes do not; else the same."""
    from topo.design.wire import build

    row = old.network_row(name)
    names = set(old.devices.name[~old.is_host & (old.devices.network == row)].tolist())

    def lacks(one: Design) -> bool:
        try:
            return not names <= set(build(one).devices.name.tolist())
        except InputError:
            return True

    if not lacks(design):
        return design
    params = next(n.params for n in design.networks if n.name == name)
    assert isinstance(params, TreeParams)
    for other in _shapes(params, old, row):
        if not lacks(changed := _with(design, name, other)):
            return changed
    return design


def _shapes(params: TreeParams, old: Fabric, network: int) -> Iterator[TreeParams]:
    """The keys with sizes of a network that stands in the place of defaults, the fewest of them first."""
    shape = next(dict(o.shape) for o in old.origins if o.network == old.networks[network])
    switch = (old.devices.network == network) & (old.devices.plane == 0)
    leaves = np.flatnonzero(switch & (old.devices.tier == LEAF))
    up = old.link_a[(old.devices.tier[old.link_b] == SPINE) & (old.devices.tier[old.link_a] == LEAF)]
    sizes = {
        "spines": int(shape.get("spines", 0)),
        "uplinks": int((up == leaves[0]).sum()),
        "leaves_per_pod": int(np.bincount(old.devices.pod[leaves]).max()),
    }
    given = {key: n for key, n in sizes.items() if n and getattr(params, key) is None}
    share = int(shape.get("share", 1))
    for number in range(len(given) + 1):
        for keys in combinations(given, number):
            changed = params.model_copy(update={key: given[key] for key in keys})
            yield from (changed, changed.with_core_share(share)) if keys else (changed.with_core_share(share),)
