"""A report about wrong wiring: the verdict is broken, and what can still be answered is."""

from __future__ import annotations

import numpy as np
import pytest

import topo
from tests.checks import flat_mutations
from tests.checks.cases import catalog, intact
from tests.checks.positions import Places
from tests.checks.wiring_mutations import MUTATIONS

assert flat_mutations


LONG = {"uplinks-crossed-between-pods", "core-cables-crossed"}
"""Mistakes that leave so little symmetry that the metrics of the broken fabric take long."""

TOLD = {"family-that-nobody-knows"}
"""What is no mistake in the wiring, but told: nothing is known of where the links belong."""


@pytest.mark.sampled(6)
@pytest.mark.parametrize("name", [pytest.param(n, marks=pytest.mark.slow) if n in LONG else n for n in MUTATIONS])
def test_every_wiring_mistake_gives_a_broken_report(name: str) -> None:
    mutation = MUTATIONS[name]
    case = mutation.cases[-1]
    mistake = mutation.make(Places(intact(case).fabric, np.random.default_rng(1)))
    report = topo.check(mistake.fabric, requirements=[{"hops": {"at_most": 9}}], catalog=catalog())
    assert report.verdict == ("held" if name in TOLD else "broken")
    found = {finding.code for finding in report.findings}
    assert set(mistake.named) <= found | {"counts", "path-length"}
    assert report.metrics.endpoints
    assert report.metrics.throughput
