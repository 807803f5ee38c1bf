"""What failures cost over time: rates of what breaks, and what is carried in the steady state."""

from topo.analysis.reliability.groups import Family, families_of, rate_keys
from topo.analysis.reliability.job import Interruptions, interruptions
from topo.analysis.reliability.proof import families_stated, steady_proof
from topo.analysis.reliability.rates import GroupRule, Rate, Rates
from topo.analysis.reliability.spares import Spares, spares
from topo.analysis.reliability.steady import Replay, Steady, steady_state
from topo.analysis.reliability.together import together

__all__ = [
    "Family",
    "GroupRule",
    "Interruptions",
    "Rate",
    "Rates",
    "Replay",
    "Spares",
    "Steady",
    "families_of",
    "families_stated",
    "interruptions",
    "rate_keys",
    "spares",
    "steady_proof",
    "steady_state",
    "together",
]
