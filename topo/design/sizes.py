"""What is wrong with a network's sizes, and the values that work, each tried beside those of the others.

A first problem hides others: those are found by taking what it proposes and looking again, until nothing is left, or a
problem that no value of a key mends. Then every proposal is tried beside the others', and told where it works.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from topo.catalog import Catalog
from topo.design.model import Design, Network
from topo.design.proposals import LEFT_OUT, Proposal, proposal, told_as
from topo.design.tried import that_work
from topo.errors import InputError, Problem
from topo.generators import HostGroup, NetworkParams
from topo.generators.family import families
from topo.generators.hosts import attached
from topo.generators.trees.leaf_kinds import LendingParams
from topo.units import amount

LATER = "build_for_gpus"
"""The key of a later size."""
TURNS = 3
"""Values of each proposal that are tried first, where those before lead to what no key mends."""
ROUNDS = 12
"""Looks at a network whose problems were mended."""


def with_nearest_sizes(error: InputError, design: Design, network: Network) -> InputError:
    """The error of a network's sizes with every problem that can be seen, each with values that work where the others
    are mended as proposed; an error of something else as it is."""
    if isinstance(network.params, LendingParams) and network.params.lender is not None:
        return error
    first = size_problems(network, design.groups, design.catalog)
    told = {problem.key for problem in first}
    if not first or not {problem.key for problem in error.problems} <= told:
        return error
    return InputError(all_size_problems(network, design.groups, design.catalog))


def size_problems(network: Network, groups: Sequence[HostGroup], catalog: Catalog) -> tuple[Problem, ...]:
    """What is wrong with the sizes of a network of these hosts, as far as its family tells at once."""
    try:
        family, ends = (
            families.get(network.params.family),
            attached(groups, network.name, catalog, network.params.speed_of),
        )
        (family.brief or family.counts)(network.params, ends, catalog)
    except InputError as error:
        return error.problems
    return ()


def all_size_problems(network: Network, groups: Sequence[HostGroup], catalog: Catalog) -> list[Problem]:
    """Everything that is wrong with them, as `with_nearest_sizes` says it."""
    if isinstance(network.params, LendingParams) and network.params.lender is not None:
        return [*size_problems(network, groups, catalog)]
    looking = _Looking(network, groups, catalog)
    state, first = _State(network.params, groups[0].count), [*size_problems(network, groups, catalog)]
    for turn in range(TURNS):
        mended, result = _mended(looking, state, turn)
        if mended:
            return _as_tried(looking, mended, result)
        first = first if turn else [one.problem for one in result]
    return first


@dataclass(frozen=True)
class _State:
    """Keys, and hosts with GPUs."""

    params: NetworkParams
    hosts: int


@dataclass
class _Looking:
    """A network that is looked at with other keys and numbers of hosts; every answer is kept."""

    network: Network
    groups: Sequence[HostGroup]
    catalog: Catalog
    known: dict[str, tuple[Problem, ...]] = field(default_factory=dict)

    def problems(self, state: _State) -> tuple[Problem, ...]:
        key = f"{state.hosts} {state.params!r}"
        if key not in self.known:
            groups = [replace(self.groups[0], count=state.hosts), *self.groups[1:]]
            self.known[key] = size_problems(replace(self.network, params=state.params), groups, self.catalog)
        return self.known[key]

    def largest(self, params: NetworkParams, below: int) -> int:
        """The largest number of hosts up to `below` that can be built, 0 where none is found."""
        low, high = 0, below
        while low < high:
            middle = (low + high + 1) // 2
            works = not self.problems(_State(params, middle))
            low, high = (middle, high) if works else (low, middle - 1)
        return low


@dataclass(frozen=True)
class _Found:
    """A problem, and what it proposes; nothing where no key of the network mends it."""

    problem: Problem
    wanted: Proposal | None

    @property
    def name(self) -> tuple[str, str]:
        return self.problem.key, self.wanted.tier if self.wanted else ""


def _mended(looking: _Looking, state: _State, turn: int) -> tuple[_State | None, list[_Found]]:
    """A network without problems, as proposed, and the problems that were mended; None where some could not be."""
    result: dict[tuple[str, str], _Found] = {}
    for _ in range(ROUNDS):
        problems = looking.problems(state)
        if not problems:
            return state, [*result.values()]
        moved, size = state, None
        for problem in problems:
            one = _Found(problem, proposal(problem, state.params))
            if problem.key == "gpus":
                size = problem
                continue
            before = result.get(one.name)
            result[one.name] = replace(one, problem=replace(problem, value=before.problem.value)) if before else one
            if one.wanted:
                moved = replace(moved, params=_best(looking, moved, one.wanted, turn))
        if size:
            moved = _resized(looking, moved, size, result)
            if not moved.hosts:
                return None, [*result.values()]
        if moved == state:
            return None, [*result.values()]
        state = moved
    return None, [*result.values()]


def _resized(looking: _Looking, state: _State, size: Problem, result: dict[tuple[str, str], _Found]) -> _State:
    """The most hosts that fit with these keys, 0 where none do; adds to `result` what is said of the size, and of one
    that is built for, which has to be left out where it does not fit either, or was chosen for the larger size."""
    params, later, key = state.params, getattr(state.params, LATER, None), (LATER, "")
    most = looking.largest(params, state.hosts - 1)
    if later and (key in result or not most):
        message, each = (result[key].problem.message if key in result else size.message), f"{later:,}"
        problem = Problem(message, LATER, result[key].problem.value if key in result else each, LEFT_OUT)
        params = params.model_copy(update={LATER: None})
        most = looking.largest(params, state.hosts - 1)
        if most:
            result[key] = _Found(problem, Proposal(LATER, (None,)))
    gpus = max(looking.groups[0].part.gpus, 1)
    alone = not result
    allowed = f"at most {amount(most * gpus, 'GPU')}" if most else "" if alone else size.allowed
    asked = f"{looking.groups[0].count * gpus:,}"
    result["gpus", ""] = _Found(replace(size, value=asked, allowed=allowed), None)
    return _State(params, most)


def _best(looking: _Looking, state: _State, wanted: Proposal, turn: int) -> NetworkParams:
    """The keys with that of the proposed values which leaves the fewest problems, the first of them from `turn` on."""
    turn %= len(wanted.values)
    tried = [wanted.into(state.params, value) for value in wanted.values[turn:] + wanted.values[:turn]]
    return min(tried, key=lambda params: len(looking.problems(replace(state, params=params))))


def _as_tried(looking: _Looking, mended: _State, result: list[_Found]) -> list[Problem]:
    """The problems with those of their proposals that work beside the others."""
    wants = [(i, one.wanted) for i, one in enumerate(result) if one.wanted]

    def fits(params: NetworkParams) -> bool:
        return not looking.problems(replace(mended, params=params))

    told = [one.problem for one in result]
    works = that_work(fits, mended.params, [wanted for _, wanted in wants])
    for (i, wanted), one in zip(wants, works, strict=True):
        told[i] = told_as(told[i], wanted, one.values, one.low, one.top)
    return told
