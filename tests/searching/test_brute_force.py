"""Random small requests: a search written otherwise finds the same winner, on trees and flat families alike."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator

import pytest

from tests.searching.small import CATALOG, found, request
from topo.api import check
from topo.design import parse_design
from topo.errors import InputError
from topo.searching.candidates.candidate import design_text
from topo.searching.candidates.space import candidates
from topo.searching.running.run import Run

FAMILIES = ("ft2", "ft3", "mrft", "mpft", "rail-only", "jellyfish", "hyperx", "dragonfly")
ASKED = (
    "throughput: {at_least: 1.0}", "throughput: {at_least: 0.6}", "throughput: {at_least: 0.3, routing: spray}",
    "bisection: {at_least: 0.5}", "hops: {at_most: 3}", "switches: {at_most: 9}", "connected: {}",
    "cost_usd: {at_most: 900000}", "failure: {any: switch, throughput_at_least: 0.2}",
)  # fmt: skip
BOOKS = ("published-fabric-links", "published-endpoint-copper", "slim-fly-method", "slim-fly-layout")


def drawn(seed: int) -> str:
    draw = random.Random(seed)
    host, gpus = draw.choice([("example-host-1", draw.randrange(2, 22)), ("example-host-2", 2 * draw.randrange(2, 9))])
    chosen = draw.sample(FAMILIES, 2)
    switches = draw.choice(["example-switch-4", "example-switch-8", "example-switch-4, example-switch-8"])
    ratios = draw.choice(["1", "1, 2", "1, 3"])
    asked = "".join(f"  - {line}\n" for line in draw.sample(ASKED, draw.randrange(1, 4)))
    names = ", ".join(chosen)
    return (
        f"name: r{seed}\ngpus: {gpus}\nhost: {host}\nprice_book: {draw.choice(BOOKS)}\n"
        f"choose: {{families: [{names}], switches: [{switches}], oversubscription: [{ratios}], spread: [even]}}\n"
        f"requirements:\n{asked}"
    )


def cheapest(text: str) -> float | None:
    """The least price of every candidate that the whole check finds held: no bound and no order."""
    asked, best = request(text), None
    for number, candidate in enumerate(candidates(asked)):
        if number > 160:
            pytest.skip("a space too large to check one by one")
        try:
            design = parse_design(
                design_text(candidate, asked.common, asked.network, "x", candidate.text), "x.yaml", CATALOG
            )
            report = check(design)
        except InputError:
            continue
        if report.verdict == "held" and report.metrics.cost_usd is not None:
            total = float(report.metrics.cost_usd["total"])
            best = total if best is None else min(best, total)
    return best


def agrees(seed: int) -> None:
    text = drawn(seed)
    try:
        search = Run(request(text)).search()
    except InputError:
        assert cheapest(text) is None
        return
    assert search.complete
    value = search.winner.cost_usd if search.winner else None
    assert value == pytest.approx(cheapest(text)), text
    if search.winner is not None and search.lower_bound:
        assert search.lower_bound["switches"] <= search.winner.values.get("switches", math.inf), text
        assert search.lower_bound.get("cost_usd", 0.0) <= search.winner.values["cost_usd"] * (1 + 1e-9), text


@pytest.mark.sampled(1)
@pytest.mark.parametrize("seed", range(6))
def test_a_search_written_otherwise_finds_the_same(seed: int) -> None:
    agrees(seed)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(6, 300))
def test_hundreds_of_random_requests(seed: int) -> None:
    agrees(seed)


@pytest.mark.parametrize("seed", range(42, 45))
def test_relaxing_any_requirement_never_makes_the_winner_dearer(seed: int) -> None:
    text = drawn(seed)
    head, _, asked = text.partition("requirements:\n")
    lines = asked.splitlines(keepends=True)
    try:
        whole = found(text).winner
    except InputError:
        return
    for i in range(len(lines) if len(lines) > 1 else 0):
        fewer = found(head + "requirements:\n" + "".join(lines[:i] + lines[i + 1 :])).winner
        if whole is not None:
            assert fewer is not None
            assert fewer.cost_usd <= whole.cost_usd * (1 + 1e-9)


def widened(text: str) -> Iterator[str]:
    """The request with another part, another ratio, another family, and each key left open."""
    head, _, rest = text.partition("choose: {families: [")
    families, _, rest = rest.partition("], switches: [")
    parts, _, rest = rest.partition("], oversubscription: [")
    ratios, _, rest = rest.partition("], spread: [even]}")
    other = next(family for family in FAMILIES if family not in families.split(", "))
    both = "example-switch-4, example-switch-8"
    for chosen in (
        f"families: [{families}], switches: [{both}], oversubscription: [{ratios}], spread: [even]",
        f"families: [{families}], switches: [{parts}], oversubscription: [{ratios}, 4], spread: [even]",
        f"families: [{families}, {other}], switches: [{parts}], oversubscription: [{ratios}], spread: [even]",
        f"families: [{families}], switches: [{parts}], oversubscription: [{ratios}]",
    ):
        if chosen not in text:
            yield f"{head}choose: {{{chosen}}}{rest}"


@pytest.mark.sampled(2)
@pytest.mark.parametrize("seed", range(60, 90))
def test_a_part_a_ratio_or_a_family_more_never_makes_the_winner_dearer(seed: int) -> None:
    text = drawn(seed)
    try:
        few = found(text)
    except InputError:
        return
    assert few.complete
    for more in widened(text):
        many = found(more)
        assert many.complete
        assert many.number >= few.number
        if few.winner is not None:
            assert many.winner is not None, more
            assert many.winner.cost_usd <= few.winner.cost_usd * (1 + 1e-9), more
