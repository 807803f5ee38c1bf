"""The evidence page: every published figure has a row, what is called reproduced is, the committed page is current."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.slow import slow
from topo.analysis.collectives.timing import CollectiveTime
from topo.fabric import Fabric

DOCS = Path(__file__).parents[2] / "docs"
sys.path.insert(0, str(DOCS))

import write_evidence  # noqa: E402
from evidence_parts import measured  # noqa: E402
from evidence_parts.model import ASSUMED, CONTRADICTED, NOT_MODELLED, REPRODUCED, Figure, reference  # noqa: E402

MAY_BE_NOT_MODELLED = ("table_4_training_mpft_mrft.", "figure_5_", "figure_6_", "figure_7_")


SAID = {"text.claims.cost", "text.claims.latency", "text.claims.groups"}
"""Figures that the reference files tell in words, and that ours contradict."""
IN_WORDS = SAID | {"hpn.interruptions_per_month"}


@pytest.fixture(scope="module", params=[256, slow(2048)])
def found(request: pytest.FixtureRequest) -> Iterator[dict[str, dict[str, list[Figure]]]]:
    """All rows; the all-to-all of table 4 among fewer GPUs by default, which on both topologies take the same time."""
    timed = measured._all_to_all

    def among(fabric: Fabric, ranks: int) -> CollectiveTime:
        return timed(fabric, min(ranks, request.param))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(measured, "_all_to_all", among)
        yield write_evidence.sections()


@pytest.fixture(scope="module")
def rows(found: dict[str, dict[str, list[Figure]]]) -> list[Figure]:
    return [row for parts in found.values() for part in parts.values() for row in part]


def numbers(value: Any, key: str = "") -> dict[str, float]:
    """Every number of a reference file by its path."""
    if isinstance(value, bool):
        return {}
    if isinstance(value, int | float):
        return {key: value}
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return {k: n for name, inner in items for k, n in numbers(inner, f"{key}.{name}".strip(".")).items()}


def test_every_published_number_has_one_row(rows: list[Figure]) -> None:
    published = {
        k: n
        for name in ("deepseek_v3", "superpod", "sizes", "searches", "scale_up")
        for k, n in numbers(reference(name)).items()
    }
    covered = [key for row in rows for key in row.keys]
    assert len(covered) == len(set(covered))
    assert set(published) == set(covered) - IN_WORDS
    for row in rows:
        if len(row.keys) == 1 and row.keys[0] not in SAID and isinstance(row.published, int | float):
            assert row.published == published[row.keys[0]]


def test_what_is_called_reproduced_is(rows: list[Figure]) -> None:
    claimed = [row for row in rows if row.status in (REPRODUCED, ASSUMED)]
    assert [row.name for row in claimed if not row.agrees] == []
    assert all(row.tolerance == 0 for row in rows if row.status == REPRODUCED)
    assert len(claimed) > 130


def test_contradictions_say_why(rows: list[Figure]) -> None:
    contradicted = [row for row in rows if row.status == CONTRADICTED]
    assert all(row.remark for row in contradicted)
    assert all(not row.agrees or "no such graph" in row.remark for row in contradicted)
    keys = {key for row in contradicted for key in row.keys}
    assert SAID | {"table_3_topology_comparison.columns.SF.switches"} <= keys


def test_only_what_may_be_is_not_modelled(rows: list[Figure]) -> None:
    for row in rows:
        assert (row.ours is None) == (row.status == NOT_MODELLED)
        if row.status == NOT_MODELLED:
            assert row.remark
            assert all(key.startswith(MAY_BE_NOT_MODELLED) for key in row.keys)


def test_the_committed_page_is_current(found: dict[str, dict[str, list[Figure]]]) -> None:
    assert (DOCS / "evidence.md").read_text(encoding="utf-8") == write_evidence.page(found), "run `make evidence`"
