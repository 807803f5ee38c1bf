"""Many tasks at once, done by processes of this machine or by the workers of a Dask cluster: one small interface.

A pool takes picklable tasks and gives their outcomes in the tasks' order, whatever does them and in whichever order
they are done. A worker that ends costs its task a retry; a task that ends its worker again is a `Crash`, and alone in
that. A scheduler that is lost raises ConnectionError.
"""

from topo.pool.outcome import Crash, Outcome, outcome
from topo.pool.pool import Pool, open_pool
from topo.pool.spread import Spread

__all__ = ["Crash", "Outcome", "Pool", "Spread", "open_pool", "outcome"]
