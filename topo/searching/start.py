"""Starts a search: reads the request, finds workers, writes the folder."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from topo.catalog import Catalog
from topo.exporters import write_set
from topo.searching.files import earlier, files_of
from topo.searching.request import Request, parse_request, read_request
from topo.searching.result import Search
from topo.searching.run import Run


def start(
    source: str | Path | Mapping[str, Any],
    folder: Path | None,
    catalog: Catalog,
    jobs: int,
    scheduler: str,
    top: int,
    resume: bool,
    at_most: int,
    time_limit_s: float,
    say: Callable[[str], None],
) -> Search:
    """The search of a request in a file or a mapping; raises InputError. Meaning as in `topo.api.search`."""
    request = _request(source, catalog)
    known = earlier(folder, request.sha256) if resume and folder is not None else {}

    def keep(search: Search) -> None:
        if folder is not None:
            write_set(folder, files_of(search))

    found = Run(request, time_limit_s, top, known=known, say=say, keep=keep).search(at_most)
    keep(found)
    return found


def _request(source: str | Path | Mapping[str, Any], catalog: Catalog) -> Request:
    if isinstance(source, Mapping):
        text = "\n".join(f"{key}: {json.dumps(value)}" for key, value in source.items())
        return parse_request(text + "\n", "request", catalog)
    return read_request(source, catalog)
