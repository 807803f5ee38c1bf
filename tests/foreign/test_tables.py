"""OpenSM loads our forwarding tables as they are; ibdmchk finds no credit loop; its own ftree balances as ours does."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from topo.exporters.ibnetdiscover import to_ibnetdiscover
from topo.exporters.opensm_lfts import forwarding_tables
from topo.fabric import Fabric

from . import engines

pytestmark = pytest.mark.foreign
FabricOf = Callable[..., Fabric]


@pytest.mark.parametrize(
    ("family", "gpus", "keys"),
    [("ft2", 512, {}), ("mrft", 512, {}), ("ft3", 864, {"switch": "switch-24", "host": "example-host-1"})],
)
def test_our_tables_are_loaded_and_free_of_credit_loops(
    fabric_of: FabricOf, tmp_path: Path, family: str, gpus: int, keys: dict[str, str]
) -> None:
    fabric = fabric_of(family, gpus, **keys)
    net, dump = tmp_path / "fabric.net", tmp_path / "ours.dump"
    net.write_bytes(to_ibnetdiscover(fabric))
    dump.write_bytes(forwarding_tables(fabric))
    with engines.simulated(net, tmp_path) as environment:
        log = engines.opensm(environment, tmp_path / "file", engine="file", tables=dump)
        ftree = engines.opensm(environment, tmp_path / "ftree", engine="ftree")
    assert "file tables configured on all switches" in log
    ours = engines.tables_of(dump.read_text())
    loaded = engines.tables_of((tmp_path / "file" / "opensm-lfts.dump").read_text())
    switches = int((~fabric.is_host).sum())
    assert len(ours) == switches * len(fabric.endpoints)
    assert loaded == ours
    assert engines.accepted_as_tree(ftree)
    theirs = engines.tables_of((tmp_path / "ftree" / "opensm-lfts.dump").read_text())
    assert spread(theirs) == spread(ours)
    said = engines.ibdmchk(tmp_path / "file")
    assert "no credit loops found" in said, said[-2000:]


def spread(tables: dict[tuple[str, str], int]) -> Counter[int]:
    """How many destinations the ports of the switches lead to: the histogram over all ports."""
    at = Counter((switch, port) for (switch, _), port in tables.items())
    return Counter(at.values())
