"""Why the keys of a fat-tree network give no sizes."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from topo.errors import InputError, ParameterError, Problem
from topo.generators.trees.counts.ports import TierPorts
from topo.generators.trees.params import TreeParams
from topo.units import amount


class ContradictedError(ParameterError):
    """Keys that do not fit. What else contradicts is sought when all problems are read, which a search does not do."""

    def __init__(self, problems: Sequence[Problem], beside: Callable[[], Sequence[Problem]]) -> None:
        InputError.__init__(self, problems)
        self._beside: Callable[[], Sequence[Problem]] | None = beside

    @property
    def problems(self) -> tuple[Problem, ...]:
        """All of them."""
        if self._beside is not None:
            self._problems, self._beside = (*self._problems, *self._beside()), None
        return self._problems


class TooManyError(ParameterError):
    """More hosts than fit, `hosts` at most."""

    def __init__(self, hosts: int, key: str, value: str, message: str, allowed: str, hint: str) -> None:
        super().__init__(key, value, message, allowed, hint)
        self.hosts = hosts


def too_many_hosts(params: TreeParams, leaf: TierPorts, down: int, up: int) -> ParameterError:
    """The error for more hosts of a leaf than its ports hold beside the uplinks that they need."""
    hosts = params.hosts_per_leaf or 1
    each = max(down // hosts, 1)
    most = next((n for n in range(hosts, 0, -1) if leaf.most_up(n * each) >= max(_up(params, leaf, n * each), 1)), 0)
    return ParameterError(
        "hosts_per_leaf", hosts, f"a leaf has no room for {amount(down, 'port')} down and {up:,} up",
        f"at most {most:,}" if most else "a switch with more ports", "or a higher oversubscription",
    )  # fmt: skip


def _up(params: TreeParams, leaf: TierPorts, down: int) -> int:
    return params.uplinks or leaf.needed_up(down, leaf.ratio_of(params.oversubscription))
