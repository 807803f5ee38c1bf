"""Expert parallelism: what dispatch and combine move over NICs and the scale-up domain, and how long that takes.

Experts lie in `groups` of equal size, one group on a host and evenly on its GPUs. A token goes to `per_token` experts
in at most `max_groups` groups (node-limited routing; DeepSeek-AI, arXiv 2505.09343, section 4.3). One copy of a token
goes over NICs to each other scale-up domain (host, where a domain is one) that has one of its experts, to the GPU there
of the sender's index, which hands it on over the scale-up domain to every other GPU there that has one of its experts.
Inside the sender's domain the token goes straight to them. A `Split` says how many of the groups lie in each domain.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import comb
from typing import Literal

import numpy as np

from topo.errors import ParameterError
from topo.fabric.model import FloatArray
from topo.units import amount, verb

Gating = Literal["uniform", "top-groups"]
"""`uniform`: the groups are drawn at random, then the experts among theirs. `top-groups`: every expert has a random
score, groups rank by the sum of their two best, the best experts of the best groups are taken (as DeepSeek-V3 does)."""


@dataclass(frozen=True)
class ExpertLayout:
    """Where experts lie and how a token chooses among them."""

    experts: int = 256
    groups: int = 8
    per_token: int = 8
    max_groups: int = 4
    gpus_per_host: int = 8

    def __post_init__(self) -> None:
        size = self.experts // max(self.groups, 1)
        if self.experts <= 0 or self.groups <= 0 or self.experts % self.groups:
            below = max(self.experts, 0) // max(self.groups, 1) * self.groups
            near = " or ".join(f"{n:,}" for n in (below, below + self.groups) if n > 0)
            raise ParameterError("experts", self.experts, f"do not fill {amount(self.groups, 'group')}", near)
        if self.gpus_per_host <= 0 or size % self.gpus_per_host:
            raise ParameterError(
                "gpus_per_host", self.gpus_per_host, f"do not share {amount(size, 'expert')}", f"divisors of {size:,}"
            )
        if not 0 < self.max_groups <= self.groups:
            raise ParameterError("max_groups", self.max_groups, "no such number of groups", f"1 to {self.groups:,}")
        if not 0 < self.per_token <= self.max_groups * size:
            most = self.max_groups * size
            raise ParameterError(
                "per_token", self.per_token, f"{amount(most, 'expert')} {verb(most, 'are')} in reach", f"1 to {most:,}"
            )

    @property
    def group_size(self) -> int:
        """Experts of a group."""
        return self.experts // self.groups

    @property
    def per_gpu(self) -> int:
        """Experts of a GPU."""
        return self.group_size // self.gpus_per_host


Split = tuple[int, ...]
"""How many groups of experts lie in each scale-up domain; groups are numbered domain by domain."""


@dataclass(frozen=True)
class Copies:
    """Expected copies of one token: hosts that it goes to (its own included), copies over the NIC, copies over the
    scale-up domain (from GPU to GPU of one domain), and copies over the NIC if every GPU with an expert were sent one.
    `domains` are the scale-up domains that it goes to, its own included."""

    hosts: float
    nic: float
    scale_up: float
    nic_without_forwarding: float
    domains: float


def _missed(drawn: int, among: int, marked: int) -> float:
    """The probability that `drawn` of `among` without replacement hit none of `marked`."""
    return comb(among - marked, drawn) / comb(among, drawn)


def reached(layout: ExpertLayout, groups: int) -> float:
    """The probability that a token goes to at least one expert of so many given groups: over how many of the groups
    drawn are among them."""
    every = comb(layout.groups, layout.max_groups)
    reach = layout.max_groups * layout.group_size
    missed = 0.0
    for drawn in range(max(0, layout.max_groups - (layout.groups - groups)), min(groups, layout.max_groups) + 1):
        ways = comb(groups, drawn) * comb(layout.groups - groups, layout.max_groups - drawn)
        missed += ways / every * _missed(layout.per_token, reach, drawn * layout.group_size)
    return 1 - missed


def gpu_reached(layout: ExpertLayout) -> float:
    """The probability that a token goes to an expert of a given GPU."""
    reach = layout.max_groups * layout.group_size
    return layout.max_groups / layout.groups * (1 - _missed(layout.per_token, reach, layout.per_gpu))


def expected_copies(layout: ExpertLayout, split: Split = ()) -> Copies:
    """In closed form, for uniform gating and tokens spread evenly over the GPUs. `split` defaults to one group a
    domain. Raises ParameterError where it does not have all groups."""
    shares = _split(layout, split)
    width, groups = layout.gpus_per_host, layout.groups
    hit = [reached(layout, g) for g in shares]
    # A token's home is in a domain with g groups with probability g / groups.
    nic = sum(p * (1 - g / groups) for p, g in zip(hit, shares, strict=True))
    each = gpu_reached(layout)
    # Of the GPUs of a domain one is the one that the token is on, or that the copy arrives at.
    handed = sum(each * (g * width - 1) for g in shares)
    gpus_away = sum(each * g * width * (1 - g / groups) for g in shares)
    return Copies(groups * reached(layout, 1), nic, handed, gpus_away, sum(hit))


@dataclass(frozen=True)
class InNetworkGain:
    """What copies and sums made by switches save of one token's traffic over NICs, on average. A dispatch sends
    `copies` and, where the network copies, `once`; it receives `copies` either way, and a combine is a dispatch turned
    round: it sends `copies` and receives `once`. `sent` is how much less a NIC sends in a dispatch; `time` how much
    sooner a dispatch and a combine at work together are over: each alone is no sooner, as one of its ends has all the
    copies."""

    max_groups: int
    copies: float
    once: float

    @property
    def sent(self) -> float:
        """Copies sent without over those with copying in the network."""
        return self.copies / self.once if self.once else 1.0

    @property
    def time(self) -> float:
        """Time of dispatch and combine together without over that with operations in the network."""
        return 2 * self.copies / (self.copies + self.once) if self.once else 1.0


def in_network_gains(layout: ExpertLayout, split: Split = ()) -> list[InNetworkGain]:
    """One for every number of groups that a token may go to, from the least that holds its experts up."""
    least = -(-layout.per_token // layout.group_size)
    result = []
    for most in range(least, layout.groups + 1):
        one = replace(layout, max_groups=most)
        result.append(InNetworkGain(most, expected_copies(one, split).nic, _leaves(one, _split(one, split))))
    return result


def _leaves(layout: ExpertLayout, shares: Split) -> float:
    """The probability that a token goes to a domain that is not its own: all of its experts in its own are left out."""
    reach = comb(layout.max_groups * layout.group_size, layout.per_token)
    every = comb(layout.groups, layout.max_groups)
    stays = 0.0
    for g in shares:
        for drawn in range(min(g, layout.max_groups) + 1):
            ways = comb(g, drawn) * comb(layout.groups - g, layout.max_groups - drawn)
            stays += g / layout.groups * ways / every * comb(drawn * layout.group_size, layout.per_token) / reach
    return 1 - stays


def _split(layout: ExpertLayout, split: Split) -> Split:
    shares = split or (1,) * layout.groups
    if sum(shares) != layout.groups or min(shares) < 1:
        raise ParameterError("split", str(shares), "does not have all groups", f"numbers that sum to {layout.groups:,}")
    return shares


def mean_copies(copies: Sequence[Copies]) -> Copies:
    """The mean of several."""
    return Copies(*(float(np.mean(column)) for column in zip(*(vars(c).values() for c in copies), strict=True)))


def sampled_copies(
    layout: ExpertLayout, tokens: int, seed: int, gating: Gating = "uniform", split: Split = ()
) -> Copies:
    """The same from `tokens` random tokens."""
    shares = np.array(_split(layout, split))
    random = np.random.default_rng(seed)
    chosen = _chosen(layout, random.random((tokens, layout.groups, layout.group_size)), random, gating)
    at_host = chosen.any(axis=2)
    at_gpu = chosen.reshape(tokens, layout.groups, layout.gpus_per_host, layout.per_gpu).any(axis=3)
    home = random.integers(layout.groups, size=tokens)
    index = random.integers(layout.gpus_per_host, size=tokens)
    domain = np.repeat(np.arange(len(shares)), shares)
    at_domain = np.logical_or.reduceat(at_host, np.cumsum(shares) - shares, axis=1)
    away = domain[None, :] != domain[home][:, None]
    far = np.arange(len(shares))[None, :] != domain[home][:, None]
    # In every domain a copy is at the GPU of the sender's number in its own (modulo fewer GPUs): that gets none handed.
    first = np.cumsum(shares) - shares
    place = (home - first[domain[home]]) * layout.gpus_per_host + index
    at = place[:, None] % (shares * layout.gpus_per_host)[None, :]
    host_at = first[None, :] + at // layout.gpus_per_host
    handed_on = np.array(at_gpu)
    handed_on[np.arange(tokens)[:, None], host_at, at % layout.gpus_per_host] = False
    return Copies(
        float(at_host.sum(axis=1).mean()),
        float((at_domain & far).sum(axis=1).mean()),
        float(handed_on.sum(axis=(1, 2)).mean()),
        float((at_gpu & away[:, :, None]).sum(axis=(1, 2)).mean()),
        float(at_domain.sum(axis=1).mean()),
    )


def _chosen(layout: ExpertLayout, score: FloatArray, random: np.random.Generator, gating: Gating) -> FloatArray:
    """Shape (tokens, groups, experts of a group): which experts each token goes to."""
    tokens = len(score)
    if gating == "uniform":
        rank = random.random((tokens, layout.groups))
    else:
        rank = np.sort(score, axis=2)[:, :, -2:].sum(axis=2)
    kept = np.zeros((tokens, layout.groups), np.bool_)
    np.put_along_axis(kept, np.argsort(-rank, axis=1)[:, : layout.max_groups], True, axis=1)
    open_to = np.where(kept[:, :, None], score, -1.0).reshape(tokens, -1)
    chosen = np.zeros(open_to.shape, np.bool_)
    np.put_along_axis(chosen, np.argsort(-open_to, axis=1)[:, : layout.per_token], True, axis=1)
    return np.asarray(chosen.reshape(score.shape))


@dataclass(frozen=True)
class StepTime:
    """The paper's estimate of one step of decoding that does nothing but expert communication: microseconds of one
    dispatch and combine, of the two per layer, of all layers in milliseconds, and tokens a second."""

    once_us: float
    per_layer_us: float
    step_ms: float
    tokens_per_s: float


def step_time(
    gbytes_per_s: float,
    tokens: int = 32,
    experts: int = 9,
    hidden: int = 7000,
    wide: tuple[int, int] = (1, 2),
    layers: int = 61,
) -> StepTime:
    """(dispatch + combine bytes) x tokens x experts x hidden / bandwidth, twice per layer (arXiv 2505.09343, 2.3.2);
    `wide` is the bytes of a value when it is dispatched and when it is combined."""
    once = sum(wide) * tokens * experts * hidden / gbytes_per_s / 1e3
    step = 2 * once * layers / 1e3
    return StepTime(once, 2 * once, step, 1e3 / step)
