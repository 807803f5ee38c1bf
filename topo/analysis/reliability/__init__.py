"""What failures cost over time: rates of what breaks, and what is carried in the steady state.

Every design has rates; all else brings failures and throughput along."""

from typing import TYPE_CHECKING

from topo.analysis.reliability.rates import GroupRule, Rate, Rates
from topo.first_use import at_first_use

if TYPE_CHECKING:
    from topo.analysis.reliability.groups import Family, cages_of_cards, families_of, rate_keys
    from topo.analysis.reliability.groups_proof import groups_stated, together_proof
    from topo.analysis.reliability.in_groups import together
    from topo.analysis.reliability.job import Interruptions, interruptions
    from topo.analysis.reliability.proof import families_stated, has_steady_proof, steady_proof
    from topo.analysis.reliability.steady import Replay, Steady, steady_state
    from topo.analysis.reliability.stock import Spares, spares

__all__ = [
    "Family",
    "GroupRule",
    "Interruptions",
    "Rate",
    "Rates",
    "Replay",
    "Spares",
    "Steady",
    "cages_of_cards",
    "families_of",
    "families_stated",
    "groups_stated",
    "has_steady_proof",
    "interruptions",
    "rate_keys",
    "spares",
    "steady_proof",
    "steady_state",
    "together",
    "together_proof",
]
__getattr__ = at_first_use(
    __name__,
    {
        "groups": "Family, cages_of_cards, families_of, rate_keys",
        "groups_proof": "groups_stated, together_proof",
        "in_groups": "together",
        "job": "Interruptions, interruptions",
        "proof": "families_stated, has_steady_proof, steady_proof",
        "steady": "Replay, Steady, steady_state",
        "stock": "Spares, spares",
    },
)
