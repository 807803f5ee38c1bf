"""How the sizes of a fat-tree network follow from its keys, and what is said of keys that contradict each other."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property, partial

from topo.errors import InputError, ParameterError, Problem, either
from topo.generators.trees.above import cores_above, spines_above
from topo.generators.trees.counts.ports import RATIO, SPINE_RATIO
from topo.generators.trees.counts.ratio import chosen
from topo.generators.trees.counts.reseat import fewer, like, options, podded, seats_without
from topo.generators.trees.counts.seats import Rails
from topo.generators.trees.counts.sizes import Seats, TreePorts, TreeSizes
from topo.generators.trees.errors import ContradictedError, TooManyError, too_many_hosts
from topo.generators.trees.homing import ALONE
from topo.generators.trees.params import TreeParams
from topo.units import amount, verb

OF_SIZE = ("gpus", "host", "build_for_gpus")
"""Keys of problems that no other key's absence mends."""
BUILT_FROM = ("spines", "cores", "leaves_per_pod", "core_share", "spread", "spine_oversubscription", "build_for_gpus")
"""The keys of a design that the sizes of a given split of a leaf's ports follow from, beside the other fields of a
plan."""
MAKE_ROOM = {"uplinks", "oversubscription", "spine_oversubscription", "homing", "peer_links", "reserve_ports"}
"""Keys with values that let more hosts fit than where they are left out."""
PLANS = 2_000
"""Plans whose sizes are remembered."""


@dataclass(frozen=True)
class Built:
    """What is known of a plan: its sizes by (ports down, ports up), and the choices of `chosen` below and above 1."""

    sizes: dict[tuple[int, int], TreeSizes | InputError] = field(default_factory=dict)
    chains: tuple[list[TreeSizes | None], list[TreeSizes | None]] = field(default_factory=lambda: ([], []))


