"""BLISS in a process of its own, that can be stopped: run as a script, it imports nothing of topo.

Its arguments are a limit in seconds, at which it ends by itself, and the end of a pipe that whoever started it holds
the other end of: with that it ends too. Reads from stdin, as 64-bit whole numbers: nodes, edges, the colour of each
node, the two ends of each edge. Writes one permutation of the nodes after the other.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import select
import signal
import sys
from array import array
from typing import Any


def main() -> None:
    """Answers the one question on stdin."""
    signal.setitimer(signal.ITIMER_REAL, float(sys.argv[1]))  # nobody catches SIGALRM: it ends the process
    _end_with(int(sys.argv[2]))
    import igraph

    given = array("q", sys.stdin.buffer.read())
    nodes, edges = given[0], given[1]
    ends = given[2 + nodes :]
    graph_of: Any = igraph.Graph
    graph = graph_of(n=nodes, edges=[(ends[2 * i], ends[2 * i + 1]) for i in range(edges)])
    for generator in graph.automorphism_group(color=list(given[2 : 2 + nodes])):
        sys.stdout.buffer.write(array("q", generator).tobytes())


def _end_with(pipe: int) -> None:
    """The process ends when the other end of a pipe is closed: SIGIO says so even while BLISS computes."""
    with contextlib.suppress(OSError):
        fcntl.fcntl(pipe, fcntl.F_SETOWN, os.getpid())
        fcntl.fcntl(pipe, fcntl.F_SETFL, fcntl.fcntl(pipe, fcntl.F_GETFL) | os.O_ASYNC)
    if select.select([pipe], [], [], 0)[0]:
        sys.exit(1)


if __name__ == "__main__":
    main()
