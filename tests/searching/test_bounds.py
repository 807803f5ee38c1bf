"""What closed forms say a candidate costs, draws and takes at least is no more than what its design is found to."""

from __future__ import annotations

import pytest

from tests.searching.small import CATALOG, request
from topo.checks import answerable
from topo.design import build, context_of, parse_design
from topo.errors import InputError
from topo.generators.family import spanning
from topo.searching.candidates.count import Counted
from topo.searching.candidates.objectives import OBJECTIVES
from topo.searching.candidates.space import candidates
from topo.searching.running.run import counter_of, first_look, task_of

GOALS = ("cost_usd", "power_w", "rack_units", "switches")
TWO_PORTS = ("zcube", "dual-plane")


@pytest.mark.sampled(13)
@pytest.mark.parametrize("family", spanning())
@pytest.mark.parametrize("book", ["published-endpoint-copper", "slim-fly-layout"])
def test_no_bound_is_above_what_is_measured(family: str, book: str) -> None:
    host, part = ("example-host-1-two-ports", "dell-z9432f") if family in TWO_PORTS else ("example-host-1", "")
    asked = request(
        f"gpus: 16\nhost: {host}\nprice_book: {book}\nobjectives: [{', '.join(GOALS)}]\n"
        f"choose: {{families: [{family}], switches: [{part or 'example-switch-8'}]}}\n"
    )
    counter, looked = counter_of(asked), 0
    for number, candidate in enumerate(candidates(asked)):
        row = first_look(number, candidate, counter, asked)
        if not isinstance(row.counted, Counted):
            continue
        task = task_of(row, asked, 1.0)
        design = parse_design(task.text, task.path, CATALOG)
        context = answerable(context_of(design, build(design)))
        for goal in GOALS:
            try:
                measured = OBJECTIVES[goal].measure(context, asked.network)
            except InputError:
                continue
            if measured is not None:
                assert OBJECTIVES[goal].bound(row.counted) <= measured * (1 + 1e-9) + 1e-6, candidate.text
                looked += 1
        if looked >= 2 * len(GOALS):
            break
    assert looked
