"""The page of a search: whole without scripts, quiet about nothing, and safe with any text."""

from __future__ import annotations

import re
from xml.etree import ElementTree

from tests.searching.small import TREES, found
from topo.searching.output.page import front_svg, search_page

FRONT = TREES.format(gpus=24) + "objectives: [cost_usd, adaptive]\nrequirements:\n  - connected: {}\n"


def test_the_page_names_every_point_family_and_count() -> None:
    search = found(FRONT)
    html = search_page(search).decode()
    for point in search.front:
        assert f'href="{point.path}"' in html
        assert point.row.candidate.text in html
    for family in search.why_not:
        assert f'<th scope="row">{family}</th>' in html
    assert search.claim in html
    assert "within" in html
    assert "built-in" not in html
    assert search_page(search) == html.encode()


def test_the_picture_is_xml_and_shows_the_front() -> None:
    search = found(FRONT)
    tree = ElementTree.fromstring(front_svg(search))
    big = [c for c in tree.iter("{http://www.w3.org/2000/svg}circle") if c.get("r") == "6"]
    assert len(big) == len(search.front)
    for x, y in (("switches", "carries"), ("links", "cost_usd")):
        ElementTree.fromstring(front_svg(search, x, y))


def test_a_title_cannot_write_into_the_page() -> None:
    text = FRONT + 'title: "<script>alert(1)</script>"\n'
    html = search_page(found(text)).decode()
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert" in html
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', html)
    assert policy
    assert "default-src &#39;none&#39;" in policy[1]


def test_a_design_s_title_is_not_that_of_what_is_found_around_it() -> None:
    """The title of a design speaks of its own family; the winner of its neighbourhood may be another."""
    text = "name: pilot\ntitle: A three-level tree\ngpus: 16\nhost: example-host-1\nnetworks:\n"
    search = found(text + "  compute: {family: ft3, switch: example-switch-8}\n")
    assert search.request.neighbour_of
    assert search.winner is not None
    assert search.winner.row.candidate.family != "ft3"
    heading = re.search(r"<h1[^>]*>([^<]*)</h1>", search_page(search).decode())
    assert heading
    assert heading[1] == "Around the design pilot: 16 GPUs"
    for point in (*search.front, *search.top):
        assert "three-level" not in point.text
        assert f"GPUs: {point.row.candidate.text}" in point.text


def test_where_nothing_holds_the_page_says_so() -> None:
    html = search_page(found(TREES.format(gpus=12) + "requirements:\n  - switches: {at_most: 1}\n")).decode()
    assert "NOTHING HOLDS" in html
