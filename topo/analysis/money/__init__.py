"""What a cluster's networks cost over their life: bought, maintained, fed, housed."""

from typing import TYPE_CHECKING

from topo.first_use import at_first_use

if TYPE_CHECKING:
    from topo.analysis.money.amount import Amount
    from topo.analysis.money.lifetime import Life, Line, Subject, life
    from topo.analysis.money.terms import CLASSES, CostTerms

__all__ = ["CLASSES", "Amount", "CostTerms", "Life", "Line", "Subject", "life"]

__getattr__ = at_first_use(
    __name__,
    {
        "amount": "Amount",
        "lifetime": "Life, Line, Subject, life",
        "terms": "CLASSES, CostTerms",
    },
)
