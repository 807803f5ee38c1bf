"""Collective operations over a placement of ranks on GPUs: messages, what they load, and how long that takes.

Sizes and bandwidths are those of nccl-tests. A collective is taken as perfectly pipelined, so its time is that of the
most loaded resource (a link under the given routing, an endpoint link, a GPU's port into its scale-up domain), plus,
with a latency model, that of its longest chain of messages.
"""

from topo.analysis.collectives.operation import COLLECTIVES, Messages, messages
from topo.analysis.collectives.ranks import Ranks, place
from topo.analysis.collectives.timing import CollectiveTime, collective_time, concurrent_time, expert_time

__all__ = [
    "COLLECTIVES",
    "CollectiveTime",
    "Messages",
    "Ranks",
    "collective_time",
    "concurrent_time",
    "expert_time",
    "messages",
    "place",
]
