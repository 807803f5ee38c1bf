"""What a report says where a limit ended a computation, and where there is only one host."""

from __future__ import annotations

import pytest

from topo import api
from topo.checks import Verdict, answers
from topo.design import parse_design
from topo.errors import LimitReachedError
from topo.report import renderers

TEXT = """\
name: t
gpus: {gpus}
host: example-host-2
networks:
  compute: {{family: ft2, switch: example-switch-8}}
requirements:
  - throughput: {{traffic: all-to-all, at_least: 1.0}}
"""


def test_a_limit_leaves_a_requirement_undecided_and_a_metric_absent(monkeypatch: pytest.MonkeyPatch) -> None:
    def give_up(*_: object, **__: object) -> None:
        raise LimitReachedError("the clock")

    monkeypatch.setattr(answers, "throughput", give_up)
    monkeypatch.setattr(answers, "bisection", give_up)
    report = api.check(parse_design(TEXT.format(gpus=16)))
    assert report.verdict == Verdict.UNDECIDED
    assert not report.metrics.throughput
    assert report.metrics.bisection is None
    assert "undecided" in renderers.get("text")([report]).lower()


@pytest.mark.parametrize("name", renderers.names())
def test_one_host_has_no_halves_and_every_format_says_so(name: str) -> None:
    report = api.check(parse_design(TEXT.format(gpus=2)))
    assert report.metrics.gpus == 2
    assert renderers.get(name)([report])
