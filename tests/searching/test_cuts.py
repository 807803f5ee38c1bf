"""No network carries more than its counts allow, and every family is in a space at more than one size."""

from __future__ import annotations

import pytest

from tests.searching.small import CATALOG, found, request
from topo.checks import questions
from topo.design import build, context_of, parse_design
from topo.generators.family import spanning
from topo.searching.candidates.candidate import design_text
from topo.searching.candidates.count import Counted
from topo.searching.candidates.flat_sizes import SETTINGS
from topo.searching.candidates.space import candidates
from topo.searching.running.run import counter_of

HOSTS = {"zcube": "example-host-1-two-ports"}


@pytest.mark.sampled(5)
@pytest.mark.parametrize("gpus", [12, 16])
@pytest.mark.parametrize("family", ["torus", "dragonfly-plus", "zcube", "hyperx", "dragonfly"])
def test_no_candidate_carries_more_than_its_bound(family: str, gpus: int) -> None:
    host = HOSTS.get(family, "example-host-1")
    switch = "dell-z9432f" if family == "zcube" else "example-switch-8"
    asked = request(f"gpus: {gpus}\nhost: {host}\nchoose: {{families: [{family}], switches: [{switch}]}}\n")
    counter = counter_of(asked)
    every = [(one, counter.count(one)) for one in candidates(asked)]
    counted = [(one, closed) for one, closed in every if isinstance(closed, Counted)]
    bounded = sorted((pair for pair in counted if pair[1].throughput_upper < 1), key=lambda pair: pair[1].cost_lower)
    assert bounded
    met = 0
    for candidate, closed in bounded[:: max(len(bounded) // 8, 1)]:
        design = parse_design(design_text(candidate, asked.common, asked.network, "x", "x"), "x.yaml", CATALOG)
        reached = context_of(design, build(design)).ask(questions.Throughput("compute", "all-to-all", "adaptive"))
        assert float(reached.lower) <= closed.throughput_upper * (1 + 1e-9), candidate.text
        met += float(reached.lower) > 0.95 * closed.throughput_upper
    assert met or family in ("hyperx", "dragonfly"), "no bound is near"


def test_a_bound_that_stops_at_line_rate_refutes_nothing_above_it() -> None:
    """Links between switches alone may carry more than endpoints send."""
    text = "gpus: 8\nhost: example-host-1\n"
    text += "choose: {families: [ft2], switches: [example-switch-8], oversubscription: ['1:3']}\n"
    search = found(text + "requirements: [{throughput: {level: network, at_least: 1.2}}]\n")
    assert search.complete
    assert search.winner is not None, search.why_not
    assert search.winner.row.counted.throughput_upper == 1


def test_every_family_without_tiers_has_sizes_of_its_own() -> None:
    trees = {"ft2", "ft3", "mrft", "mpft", "rail-only", "dual-plane"}
    assert {*SETTINGS} == {*spanning()} - trees
    families = ", ".join(SETTINGS)
    text = "gpus: 64\nhost: example-host-1-two-ports\nchoose: {{families: [{}], switches: [dell-z9432f]}}\n"
    asked = request(text.format(families))
    counter, number = counter_of(asked), dict.fromkeys(SETTINGS, 0)
    for candidate in candidates(asked):
        if candidate.family in number and isinstance(counter.count(candidate), Counted):
            number[candidate.family] += 1
    assert all(each > 1 for each in number.values()), number
