"""Audits and linted plans as text and JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import TypeVar

from topo.audit import Audit
from topo.checks import Finding
from topo.errors import ParameterError
from topo.importers.as_built import AsBuilt
from topo.units import amount

T = TypeVar("T")


def chosen(output: str, text: Callable[[T], str], as_json: Callable[[T], str]) -> Callable[[T], str]:
    """The renderer of a format; raises ParameterError for an unknown one."""
    if output not in ("text", "json"):
        raise ParameterError("--format", output, "unknown format", "text, json")
    return as_json if output == "json" else text


def audit_text(value: Audit) -> str:
    """Counts, then every difference."""
    lines = list(map(told, value.read))
    lines += [f"{name.replace('-', ' '):24} {n:>9,}" for name, n in value.counts.items()]
    lines += [f"bisection of the {e.network} network: {e.text()}" for e in value.bisection]
    lines += [f"not seen in the file: network {name}" for name in value.unseen]
    return "\n".join([*lines, findings_text(value.findings)])


def audit_json(value: Audit) -> str:
    """The audit as JSON."""
    result: dict[str, object] = {
        "schema": "topo.audit/1",
        "counts": value.counts,
        "unseen_networks": list(value.unseen),
    }
    result["read"] = list(map(_row, value.read))
    result["not_covered"] = [{"network": u.network, "links": u.links, "what": u.what} for u in value.uncovered]
    result["bisection"] = [
        {"network": e.network, "planned_gbps": list(e.planned_gbps), "built_gbps": list(e.built_gbps)}
        for e in value.bisection
    ]
    return json.dumps({**result, "findings": findings_rows(value.findings)}, indent=1)


def findings_text(findings: Sequence[Finding]) -> str:
    """A block per finding."""
    lines = []
    for finding in findings:
        lines.append(f"{finding.severity}: {finding.code}: {finding.message}")
        lines += [f"  hint: {finding.hint}"] if finding.hint else []
    return "\n".join(lines or ["no findings"])


def told(file: AsBuilt) -> str:
    """What was read of a file, and what of it was left out: one line."""
    left = "".join(f"; left out: {n:,} {what}" for what, n in file.left_out.items())
    return (
        f"read {file.path} as {file.form}: {amount(len(file.cables), 'cable')}, "
        f"{amount(len(file.devices), 'device')}{left}"
    )


def _row(file: AsBuilt) -> dict[str, object]:
    left = dict(file.left_out)
    return {
        "file": file.path, "form": file.form, "cables": len(file.cables), "devices": len(file.devices), "left_out": left
    }  # fmt: skip


def findings_json(findings: Sequence[Finding], files: Sequence[AsBuilt] = ()) -> str:
    """The findings as JSON."""
    result: dict[str, object] = {"schema": "topo.findings/1", "read": list(map(_row, files))}
    return json.dumps({**result, "findings": findings_rows(findings)}, indent=1)


def findings_rows(findings: Sequence[Finding]) -> list[dict[str, object]]:
    """The findings as rows of JSON."""
    return [
        {"code": f.code, "severity": f.severity, "message": f.message, "where": list(f.where), "hint": f.hint}
        for f in findings
    ]
