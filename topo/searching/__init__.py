"""Design search: the cheapest fabric of a declared space that holds, and the proof that nothing cheaper in it does.

`candidates` reads what is wanted, lists the space and says from closed forms what each is made of; `bounds` says what
must be at least, `running` goes through them in order of cost and asks the engine about those that bounds leave open,
`record` is what a search says, `output` writes it, `stages` searches sequences of growth, and `verify` checks all of it
again without a solver.
"""

from topo.searching.candidates.request import Request, read_request
from topo.searching.record.result import Search

__all__ = ["Request", "Search", "read_request"]
