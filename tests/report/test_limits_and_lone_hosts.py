"""What a report says where a limit ended a computation, where there is one host, and where a requirement is absurd."""

from __future__ import annotations

import pytest

from topo import api
from topo.checks import Verdict, questions
from topo.design import parse_design
from topo.errors import InputError, LimitReachedError
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

    monkeypatch.setattr(questions.Throughput, "answer", give_up)
    monkeypatch.setattr(questions.Bisection, "answer", give_up)
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


def test_a_requirement_on_a_tier_that_is_not_there_has_its_line() -> None:
    text = TEXT.format(gpus=16) + "  - oversubscription: {tier: core, at_most: 2}\n"
    with pytest.raises(InputError) as error:
        api.check(parse_design(text, "d.yaml"))
    (problem,) = error.value.problems
    assert (problem.file, problem.line, problem.key) == ("d.yaml", 8, "requirements[1].oversubscription.tier")


def test_what_nothing_limits_reads_unbounded() -> None:
    from topo.report.compare.render import _cell_json, _csv_end
    from topo.report.figure import Cell
    from topo.report.formats.text import quantity

    assert quantity(float("inf"), "of line rate") == "unbounded"
    assert _cell_json(Cell(float("inf"), float("inf"))) == _csv_end(float("inf")) == "unbounded"
    assert _cell_json(Cell(1.0, float("inf"))) == {"lower": 1.0}
