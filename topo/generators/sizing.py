"""Closed forms without a fabric: what a search asks thousands of times."""

from __future__ import annotations

from collections.abc import Sequence

from topo.catalog import Catalog
from topo.generators.family import Counts, NetworkParams, families
from topo.generators.hosts import HostGroup, attached


def counts_of(params: NetworkParams, groups: Sequence[HostGroup], network: str, catalog: Catalog) -> Counts:
    """Switches, links, spare ports and longest path of one network of these hosts, from kinds of hosts and their
    numbers alone: the time does not grow with the number of endpoints in the tree families (a fifth of a millisecond,
    whatever the ratio: sizes of like plans are remembered). No fabric is made. What `topo.design.closed_forms`
    says of a whole design.

    `params` are a family's keys (`families.get(name).params.model_validate({...})`); `groups` the hosts, those with
    GPUs first; `network` the name that the hosts' NICs give it. Raises InputError with every contradiction among the
    keys, or the size that does not fit.
    """
    ends = attached(groups, network, catalog, params.speed_of)
    return families.get(params.family).counts(params, ends, catalog)
