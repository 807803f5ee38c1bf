"""Hashed loads of a network with more flows than there is time for: those of some links, each with all that crosses it.

Of parts of the network that are equal (planes mostly) one is hashed. Where its flows are still too many, some of its
switches are chosen that are spread evenly, whole pods where there are pods. All flows to them and all flows from them
are hashed: that is everything that crosses the links by which nobody else is reached, down to them and up from them.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from topo.analysis.demand import Demand, Uniform
from topo.analysis.routing.alike import Part, unlike_parts
from topo.analysis.routing.ends import ends_of
from topo.analysis.routing.hashed import Hash, Hashed, flow_count, salts, words
from topo.analysis.routing.loads import ROUNDING, ChannelLoads
from topo.analysis.routing.spread import spread_to
from topo.fabric import Fabric
from topo.fabric.model import BoolArray, FloatArray, IntArray

SAME = 1e-9
"""Relative: two ways of adding up the same flows differ by less, one flow of a million by more."""


@dataclass(frozen=True)
class SomeLoads:
    """Loads that are NaN where they are not known. Of `of_parts` connected parts of the network that send `parts` were
    looked at, as many as are unlike, all `whole` or some with chosen switches."""

    loads: ChannelLoads
    parts: int
    of_parts: int
    whole: bool


def some_hashed_loads(fabric: Fabric, demand: Demand, sprayed: ChannelLoads, how: Hash, most: int) -> SomeLoads:
    """What `ecmp` puts on some channels of the network of a uniform demand by hashing about `most` flows; `sprayed` are
    the loads of the same demand under an equal split per port, which tell who is reached by a channel."""
    net = demand.network
    channels, ends = sprayed.channels, ends_of(fabric, net)
    parts = unlike_parts(channels, demand, ends)
    source, destination = (words(len(net.at), how.seed, kind) for kind in (1, 2))
    salt = salts(net.switches, how)
    result, whole = np.full(len(channels), np.nan), True
    for part in parts:
        form = _uniform(part.demand)
        own = ends_of(fabric, part.network, form)
        at = part.end[own.order]
        over = Hashed(
            part.channels.start, part.channels.head, form.group, own, source[at], destination[at], salt[part.switch],
            how.queue_pairs,
        )  # fmt: skip
        unit = float(own.unit * own.unit * form.scale / how.queue_pairs)
        everyone, room = np.ones(part.network.switches, dtype=np.bool_), most / len(parts) / how.queue_pairs
        dest = part.demand.destinations
        if flow_count(part.demand) <= room:
            result[part.channel] = over.loads(dest, everyone)[0] * unit
            continue
        whole = False
        chosen = _chosen(fabric, part, room)
        if not len(chosen):
            continue
        sends = np.zeros(part.network.switches, dtype=np.bool_)
        sends[chosen] = True
        down = _known(part, chosen, sprayed.gbps[part.channel])
        up = down[part.channels.twin]
        own_gbps = np.full(len(part.channel), np.nan)
        own_gbps[up] = over.loads(dest, sends)[0][up] * unit
        own_gbps[down] = over.loads(chosen, everyone)[0][down] * unit
        result[part.channel] = own_gbps
    loads = ChannelLoads(channels, result, Fraction(1), (len(net.at) + 4) * ROUNDING)
    return SomeLoads(loads, len(parts), sum(len(part.alike) for part in parts), whole)


def _uniform(demand: Demand) -> Uniform:
    assert isinstance(demand.form, Uniform)
    return demand.form


def _chosen(fabric: Fabric, part: Part, room: float) -> IntArray:
    """Destinations of a part, ascending, so that the flows to them and from them are about `room`: whole pods where one
    fits and there are several, else single switches."""
    dest = part.demand.destinations
    ends = part.network.endpoints_at
    share = room / (2 * flow_count(part.demand))
    pod = fabric.devices.pod[part.network.device[dest]]
    for unit in (pod, np.arange(len(dest))):
        used = np.unique(unit)
        kept = used[np.unique(np.linspace(0, len(used) - 1, int(share * len(used))).astype(np.int64))]
        chosen = dest[np.isin(unit, kept)]
        if len(used) > 1 and len(chosen) and ends[chosen].sum() <= 2 * share * ends.sum():
            return np.asarray(chosen)
    return np.zeros(0, dtype=np.int64)


def _known(part: Part, dest: IntArray, sprayed: FloatArray) -> BoolArray:
    """Shape (channels of the part,): whether all that may cross a channel goes to `dest`, or nothing does."""
    to = spread_to(part.channels, part.demand, dest)
    return np.asarray(np.abs(sprayed - to) <= SAME * sprayed)
