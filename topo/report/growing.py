"""A larger design written from one that stands, and what it takes to get there."""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from topo import yamlfile
from topo.design import Design, parse_design
from topo.design.wire import growth
from topo.errors import InputError, ParameterError
from topo.exporters import Plan, change_files, change_plan, make_plan
from topo.exporters.work import Step, Work, work, work_csv
from topo.generators.growing.growth import Kept
from topo.placement.cables.change import Changes
from topo.report.difference import renumbered
from topo.report.look import PLAIN, Look
from topo.report.table import table
from topo.units import amount

SCHEMA = "topo.growth/1"


@dataclass(frozen=True)
class Grown:
    """A design and the larger one: its text, what its networks keep by kind of link, the change plan and its steps."""

    old: Plan
    new: Plan
    text: str
    kept: dict[str, dict[str, Kept]]
    changes: Changes
    work: Work

    def total(self) -> dict[str, int]:
        """Old links kept and moved, the proved fewest that move, and links added."""
        kinds = [kept for network in self.kept.values() for kept in network.values()]
        moved, least = sum(k.moved for k in kinds), sum(k.least_moved for k in kinds)
        kept = sum(k.kept for k in kinds)
        return {"kept": kept, "moved": moved, "bound": least, "added": len(self.new.fabric.links) - kept - moved}

    def files(self) -> dict[str, bytes]:
        """The change plan, with the order of work."""
        steps = {"steps.csv": work_csv(self.old, self.new, self.work), "growth.json": (as_json(self) + "\n").encode()}
        return change_files(self.old, self.new, self.changes) | steps


