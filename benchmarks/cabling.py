"""Racks, routes, cables, audits and forwarding tables at full size: `python benchmarks/cabling.py`."""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

PROJECT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(PROJECT))

from benchmarks._measure import machine, rounded, timed  # noqa: E402
from benchmarks._results import write  # noqa: E402
from topo.audit import audit  # noqa: E402
from topo.audit.live import live_routing  # noqa: E402
from topo.design import build, parse_design  # noqa: E402
from topo.exporters import build_files, exporters, make_plan  # noqa: E402
from topo.exporters.formats.opensm_lfts import forwarding_tables  # noqa: E402
from topo.importers.as_built.reader import parse_as_built  # noqa: E402
from topo.importers.forwarding_tables import read_forwarding_tables  # noqa: E402
from topo.placement import Improvement, cabling, place, routed  # noqa: E402

TEXT = (
    "name: t\ngpus: {gpus}\nhost: h800-node\nfloor: {{}}\n"
    "networks: {{compute: {{family: {family}, switch: {switch}}}}}\n"
)
SIZES = (("mpft", 16384, "nvidia-qm9700"), ("ft3", 65536, "roce-128x400"))
RULES = ("middle-of-row", "leaf-in-rack", "rail-rows", "block")


def rows_of(family: str, gpus: int, switch: str) -> list[dict[str, object]]:
    design = parse_design(TEXT.format(gpus=gpus, family=family, switch=switch))
    fabric, catalog, floor = build(design), design.catalog, design.file.floor
    assert floor is not None
    rows: list[dict[str, object]] = []

    def add(what: str, run: object, target_s: object = "", runs: int = 5) -> None:
        found = rounded(timed(run, runs=runs))  # type: ignore[arg-type]
        size = {"design": f"{family}-{gpus}", "links": len(fabric.links)}
        rows.append(
            {
                **size,
                "what": what,
                "processor ms": found["cpu_ms"],
                "target s": target_s,
                "runs": found["runs"],
                "answer": "",
            }
        )
        print(rows[-1], file=sys.stderr)

    add("cables and modules, assumed lengths", lambda: cabling(fabric, catalog))
    for rule in RULES:
        by_rule = floor.model_copy(update={"rule": rule})

        def whole(by_rule=by_rule) -> object:  # type: ignore[no-untyped-def]
            places = place(fabric, catalog, by_rule)
            return cabling(fabric, catalog, routed(fabric, catalog, by_rule, places))

        add(f"racks, routes and cables, {rule}", whole, 3 if gpus == 16384 else "")
    for objective in ("length", "optics") if gpus == 16384 else ():
        better = floor.model_copy(update={"improve": objective, "improve_work": 30.0})
        found: list[Improvement] = []

        def search(better=better, found=found) -> object:  # type: ignore[no-untyped-def]
            found[:] = [place(fabric, catalog, better).improvement]
            return found

        add(f"fewer {objective}: search", search, 60, runs=1)
        best = found[0]
        unit = "m of route" if objective == "length" else "optical cables"
        rows[-1]["answer"] = (
            f"{best.value:,.0f} {unit} against the rule's {best.rule:,.0f} (-{best.gain_percent:.1f} %), "
            f"proved: at least {best.bound:,.0f} (gap {best.gap_percent:.1f} %)"
        )
    plan = make_plan(design)
    for export, path in (
        ("cable-schedule-csv", "cable-schedule.csv"),
        ("ibnetdiscover", "infiniband/fabric.ibnetdiscover"),
    ):
        content = build_files(plan, [export])[path]
        limit = 5 if gpus == 16384 else ""
        add(f"read and audit {path}", lambda content=content: audit(fabric, parse_as_built(content, "found")), limit)
    if not exporters.get("opensm-lfts").refuses(plan):
        with TemporaryDirectory() as folder:
            path = Path(folder) / "opensm-lfts.dump"
            path.write_bytes(forwarding_tables(fabric))
            add("read forwarding tables", lambda: read_forwarding_tables(path))
            add("read and judge forwarding tables", lambda: live_routing(fabric, [read_forwarding_tables(path)]))
    return rows


def main() -> None:
    before = machine()
    rows = [row for size in SIZES for row in rows_of(*size)]
    write("cabling", "Racks, routes, cables and audits", ["Medians of processor time in one process."], before, rows)


if __name__ == "__main__":
    main()