@dataclass(frozen=True)
class TreePlan:
    """What sizes follow from: the keys, the ports, how hosts are seated now and at the size that is built for."""

    params: TreeParams
    ports: TreePorts
    planes: int
    now: Seats
    final: Seats
    gpus: int
    tiers: int | None
    by_rail: bool = False
    lone: bool = False
    """One leaf that holds all faces down with every port."""
    problems: tuple[Problem, ...] = ()
    """Contradictions between keys and hosts that need no sizes."""

    def sizes(self) -> TreeSizes:
        """The sizes; raises InputError with every contradiction among the keys, or the size that does not fit."""
        problems = list(self._static())
        if not problems:
            try:
                return self._read(self._present())
            except InputError as error:
                problems, plan = [*error.problems], self._smaller(error)
                raise ContradictedError(problems, partial(plan._more, problems)) from None
        raise ContradictedError(problems, partial(self._more, problems))

    def _read(self, sizes: TreeSizes) -> TreeSizes:
        """With what is to be said of ratios that are not taken as they are written."""
        p, ports = self.params, self.ports
        said = [(RATIO, p.oversubscription, ports.leaf, sizes.leaf[1])]
        said.append((SPINE_RATIO, p.spine_oversubscription, ports.spine, sizes.cores))
        read = [f"{key}: {text}" for key, stated, at, up in said if up and (text := at.read_as(stated))]
        return replace(sizes, read=tuple(read)) if read else sizes

    def _present(self) -> TreeSizes:
        """The sizes of the present hosts, on switches split as the size that is built for wants it: what is
        cheapest now may be dearer then."""
        result = self._found()
        if self.now == self.final:
            return result
        final = replace(self, now=self.final)._found()
        down, now = final.leaf[0], like(self.now, final.seats)
        leaves = now.leaves(down)
        pods = podded(leaves, final.width, now.group_of(down), now.homes, self.by_rail)[0] if final.tiers == 3 else 1
        return replace(final, seats=now, leaves=leaves, pods=pods)

    def _more(self, problems: list[Problem]) -> list[Problem]:
        """What keys contradict each other beside those of `problems`: those are left out, until the rest fits; and the
        size where it is too large for every value of what was left out."""
        result: list[Problem] = []
        plan = self
        while True:
            told = {p.key for p in [*problems, *result]}
            try:
                plan._without([*problems, *result])._found()
            except InputError as error:
                whole = isinstance(error, TooManyError) and not told & MAKE_ROOM and not told & set(OF_SIZE)
                more = [p for p in error.problems if p.key not in told and (whole or p.key not in OF_SIZE)]
                if more:
                    result += more
                    plan = plan._smaller(error)
                    continue
            return result

    def _smaller(self, error: InputError) -> TreePlan:
        """The plan of so many hosts as fit, where an error says that there are too many; else the same."""
        if not isinstance(error, TooManyError) or error.hosts < 1:
            return self
        now, final = (fewer(seats, error.hosts) for seats in (self.now, self.final))
        return replace(self, now=now, final=final)

    def _static(self) -> list[Problem]:
        """Contradictions that need no sizes."""
        result = [InputError(self.problems)] if self.problems else []
        p = self.params
        if self.tiers == 2:
            for key in ("cores", "leaves_per_pod", "core_switch"):
                if getattr(p, key) is not None and key != "core_switch":
                    message = "a network of two tiers has no core tier" if key == "cores" else "two tiers are one pod"
                    result.append(ParameterError(key, getattr(p, key), message, "leave it out", "or take three tiers"))
        if isinstance(self.final, Rails) and self.final.apart == 1:
            hint = "ft2 or ft3, whose leaves hold whole hosts, or a network for each kind of host"
            result.append(ParameterError("homing", "dual", ALONE, "single", hint))
        elif isinstance(self.final, Rails) and self.final.per_leaf and self.final.per_leaf not in self.final.shares:
            most = self._down() // self.final.wide
            allowed = either([n for n in self.final.shares if n <= most] or self.final.shares)
            message = f"leaves of so many rails do not share {amount(self.final.rails, 'rail')} equally"
            if self.final.rails % self.final.per_leaf == 0:
                message = "homing: dual takes the rails of a host to two leaves of a pair"
            result.append(ParameterError("rails_per_leaf", self.final.per_leaf, message, allowed))
        return [problem for error in result for problem in error.problems]

    def _down(self) -> int:
        """The ports down of a leaf as the keys ask for it."""
        p, leaf = self.params, self.ports.leaf
        splits = leaf.exact(leaf.ratio_of(p.oversubscription))
        return leaf.most_down(p.uplinks) if p.uplinks else splits[0][0] if splits else leaf.total - 1

    def _without(self, problems: list[Problem]) -> TreePlan:
        """The plan without the keys of these problems, to find others."""
        keys = {problem.key for problem in problems if problem.key != "homing"}
        fields = type(self.params).model_fields
        params = self.params.model_copy(update={k: fields[k].get_default() for k in keys if k in fields})
        now, final = (seats_without(seats, keys) for seats in (self.now, self.final))
        by_rail = self.by_rail or "pods" in keys
        return replace(self, params=params, now=now, final=final, problems=(), by_rail=by_rail)

    def _found(self) -> TreeSizes:
        p, leaf = self.params, self.ports.leaf
        want = leaf.ratio_of(p.oversubscription)
        if (self.lone or p.lone) and not p.uplinks and not p.spines and self.final.leaves(leaf.total) == 1:
            return self._two_tiers(leaf.total, 0)
        if p.lone:
            raise self._no_lone(leaf.total)
        if p.hosts_per_leaf is not None:
            return self._of_hosts()
        if p.uplinks is not None:
            given = "oversubscription" in p.model_fields_set
            down = leaf.allowed_down(p.uplinks, want) if given else leaf.most_down(p.uplinks)
            if down < 1:
                raise ParameterError("uplinks", p.uplinks, "leave no port for a host", f"at most {self._most_up():,}")
            return self._built(down, p.uplinks)
        return chosen(leaf, want, self._built, self.final.leaves, self._known.chains)

    def _most_up(self) -> int:
        """The most uplinks of a leaf that can be built; the most beside one port down where there are none."""
        leaf, want = self.ports.leaf, self.ports.leaf.ratio_of(self.params.oversubscription)
        given = "oversubscription" in self.params.model_fields_set
        most = max(leaf.most_up(1), 1)
        for up in range(most, 0, -1):
            down = leaf.allowed_down(up, want) if given else leaf.most_down(up)
            try:
                self._built(down, up)
            except InputError:
                continue
            return up
        return most

    def _of_hosts(self) -> TreeSizes:
        """A leaf of a given number of hosts, with the uplinks that are given, or the fewest spines' least uplinks that
        meet the ratio."""
        p, leaf = self.params, self.ports.leaf
        first: InputError | None = None
        want = leaf.ratio_of(p.oversubscription)
        for seats in options(self.final):
            plan = replace(self, final=seats, now=like(self.now, seats))
            down = seats.wanted(0)
            if isinstance(seats, Rails) and seats.others:
                down += -(-seats.others // max(seats.leaves(down), 1))
            least = p.uplinks or leaf.needed_up(down, want)
            most = p.uplinks or min(2 * least, leaf.most_up(down))
            best: TreeSizes | None = None
            if least > leaf.most_up(down):
                first = first or too_many_hosts(self.params, leaf, down, least)
                continue
            for up in range(least, most + 1):
                try:
                    result = plan._built(down, up)
                except InputError as error:
                    first = first or error
                    continue
                if best is None or result.cost < best.cost:
                    best = result
            if best is not None:
                if p.uplinks and "oversubscription" in p.model_fields_set and leaf.needed_up(down, want) > p.uplinks:
                    message = f"{amount(down, 'port')} down and {p.uplinks:,} up exceed the ratio {p.oversubscription}"
                    raise ParameterError("uplinks", p.uplinks, message, f"at least {leaf.needed_up(down, want):,}")
                return best
        assert first is not None
        raise first

    @cached_property
    def _known(self) -> Built:
        """What `_build` gave for a plan like this one, and its choice for usual ratios, whatever its own ratio: a
        search asks for many ratios of one."""
        keys = tuple(getattr(self.params, key) for key in BUILT_FROM)
        rest = (self.ports, self.planes, self.now, self.final, self.gpus, self.tiers, self.by_rail)
        if len(_BUILT) > PLANS:
            _BUILT.clear()
        return _BUILT.setdefault((keys, rest), Built())

    def _built(self, down: int, up: int) -> TreeSizes:
        """The sizes with so many ports of a leaf down and up; raises InputError where they do not fit."""
        known = self._known.sizes
        result = known.get((down, up))
        if result is None:
            try:
                result = self._build(down, up)
            except InputError as error:
                result = error
            known[down, up] = result
        if isinstance(result, InputError):
            raise result.with_traceback(None)
        return result

    def _build(self, down: int, up: int) -> TreeSizes:
        leaves = self.final.leaves(down)
        three = self.params.cores is not None or self.params.leaves_per_pod is not None
        tiers = self.tiers or (2 if leaves <= self.ports.top.total and not three else 3)
        if tiers == 2:
            return self._two_tiers(down, up)
        if self.params.leaves_per_pod is not None:
            return self._of_pods(down, up)
        want = self.ports.spine.ratio_of(self.params.spine_oversubscription)
        return chosen(self.ports.spine, want, lambda ds, us: self._three_tiers((down, up), (ds, us)))

    def _no_lone(self, room: int) -> InputError:
        """Why one switch does not do."""
        p = self.params
        keys = [key for key in ("uplinks", "spines") if getattr(p, key)]
        if keys:
            message = "one switch has nothing above it"
            return InputError([Problem(message, key, str(getattr(p, key)), "leave it out") for key in keys])
        leaves, where = self.final.leaves(room), "each plane" if self.planes > 1 else "the network"
        message = f"one switch joins {amount(room, 'endpoint')}, and {where} needs {leaves:,} of them"
        if p.homing == "dual":
            message = "homing: dual takes hosts to two switches"
        return ParameterError("lone", "true", message, "false", "or a switch with more ports, or fewer hosts")

    def _two_tiers(self, down: int, up: int) -> TreeSizes:
        p, radix = self.params, self.ports.top.total
        leaves = self.final.leaves(down)
        if leaves > radix and self.final.least > radix:
            message = f"two tiers join at most {amount(radix, 'leaf')}"
            raise ParameterError("min_leaves", self.final.least, message, f"at most {radix:,}")
        if leaves > radix:
            room = radix // self.final.group_of(down) * self.final.most(down)
            raise self._too_many(room, f"two tiers join at most {amount(radix, 'leaf')}, {leaves:,} are needed")
        spines = 0
        notes: list[str] = []
        if leaves > 1 or p.spines:
            spines, notes = spines_above(up, leaves, radix, p.spines, p.spread)
        elif p.uplinks:
            notes = [_nowhere(up)]
        now = like(self.now, self.final, down)
        return TreeSizes(
            2, self.planes, now, (down, up), (0, 0), now.leaves(down), leaves, 1, spines, 0, 1, False, tuple(notes)
        )  # fmt: skip

    def _of_pods(self, down: int, up: int) -> TreeSizes:
        """Pods of a given number of leaves: the fewest spines whose ports, split by what they really join, suffice."""
        p = self.params
        width = p.leaves_per_pod or 1
        group = self.final.homes if self.by_rail else self.final.group_of(down)
        if width % group:
            low = width // group * group
            allowed = either([n for n in (low, low + group) if n and self._spine_of(up, n)])
            message, hint = (
                f"a scalable unit has {amount(group, 'leaf')}, and a pod holds whole units",
                "or pods: rail",
            )
            if group == self.final.homes:
                message, hint = "a pod holds whole pairs of leaves", "or homing: single"
            raise ParameterError("leaves_per_pod", width, message, allowed, hint)
        spine = self._spine_of(up, width)
        if spine is not None:
            return self._three_tiers((down, up), spine)
        most = next((n for n in range(width - group, 0, -group) if self._spine_of(up, n)), 0)
        raise ParameterError(
            "leaves_per_pod", width, "a spine has too few ports for a pod of so many leaves",
            f"at most {most:,}" if most else "", "or a higher spine_oversubscription, or fewer uplinks",
        )  # fmt: skip

    def _spine_of(self, up: int, width: int) -> tuple[int, int] | None:
        """The ports of a spine, down and up, of a pod of `width` leaves with `up` uplinks each; None where none has
        enough."""
        p, ports = self.params, self.ports.spine
        want = ports.ratio_of(p.spine_oversubscription)
        for n in [p.spines] if p.spines else range(1, up + 1):
            even = up % n == 0
            if n > up or (not even and (p.spread == "even" or (p.spread is None and not p.spines))):
                continue
            below = -(-width * up // n)
            upward = ports.needed_up(below, want)
            if ports.most_down(upward) >= below:
                return below, upward
        return None

    def _three_tiers(self, leaf: tuple[int, int], spine: tuple[int, int]) -> TreeSizes:
        p, (down, up), radix = self.params, leaf, self.ports.core.total
        leaves, group, homes = self.final.leaves(down), self.final.group_of(down), self.final.homes
        width = p.leaves_per_pod or (min(spine[0] * min(p.spines, up) // up, spine[0]) if p.spines else spine[0])
        if width < (homes if self.by_rail else group):
            if p.spines and spine[0] >= (homes if self.by_rail else group):
                allowed = f"at least {-(-group * up // spine[0]):,}"
                raise ParameterError(
                    "spines", p.spines, f"a pod of {amount(width, 'leaf')} holds no unit of {group:,}", allowed
                )
            if homes == group or self.by_rail:
                raise ParameterError("homing", "dual", f"a pod of {amount(width, 'leaf')} holds no pair", "single")
            message = f"a pod of {amount(width, 'leaf')} holds no scalable unit of {amount(group, 'rail')}"
            raise ParameterError("pods", "scalable-unit", message, "rail")
        width = width // homes * homes
        pods, widest = podded(leaves, width, group, homes, self.by_rail)
        if pods > radix and self.final.least > radix * width:
            message = f"three tiers join at most {amount(radix, 'pod')} of {amount(width, 'leaf')}"
            raise ParameterError("min_leaves", self.final.least, message, f"at most {radix * width:,}")
        if pods > radix:
            by_rail = radix // (group // homes) * (width // homes)
            units = by_rail if self.by_rail else radix * (width // group)
            raise self._too_many(
                units * self.final.most(down), f"three tiers join at most {amount(radix, 'pod')}, {pods:,} are needed"
            )
        problems: list[Problem] = []
        spines, cores, share = 0, 0, 1
        notes: list[str] = []
        if leaves > 1 or p.spines:
            try:
                spines, notes = spines_above(up, widest, spine[0], p.spines, p.spread)
            except InputError as error:
                problems += error.problems
                spines = up
        elif p.uplinks:
            notes = [_nowhere(up)]
        try:
            cores, share, more = cores_above(spine[1], pods, spines or 1, radix, p)
            notes = [*notes, *more]
        except InputError as error:
            problems += error.problems
        if problems:
            raise InputError(problems)
        now = like(self.now, self.final, down)
        have = now.leaves(down)
        pods_now = podded(have, width, group, homes, self.by_rail)[0]
        return TreeSizes(
            3, self.planes, now, leaf, spine, have, width, pods_now, spines, cores, share, self.by_rail, tuple(notes)
        )

    def _too_many(self, hosts: int, message: str) -> ParameterError:
        """The error for a size above the maximum, with the largest that works."""
        gpus, now = self.gpus, self.now.hosts
        later = bool(self.params.build_for_gpus) and hosts >= now
        have = self.final.hosts if later else now
        sizes = amount(hosts * gpus, "GPU") if gpus else f"{amount(hosts, 'host')}"
        return TooManyError(
            hosts,
            "build_for_gpus" if later else "gpus",
            f"{have * gpus:,}" if gpus else amount(have, "host"),
            message,
            f"at most {sizes}" if not gpus or hosts >= (now if later else 1) else "",
            "take a switch with more ports, a higher oversubscription, more planes or one more tier",
        )


def _nowhere(uplinks: int) -> str:
    return (
        f"one leaf holds all hosts, so that its {amount(uplinks, 'uplink')} {verb(uplinks, 'stay')} free; "
        "`spines: 1` joins them"
    )


_BUILT: dict[object, Built] = {}
