"""The report in a real browser: it opens offline, answers, stays text, and can be read by everyone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from topo import api
from topo.catalog import load_catalog
from topo.exporters import Plan, build_files, make_plan

pytestmark = pytest.mark.browser

ROOT = Path(__file__).parents[2]
SHOTS = ROOT / "build" / "screenshots"
HOSTILE = "<script>window.bad = 1</script><img src=x onerror='window.bad = 1'> \"quoted\" & <b>bold</b> </title>"
DESIGN = """name: mpft-16384
title: {title}
gpus: {gpus}
host: h800-node
networks:
  compute: {{family: mpft, switch: nvidia-qm9700, planes: 8}}
price_book: published-fabric-links
requirements:
  - bisection: {{at_least: 1.0}}
  - throughput: {{traffic: all-to-all, routing: adaptive, at_least: 1.0}}
  - hops: {{at_most: 3}}
  - switches: {{at_most: {switches}}}
"""


def written(folder: Path, name: str, designs: list[str]) -> Path:
    """The report of some designs, given as texts."""
    paths = []
    for i, text in enumerate(designs):
        paths.append(folder / f"{name}-{i}.yaml")
        paths[-1].write_text(text)
    content, _ = api.report_page(paths, load_catalog())
    target = folder / f"{name}.html"
    target.write_bytes(content)
    return target


@pytest.fixture(scope="module")
def design() -> str:
    return DESIGN.format(title="Eight planes", gpus=16384, switches=768)


@pytest.fixture(scope="module")
def report(tmp_path_factory, design: str) -> Path:
    return written(tmp_path_factory.mktemp("report"), "mpft", [design])


@pytest.fixture(scope="module")
def plan(report: Path) -> Plan:
    return make_plan(api.load_design(report.parent / "mpft-0.yaml"))


class Opened:
    """A page in the browser, with what it complained of and what it asked for."""

    def __init__(self, page, path: Path) -> None:
        self.page = page
        self.complaints: list[str] = []
        self.requests: list[str] = []
        page.on("console", lambda m: self.complaints.append(m.text) if m.type in ("error", "warning") else None)
        page.on("pageerror", lambda e: self.complaints.append(str(e)))
        page.on("dialog", lambda d: self.complaints.append(f"dialog {d.message}"))
        page.on("request", lambda r: self.requests.append(r.url))
        page.goto(path.as_uri())
        page.wait_for_selector("html[data-ready=yes]", timeout=60_000)

    def find(self, text: str) -> None:
        self.page.fill("#find", text)
        self.page.wait_for_selector(f"#found{':not(:empty)' if text else ':empty'}", state="attached")


@pytest.fixture
def opened(page, report: Path) -> Iterator[Opened]:
    found = Opened(page, report)
    yield found
    assert found.complaints == []
    assert [url for url in found.requests if not url.startswith(("file:", "data:"))] == []


def test_size_and_bytes(report: Path, design: str) -> None:
    assert report.stat().st_size < 10_000_000
    again = written(report.parent, "again", [design]).read_bytes()
    assert again == report.read_bytes().replace(b"mpft-0.yaml", b"again-0.yaml")


def test_verdict_comes_first(opened: Opened) -> None:
    page = opened.page
    assert page.inner_text("main h1") == "Eight planes"
    assert page.inner_text(".verdict .big") == "HELD All 4 requirements held and proved."
    assert "768" in page.inner_text(".tiles")
    SHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SHOTS / "report.png", full_page=True)


def test_search_finds_cable_12345(opened: Opened, plan: Plan) -> None:
    opened.find("12,345")
    row = opened.page.inner_text(".tabulator-row")
    said = opened.page.inner_text("#found")
    columns = {c.title: c for c in plan.links.columns}
    for title in ("a_device", "a_port", "b_device", "b_port"):
        assert columns[title].values[columns[title].codes[12344]] in row
        assert columns[title].values[columns[title].codes[12344]] in said
    assert said.startswith("cable 12,345: ")
    assert opened.page.inner_text(".count") == "1 of 32,768 rows"


PAPERS = {
    "splitters": "gpus: 64\nhost: multi-port-node-4x200\nnetworks: {compute: {family: mpft, switch: nvidia-qm9700}}\n",
    "splitters on a floor": "gpus: 64\nhost: multi-port-node-4x200\nfloor: {}\n"
    "networks: {compute: {family: mpft, switch: nvidia-qm9700}}\n",
    "panels": "gpus: 64\nhost: h800-node\nnetworks: {compute: {family: ft2, switch: nvidia-qm9700}}\n"
    "floor: {rule: block, racks_per_row: 4, spare_units: 20, patch_panels: {where: between-racks}}\n",
}


@pytest.mark.parametrize("name", PAPERS)
def test_what_a_label_says_finds_its_cable(page, tmp_path: Path, name: str) -> None:
    """Both lines of labels, and the number alone: the page shows the links of that cable and no others."""
    report = written(tmp_path, "labels", [f"name: d\ntitle: Labels\n{PAPERS[name]}"])
    plan = make_plan(api.load_design(tmp_path / "labels-0.yaml"))
    blocks = build_files(plan, ["pull-lists"])["labels.txt"].decode().split("\n\n")
    links = dict(zip(plan.cabling.cables.number.tolist(), plan.cabling.cables.links.tolist(), strict=True))
    assert max(links.values()) > 1
    assert (blocks[-1].rstrip().endswith("/3")) == (name == "panels")
    opened = Opened(page, report)
    for block in (*blocks[:6:2], blocks[len(blocks) // 2], blocks[-1]):
        ends, cable = block.strip().split("\n")
        number = cable.split(" ")[0]
        for text, rows in ((ends, 1), (cable, links[int(number)]), (number, links[int(number)])):
            opened.find("")
            opened.find(text)
            page.wait_for_function(f"() => document.querySelector('#found').textContent.startsWith('cable {number}')")
            shown = page.locator(".tabulator-row [tabulator-field=cable_number]").all_inner_texts()
            assert shown == [number] * rows
    assert opened.complaints == []


def test_filter_counts_right(opened: Opened, plan: Plan) -> None:
    expected = int(np.sum(plan.fabric.devices.name[plan.fabric.link_b] == "p3-leaf-007"))
    opened.page.locator("input[aria-label='filter b device']").press_sequentially("p3-leaf-007")
    opened.page.wait_for_function("() => document.querySelector('.count').textContent.startsWith('32 ')")
    assert expected == 32
    assert opened.page.inner_text(".count") == "32 of 32,768 rows"


def test_sorting(opened: Opened) -> None:
    opened.page.click(".tabulator-col[tabulator-field=cable_number] .tabulator-col-title")
    opened.page.click(".tabulator-col[tabulator-field=cable_number] .tabulator-col-title")
    opened.page.wait_for_function(
        "() => document.querySelector('.tabulator-row [tabulator-field=cable_number]').textContent === '32768'"
    )


def test_every_drawing_shows_and_marks(opened: Opened) -> None:
    page = opened.page
    buttons = page.locator("[data-view]")
    names = buttons.all_inner_texts()
    assert {"overview", "plane", "pod", "host", "path", "cut", "load", "failure"} <= set(names)
    for i, name in enumerate(names):
        buttons.nth(i).click()
        assert page.get_attribute(".sheet svg", "aria-label").startswith(f"{name}:")
        assert buttons.nth(i).get_attribute("aria-pressed") == "true"
    buttons.nth(names.index("plane")).click()
    opened.find("p0-leaf-003")
    assert page.locator(".sheet .hit").count() == 1
    page.screenshot(path=SHOTS / "report-plane.png")


def marked(page) -> list[str]:
    return page.locator(".sheet .hit title").all_text_contents()


def test_a_device_is_marked_in_the_box_that_holds_it(opened: Opened) -> None:
    page = opened.page
    opened.find("p3-leaf-007")
    assert marked(page) == ["plane 3 leaf"]
    assert page.inner_text(".count") == "64 of 32,768 rows"
    page.fill("#find", "host-00777")
    page.wait_for_function("() => document.querySelector('.count').textContent.startsWith('8 ')")
    assert marked(page) == ["hosts"]
    assert "overview 1" in page.inner_text("#found")
    page.fill("#find", "p5-spine-031")
    page.wait_for_function("() => document.querySelector('.sheet .hit title').textContent === 'plane 5 spine'")


def test_enter_goes_to_the_drawing_that_shows_it(opened: Opened) -> None:
    page = opened.page
    page.click("[data-view='4']")
    opened.find("p0-leaf-001")
    page.focus("#find")
    page.keyboard.press("Enter")
    page.wait_for_selector(".sheet .hit")
    box, frame = (page.locator(s).first.bounding_box() for s in (".sheet .hit", ".paper"))
    assert abs(box["x"] + box["width"] / 2 - frame["x"] - frame["width"] / 2) < 3
    assert abs(box["y"] + box["height"] / 2 - frame["y"] - frame["height"] / 2) < 3
    page.screenshot(path=SHOTS / "report-found.png")


def test_the_first_screen_answers(opened: Opened) -> None:
    page = opened.page
    answers = page.locator(".answers").inner_text()
    assert "71.88 million USD" in answers
    assert "The loss of spine p0-spine-000, as of any of 256 like it, leaves 0.984 of line rate" in answers
    box = page.locator(".answers").bounding_box()
    assert box["y"] + box["height"] < 1000


def test_headings_sort_by_keyboard(opened: Opened) -> None:
    page = opened.page
    head = page.locator(".tabulator-col[tabulator-field=cable_number]")
    head.focus()
    page.keyboard.press("Enter")
    assert head.get_attribute("aria-sort") == "ascending"
    page.keyboard.press("Enter")
    assert head.get_attribute("aria-sort") == "descending"
    assert page.inner_text(".tabulator-row [tabulator-field=cable_number]") == "32768"


def test_zoom_and_keyboard(opened: Opened) -> None:
    page = opened.page
    before = page.evaluate("() => getComputedStyle(document.querySelector('.sheet')).transform")
    page.click("[data-zoom=in]")
    page.focus(".paper")
    page.keyboard.press("ArrowRight")
    moved = "before => getComputedStyle(document.querySelector('.sheet')).transform !== before"
    page.wait_for_function(moved, arg=before)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_serious(opened: Opened, theme: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    if theme == "dark":
        opened.page.click("#theme")
    found = axe.Axe().run(opened.page).response["violations"]
    grave = [(v["id"], v["nodes"][0]["html"]) for v in found if v["impact"] in ("serious", "critical")]
    assert grave == []
    opened.page.screenshot(path=SHOTS / f"report-{theme}.png", full_page=True)


def test_print_leaves_controls_out(opened: Opened) -> None:
    opened.page.emulate_media(media="print")
    assert not opened.page.is_visible("#find")
    assert not opened.page.is_visible(".cable-table")
    assert opened.page.is_visible(".verdict")


def test_print_shows_every_drawing_and_the_screen_one(opened: Opened) -> None:
    page = opened.page
    names = [button.inner_text() for button in page.query_selector_all("[data-view]")]
    page.emulate_media(media="print")
    page.evaluate("() => dispatchEvent(new Event('beforeprint'))")
    shown = [f for f in page.query_selector_all(".drawings figure") if f.is_visible()]
    assert [f.query_selector("figcaption").inner_text().split(":")[0] for f in shown] == names
    assert all(f.query_selector("svg").bounding_box()["height"] > 100 for f in shown)
    page.evaluate("() => dispatchEvent(new Event('afterprint'))")
    page.emulate_media(media="screen")
    assert sum(f.is_visible() for f in page.query_selector_all(".drawings figure")) == 1


def test_print_of_a_dark_page_is_dark_on_light(opened: Opened) -> None:
    page = opened.page
    page.click("#theme")
    page.emulate_media(media="print")
    page.evaluate("() => dispatchEvent(new Event('beforeprint'))")
    page.screenshot(path=SHOTS / "report-print.png", full_page=True)
    for selector in ("h2", ".answers dd", "td", ".note"):
        colour = page.evaluate("s => getComputedStyle(document.querySelector(s)).color", f"article {selector}")
        assert max(int(part) for part in colour[4:-1].split(",")) < 120, (selector, colour)
    page.evaluate("() => dispatchEvent(new Event('afterprint'))")
    page.emulate_media(media="screen")
    assert page.evaluate("() => getComputedStyle(document.querySelector('h2')).color") == "rgb(232, 236, 240)"


def test_hostile_title_stays_text(page, tmp_path: Path) -> None:
    text = DESIGN.format(title="'" + HOSTILE.replace("'", "''") + "'", gpus=512, switches=1)
    opened = Opened(page, written(tmp_path, "hostile", [text]))
    assert page.inner_text("main h1") == HOSTILE
    assert page.title() == f"{HOSTILE} – fabric report"
    for button in page.locator("[data-view]").all():
        button.click()
    assert page.evaluate("() => window.bad") is None
    assert page.locator("article img").count() == 0
    assert "BROKEN" in page.inner_text(".verdict .big")
    assert opened.complaints == []


def test_two_designs_side_by_side(page, tmp_path: Path, design: str) -> None:
    small = DESIGN.format(title="Half of it", gpus=8192, switches=768)
    opened = Opened(page, written(tmp_path, "two", [design, small]))
    rows = {r.locator("th").inner_text().split("\n")[0]: r for r in page.locator(".compare tbody tr").all()}
    assert rows["GPUs differs"].locator("td").all_inner_texts() == ["16,384", "8,192", "-8,192 (-50.0%)"]
    assert rows["breaks first differs"].locator("td").count() == 3
    left, right = (page.locator("article").nth(i).bounding_box() for i in (0, 1))
    assert left["y"] == right["y"]
    assert left["x"] + left["width"] <= right["x"]
    assert page.locator(".compare .differs").count() > 2
    assert page.locator("article").count() == 2
    page.screenshot(path=SHOTS / "report-two.png", full_page=True)
    assert opened.complaints == []


def test_invalid_design_shows_its_errors(page, tmp_path: Path) -> None:
    opened = Opened(page, written(tmp_path, "bad", ["name: x\ngpus: many\n"]))
    assert "INVALID" in page.inner_text(".verdict .big")
    assert "gpus" in page.inner_text("article ul")
    assert opened.complaints == []
