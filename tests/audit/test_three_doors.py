"""One design of 2,048 GPUs through three doors, under the site's own names: a dump, a workbook, NetBox's export."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from tests.audit import writers, writers_more
from tests.audit.test_site_names import renamed, site_of
from tests.audit.writers import Link, links_of
from tests.cli.test_contract import ROOT, run
from topo.design import build, load_design

DESIGN = ROOT / "designs" / "mrft-2048.yaml"
DOORS: dict[str, Callable[[Sequence[Link]], bytes]] = {
    "dump.txt": writers.ibnetdiscover,
    "cables.xlsx": writers_more.xlsx,
    "netbox.csv": lambda x: writers.netbox(x, 4),
}


@pytest.mark.parametrize("door", ["dump.txt", *(pytest.param(d, marks=pytest.mark.slow) for d in list(DOORS)[1:])])
def test_right_is_exit_0_and_a_swap_is_told_in_the_sites_words(door: str, tmp_path: Path) -> None:
    fabric = build(load_design(DESIGN))
    site, plan = site_of(fabric), links_of(fabric)
    (tmp_path / door).write_bytes(DOORS[door](renamed(plan, site)))
    names = tmp_path / "names.csv"
    result = run("audit", DESIGN, "--as-built", tmp_path / door, "--write-names", names)
    assert result.returncode == 0, result.stdout
    assert "right                        4,096" in result.stdout
    assert "proved the only one" in " ".join(result.stdout.split())
    rng = random.Random(door)
    up = [i for i, x in enumerate(plan) if not x.a_host]
    i, j = rng.sample(up, 2)
    while plan[i].a == plan[j].a or plan[i].b == plan[j].b:
        i, j = rng.sample(up, 2)
    rows = list(plan)
    for one, other in ((i, j), (j, i)):
        rows[one] = replace(plan[one], b=plan[other].b, b_port=plan[other].b_port, b_number=plan[other].b_number)
    (tmp_path / door).write_bytes(DOORS[door](renamed(rows, site)))
    result = run("audit", DESIGN, "--as-built", tmp_path / door, "--names", names)
    assert result.returncode == 1
    assert "swapped                          1" in result.stdout
    for x in (plan[i], plan[j]):
        assert f"{site[x.b].partition('.')[0]}" in result.stdout
