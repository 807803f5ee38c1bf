"""The sizes that would work where the one asked for does not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from topo.catalog import Catalog
from topo.design.model import Design, Network
from topo.errors import InputError, Problem
from topo.generators import HostGroup
from topo.generators.sizing import counts_of


def with_nearest_sizes(error: InputError, design: Design, network: Network) -> InputError:
    """The error of a network that is too large, with the GPU counts that are asked for and that would work; any other
    error as it is."""
    if not any(problem.key == "gpus" for problem in error.problems):
        return error
    group = design.groups[0]
    most = _largest(design, network, group.count - 1)
    if not most and len(error.problems) == 1:  # other keys allow no size at all
        return InputError([replace(p, allowed="") for p in error.problems])
    if not most:
        return error
    allowed = f"at most {most * group.part.gpus:,} GPUs"
    return InputError(
        [replace(p, value=f"{design.file.gpus:,}", allowed=allowed) if p.key == "gpus" else p for p in error.problems]
    )


def _largest(design: Design, network: Network, below: int) -> int:
    """The largest number of GPU hosts up to `below` that the network can be built for, 0 where none is found."""
    low, high = 0, below
    while low < high:
        middle = (low + high + 1) // 2
        if _works(design, network, middle):
            low = middle
        else:
            high = middle - 1
    return low


def _works(design: Design, network: Network, hosts: int) -> bool:
    groups = [HostGroup(design.groups[0].part, hosts), *design.groups[1:]]
    return not size_problems(network, groups, design.catalog)


def size_problems(network: Network, groups: Sequence[HostGroup], catalog: Catalog) -> tuple[Problem, ...]:
    """What is wrong with the sizes of a network of these hosts."""
    try:
        counts_of(network.params, groups, network.name, catalog)
    except InputError as error:
        return error.problems
    return ()
