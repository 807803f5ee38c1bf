"""Certificates as files: DIR/<design>/<requirement or question>.json."""

from __future__ import annotations

import json
from collections.abc import Sequence

from topo.report.model import Report, plain


def certificate_files(reports: Sequence[Report]) -> dict[str, bytes]:
    """Every certificate of the reports by relative path."""
    files: dict[str, bytes] = {}
    for report in reports:
        named = {r.id: r.certificate for r in report.requirements if r.certificate is not None}
        for name, certificate in {**named, **report.certificates}.items():
            path = f"{report.subject.name}/{name.replace('/', '.').replace(':', '-')}.json"
            files[path] = (json.dumps(plain(certificate), sort_keys=True) + "\n").encode()
    return files
