"""The reference page of the JSON report, written from the figures."""

from __future__ import annotations

from collections.abc import Iterator

from topo.report.figure import in_order
from topo.report.model import SCHEMA

_HEAD = f"""\
# The JSON report

Written by `python docs/write_reference.py` from the figures of `topo/report/figures/`; do not edit.

`topo check DESIGN... --format json` prints a list of one object for each design; `topo verify REPORT` holds what it
shows against its certificates and its design. What was not computed is absent, never null or zero. The schema is
`{SCHEMA}`: keys are added, not changed.
"""
KEYS: dict[str, str] = {
    "schema": f"`{SCHEMA}`",
    "design.name": "the design's name",
    "design.path": "its file; absent for a fabric without one",
    "design.sha256": "digest of the file's bytes",
    "made_by.topo": "the version of topo",
    "made_by.catalog_sha256": "digest of all parts that could be read; absent where no design was",
    "made_by.design_text": "the design's file as it was read; absent for an imported fabric",
    "made_by.date": "the day that the user gave (`--today`, `topo report --date`); absent without one",
    "verdict": "`held`, `broken` or `undecided`; `invalid`: cannot be built; `error`: topo failed",
    "requirements[].id": "kind and place among its like; `policy-ID` for a rule of a policy",
    "requirements[].statement": "what is asked, in words",
    "requirements[].verdict": "`held`, `broken` or `undecided`",
    "requirements[].measured": "the proved end that decided",
    "requirements[].bound": "what it is held against, met within 1e-6 relative",
    "requirements[].unit": "the unit of both",
    "requirements[].certificate": "plain data that `topo verify` checks; absent where it is counted directly",
    "requirements[].note": "what `measured` leaves out, such as GPUs that a failure cuts off; absent where nothing",
    "requirements[].line": "the line that asks for it; absent without a file",
    "requirements[].path": "the policy's file, for a rule of one",
    "findings[].code": "what `topo explain CODE` explains",
    "findings[].severity": "`error`, `undecided`, `warning` or `note`",
    "findings[].message": "what is the matter, in words",
    "findings[].where": "devices and ports, worst first",
    "findings[].hint": "what to do; absent where nothing is known",
    "findings[].requirement": "the `id` that it explains; absent for a fault of its own",
    "metrics": "the figures below, of the main network",
    "metrics.NETWORK": "the same keys for every other network, by its name",
    "cluster.networks": "a row of each network, where a design has several: counts, rack units, power, cost; "
    "`power_unknown` names parts that do not say what they draw",
    "cluster.total": "their sums, and in `unknown` what is missing from which, which is a lower bound then",
    "cluster.power_leaves_out": "what no power here holds",
    "certificates": "proofs of metrics that no requirement carries, as `NETWORK/KIND/QUESTION`",
    "policy.sha256": "digest of the policy whose rules are judged beside the requirements; absent without one",
    "tolerance": "within what a bound counts as met",
    "errors[]": "of an invalid design: `file`, `line`, `key`, `value`, `message`, `allowed`, `hint`",
}
"""Keys beside the figures, and what they mean."""


def report_page() -> str:
    """The page as Markdown, its lines ending in a newline."""
    lines = [_HEAD, "## Keys", "", "| key | meaning |", "|---|---|"]
    lines += [f"| `{key}` | {_cell(meaning)} |" for key, meaning in KEYS.items()]
    lines += ["", "## Figures: `metrics`", "", "| key | meaning | rests on |", "|---|---|---|", *_figures()]
    lines += ["", "## Figures that only `topo compare` asks", "", "| key | title |", "|---|---|"]
    lines += [f"| `{name}` | {_cell(figure.title)} |" for name, figure in in_order() if not figure.keys]
    return "\n".join(lines) + "\n"


def _figures() -> Iterator[str]:
    for name, figure in in_order():
        for key, meaning in figure.keys.items():
            path = f"{name}{key}" if key.startswith("[") or not key else f"{name}.{key}"
            yield f"| `{path}` | {_cell(meaning)} | {figure.rests_on} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
