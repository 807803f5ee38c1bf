"""What SONiC's `show lldp table` prints: one switch, or several by host name (pdsh, clush) in one file."""

from __future__ import annotations

import re
from collections.abc import Iterator

from topo.importers.as_built.model import AsBuilt
from topo.importers.as_built.reader import Reader, readers
from topo.importers.as_built.reports import Report, joined, port_words
from topo.importers.as_built.source import Source

_TITLE = re.compile(r"LocalPort\s+RemoteDevice\s+RemotePortID")
_PROMPT_HOST = re.compile(r"[\w.-]+@([\w.-]+):")


def _fits(source: Source) -> bool:
    return bool(_TITLE.search(source.head))


def _read(source: Source) -> AsBuilt:
    parts = source.hosts
    if not parts:
        prompt = _PROMPT_HOST.search(source.head)
        parts = {prompt[1] if prompt else source.host: (1, source.text)}
    rows = [report for host, (line, text) in parts.items() for report in _reports(host, text, line, source)]
    return joined(source.name, "sonic-table", rows, list(parts))


def _reports(host: str, text: str, first: int, source: Source) -> Iterator[Report]:
    starts: list[int] = []
    for number, line in enumerate(text.splitlines(), first):
        if _TITLE.match(line):
            starts = [line.index(word) for word in re.findall(r"\S+", line)]
        elif (
            starts
            and line.strip()
            and not line.startswith(("-", "Total", "Capability"))
            and not re.match(r"\S*[#$]\s", line)
        ):
            stops = [*starts[1:], len(line)]
            cells = [line[a:b].strip() for a, b in zip(starts, stops, strict=True)]
            if len(cells) < 3 or not cells[0]:
                raise source.wrong("is no row of show lldp table, or is cut off", number, line)
            description = cells[4] if len(cells) > 4 else ""
            yield Report(host, cells[0], cells[1], port_words(cells[2], "", description), "", number)


readers.add("sonic-table", Reader("SONiC's show lldp table", _fits, _read))
