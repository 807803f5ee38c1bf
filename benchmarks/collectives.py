"""All collectives of a design as a user asks for them, and the optimum alone: `python benchmarks/collectives.py`."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(PROJECT))

from benchmarks._measure import machine, timed_process, topo  # noqa: E402
from benchmarks._results import write  # noqa: E402
from topo.analysis.collectives import place  # noqa: E402
from topo.analysis.collectives.optimum import optima  # noqa: E402
from topo.certificates import verify_certificate  # noqa: E402
from topo.design import build, load_design  # noqa: E402


@dataclass(frozen=True)
class Spec:
    """A shipped design, and what all its collectives, and the optimum of every operation, may take."""

    design: str
    target_s: float | None = None
    optimum_target_s: float | None = None


SPECS = (
    Spec("gb200-576"),
    Spec("gb200-9216"),
    Spec("mpft-16384", 10.0, 10.0),
    Spec("mrft-16384", 10.0, 10.0),
    Spec("ft3-16384", 10.0, 10.0),
    Spec("dragonfly-16384", 10.0, 10.0),
    Spec("ft3-65536", 60.0),
)


def row_of(spec: Spec) -> dict[str, object]:
    """The whole command in a process of its own; then the bounds and the checking of their certificates in this one."""
    path = PROJECT / "designs" / f"{spec.design}.yaml"
    whole = timed_process(topo("collective", str(path)), runs=1)
    fabric = build(load_design(path))
    ranks = place(fabric)
    start = time.process_time()
    found = optima(fabric, ranks)
    took = time.process_time() - start
    start = time.process_time()
    for bound in found.values():
        for proof in (bound.certificate, bound.flow):
            if proof is not None:
                verify_certificate(fabric, proof)
    return {
        "design": spec.design,
        "GPUs": len(ranks),
        "all collectives, processor s": round(whole.cpu_s, 2),
        "peak MB": round(whole.peak_mb),
        "target s": spec.target_s or "",
        "optimum of five operations, processor s": round(took, 2),
        "optimum target s": spec.optimum_target_s or "",
        "certificates checked, processor s": round(time.process_time() - start, 2),
        "exact": ", ".join(name for name, bound in found.items() if bound.complete),
    }


def main() -> None:
    before = machine()
    rows = []
    for spec in SPECS:
        rows.append(row_of(spec))
        print(rows[-1], file=sys.stderr)
    notes = [
        "All collectives: `topo collective DESIGN`, every operation but expert parallelism under every algorithm, with "
        "the optimum, from the start of the process to its end. The optimum alone: the bounds of all-gather, "
        "reduce-scatter, all-reduce, broadcast and all-to-all with their certificates, on the built fabric.",
        "Exact: some schedule reaches the bound. An all-to-all over domains of several hosts has a cut alone; that the "
        "direct algorithm reaches it on these designs is seen by the command.",
    ]
    write("collectives", "Collectives and their optimum", notes, before, rows)


if __name__ == "__main__":
    main()
