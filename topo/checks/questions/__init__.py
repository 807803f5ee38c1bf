"""Questions that a context answers once: `context.ask(questions.Hops("compute"))`.

Each is a frozen value that says what is asked; its answer has the type it names. Where a certificate proves an answer,
`proof` of the question asks for that.
"""

from topo.checks.questions.bought import Cabling, Cost, Laid, Life, PlacedLengths, Power
from topo.checks.questions.breaking import (
    Families,
    GroupsOf,
    Interruptions,
    Steady,
    SteadyProof,
    Together,
    TogetherProof,
)
from topo.checks.questions.carried import Bisection, BisectionProof, Throughput, ThroughputProof
from topo.checks.questions.failing import (
    Cabled,
    DrawsProof,
    Failures,
    FailuresProof,
    Hosted,
    RandomFailures,
    failing,
)
from topo.checks.questions.paths import (
    Connected,
    ConnectedProof,
    Deadlock,
    DeadlockProof,
    Hops,
    HopsProof,
    Latency,
)
from topo.checks.questions.proof import Certificate, Proof

__all__ = [
    "Bisection",
    "BisectionProof",
    "Cabled",
    "Cabling",
    "Certificate",
    "Connected",
    "ConnectedProof",
    "Cost",
    "Deadlock",
    "DeadlockProof",
    "DrawsProof",
    "Failures",
    "FailuresProof",
    "Families",
    "GroupsOf",
    "Hops",
    "HopsProof",
    "Hosted",
    "Interruptions",
    "Laid",
    "Latency",
    "Life",
    "PlacedLengths",
    "Power",
    "Proof",
    "RandomFailures",
    "Steady",
    "SteadyProof",
    "Throughput",
    "ThroughputProof",
    "Together",
    "TogetherProof",
    "failing",
]
