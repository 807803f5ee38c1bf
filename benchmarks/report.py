"""The HTML report: making it, and how soon Chromium shows it and answers: `python benchmarks/report.py`."""

from __future__ import annotations

import shutil
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(PROJECT))

from benchmarks._measure import machine, timed_process, topo  # noqa: E402
from benchmarks._results import write  # noqa: E402

DESIGNS = {
    "mpft-16384": "p3-leaf-007",
    "slim-fly-16928": "sf1-03-07",
    "ft3-16384": "pod03-leaf07",
    "ft3-65536": "leaf07",
}
"""Designs, and the name that is searched in each."""
TARGET_S = {"mpft-16384": 3.0}
RUNS = 5
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync"]
QUESTION = """async (query) => {
  const tick = () => new Promise((done) => setTimeout(done, 1));
  const input = document.getElementById("find"), found = document.getElementById("found");
  const said = found.textContent, start = performance.now();
  input.value = query;
  input.dispatchEvent(new Event("input"));
  while (found.textContent === said) await tick();
  return performance.now() - start;
}"""
TABLE = """async () => {
  const table = Tabulator.findTable(".cable-table")[0], times = [];
  const painted = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  for (const act of [() => table.setHeaderFilterValue("b_device", "7"), () => table.setSort("a_device", "desc")]) {
    const start = performance.now();
    act();
    await painted();
    times.push(performance.now() - start);
  }
  return times;
}"""


def opened(browser: Any, path: Path, word: str) -> dict[str, float]:
    """Milliseconds from the start of the navigation to the first paint, to the page that answers and to the cable
    table; and those that a search, a filter and a sorting of all cables take."""
    context = browser.new_context(viewport={"width": 1600, "height": 1000}, offline=True)
    page = context.new_page()
    page.goto(path.as_uri())
    page.wait_for_selector("html[data-cables=yes]", timeout=120_000)
    marks = page.evaluate("() => performance.getEntriesByType('mark').map((m) => [m.name, m.startTime])")
    paint = page.evaluate("() => performance.getEntriesByName('first-contentful-paint')[0].startTime")
    searched = page.evaluate(QUESTION, word)
    page.evaluate(QUESTION, "12345")
    page.evaluate(QUESTION, "")
    filtered, ordered = page.evaluate(TABLE)
    context.close()
    return {"paint": paint, **dict(marks), "search": searched, "filter": filtered, "sort": ordered}


def row_of(browser: Any, name: str, word: str, folder: Path) -> dict[str, object]:
    path = folder / f"{name}.html"
    made = timed_process(topo("report", str(PROJECT / "designs" / f"{name}.yaml"), "-o", str(path)), runs=1)
    runs = [opened(browser, path, word) for _ in range(RUNS)]

    def median(key: str) -> int:
        return round(statistics.median(run[key] for run in runs))

    return {
        "design": name,
        "file MB": round(path.stat().st_size / 1e6, 2),
        "made in processor s": round(made.cpu_s, 1),
        "first paint ms": median("paint"),
        "interactive ms": median("interactive"),
        "cable table ms": median("cables"),
        "target s": TARGET_S.get(name, ""),
        "search ms": median("search"),
        "filter ms": median("filter"),
        "sort ms": median("sort"),
    }


def main() -> None:
    from playwright.sync_api import sync_playwright

    before = machine()
    program = shutil.which("chromium")
    if program is None:
        raise SystemExit("no Chromium here: run tests/browser/install.sh")
    rows = []
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as p:
        browser = p.chromium.launch(executable_path=program, headless=True, args=FLAGS)
        for name, word in DESIGNS.items():
            rows.append(row_of(browser, name, word, Path(folder)))
            print(rows[-1], file=sys.stderr)
        before["chromium"] = browser.version
        browser.close()
    notes = [
        f"Medians of {RUNS} openings from disk in a window of 1,600 by 1,000. "
        "Interactive: the drawings and the search answer. "
        "The cable table is made afterwards, when the browser is idle, or at once where it is scrolled to or searched. "
        "A search takes in the 150 ms that it waits for the next letter.",
    ]
    write("report", "The report in Chromium", notes, before, rows)


if __name__ == "__main__":
    main()
