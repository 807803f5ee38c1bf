"""A Dask cluster does the same as processes of this machine: the same bytes, also where a worker is killed; a lost
scheduler leaves what can be resumed."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import topo
from tests.pool.test_draws import TEXT as DRAWN
from tests.searching.small import CATALOG, write
from topo.api import check_file
from topo.errors import InputError
from topo.pool import Crash, Spread, open_pool
from topo.searching.output.files import files_of

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

REQUEST = """\
name: cluster
gpus: 96
host: example-host-1
choose: {families: [ft2, ft3, jellyfish], switches: [example-switch-8]}
objectives: [cost_usd, adaptive]
requirements:
  - connected: {}
"""


@contextmanager
def cluster(workers: int) -> Iterator[Any]:
    distributed = pytest.importorskip("distributed")
    before = dict(os.environ)  # Dask adds to it for its workers, and leaves it so
    made = distributed.LocalCluster(
        n_workers=workers, threads_per_worker=1, processes=True, dashboard_address=None, host="127.0.0.1"
    )
    try:
        yield made
    finally:
        made.close(timeout=20)
        os.environ.clear()
        os.environ.update(before)


def slowly(task: tuple[str, int]) -> int:
    """Tells its process, then takes its time."""
    folder, n = task
    (Path(folder) / f"{n}-{os.getpid()}").touch()
    time.sleep(0.4)
    return n * n


def test_a_killed_worker_costs_its_tasks_a_retry(tmp_path: Path) -> None:
    with cluster(2) as made, open_pool(1, made.scheduler_address) as pool:
        assert pool.width == 2

        def kill_one() -> None:
            while not (begun := list(tmp_path.iterdir())):
                time.sleep(0.02)
            os.kill(int(begun[0].name.partition("-")[2]), signal.SIGKILL)

        killer = threading.Thread(target=kill_one)
        killer.start()
        assert pool.outcomes(slowly, [(str(tmp_path), n) for n in range(8)]) == [n * n for n in range(8)]
        killer.join()
        pids = {path.name.partition("-")[2] for path in tmp_path.iterdir()}
        assert len(pids) >= 2


def fails(n: int) -> int:
    """Work with a mistake of the user's and one of ours."""
    if n == 1:
        raise InputError([])
    return 1 // n


def test_mistakes_come_back_in_their_places() -> None:
    with cluster(1) as made, open_pool(1, made.scheduler_address) as pool:
        found = pool.outcomes(fails, [2, 1, 0])
    assert found[0] == 0
    assert isinstance(found[1], InputError)
    assert isinstance(found[2], Crash)


def test_the_same_bytes_whatever_runs_a_search(tmp_path: Path) -> None:
    path = write(tmp_path, REQUEST)
    here = files_of(topo.search(path))
    assert files_of(topo.search(path, jobs=2)) == here
    with cluster(2) as made:
        victim = next(iter(made.workers.values())).pid

        def kill_one() -> None:
            time.sleep(1.5)
            os.kill(victim, signal.SIGKILL)

        killer = threading.Thread(target=kill_one)
        killer.start()
        assert files_of(topo.search(path, scheduler=made.scheduler_address)) == here
        killer.join()


def test_draws_of_random_failures_are_the_same_on_a_cluster_of_which_one_worker_is_killed(tmp_path: Path) -> None:
    path = write(tmp_path, DRAWN, "drawn.yaml")
    alone = check_file(path, CATALOG, date(2026, 1, 1))
    with cluster(2) as made, open_pool(1, made.scheduler_address) as pool:
        victim = next(iter(made.workers.values())).pid
        killer = threading.Timer(0.3, os.kill, (victim, signal.SIGKILL))
        killer.start()
        spread = check_file(path, CATALOG, date(2026, 1, 1), spread=Spread(pool))
        killer.join()
    assert spread.to_json() == alone.to_json()


def test_a_lost_scheduler_leaves_a_search_that_is_resumed_to_the_same_bytes(tmp_path: Path) -> None:
    from topo.searching.running import run as running

    path = write(tmp_path, REQUEST)
    whole = files_of(topo.search(path))
    out = tmp_path / "out"
    with cluster(1) as made:
        asked = 0
        original = running.Run._judged

        def lost(self: Any, *args: Any) -> Any:
            nonlocal asked
            asked += 1
            if asked == 3:
                made.close(timeout=5)
            return original(self, *args)

        running.Run._judged = lost  # type: ignore[method-assign]
        try:
            stopped = topo.search(path, out, scheduler=made.scheduler_address)
        finally:
            running.Run._judged = original  # type: ignore[method-assign]
    assert not stopped.complete
    assert "scheduler is lost" in stopped.stopped
    assert stopped.exit_code == 3
    assert files_of(topo.search(path, out, resume=True)) == whole


def test_no_scheduler_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("distributed")
    monkeypatch.setattr("topo.pool.cluster.REACHED_S", 1)
    with pytest.raises(InputError, match="no scheduler answers"):
        open_pool(1, "tcp://127.0.0.1:9")
    with pytest.raises(InputError, match="no scheduler answers"):
        open_pool(1, "nonsense://x")
