"""Tasks that are done, refused, crash, or end their process: each in its place, whatever the others do."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
from pathlib import Path

import pytest

from topo.errors import InputError, ParameterError, Problem
from topo.pool import Crash, Outcome, outcome
from topo.pool.local import Local


def square(n: int) -> int:
    """The work, on module level for a process of its own to find it."""
    if n == 13:
        raise ParameterError("n", n, "is unlucky", "12 or 14")
    if n == 7:
        os.kill(os.getpid(), signal.SIGKILL)
    return n * n // (n - 5)


@pytest.mark.sampled(1)
@pytest.mark.parametrize("most", [1, 2])
def test_every_outcome_is_in_its_place(most: int) -> None:
    seen: dict[int, Outcome[int]] = {}
    with Local(most) as pool:
        found = pool.outcomes(square, [3, 13, 5, 7, 10], seen.__setitem__)
    assert [seen[i] for i in range(5)] == found
    assert found[0] == -5
    assert found[4] == 20
    refused, crash, ended = found[1:4]
    assert isinstance(refused, InputError)
    assert refused.problems == (Problem("is unlucky", "n", "13", "12 or 14"),)
    assert isinstance(crash, Crash)
    assert crash.text.startswith("ZeroDivisionError: ")
    assert "return n * n // (n - 5)" in crash.trace
    assert crash.error().__notes__ == [crash.trace]
    assert ended == Crash("its process ended")


def test_what_is_raised_while_others_work_ends_them() -> None:
    def stop(i: int, found: Outcome[int]) -> None:
        raise KeyError(i)

    with pytest.raises(KeyError, match=r"[01]"), Local(2) as pool:
        pool.outcomes(square, [1, 1, 1, 1], stop)
    assert not [p for p in multiprocessing.active_children() if p.name.startswith("SpawnProcess")]


def once(path: str) -> str:
    """Ends its process where it is the first to come."""
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        return "done"
    os.kill(os.getpid(), signal.SIGKILL)
    return "never"


def test_a_process_that_is_killed_costs_its_task_a_retry(tmp_path: Path) -> None:
    """One beside others, that go on, and one alone: each is tried again, once."""
    (tmp_path / "c").touch()
    with Local(2) as pool:
        assert pool.outcomes(once, [str(tmp_path / name) for name in "aac"]) == ["done"] * 3
        assert pool.outcomes(once, [str(tmp_path / "b")]) == ["done"]
        assert pool.outcomes(abs, [-3, 4]) == [3, 4]


def test_the_same_in_this_process() -> None:
    assert outcome(square, 10) == 20
    assert isinstance(outcome(square, 13), InputError)
    assert isinstance(outcome(square, 5), Crash)


def test_errors_of_users_travel_between_processes() -> None:
    error = InputError([Problem("one", "a", file="x.yaml", line=3), Problem("two")])
    assert pickle.loads(pickle.dumps(error)).problems == error.problems
    assert str(pickle.loads(pickle.dumps(error))) == str(error)
