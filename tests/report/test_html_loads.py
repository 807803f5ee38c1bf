"""What the page says of loads, marked boxes and the first questions, against the fabric itself."""

from __future__ import annotations

import json
import zlib
from base64 import b64decode

import numpy as np
import pytest

from topo import api
from topo.api.designs import checked
from topo.design import build, parse_design
from topo.errors import LimitReachedError
from topo.exporters import make_plan
from topo.fabric import Fabric
from topo.report.html import answers_of, gather
from topo.report.html.facts import answers, failed_thing, tightest
from topo.report.html.gather import failures_of, runs
from topo.report.html.loads import link_use, load_tables
from topo.report.html.page import packed
from topo.report.html.side_by_side import comparison
from topo.report.html.tables import grids
from topo.report.model import Report, RequirementResult, Subject

FAMILIES = {
    "dragonfly": (1024, "{family: dragonfly, switch: nvidia-qm9700}"),
    "slim-fly": (1024, "{family: slim-fly, switch: nvidia-qm9700}"),
    "dragonfly-plus": (1024, "{family: dragonfly-plus, switch: nvidia-qm9700, p: 8, leaves: 8, spines: 8, h: 8}"),
    "mpft": (2048, "{family: mpft, switch: nvidia-qm9700, planes: 8}"),
    "ft3": (4096, "{family: ft3, switch: nvidia-qm9700}"),
}


def made(name: str, gpus: int = 0) -> Fabric:
    few, network = FAMILIES[name]
    gpus = gpus or few
    text = f"name: {name}\ngpus: {gpus}\nhost: h800-node\nnetworks:\n  compute: {network}\n"
    return build(parse_design(text))


@pytest.mark.parametrize("name", [pytest.param(n, marks=pytest.mark.slow) if n == "dragonfly" else n for n in FAMILIES])
def test_adaptive_loads_reach_the_optimum_and_carry_the_traffic(name: str) -> None:
    fabric = made(name)
    found = api.throughput(fabric)
    use = link_use(fabric, found.arc_use).shares["adaptive"]
    assert use.max() == pytest.approx(1 / found.network_lower, rel=1e-6)
    flow = use * fabric.links.gbps[:, None]
    into, out = np.zeros(len(fabric.devices)), np.zeros(len(fabric.devices))
    for a, b, way in ((fabric.link_a, fabric.link_b, 0), (fabric.link_b, fabric.link_a, 1)):
        np.add.at(out, a, flow[:, way])
        np.add.at(into, b, flow[:, way])
    ends = fabric.endpoint_switch
    n, rate = len(ends) // len(np.unique(fabric.endpoints.plane)), 400.0
    on = np.bincount(ends, minlength=len(fabric.devices))
    switches = np.flatnonzero(~fabric.is_host)
    through = into - (on * (n - on) * rate / (n - 1))
    assert np.allclose(into[switches], out[switches], rtol=1e-9)
    assert (through[switches] > -1e-6 * into[switches]).all()


@pytest.mark.slow
def test_adaptive_is_no_copy_of_spray_where_spray_is_worse() -> None:
    fabric = made("dragonfly", 16384)
    found = api.throughput(fabric)
    use = link_use(fabric, found.arc_use).shares
    assert use["spray"].max() > 1.05 * use["adaptive"].max()
    assert 1 / found.network_upper - 1e-9 <= use["adaptive"].max() <= 1 / found.network_lower + 1e-9
    assert list(use) == ["adaptive", "spray", "ecmp", "static"]


@pytest.mark.parametrize("rows", [[], [5], [0, 1, 2, 3], [0, 64, 128, 7], [3, 1, 2, 10, 20, 30, 31]])
def test_runs_say_the_rows(rows: list[int]) -> None:
    found = runs(np.array(rows, dtype=np.int64))
    said = [found[i] + k * found[i + 2] for i in range(0, len(found), 3) for k in range(found[i + 1])]
    assert sorted(said) == sorted(rows)


def test_every_device_is_held_by_one_box_of_the_overview() -> None:
    design = parse_design(
        "name: t\ngpus: 16384\nhost: h800-node\nnetworks:\n"
        "  compute: {family: mpft, switch: nvidia-qm9700, planes: 8}\n"
    )
    report, context = checked(design)
    page = gather(make_plan(design), report, answers_of(context))
    overview = next(p for p in page.pictures if p.view == "overview")
    times = np.zeros(len(page.devices), dtype=np.int64)
    for _, held in overview.holds:
        for i in range(0, len(held), 3):
            times[held[i] : held[i] + held[i + 1] * held[i + 2] : held[i + 2]] += 1
    assert (times == 1).all()
    assert [question for question, _ in answers(page)] == ["What does it cost?", "What breaks first?"]
    assert "loss of spine p0-spine-000, as of any of 256 like it" in answers(page)[1][1]


def test_packed_is_inert_and_gives_the_value_back() -> None:
    value = {"a": ["</script><script>alert(1)</script>", "ü"]}
    text = packed(value)
    assert "<" not in text
    assert json.loads(zlib.decompress(b64decode(text))) == value


