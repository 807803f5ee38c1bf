"""Small requests that several tests search, and a search written otherwise."""

from __future__ import annotations

from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

import topo
from topo.catalog import load_catalog
from topo.design import parse_design
from topo.errors import InputError
from topo.searching import Search
from topo.searching.candidates.request import Request, parse_request
from topo.searching.running.run import Run

CATALOG = load_catalog()
TREES = """\
name: trees
gpus: {gpus}
host: example-host-1
choose: {{families: [ft2, ft3], switches: [example-switch-4, example-switch-8], oversubscription: [1, 3]}}
"""


def request(text: str) -> Request:
    return parse_request(text, "request.yaml", CATALOG)


@cache
def found(text: str, top: int = 1) -> Search:
    return Run(request(text), top=top).search()


def brute_force(
    gpus: int, host: str, networks: dict[str, list[Any]], requirements: list[dict[str, Any]], book: str
) -> float | None:
    """The least price of all combinations that hold, each checked as any design is; None where none holds. Shares
    nothing with the search but the reader and the check."""
    best: float | None = None
    for values in product(*networks.values()):
        keys = {k: v for k, v in zip(networks, values, strict=True) if v is not None}
        flow = ", ".join(f"{k}: {v}" for k, v in keys.items())
        text = f"name: x\ngpus: {gpus}\nhost: {host}\nnetworks:\n  compute: {{{flow}}}\nprice_book: {book}\n"
        text += "requirements:\n" + "".join(f"  - {r}\n" for r in requirements) if requirements else ""
        try:
            report = topo.check(parse_design(text, "x.yaml", CATALOG))
        except InputError:
            continue
        cost = report.metrics.cost_usd
        if report.verdict == "held" and cost is not None:
            best = cost["total"] if best is None else min(best, cost["total"])
    return best


def write(folder: Path, text: str, name: str = "request.yaml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path
