"""The requests in designs/requests: the recorded winner is still the best, and the picture of the README is drawn from
one of them."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import pytest

import topo
from tests.searching.small import CATALOG
from tests.slow import slow
from topo.api import design_files
from topo.exporters import write_set
from topo.searching import Search
from topo.searching.output.files import files_of
from topo.searching.output.page import front_svg
from topo.searching.verify.verify import verify_search

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "designs" / "requests"
REQUESTS = sorted(path.stem for path in FOLDER.glob("*.yaml"))
WINNERS = json.loads((FOLDER / "winners.json").read_text())


@cache
def searched(name: str) -> Search:
    return topo.search(FOLDER / f"{name}.yaml")


@pytest.mark.parametrize("name", [name if name == "front-1152" else slow(name) for name in REQUESTS])
def test_the_recorded_winner_is_still_the_best(name: str, tmp_path: Path) -> None:
    search, recorded = searched(name), WINNERS[name]
    assert search.complete
    assert search.winner is not None
    assert search.winner.row.candidate.text == recorded["candidate"]
    assert search.winner.cost_usd == recorded["cost_usd"]
    assert len(search.front) == recorded["front"]
    write_set(tmp_path / name, files_of(search))
    entries = verify_search(tmp_path / name / "search.json", CATALOG)
    assert [entry for entry in entries if not entry.proved] == []


def test_the_picture_of_the_readme_is_drawn_from_the_request() -> None:
    """Drawn anew by `topo search designs/requests/front-1152.yaml -o found`: found/front.svg."""
    assert (ROOT / "docs" / "pictures" / "front-1152.svg").read_text() == front_svg(searched("front-1152"))
    assert "docs/pictures/front-1152.svg" in (ROOT / "README.md").read_text()


def test_requests_are_no_designs() -> None:
    assert not [path for path in design_files([ROOT / "designs"]) if "requests" in path.parts]
