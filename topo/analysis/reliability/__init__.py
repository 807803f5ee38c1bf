"""What failures cost over time: rates of what breaks, and what is carried in the steady state.

Every design has rates; all else is imported where it is first used, as it brings failures and throughput along. No
module may be called as what it gives."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from topo.analysis.reliability.rates import GroupRule, Rate, Rates

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
_FROM = {
    "groups": ("Family", "cages_of_cards", "families_of", "rate_keys"),
    "job": ("Interruptions", "interruptions"),
    "proof": ("families_stated", "has_steady_proof", "steady_proof"),
    "stock": ("Spares", "spares"),
    "steady": ("Replay", "Steady", "steady_state"),
    "in_groups": ("together",),
    "groups_proof": ("groups_stated", "together_proof"),
}


def __getattr__(name: str) -> Any:
    for module, names in _FROM.items():
        if name in names:
            return getattr(import_module(f"{__name__}.{module}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
