"""Writes docs/plan.md, a plan as a technician sees it: `python docs/write_plan.py`, from the project's folder."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from topo.design import parse_design
from topo.exporters import build_files, make_plan

DESIGN = """\
name: technicians-page
title: 512 GPUs, eight planes, leaves in the racks of their hosts
gpus: 512
host: dgx-h100
networks:
  compute: {family: mpft, switch: nvidia-qm9700}
floor: {site: north, rule: leaf-in-rack, racks_per_row: 10}
spares_percent: 2
"""

_HEAD = """\
# A page of the plan

Written by `python docs/write_plan.py` from the files that `topo build` makes of this design; do not edit.

```yaml
{design}```

## The job

{job}

## Which racks

`diagrams/rack.svg`: the rack to walk to, and the units in it, counted from the bottom.

![racks from the front, and the floor from above](pictures/plan-racks.svg)

## The pull list

`pull-list.csv`, in the order of pulling: rack pair by rack pair, short cables first. The first lines of three groups.

{pull}

`bundles.csv` says how thick the bundle of each rack pair becomes.

{bundles}

## Labels

`labels.txt` goes to the label printer: near end first, so that what stands first is where this label's end plugs in;
below it the cable's number and its name, which every paper and the report's page have too. The two labels of the first
cable:

```text
{labels}
```

## The same cable in the schedule

A row of `cable-schedule.csv` (`cable-schedule.xlsx` has the same with filters), here from top to bottom.

{row}

## Before the first cable is pulled

`cabling-checks.csv`: every check of [the cabling](cabling.md#what-is-checked) by name.

{checks}

`trays.csv`: the fullest trays.

{trays}

## What to order

`bom.csv`; spares are ordered beside the count.

{bom}
"""

Rows = list[dict[str, str]]


def _table(rows: Rows, columns: list[str]) -> str:
    lines = ["| " + " | ".join(columns) + " |", "|" + "---|" * len(columns)]
    return "\n".join(lines + ["| " + " | ".join(row[c] for c in columns) + " |" for row in rows])


def written() -> tuple[str, bytes]:
    """The page, and its picture."""
    plan = make_plan(parse_design(DESIGN))
    names = ["bom", "build-checks", "cable-schedule-csv", "diagrams", "pull-lists"]
    files = build_files(plan, names)
    tables = {
        path: list(csv.DictReader(io.StringIO(content.decode())))
        for path, content in files.items()
        if path.endswith(".csv")
    }
    pulls = tables["pull-list.csv"]
    groups = list(dict.fromkeys(row["pull_group"] for row in pulls))
    pairs = [group for group in groups if ">" in group]
    shown = [groups[0], pairs[0], pairs[len(pairs) // 2]]
    some = [row for group in shown for row in [r for r in pulls if r["pull_group"] == group][:4]]
    first = next(row for row in tables["cable-schedule.csv"] if row["cable"] == some[0]["cable"])
    blocks = files["labels.txt"].decode().split("\n\n")
    labels = [block.strip() for block in blocks if block.split("\n")[1].strip() == first["cable"]]
    assert plan.places is not None
    job = (
        f"{len(plan.cabling.cables):,} cables between {len(plan.places.racks)} racks in {len(groups)} groups, "
        f"{len(plan.cabling.modules):,} modules; {len(plan.cabling.unfit)} links without a part."
    )
    parts = [row for row in tables["bom.csv"] if row["kind"] in ("switch", "host", "transceiver", "cable")]
    page = _HEAD.format(
        design=DESIGN,
        job=job,
        pull=_table(some, list(pulls[0])),
        bundles=_table([r for r in tables["bundles.csv"] if r["pull_group"] in shown], list(tables["bundles.csv"][0])),
        labels="\n\n".join(labels),
        row=_table([{"column": k, "value": v} for k, v in first.items() if v], ["column", "value"]),
        checks=_table(tables["cabling-checks.csv"], ["check", "result", "count"]),
        trays=_table(tables["trays.csv"][:3], list(tables["trays.csv"][0])),
        bom=_table(parts, ["kind", "part", "length_m", "count", "spares"]),
    )
    return page, files["diagrams/rack.svg"]


if __name__ == "__main__":
    here = Path(__file__).resolve().parent
    text, picture = written()
    (here / "plan.md").write_text(text, encoding="utf-8")
    (here / "pictures" / "plan-racks.svg").write_bytes(picture)
