"""Every form of as-built files at 32,768 links, written by the tests' writers: `python benchmarks/readers.py`."""

from __future__ import annotations

import sys
import time
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(PROJECT))

from benchmarks._measure import machine  # noqa: E402
from benchmarks._results import write  # noqa: E402
from tests.audit.test_kinds import INFINIBAND, REPORTS, TABLES  # noqa: E402
from tests.audit.writers import links_of  # noqa: E402
from topo.api import build, load_design  # noqa: E402
from topo.importers.as_built.reader import parse_as_built  # noqa: E402

DESIGN = PROJECT / "designs" / "mpft-16384.yaml"
FORMS = {
    "InfiniBand": (INFINIBAND, "records", "switches only", "iblinkinfo", "iblinkinfo line", "port report", "net_dump",
                   "db_csv", "ufm links", "ibdm topo"),
    "table": (TABLES, "ours", "both ends", "netbox bundles", "netbox panels", "ndt", "netbox json", "xlsx",
              "infragraph"),
    "neighbours": (REPORTS, "lldp", "json0", "eos", "eos detail", "nx-os json", "junos json", "nvue", "networkctl",
                   "napalm", "napalm detail", "sonic table", "ptm", "containerlab", "sonic db", "openconfig",
                   "hedgehog"),
}  # fmt: skip
LIMIT_S = 5.0
NOTE = f"Processor time of one reading each; the limit is {LIMIT_S:g} s."


def main() -> None:
    before = machine()
    plan = links_of(build(load_design(DESIGN)))
    rows: list[dict[str, object]] = []
    for kind, (writers, *names) in FORMS.items():
        for name in names:
            content = writers[name](plan)
            start = time.process_time()
            found = parse_as_built(content, "found")
            spent = time.process_time() - start
            rows.append(row(f"{kind}: {name}", len(content), spent, len(found.cables)))
            print(rows[-1], file=sys.stderr)
    write("readers", "Readers of as-built files", [NOTE], before, rows)


def row(form: str, size: int, spent: float, cables: int) -> dict[str, object]:
    return {"form": form, "MB": size / 1e6, "processor s": spent, "cables": cables, "within": spent <= LIMIT_S}


if __name__ == "__main__":
    main()
