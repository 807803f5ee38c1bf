"""LLDP neighbours as SONiC's database has them: `sonic-db-dump -n APPL_DB -k 'LLDP*' -y`, of one switch or by host.

Keys are `LLDP_ENTRY_TABLE:Ethernet0`, fields `lldp_rem_sys_name`, `lldp_rem_port_id` (of a kind by its number in
802.1AB) and so on, as SONiC's APPL_DB schema lists them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from topo.importers.as_built.json_reports import Lines, outputs, read, text
from topo.importers.as_built.model import AsBuilt
from topo.importers.as_built.reader import Reader, readers
from topo.importers.as_built.reports import Report, port_words
from topo.importers.as_built.source import Source

_TABLE, _OWN = "LLDP_ENTRY_TABLE", "LLDP_LOC_CHASSIS"


def _own(output: Any) -> bool:
    return isinstance(output, dict) and any(str(key).startswith(_TABLE) for key in output)


def _fits(source: Source) -> bool:
    return outputs(source.json, _own, source) is not None


def _fields(entry: Any) -> dict[str, Any]:
    inner = entry.get("value", entry)
    if not isinstance(inner, dict):
        raise ValueError("is no entry")
    return inner


def _host(output: Any) -> str:
    return text(_fields(output[_OWN]).get("lldp_loc_sys_name")) if isinstance(output.get(_OWN), dict) else ""


def _reports(host: str, output: Any, lines: Lines) -> Iterator[Report]:
    for key, entry in output.items():
        table, mark, port = str(key).partition("|" if "|" in str(key) else ":")
        if table != _TABLE or not mark:
            continue
        line, told = lines.of(str(key)), _fields(entry)
        words = port_words(
            text(told.get("lldp_rem_port_id")),
            text(told.get("lldp_rem_port_id_subtype")),
            text(told.get("lldp_rem_port_desc")),
        )
        who = text(told.get("lldp_rem_chassis_id"))
        yield Report(host, port, text(told.get("lldp_rem_sys_name")), words, who, line)


def _read(source: Source) -> AsBuilt:
    return read(source, _own, _reports, "sonic-db", _host)


readers.add("sonic-db", Reader("LLDP neighbours as SONiC's database has them", _fits, _read))
