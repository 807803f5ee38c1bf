"""What a cluster's networks cost over their life: bought, maintained, fed, housed."""

from topo.analysis.money.amount import Amount
from topo.analysis.money.life import Life, Line, Subject, life
from topo.analysis.money.terms import CLASSES, CostTerms

__all__ = ["CLASSES", "Amount", "CostTerms", "Life", "Line", "Subject", "life"]
