"""What a search says hangs on no clock: a machine that is much slower gives the same bytes."""

from __future__ import annotations

import time

import pytest

from tests.searching.small import request
from topo.searching.output.files import files_of
from topo.searching.running.run import Run
from topo.solvers import budget

ASKED = (
    "gpus: 40\nhost: example-host-1\n"
    "choose: {{families: [{family}], switches: [example-switch-8]}}\nrequirements:\n"
    "  - throughput: {{at_least: {least}}}\n{more}objectives: [cost_usd, adaptive]\n"
)
CASES = {
    "jellyfish": 0.62, "hyperx": 0.62, "dragonfly": 0.45, "dragonfly-plus": 0.45, "slim-fly": 0.6, "torus": 0.3,
    "ft3": 0.6,
}  # fmt: skip
LOSS = "  - failure: {any: switch, throughput_at_least: 0.3}\n"


@pytest.mark.sampled(3)
@pytest.mark.parametrize("family", CASES)
def test_a_clock_that_runs_away_changes_no_byte(family: str, monkeypatch: pytest.MonkeyPatch) -> None:
    more = LOSS if family in ("jellyfish", "torus") else ""
    asked = request(ASKED.format(family=family, least=CASES[family], more=more))
    plain = Run(asked).search()
    judged = [row for row in plain.rows if row.judgment is not None]
    assert judged, "the engine must have been asked"
    monkeypatch.setattr(budget, "monotonic", lambda: 5000 * time.monotonic())
    fast = Run(asked).search()
    assert files_of(plain) == files_of(fast)


def test_counted_time_goes_on_by_what_is_spent(monkeypatch: pytest.MonkeyPatch) -> None:
    with budget.counted_time():
        limit = budget.Budget(10.0)
        assert not limit.spent
        budget.spend(8.0, 1.0)
        assert not limit.spent
        with budget.counted_time():
            assert budget.now() < 1.0
        budget.spend(3.0, 1.0)
        assert limit.spent
    start = budget.now()
    budget.spend(1e9, 1.0)
    assert budget.now() - start < 1e6