def grow(old: Design, gpus: int, path: Path, floor: float = 0.0, time_limit_s: float = 30.0) -> Grown:
    """The design of `gpus` GPUs that grows from `old` and would stand at `path`, the change plan and its order of work.

    Raises InputError where the size is not larger, where the family has no such size, and where the design that stands
    has no file to name.
    """
    if old.given is not None or not old.path or not Path(old.path).is_file():
        raise ParameterError("OLD", old.path or old.name, "is no design file to grow from", "a YAML design of topo")
    if gpus <= old.file.gpus:
        raise ParameterError(
            "--gpus", f"{gpus:,}", f"{old.path} has {old.file.gpus:,} already", f"more than {old.file.gpus:,}"
        )
    group = old.groups[0].part.gpus
    if gpus % group:
        low = max(gpus // group * group, old.file.gpus + group)
        allowed = f"{low:,} or {low + group:,}"
        raise ParameterError("--gpus", f"{gpus:,}", f"is no whole number of hosts of {amount(group, 'GPU')}", allowed)
    if not 0 <= floor <= 1:
        raise ParameterError("--floor", f"{floor:g}", "is no share of line rate", "0 to 1")
    if path.resolve() == Path(old.path).resolve():
        raise ParameterError("-o", path, "is the design that stands", hint="choose another name: the old one is needed")
    text = larger(old, gpus, path)
    new = parse_design(text, str(path), old.catalog)
    before, after = make_plan(old), make_plan(new)
    result = change_plan(before, after)
    return Grown(before, after, text, growth(new), result, work(before, after, result, floor, time_limit_s))


def larger(old: Design, gpus: int, path: Path) -> str:
    """The text of `old` with another size and name, growing from `old`; other files that it names are found from the
    new place."""
    folder = path.resolve().parent
    here = Path(old.path).resolve().parent
    stem = "".join(c if c.isascii() and (c.isalnum() or c in "._-") else "-" for c in path.stem).lstrip("._-")[:64]
    title = old.file.title
    for size in (f"{old.file.gpus:,}", str(old.file.gpus)):
        title = re.sub(rf"(?<![\d,.]){re.escape(size)}(?![\d,])", f"{gpus:,}", title)
    values: dict[str, Any] = {"name": stem or "design", "gpus": gpus}
    if title != old.file.title:
        values["title"] = title
    if old.file.names:
        values["names"] = os.path.relpath(here / old.file.names, folder)
    if old.file.placement is not None:
        values["placement"] = {"keep": os.path.relpath(here / old.file.placement.keep, folder)}
    values["grow_from"] = os.path.relpath(Path(old.path).resolve(), folder)
    lines = old.document.text.splitlines()
    wanted = {**old.document.value, **values}
    for key, value in values.items():
        plain = isinstance(value, str) and re.fullmatch(r"[A-Za-z][A-Za-z0-9._/-]*[A-Za-z0-9]", value) is not None
        written = f"{key}: {value if plain and key != 'title' else json.dumps(value, ensure_ascii=False)}"
        at = old.document.lines.get((key,), 0)
        if key == "grow_from" and not at:
            at = next((n for n, line in enumerate(lines, 1) if line.startswith("gpus:")), 0)
            lines[at:at] = [written] if at else []
        elif at and lines[at - 1].startswith(f"{key}:"):
            remark = re.search(r"\s+#.*$", lines[at - 1]) if '"' not in lines[at - 1] else None
            lines[at - 1] = written + (remark.group() if remark else "")
    text = "\n".join(lines) + "\n"
    try:
        if yamlfile.parse(text, str(path)).value == wanted:
            return text
    except InputError:
        pass
    return json.dumps(wanted, indent=1, ensure_ascii=False, default=str) + "\n"


def as_json(value: Grown) -> str:
    """Counts, bound and steps as JSON."""
    networks = {
        name: {
            kind: {"old": k.old, "kept": k.kept, "moved": k.moved, "bound": k.least_moved} for kind, k in kinds.items()
        }
        for name, kinds in value.kept.items()
    }
    steps = [
        {"step": s.number, "action": s.action, "links": len(s.new), "throughput": s.left} for s in value.work.steps
    ]
    result = {
        "schema": SCHEMA,
        "old": {"name": value.old.design.name, "gpus": value.old.design.file.gpus},
        "new": {"name": value.new.design.name, "gpus": value.new.design.file.gpus},
        **value.total(),
        "networks": networks,
        "cables": value.changes.summary(),
        "renumbered": value.changes.renumbered,
        "floor": value.work.floor,
        "lowest": value.work.least,
        "steps": steps,
    }
    if value.work.refused:
        result["refused"] = value.work.refused
    costs = {side: _cost(plan) for side, plan in (("old", value.old), ("new", value.new))}
    if value.old.price_book is not None and value.new.price_book is not None:
        result["cost_usd"] = {**costs, "unpriced": list(value.new.bom.unpriced)}
    return json.dumps(result, indent=1, ensure_ascii=False)


def as_text(value: Grown, look: Look = PLAIN) -> str:
    """Counts, bound and steps for a terminal."""
    old, new = value.old.design, value.new.design
    rows = []
    for name, kinds in value.kept.items():
        for kind, k in kinds.items():
            rows.append([f"{name}: {kind}", f"{k.old:,}", f"{k.kept:,}", f"{k.moved:,}", f"{k.least_moved:,}"])
    lines = [f"{old.name} to {new.name}: {old.file.gpus:,} to {amount(new.file.gpus, 'GPU')}"]
    lines += table(["links", "old", "kept", "moved", "fewest possible"], rows, indent="", look=look)
    total = value.total()
    proved = "as few as any growth to this design can move" if total["moved"] == total["bound"] else "above the bound"
    lines += ["", f"moved {total['moved']:,}, proved bound {total['bound']:,}: {proved}; added {total['added']:,}"]
    counts = {kind: n for kind, n in value.changes.summary().items() if n}
    lines += ["change plan: " + ", ".join(f"{kind} {n:,}" for kind, n in counts.items())]
    lines += [line for text in renumbered(value.changes) for line in look.fold(text, 2)]
    costs = [_cost(plan) for plan in (value.old, value.new)]
    if costs[0] is not None and costs[1] is not None:
        parts = "" if value.new.bom.complete else f", without the price of {', '.join(value.new.bom.unpriced)}"
        lines += [f"networks cost: {costs[0]:,.0f} to {costs[1]:,.0f} USD{parts}"]
    lines += ["", "order of work, and the proved throughput of adaptive all-to-all between the old hosts meanwhile"]
    steps = [[str(s.number), s.action, f"{len(s.new):,}", *_left(s)] for s in value.work.steps]
    lines += table(["step", "action", "links", *value.old.fabric.networks], steps, indent="", left=2, look=look)
    if value.work.refused:
        lines += ["", f"refused: no order of work holds the floor of {value.work.floor:g}: {value.work.refused}"]
    return "\n".join(lines)


def _left(step: Step) -> list[str]:
    return [f"{left:.4g}" for left in step.left.values()]


def _cost(plan: Plan) -> float | None:
    return plan.bom.networks_usd if plan.price_book is not None else None
