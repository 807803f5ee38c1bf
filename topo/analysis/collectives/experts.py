"""Expert parallelism: what dispatch and combine move over NICs and the scale-up domain, and how long that takes.

Experts lie in `groups` of equal size, one group on a host and evenly on its GPUs. A token goes to `per_token` experts
in at most `max_groups` groups (node-limited routing; DeepSeek-AI, arXiv 2505.09343, section 4.3). One copy of a token
goes to each other host that has one of its experts, to the GPU of the sender's index, which hands it on over the
scale-up domain to every other GPU there that has one of its experts. Inside the sender's host the token goes straight
to them.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import comb
from typing import Literal

import numpy as np

from topo.errors import ParameterError
from topo.fabric.model import FloatArray

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
            near = " or ".join(str(n) for n in (below, below + self.groups) if n > 0)
            raise ParameterError("experts", self.experts, f"do not fill {self.groups} groups", near)
        if self.gpus_per_host <= 0 or size % self.gpus_per_host:
            raise ParameterError(
                "gpus_per_host", self.gpus_per_host, f"do not share {size} experts", f"divisors of {size}"
            )
        if not 0 < self.max_groups <= self.groups:
            raise ParameterError("max_groups", self.max_groups, "no such number of groups", f"1 to {self.groups}")
        if not 0 < self.per_token <= self.max_groups * size:
            most = self.max_groups * size
            raise ParameterError("per_token", self.per_token, f"{most} experts are in reach", f"1 to {most}")

    @property
    def group_size(self) -> int:
        """Experts of a group."""
        return self.experts // self.groups

    @property
    def per_gpu(self) -> int:
        """Experts of a GPU."""
        return self.group_size // self.gpus_per_host


@dataclass(frozen=True)
class Copies:
    """Expected copies of one token: hosts that it goes to (its own included), copies over the NIC, copies over the
    scale-up domain (from GPU to GPU of one host), and copies over the NIC if every GPU with an expert were sent one."""

    hosts: float
    nic: float
    scale_up: float
    nic_without_forwarding: float


def _missed(drawn: int, among: int, marked: int) -> float:
    """The probability that `drawn` of `among` without replacement hit none of `marked`."""
    return comb(among - marked, drawn) / comb(among, drawn)


def expected_copies(layout: ExpertLayout) -> Copies:
    """In closed form, for uniform gating and tokens spread evenly over the hosts."""
    reach = layout.max_groups * layout.group_size
    hosts = layout.max_groups * (1 - _missed(layout.per_token, reach, layout.group_size))
    gpu_hit = 1 - _missed(layout.per_token, reach, layout.per_gpu)
    gpus = layout.max_groups * layout.gpus_per_host * gpu_hit
    away = (layout.groups - 1) / layout.groups
    own_index = gpus / layout.gpus_per_host
    # Of the GPUs with an expert, one in gpus_per_host is the one that the token is on, or that the copy arrives at.
    return Copies(hosts, hosts * away, gpus - own_index, gpus * away)


def sampled_copies(layout: ExpertLayout, tokens: int, seed: int, gating: Gating = "uniform") -> Copies:
    """The same from `tokens` random tokens."""
    random = np.random.default_rng(seed)
    chosen = _chosen(layout, random.random((tokens, layout.groups, layout.group_size)), random, gating)
    at_host = chosen.any(axis=2)
    at_gpu = chosen.reshape(tokens, layout.groups, layout.gpus_per_host, layout.per_gpu).any(axis=3)
    home = random.integers(layout.groups, size=tokens)
    index = random.integers(layout.gpus_per_host, size=tokens)
    row = np.arange(tokens)
    away = np.ones((tokens, layout.groups), np.bool_)
    away[row, home] = False
    handed_on = np.array(at_gpu)
    handed_on[row, :, index] = False
    return Copies(
        float(at_host.sum(axis=1).mean()),
        float((at_host & away).sum(axis=1).mean()),
        float(handed_on.sum(axis=(1, 2)).mean()),
        float((at_gpu & away[:, :, None]).sum(axis=(1, 2)).mean()),
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
    dispatch_bytes: int = 1,
    combine_bytes: int = 2,
    layers: int = 61,
) -> StepTime:
    """(dispatch + combine bytes) x tokens x experts x hidden / bandwidth, twice per layer (arXiv 2505.09343, 2.3.2)."""
    once = (dispatch_bytes + combine_bytes) * tokens * experts * hidden / gbytes_per_s / 1e3
    step = 2 * once * layers / 1e3
    return StepTime(once, 2 * once, step, 1e3 / step)


def copies_time_us(
    copies: Copies, tokens: int, token_bytes: int, nic_gbytes_per_s: float, scale_up_gbytes_per_s: float
) -> float:
    """The time in which a GPU with `tokens` tokens sends its copies, NIC and scale-up domain at work at once."""
    nic = copies.nic * tokens * token_bytes / nic_gbytes_per_s
    return max(nic, copies.scale_up * tokens * token_bytes / scale_up_gbytes_per_s) / 1e3
