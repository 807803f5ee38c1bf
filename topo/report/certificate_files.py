"""Certificates as files: DIR/<design>/<requirement or question>.json."""

from __future__ import annotations

import json
from collections.abc import Sequence

from topo.report.model import Report, plain


def certificate_files(reports: Sequence[Report]) -> dict[str, bytes]:
    """Every certificate of the reports by relative path. Designs of one name get a folder each, numbered from the
    second on; a certificate whose file name another has taken likewise."""
    files: dict[str, bytes] = {}
    folders: set[str] = set()
    for report in reports:
        named = {r.id: r.certificate for r in report.requirements if r.certificate is not None}
        certificates = {**named, **report.certificates}
        if not certificates:
            continue
        folder = _free(report.subject.name, folders)
        taken: set[str] = set()
        for name, certificate in certificates.items():
            path = f"{folder}/{_free(name.replace('/', '.').replace(':', '-'), taken)}.json"
            files[path] = (json.dumps(plain(certificate), sort_keys=True) + "\n").encode()
    return files


def _free(name: str, taken: set[str]) -> str:
    """The name, or the first of name-2, name-3, ... that is free; it is taken then. Letters of either case are one."""
    result, n = name, 1
    while result.casefold() in taken:
        n += 1
        result = f"{name}-{n}"
    taken.add(result.casefold())
    return result


def same_names(reports: Sequence[Report]) -> list[str]:
    """What to tell of designs that share a name: one line for each name."""
    paths: dict[str, list[str]] = {}
    for report in reports:
        if not report.errors:
            paths.setdefault(report.subject.name, []).append(report.subject.path)
    return [f"{', '.join(result)}: designs of one name, {name}" for name, result in paths.items() if len(result) > 1]