def test_the_tightest_requirement() -> None:
    def report(*rows: tuple[str, float, float]) -> Report:
        results = [RequirementResult(s, s, v, m, b, "W") for s, (v, m, b) in zip("abc", rows, strict=False)]
        return Report(Subject("t"), "held", tuple(results))

    assert tightest(report(("held", 80.0, 100.0), ("held", 99.0, 100.0))) == "b: it is 99, 1.0% to spare."
    assert tightest(report(("held", 5.0, 5.0), ("held", 7.0, 7.0))).endswith("nothing to spare; 1 more likewise.")
    broken = report(("held", 100.0, 100.0), ("broken", 150.0, 100.0), ("broken", 101.0, 100.0))
    assert tightest(broken) == "b: it is 150 W, 50.0% beyond the bound."
    assert tightest(report()) == ""


def test_what_changes_between_two_designs() -> None:
    pages = []
    for network, asked in ((FAMILIES["mpft"][1], False), (FAMILIES["ft3"][1], True)):
        design = parse_design(
            f"name: t\ngpus: 16384\nhost: h800-node\nnetworks:\n  compute: {network}\n"
            "requirements:\n  - hops: {at_most: 5}\n" + ("  - switches: {at_most: 1280}\n" if asked else "")
        )
        report, context = checked(design)
        pages.append(gather(make_plan(design), report, answers_of(context), whole=False))
    rows = {row.label: row for row in comparison(pages)}
    assert [p.loads for p in pages] == [(), ()]
    assert rows["GPUs"].values == ("16,384", "16,384")
    assert not rows["GPUs"].differs
    assert rows["switches"].values == ("768", "1,280")
    assert rows["switches"].change == "+512 (+66.7%)"
    assert rows["links, spine–core"].values == ("–", "16,384")
    assert rows["links, spine–core"].change == ""
    assert rows["The compute network has at most 1,280 switches"].values == ("not asked", "HELD 1,280")
    hops = rows["A shortest path between two endpoints of the compute network crosses at most 5 switches"]
    assert hops.values == ("HELD 3", "HELD 5")


@pytest.mark.parametrize(
    ("most", "told"), [(1 << 17, "of 1 of 8 planes"), (1 << 14, "and there of the links"), (9, "left out")]
)
def test_too_many_flows_are_hashed_on_some_links_and_the_page_says_so(
    monkeypatch: pytest.MonkeyPatch, most: int, told: str
) -> None:
    """Each link that is shown has the figure it would have with all flows; the bars stand for all links."""
    text = (
        "name: t\ngpus: 2048\nhost: h800-node\nnetworks:\n  compute: {family: mpft, switch: nvidia-qm9700, planes: 8, "
    )
    fabric = build(parse_design(text + "hosts_per_leaf: 16}\n"))
    whole = link_use(fabric, None)
    monkeypatch.setattr("topo.report.html.loads.MOST_FLOWS", most)
    some = link_use(fabric, None)
    assert (whole.remark, told in some.remark) == ("", True)
    known = ~np.isnan(some.shares["ecmp"])
    assert np.allclose(some.shares["ecmp"][known], whole.shares["ecmp"][known], rtol=1e-12)
    rows = {row.routing: row for row in load_tables(fabric, some.shares)[0].rows}
    assert ("ecmp" in rows) == (most > 9)
    if "ecmp" in rows:
        links = rows["spray"].links
        assert 0 < rows["ecmp"].links <= links // 8
        assert sum(rows["ecmp"].counts) == pytest.approx(links, rel=0.01)
        assert rows["ecmp"].most <= whole.shares["ecmp"].max()


def test_links_without_a_cable_have_no_metres() -> None:
    """They had minus one millimetre each."""
    design = parse_design(
        "name: t\ngpus: 64\nhost: h800-node\nlengths_m: {endpoint: 9000, leaf_spine: 9000}\n"
        "networks:\n  compute: {family: ft2, switch: nvidia-qm9700}\n"
    )
    (row,) = next(grid for grid in grids(make_plan(design)) if grid.id == "lengths").rows
    assert row[0] == "none fits"
    assert (row[1], row[3]) == ("", "")


def test_failures_that_took_too_long_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page written on a busy machine had fewer rows, and said nothing."""
    design = parse_design(
        "name: t\ngpus: 64\nhost: h800-node\nnetworks:\n  compute: {family: ft2, switch: nvidia-qm9700}\n"
    )
    report, _ = checked(design)

    def late(*asked: object, **limit: object) -> None:
        raise LimitReachedError("time is up")

    assert failures_of(make_plan(design), report, 60.0)[1] == ""
    monkeypatch.setattr("topo.analysis.failures.single_failures", late)
    rows, remark = failures_of(make_plan(design), report, 60.0)
    assert rows == ()
    assert remark.startswith("The loss of a leaf or spine was not judged: a third of the limit")


@pytest.mark.parametrize(
    ("what", "worst", "told"),
    [("plane", "plane 0", "plane 0"), ("spine", "s1", "spine s1"), ("link", ["a", "b"], "link a, b")],
)
def test_what_breaks_first_names_its_kind_once(what: str, worst: object, told: str) -> None:
    assert failed_thing({"what": what, "worst": worst}) == told
