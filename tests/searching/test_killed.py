"""A search that ends at any moment, by Ctrl-C or killed, leaves a folder that is whole; taken up again it ends in the
same bytes."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests import heard
from tests.searching.small import CATALOG, write
from topo.errors import InputError
from topo.report.verify import sound
from topo.searching.verify.verify import verify_search

pytestmark = pytest.mark.slow
ASKED = (
    "gpus: 16\nhost: example-host-1\nobjectives: [cost_usd, spray]\n"
    "choose: {families: [ft2, jellyfish], switches: [example-switch-4, example-switch-8]}\n"
    "requirements:\n  - throughput: {at_least: 0.4}\n"
)
LONGEST_S = 120


def command(*more: str) -> list[str]:
    return [sys.executable, "-m", "topo", "search", "request.yaml", "-o", "out", *more]


def files(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, bytes], float]:
    """The files of a search that nobody interrupts, and how long it took."""
    folder = tmp_path_factory.mktemp("whole")
    write(folder, ASKED)
    start = time.monotonic()
    done = subprocess.run(command(), cwd=folder, capture_output=True, text=True, timeout=LONGEST_S)
    assert done.returncode == 0, done.stderr
    return files(folder / "out"), time.monotonic() - start


@pytest.mark.parametrize("jobs", ["1", "2"])
@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGKILL, signal.SIGTERM])
@pytest.mark.parametrize("seed", range(2))
def test_taken_up_again_it_ends_in_the_same_bytes(
    sent: signal.Signals, jobs: str, seed: int, whole: tuple[dict[str, bytes], float], tmp_path: Path
) -> None:
    wanted, took_s = whole
    write(tmp_path, ASKED)
    draw = random.Random(f"{sent} {jobs} {seed}")
    out = tmp_path / "out"
    for _ in range(2):
        more = ["--resume"] if (out / "search.json").is_file() else []
        running = subprocess.Popen(
            command("--jobs", jobs, *more), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            start_new_session=True, preexec_fn=heard.interrupts, cwd=tmp_path,
        )  # fmt: skip
        time.sleep(draw.uniform(0.1, 1.0) * took_s)
        os.killpg(running.pid, sent)
        said = running.communicate(timeout=LONGEST_S)[1]
        assert "Traceback" not in said, said
        assert not [p.name for p in tmp_path.iterdir() if p.name not in ("request.yaml", "out") and p.suffix == ".json"]
        if (out / "search.json").is_file():
            stated = json.loads((out / "search.json").read_text())
            assert stated["complete"] == ("stopped" not in stated)
            try:
                assert sound(verify_search(out / "search.json", CATALOG))
            except InputError as error:
                pytest.fail(str(error))
    done = subprocess.run(
        command("--jobs", jobs, *(["--resume"] if (out / "search.json").is_file() else [])),
        capture_output=True, text=True, timeout=LONGEST_S, cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert files(out) == wanted
    assert not [p.name for p in tmp_path.iterdir() if p.name not in ("request.yaml", "out")]
