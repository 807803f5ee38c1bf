"""Questions that a context answers once."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, replace
from typing import ClassVar

import pytest

from topo.checks import Context, Question, questions
from topo.errors import LimitReachedError
from topo.report.filing import filed_under, proof_of

from .cases import intact

KINDS = [one for name in questions.__all__ if isinstance(one := getattr(questions, name), type) and one is not dict]


@dataclass(frozen=True)
class Links(Question[int]):
    """A question of somebody else's: how many links there are. `times` counts how often it was computed."""

    network: str
    times: ClassVar[list[str]] = []

    def answer(self, context: Context) -> int:
        self.times.append(self.network)
        return len(context.fabric.links)


@dataclass(frozen=True)
class SolvedLinks(Links):
    solved: ClassVar = True


@pytest.fixture
def context() -> Context:
    Links.times.clear()
    return replace(intact("ft2"))


def test_the_same_question_is_computed_once_and_another_network_is_another_question(context: Context) -> None:
    assert context.known(Links("compute")) is None
    assert context.ask(Links("compute")) == context.ask(Links("compute")) == len(context.fabric.links)
    assert Links.times == ["compute"]
    context.ask(Links("storage"))
    assert Links.times == ["compute", "storage"]
    assert context.asked(Links, "storage") == [Links("storage")]
    assert context.asked(questions.Hops, "compute") == []


def test_questions_of_different_kinds_with_the_same_fields_have_answers_of_their_own(context: Context) -> None:
    context.remember(Links("compute"), -1)
    assert context.ask(SolvedLinks("compute")) == len(context.fabric.links)
    assert context.ask(Links("compute")) == -1


def test_without_solving_only_what_was_told_or_can_be_counted_is_known(context: Context) -> None:
    told = replace(context, solving=False)
    assert told.ask(Links("compute"))
    assert told.ask(questions.Hops("compute")).max == 3
    for question in (SolvedLinks("compute"), questions.Throughput("compute"), questions.Bisection("compute")):
        with pytest.raises(LimitReachedError):
            told.ask(question)
        assert told.known(question) is None
    told.remember(SolvedLinks("compute"), 5)
    assert told.ask(SolvedLinks("compute")) == 5


def test_an_error_is_not_an_answer(context: Context) -> None:
    @dataclass(frozen=True)
    class Late(Question[int]):
        network: str

        def answer(self, context: Context) -> int:
            raise LimitReachedError("the clock")

    for _ in range(2):
        with pytest.raises(LimitReachedError):
            context.ask(Late("compute"))
    assert not context.asked(Late, "compute")


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_question_is_frozen_and_explained(kind: type[Question[object]]) -> None:
    assert issubclass(kind, Question)
    assert dataclasses.is_dataclass(kind)
    assert kind.__hash__ is not object.__hash__
    assert kind.__doc__
    assert not kind.__doc__.startswith(f"{kind.__name__}(")


@pytest.mark.parametrize(
    ("proof", "name"),
    [
        (questions.Bisection("compute").proof(), "compute/bisection"),
        (questions.Hops("storage").proof(), "storage/hops"),
        (
            questions.Throughput("compute", "permutation:seed=3", "ecmp:qp=4").proof(),
            "compute/throughput/permutation:seed=3/ecmp:qp=4",
        ),
        (
            questions.Failures("compute", "leaf", "matrix:file=a/b.csv", "static").proof(),
            "compute/failures/leaf/matrix:file=a/b.csv/static",
        ),
    ],
)
def test_a_certificate_is_filed_under_the_question_it_answers(proof: questions.Proof, name: str) -> None:
    assert filed_under(proof) == name
    assert proof_of(name) == proof


@pytest.mark.parametrize("name", ["", "compute", "compute/", "compute/bisection/more", "compute/magic", "hops"])
def test_a_name_that_asks_nothing_is_no_question(name: str) -> None:
    assert proof_of(name) is None
