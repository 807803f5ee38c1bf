"""A design at another number of GPUs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from topo.design import Design, build
from topo.errors import InputError, ParameterError
from topo.generators import HostGroup
from topo.units import amount


def all_resized(designs: Sequence[Design], gpus: int) -> list[Design]:
    """Every design with `gpus` GPUs; raises InputError with the problems of all that cannot be so large."""
    result, problems = [], []
    for design in designs:
        try:
            result.append(resized(design, gpus))
            if result[-1] is not design:
                build(result[-1])
        except InputError as error:
            problems += [replace(p, message=f"{design.name}: {p.message}") for p in error.problems]
    if problems:
        raise InputError(problems)
    return result


def resized(design: Design, gpus: int) -> Design:
    """The design with `gpus` GPUs: sizes of its networks that follow from the number of endpoints (an order, a number
    of groups or switches) are chosen anew, all else stays; a design of this size is
    left as it is.

    Raises ParameterError where this is no whole number of hosts.
    """
    if gpus == design.file.gpus:
        return design
    host = design.groups[0].part
    if gpus <= 0 or gpus % host.gpus:
        low = max(gpus, 0) // host.gpus * host.gpus
        allowed = " or ".join(f"{n:,}" for n in (low, low + host.gpus) if n > 0)
        raise ParameterError("--gpus", gpus, f"no whole number of hosts of {amount(host.gpus, 'GPU')}", allowed)
    networks = []
    for network in design.networks:
        networks.append(replace(network, params=network.params.of_any_size()))
    groups = (HostGroup(host, gpus // host.gpus), *design.groups[1:])
    file = design.file.model_copy(update={"gpus": gpus})
    return replace(design, file=file, groups=groups, networks=tuple(networks))
