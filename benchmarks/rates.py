"""What failures cost over time and money over life: `python benchmarks/rates.py`."""

from __future__ import annotations

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import topo
from benchmarks import _measure
from benchmarks._results import write
from topo.analysis.reliability import Rate, Rates, families_of, steady_state, together
from topo.design.shipped import shipped_design

DOWN = 0.01
DRAWS = 40
LIMIT_S = 60.0


def cost(name: str) -> dict[str, object]:
    found = _measure.timed_process(_measure.topo("cost", str(shipped_design(name))), runs=3)
    return {"what": f"topo cost {name}", "cpu s": found.cpu_s, "target s": 2, "found": f"{found.peak_mb:.0f} MB"}


def steady(name: str) -> dict[str, object]:
    fabric = topo.build(topo.load_design(shipped_design(name)))
    rate = Rate(mtbf_hours=24 * (1 - DOWN) / DOWN)
    families = families_of(fabric, 0, Rates({"fabric_link": rate}, 24.0))
    start = time.process_time()
    found = steady_state(fabric, 0, families, draws=DRAWS, time_limit_s=LIMIT_S)
    spent = time.process_time() - start
    low, high = found.expected
    said = f"{low:.5f} to {high:.5f}, {(high - low) / high:.3%} wide, {len(found.seeds)} patterns of {DRAWS}"
    return {"what": f"expected throughput of {name}, {DOWN:.0%} of links down", "cpu s": spent, "target s": 60,
            "found": said}  # fmt: skip


def pairs(name: str) -> dict[str, object]:
    fabric = topo.build(topo.load_design(shipped_design(name)))
    families = families_of(fabric, 0, Rates({key: Rate(afr=1.0) for key in ("spine", "leaf")}))
    start = time.process_time()
    rows = together(fabric, 0, families, True, time_limit_s=LIMIT_S)
    spent = time.process_time() - start
    worst = rows[0]
    said = f"{sum(r.stands_for for r in rows):,} pairs in {len(rows)} classes, least {worst.lower:.4f} ({worst.worst})"
    return {"what": f"all pairs of spines and leaves of {name}", "cpu s": spent, "target s": 60, "found": said}


if __name__ == "__main__":
    rows = [cost("mpft-16384"), cost("ft3-16384"), pairs("ft3-16384"), steady("ft3-16384")]
    write(
        "rates",
        "Failures over time and money over life",
        [
            "Processor time in seconds: of a whole process for `topo cost`, of the question for all else.",
            "Expected throughput: an interval at 99 % confidence, each pattern with its certificate, ended by a limit "
            f"of {LIMIT_S:.0f} s on the clock: on a busy machine fewer patterns than asked.",
        ],
        _measure.machine(),
        [{**row, "cpu s": float(f"{row['cpu s']:.3g}")} for row in rows],
    )
