"""Families without tiers: generated, and their adaptive all-to-all: `python benchmarks/flat.py`.

Each row is a process of its own, so that its memory is its own.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks._cases import FLAT, Case, fabric, inputs
from benchmarks._measure import environment, machine, timed
from benchmarks._results import write

ROWS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("slim-fly-200", "", ("glop", "pdlp", "networkx")),
    ("dragonfly-72", "", ("pdlp",)),
    ("slim-fly-2704", "", ("networkx",)),
    ("slim-fly-16928", "", ()),
    ("slim-fly-16384", "", ()),
    ("slim-fly-16928", "one link", ()),
    ("slim-fly-26912", "", ()),
    ("dragonfly-16384", "", ()),
    ("dragonfly-16384", "one link", ()),
    ("jellyfish-16384", "", ()),
    ("dragonfly-261632", "", ()),
)
"""Case, what it has lost, peers that answer the same within two minutes (networkx: whole Slim Flies only)."""
GENERATED_S = {"slim-fly-26912": 0.5, "dragonfly-261632": 3.0}
ANSWERED_S = {"slim-fly-26912": 1.0, "slim-fly-16384": 5.0, "dragonfly-261632": 60.0}


def digits(value: float) -> float:
    return float(f"{value:.3g}")


def peak_gb() -> float:
    return digits(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2)


def row(one: Case, lost: str, peers: tuple[str, ...]) -> dict[str, object]:
    from benchmarks.throughput import PEERS, damaged
    from topo.analysis.throughput import throughput
    from topo.certificates import verify_certificate

    throughput(fabric(inputs(Case("ft2", 128, 16))))  # imports apart
    given = inputs(one)
    whole = fabric(given)
    generated = timed(lambda: fabric(given), runs=3)
    peak = peak_gb()
    less = damaged(whole, lost)
    baseline = None if less is whole else whole
    start = time.process_time()
    answer = throughput(less, baseline=baseline)
    spent = time.process_time() - start
    start = time.process_time()
    verify_certificate(baseline or less, answer.certificate or {})
    checked = time.process_time() - start
    found: dict[str, object] = {
        "case": f"{one.name}, {lost}" if lost else one.name,
        "switches": int((~whole.is_host).sum()),
        "links": len(whole.links),
        "generated s": digits(generated.cpu_ms / 1e3),
        "generated GB": peak,
        "target generated s": GENERATED_S.get(one.name, ""),
        "network throughput": f"{answer.network_lower:.6f}",
        "gap": "exact" if answer.exact else f"{1 - answer.network_lower / answer.network_upper:.1e}",
        "answered s": digits(spent),
        "target answered s": "" if lost else ANSWERED_S.get(one.name, ""),
        "certificate checked s": digits(checked),
        "GB": peak_gb(),
    }
    for name in peers:
        start = time.process_time()
        value = PEERS[name](whole)
        theirs = time.process_time() - start
        found |= {f"{name} s": digits(theirs), f"{name} / topo": digits(theirs / spent)}
        found[f"{name} differs"] = f"{abs(value / answer.network_lower - 1):.0e}"
    return found


def apart(name: str, lost: str) -> dict[str, object]:
    """The row as another process measured it."""
    command = [sys.executable, __file__, name, lost]
    answer = subprocess.run(command, capture_output=True, text=True, check=True, env=environment())
    print(answer.stdout, file=sys.stderr, end="")
    found: dict[str, object] = json.loads(answer.stdout)
    return found


if __name__ == "__main__":
    if len(sys.argv) == 3:
        peers = next(p for n, w, p in ROWS if [n, w] == sys.argv[1:])
        print(json.dumps(row(next(c for c in FLAT if c.name == sys.argv[1]), sys.argv[2], peers)))
    else:
        write(
            "flat",
            "Families without tiers: generated, and their adaptive all-to-all",
            [
                "Processor time in seconds, imports apart, and the most memory of the process; each row is a process "
                "of its own. `one link`: after the loss of one link, symmetry found anew.",
                "glop, pdlp: the program with one variable per arc and destination. networkx: loads of an equal split "
                "over shortest paths by edge betweenness, which is the optimum on whole Slim Flies; it proves nothing "
                "above.",
                "The random graph, the largest dragonfly, and what is partly filled or has lost a link are answered "
                "by weighted walks and lengths, within 60 s on the clock: a busy machine leaves wider intervals.",
            ],
            machine(),
            [apart(name, lost) for name, lost, _ in ROWS],
        )
