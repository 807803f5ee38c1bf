"""What failures cost over time: rates of what breaks, and what is carried in the steady state."""

from topo.analysis.reliability.groups import Family, families_of, rate_keys
from topo.analysis.reliability.job import Interruptions, interruptions
from topo.analysis.reliability.rates import GroupRule, Rate, Rates
from topo.analysis.reliability.spares import Spares, spares
from topo.analysis.reliability.steady import Steady, steady_state
from topo.analysis.reliability.together import together

__all__ = [
    "Family",
    "GroupRule",
    "Interruptions",
    "Rate",
    "Rates",
    "Spares",
    "Steady",
    "families_of",
    "interruptions",
    "rate_keys",
    "spares",
    "steady_state",
    "together",
]
