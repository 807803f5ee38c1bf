"""Threads that have nothing to do sleep, unless the user says otherwise."""

from __future__ import annotations

import os

import pytest

from topo.cli import threads


@pytest.mark.parametrize(("given", "found"), [(None, threads.WAIT), ("26", "26")])
def test_idle_threads_sleep_unless_the_user_says_otherwise(
    monkeypatch: pytest.MonkeyPatch, given: str | None, found: str
) -> None:
    monkeypatch.setenv(threads.BLAS_WAIT, given or "")
    if given is None:
        monkeypatch.delenv(threads.BLAS_WAIT)
    threads.sleep_soon()
    assert os.environ[threads.BLAS_WAIT] == found
