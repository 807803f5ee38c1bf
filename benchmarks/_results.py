"""Results as a JSON file for programs and a Markdown page for people, written by the run that measured them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

FOLDER = Path(__file__).parent / "results"


def write(
    name: str, title: str, notes: Sequence[str], machine: dict[str, str], rows: Sequence[dict[str, object]]
) -> None:
    """Writes results/<name>.json and results/<name>.md; every row has the same keys."""
    FOLDER.mkdir(exist_ok=True)
    content = {"benchmark": name, "machine": machine, "rows": list(rows)}
    (FOLDER / f"{name}.json").write_text(json.dumps(content, indent=1) + "\n")
    keys = list(dict.fromkeys(key for row in rows for key in row))
    lines = [
        f"# {title}",
        "",
        *(f"{note}\n" for note in notes),
        "| " + " | ".join(keys) + " |",
        "|---" * len(keys) + "|",
    ]
    lines += ["| " + " | ".join(_text(row.get(key, "")) for key in keys) + " |" for row in rows]
    lines += ["", "Measured on: " + ", ".join(f"{key} {value}" for key, value in machine.items()) + ".", ""]
    (FOLDER / f"{name}.md").write_text("\n".join(lines))
    print("\n".join(lines))


def _text(value: object) -> str:
    if isinstance(value, float):
        return f"{value:,.3g}" if value < 1000 else f"{value:,.0f}"
    return f"{value:,}" if isinstance(value, int) else str(value)
