"""Design search: the cheapest fabric of a declared space that holds, and the proof that nothing cheaper in it does.

`request` reads what is wanted, `space` lists the candidates, `count` says from closed forms what each is made of and
what bounds it, `judge` asks the engine about those that bounds leave open, `run` goes through them in order of cost,
`files` writes what was found and `verify` checks it again without a solver.
"""

from topo.searching.request import Request, read_request
from topo.searching.result import Search

__all__ = ["Request", "Search", "read_request"]
