"""What `topo verify` says of a search: all of it is proved, and nothing that was changed in it is."""

from __future__ import annotations

import contextlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import topo
from tests.cli.test_contract import run
from tests.searching.small import CATALOG, TREES, write
from topo.errors import InputError
from topo.report.verify import sound
from topo.searching.verify.verify import verify_search

ASKED = TREES.format(gpus=24) + "objectives: [cost_usd, adaptive]\nrequirements:\n"
ASKED += "  - throughput: {at_least: 0.38}\n  - bisection: {at_least: 0.5}\n"


@pytest.fixture(scope="module")
def searched(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("search")
    search = topo.search(write(folder, ASKED), folder / "out", top=2)
    assert search.complete
    assert {"refused", "refuted", "dominated", "held"} <= {row.state for row in search.rows}
    assert any(row.state == "refuted" and row.judgment for row in search.rows), "the engine must have refuted one"
    return folder / "out"


def proved(folder: Path) -> bool:
    entries = verify_search(folder / "search.json", CATALOG)
    assert all(entry.rests_on in ("certificate", "recount") for entry in entries)
    return sound(entries)


def test_all_of_it_is_proved_without_a_solver(searched: Path) -> None:
    code = (
        "import sys\n"
        "from pathlib import Path\n"
        "from topo.catalog import load_catalog\n"
        "from topo.searching.verify.verify import verify_search\n"
        "entries = verify_search(Path(sys.argv[1]), load_catalog())\n"
        "assert entries and all(entry.proved for entry in entries), [e for e in entries if not e.proved]\n"
        "assert not [name for name in sys.modules if name.partition('.')[0] == 'ortools'], 'a solver was loaded'\n"
    )
    import subprocess
    import sys

    done = subprocess.run([sys.executable, "-c", code, str(searched / "search.json")], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def _search(change: Callable[[Any], None]) -> Callable[[Path], None]:
    return lambda folder: _changed(folder / "search.json", change)


def _rows(change: Callable[[Any], None]) -> Callable[[Path], None]:
    return lambda folder: _changed(folder / "candidates.json", change)


def _changed(path: Path, change: Callable[[Any], None]) -> None:
    value = json.loads(path.read_text())
    change(value)
    path.write_text(json.dumps(value))


def _of(rows: Any, verdict: str, judged: bool | None = None) -> Any:
    return next(r for r in rows if r["verdict"] == verdict and (judged is None or ("judged" in r) == judged))


def _set(row: Any, **values: Any) -> None:
    row.update(values)


def _swap_report(folder: Path) -> None:
    rows = json.loads((folder / "candidates.json").read_text())
    held, broken = _of(rows, "held", True), _of(rows, "refuted", True)
    shutil.copy(folder / held["judged"]["report"], folder / broken["judged"]["report"])


def _other_design(folder: Path) -> None:
    path = next((folder / "designs").glob("*.yaml"))
    path.write_text(path.read_text().replace("gpus: 24", "gpus: 20"))


def _left_open(folder: Path) -> None:
    """A candidate that nobody looked at, and a result that says so nowhere but in its tally."""

    def change(rows: Any) -> None:
        row = _of(rows, "dominated")
        row.update(verdict="open")
        del row["proof"]

    _changed(folder / "candidates.json", change)
    _changed(folder / "search.json", lambda s: _set(s["space"], dominated=s["space"]["dominated"] - 1, open=1))


def _another_report_beside(folder: Path) -> None:
    path = next((folder / "reports").glob("*.json"))
    _changed(path, lambda reports: reports.append({"verdict": "held"}))


def _cut_certificate(folder: Path) -> None:
    rows = json.loads((folder / "candidates.json").read_text())
    file = folder / _of(rows, "held", True)["judged"]["report"]

    def change(reports: Any) -> None:
        for requirement in reports[0]["requirements"]:
            if requirement.get("certificate", {}).get("kind") == "throughput":
                requirement["certificate"]["claim"]["lower"] = "3"

    _changed(file, change)


TAMPERED: dict[str, Callable[[Path], None]] = {
    "a cheaper winner": _search(lambda s: _set(s["winner"], cost_usd=1.0)),
    "another winner": _search(lambda s: _set(s, winner=s["top"][1])),
    "no winner": _search(lambda s: s.pop("winner")),
    "a point less": _search(lambda s: s["front"].pop()),
    "a better point": _search(lambda s: _set(s["front"][0]["objectives"], adaptive=1.5)),
    "a higher bound": _search(lambda s: _set(s["lower_bound"], switches=99)),
    "a dearer bound": _search(lambda s: _set(s["lower_bound"], cost_usd=9e9)),
    "fewer candidates": _search(lambda s: _set(s["space"], candidates=3)),
    "another claim": _search(lambda s: _set(s, claim="least of everything")),
    "another reason": _search(lambda s: s["why_not"].clear()),
    "another assumption": _search(lambda s: _set(s["request"], assumed=["nothing"])),
    "a candidate left out": _rows(lambda rows: rows.pop(3)),
    "a candidate twice": _rows(lambda rows: rows.append(rows[0])),
    "a dominated one refuted": _rows(lambda rows: _set(_of(rows, "dominated"), verdict="refuted")),
    "a refuted one refused": _rows(lambda rows: _set(_of(rows, "refuted", False), verdict="refused")),
    "a held one dominated": _rows(lambda rows: _set(_of(rows, "held"), verdict="dominated", proof={"by": 0})),
    "a held one undecided": _rows(lambda rows: _set(_of(rows, "held"), verdict="undecided")),
    "a refused one dominated": _rows(lambda rows: _set(_of(rows, "refused"), verdict="dominated")),
    "dominated by another": _rows(lambda rows: _set(_of(rows, "dominated")["proof"], by=0)),
    "another cut": _rows(lambda rows: _set(_of(rows, "refuted", False)["proof"], at_most=0.01)),
    "another design": _rows(lambda rows: _set(rows[0]["design"], switch="nvidia-qm9700")),
    "another value": _rows(lambda rows: _set(_of(rows, "held")["judged"]["values"], cost_usd=5.0)),
    "another requirement": _rows(lambda rows: _set(_of(rows, "refuted", True)["judged"], requirement="connected-9")),
    "another kind of count": _rows(lambda rows: _set(_of(rows, "dominated")["proof"], kind="cut")),
    "no kind of count": _rows(lambda rows: _of(rows, "dominated")["proof"].pop("kind")),
    "what the engine held": _rows(lambda rows: _set(_of(rows, "held", True)["proof"], requirement="hops-1")),
    "what the engine broke": _rows(lambda rows: _set(_of(rows, "refuted", True)["proof"], requirement="hops-9")),
    "no word of the engine": _rows(lambda rows: _set(_of(rows, "held", True), proof={})),
    "a verdict unlike the row's": _rows(lambda rows: _set(_of(rows, "held", True)["judged"], verdict="undecided")),
    "a report of another name": _rows(lambda rows: _set(_of(rows, "held", True)["judged"], report="reports/x.json")),
    "a reason why it holds": _rows(lambda rows: _set(_of(rows, "held", True), reason="the best there is")),
    "another reason of the engine": _rows(lambda rows: _set(_of(rows, "refuted", True), reason="bad luck")),
    "one that is left open": _left_open,
    "another report beside": _another_report_beside,
    "more than is judged": _rows(lambda rows: _set(_of(rows, "held", True)["judged"], note="best")),
    "another report": _swap_report,
    "another design file": _other_design,
    "a forged certificate": _cut_certificate,
}  # fmt: skip


@pytest.mark.sampled(13)
@pytest.mark.parametrize("what", TAMPERED)
def test_what_was_changed_is_not_proved(what: str, searched: Path, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    shutil.copytree(searched, folder)
    TAMPERED[what](folder)
    with contextlib.suppress(InputError):
        assert not proved(folder)


def test_the_command_tells_every_statement(searched: Path, tmp_path: Path) -> None:
    done = run("verify", str(searched / "search.json"))
    assert done.returncode == 0, done.stderr
    assert "front: proved" in done.stdout
    folder = tmp_path / "out"
    shutil.copytree(searched, folder)
    TAMPERED["a cheaper winner"](folder)
    done = run("verify", str(folder / "search.json"))
    assert done.returncode == 1
    assert "winner: NOT PROVED" in done.stdout


def test_a_traffic_between_endpoints_without_a_path_is_refuted_with_what_the_other_pairs_get(tmp_path: Path) -> None:
    """Each rail is a network of its own: no flow goes from one to the other."""
    flows = write(
        tmp_path, "src,dst,gbps\nhost-00000:nic0,host-00001:nic0,9\nhost-00000:nic0,host-00001:nic1,9\n", "t.csv"
    )
    text = (
        "name: rails\ngpus: 16\nhost: example-host-2\nchoose: {families: [rail-only], switches: [example-switch-8]}\n"
    )
    text += f"requirements: [{{throughput: {{traffic: 'matrix:file={flows}', at_least: 0.5}}}}]\n"
    search = topo.search(write(tmp_path, text), tmp_path / "out")
    refuted = [row for row in search.rows if row.state == "refuted"]
    assert refuted
    assert all("have no path to some peers" in row.reason for row in refuted)
    assert proved(tmp_path / "out")


@pytest.mark.parametrize("text", ["[]", "{}", '{"schema": "topo.search/1"}', '{"schema": "topo.search/1", "x": 3}'])
def test_a_file_that_is_no_search_is_refused(text: str, tmp_path: Path) -> None:
    path = write(tmp_path, text, "search.json")
    with pytest.raises(InputError):
        verify_search(path, CATALOG)


def test_cables_are_planned_for_what_holds_alone(searched: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from topo.placement.cables import cabling

    planned: list[int] = []
    plan = cabling.cabling

    def counted(fabric: Any, *rest: Any, **keys: Any) -> Any:
        planned.append(len(fabric.links.id))
        return plan(fabric, *rest, **keys)

    monkeypatch.setattr(cabling, "cabling", counted)
    rows = json.loads((searched / "candidates.json").read_text())
    judged = [row for row in rows if "report" in row.get("judged", {})]
    held = [row for row in judged if row["verdict"] == "held"]
    assert proved(searched)
    assert len(planned) == len(held) < len(judged)
