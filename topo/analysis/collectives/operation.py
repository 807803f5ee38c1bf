"""What a collective operation is: its algorithms, and the bandwidth factor of nccl-tests.

S is the size as nccl-tests counts it: the buffer of one rank; for all-gather and reduce-scatter the whole of all ranks'
parts. With n ranks, the bus bandwidth is the algorithm bandwidth S / time times `factor(n)`
(https://github.com/NVIDIA/nccl-tests/blob/master/doc/PERFORMANCE.md).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from topo.analysis.collectives.ranks import Ranks
from topo.errors import ParameterError, nearest
from topo.fabric.model import FloatArray, IntArray
from topo.registry import Registry

MOST_MESSAGES = 1 << 24
"""Messages that are written out one by one."""


@dataclass(frozen=True)
class Messages:
    """`size[i]` bytes from rank `src[i]` to rank `dst[i]` (shape (messages,) each); src differs from dst."""

    src: IntArray
    dst: IntArray
    size: FloatArray


@dataclass(frozen=True)
class Chain:
    """Messages from rank `src[i]` to `dst[i]`: one after the other (`sum`), or at once (`max`), or round a ring, each
    piece from another rank through all but the message back to it (`ring`), `times` times over."""

    src: IntArray
    dst: IntArray
    kind: Literal["sum", "max", "ring"]
    times: int = 1


@dataclass(frozen=True)
class Algorithm:
    """`phases(ranks, size)` has the messages of each phase: at work at once where the operation is pipelined, one after
    the other where it is not. `chains(ranks)` are the messages that follow each other for a short operation.
    `in_network`: switches sum (see `in_network`), and what is sent is no messages between ranks."""

    phases: Callable[[Ranks, float], list[Messages]]
    chains: Callable[[Ranks], list[Chain]]
    in_network: bool = False


@dataclass(frozen=True)
class Operation:
    """A collective operation: its algorithms, the usual one first, and the bus bandwidth factor. `optimum` says what
    bounds it from below on any fabric (see `optimum`): how many bytes cross a cut."""

    algorithms: Mapping[str, Algorithm]
    factor: Callable[[int], float]


operations: Registry[Operation] = Registry("collective", "topo.analysis.collectives.operations")

COLLECTIVES = ("all-to-all", "all-gather", "reduce-scatter", "all-reduce", "broadcast", "point-to-point")
"""All operations, in the order in which they are shown."""

ALIASES: Mapping[str, str] = {
    "double-binary-tree": "tree",
    "recursive-halving-doubling": "halving-doubling",
    "recursive-doubling": "halving-doubling",
    "recursive-halving": "halving-doubling",
}
"""Other names of algorithms."""


def collective(name: str) -> Operation:
    """A collective by name; raises ParameterError that lists them."""
    if name not in COLLECTIVES:
        raise ParameterError(
            "collective", name, "unknown collective", ", ".join(COLLECTIVES), nearest(name, COLLECTIVES)
        )
    return operations.get(name)


def algorithm_of(name: str, algorithm: str = "") -> tuple[str, Algorithm]:
    """An algorithm of a collective by name or by another name (default: the usual one), and its name; raises
    ParameterError that lists them."""
    known = collective(name).algorithms
    wanted = algorithm or next(iter(known))
    wanted = wanted if wanted in known else ALIASES.get(wanted, wanted)
    if wanted not in known:
        raise ParameterError(
            "algorithm", algorithm, f"{name} has no such algorithm", ", ".join(known), nearest(algorithm, list(known))
        )
    return wanted, known[wanted]


def phases(name: str, ranks: Ranks, size: float, algorithm: str = "") -> list[Messages]:
    """The messages of each phase; raises ParameterError for an unknown collective or algorithm, for fewer than two
    ranks, and for ranks that the algorithm cannot use."""
    chosen = algorithm_of(name, algorithm)[1]
    if len(ranks) < 2:
        raise ParameterError("ranks", len(ranks), "a collective needs peers", "at least 2 ranks")
    return chosen.phases(ranks, size)


def messages(name: str, ranks: Ranks, size: float, algorithm: str = "") -> Messages:
    """Every message of a collective of `size` bytes; raises ParameterError as `phases` does."""
    return joined(phases(name, ranks, size, algorithm))


def joined(parts: list[Messages]) -> Messages:
    """Several sets of messages as one."""
    src, dst, sizes = (np.concatenate([getattr(m, column) for m in parts]) for column in ("src", "dst", "size"))
    return Messages(src, dst, sizes)
