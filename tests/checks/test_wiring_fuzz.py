"""Wiring checks answer for any columns that can be read, however wrong they are."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import strategies as st

from tests.slow import often
from topo.checks import Context, run_wiring
from topo.fabric import Fabric

from . import mutate
from .cases import intact

LENGTH = 30


def ranges(fabric: Fabric) -> dict[tuple[str, str], tuple[int, int]]:
    """Which values each column may hold at random: rows within their table, small numbers elsewhere."""
    ports, devices, networks = len(fabric.ports), len(fabric.devices), len(fabric.networks)
    return {
        ("devices", "tier"): (0, 4),
        ("devices", "network"): (-1, networks - 1),
        ("devices", "plane"): (-1, 9),
        ("devices", "rail"): (-1, 9),
        ("devices", "pod"): (-1, 9),
        ("devices", "index"): (0, 99),
        ("devices", "part"): (-1, len(fabric.parts) - 1),
        ("ports", "number"): (-3, 99),
        ("ports", "cage"): (-3, 99),
        ("ports", "sub"): (-3, 9),
        ("ports", "lanes"): (0, 9),
        ("ports", "role"): (0, 4),
        ("ports", "name"): (0, len(fabric.port_names) - 1),
        ("links", "id"): (0, 9),
        ("links", "a"): (-2, ports + 2),
        ("links", "b"): (-2, ports + 2),
        ("links", "kind"): (0, len(fabric.link_kinds) - 1),
        ("links", "network"): (0, networks - 1),
        ("links", "plane"): (-1, 9),
        ("links", "rail"): (-1, 9),
        ("links", "bundle"): (0, 99),
        ("links", "active"): (0, 1),
        ("endpoints", "port"): (-2, ports + 2),
        ("endpoints", "host"): (0, devices - 1),
        ("endpoints", "network"): (0, networks - 1),
        ("endpoints", "plane"): (-1, 9),
        ("endpoints", "rail"): (-1, 9),
    }


def spoiled(fabric: Fabric, changes: list[tuple[int, int, int]]) -> Fabric:
    columns = sorted(ranges(fabric).items())
    for which, row, value in changes:
        (table, column), (low, high) = columns[which % len(columns)]
        cells = {column: (row % len(getattr(fabric, table)), low + value % (high - low + 1))}
        fabric = replace(fabric, **{table: mutate.changed(getattr(fabric, table), **cells)})
    return fabric


@often(
    50,
    150,
    st.sampled_from(["ft3", "mpft", "storage", "dragonfly", "jellyfish"]),
    st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 10**6), st.integers(0, 10**6)), max_size=6),
)
def test_no_spoiled_cell_stops_the_checks(case: str, changes: list[tuple[int, int, int]]) -> None:
    context = intact(case)
    found = run_wiring(replace(context, fabric=spoiled(context.fabric, changes)))
    assert all(finding.message.isprintable() and finding.severity == "error" for finding in found)
    assert all(len(finding.where) <= LENGTH for finding in found)
    if not changes:
        assert found == []


@pytest.mark.parametrize("case", ["ft3", "mpft", "slim-fly", "storage"])
def test_nothing_at_all_is_no_crash(case: str) -> None:
    context = intact(case)
    fabric = context.fabric
    none = np.zeros(0, dtype=np.int64)
    bare = replace(fabric, links=fabric.links.rows(none))
    assert {f.code for f in run_wiring(replace(context, fabric=bare))} >= {"cut-off", "dark-switches", "counts"}
    hosts = replace(bare, endpoints=fabric.endpoints.rows(none))
    assert "cut-off" not in {f.code for f in run_wiring(replace(context, fabric=hosts))}
    empty = replace(hosts, devices=fabric.devices.rows(none), ports=fabric.ports.rows(none))
    assert {f.code for f in run_wiring(replace(context, fabric=empty))} == {"counts"}
    assert run_wiring(Context(empty, context.catalog)) == []
