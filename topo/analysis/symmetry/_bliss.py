"""BLISS in a process of its own, that can be stopped: run as a script, it imports nothing of topo.

Its argument is a limit in seconds, at which it ends by itself, whoever started it. Reads from stdin, as 64-bit whole
numbers: nodes, edges, the colour of each node, the two ends of each edge. Writes one permutation of the nodes after
the other.
"""

from __future__ import annotations

import signal
import sys
from array import array
from typing import Any


def main() -> None:
    """Answers the one question on stdin."""
    signal.setitimer(signal.ITIMER_REAL, float(sys.argv[1]))  # nobody catches SIGALRM: it ends the process
    import igraph

    given = array("q", sys.stdin.buffer.read())
    nodes, edges = given[0], given[1]
    ends = given[2 + nodes :]
    graph_of: Any = igraph.Graph
    graph = graph_of(n=nodes, edges=[(ends[2 * i], ends[2 * i + 1]) for i in range(edges)])
    for generator in graph.automorphism_group(color=list(given[2 : 2 + nodes])):
        sys.stdout.buffer.write(array("q", generator).tobytes())


if __name__ == "__main__":
    main()
