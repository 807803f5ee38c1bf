"""Ctrl-C ends a solver at work, and everything that runs after one."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests import heard

AFTER = {
    "a filling": "cheapest_fill(Stock([3], [[0, 1]], [5, 4], [[1, 0], [0, 1]], [2, 2]))",
    "seats": "seat([2, 2], [], [], [0, 0], 1.0)",
    "a linear program": "minimize(program)",
    "a large linear program": "minimize(program, 'pdlp')",
}
HEAD = """\
import os, signal, threading, time
import numpy as np
from topo.solvers.linear import LinearProgram, minimize
from topo.solvers.seating import seat
from topo.solvers.stock import Stock, cheapest_fill
one = np.ones(1)
program = LinearProgram(one, one[None], one, one, 0 * one, 9 * one)
"""


def heard_by(code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", HEAD + code], capture_output=True, text=True, preexec_fn=heard.interrupts, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize("solver", AFTER)
def test_after_a_solver_the_program_still_hears_ctrl_c(solver: str) -> None:
    raised = "try:\n    os.kill(os.getpid(), signal.SIGINT)\n    time.sleep(9)\nexcept KeyboardInterrupt:\n"
    assert heard_by(f"{AFTER[solver]}\n{raised}    print('heard')\n").endswith("heard")


def test_a_solver_at_work_is_stopped() -> None:
    """A model that takes it far longer than a second: the pigeons of 40 holes."""
    code = """
from ortools.sat.python import cp_model
from topo.solvers.interrupted import solved
model = cp_model.CpModel()
seats = [[model.new_bool_var("") for _ in range(40)] for _ in range(41)]
for own in seats:
    model.add_bool_or(own)
for hole in zip(*seats):
    for i, a in enumerate(hole):
        for b in hole[:i]:
            model.add_bool_or([a.negated(), b.negated()])
solver = cp_model.CpSolver()
solver.parameters.num_workers = 1
solver.parameters.cp_model_presolve = False
solver.parameters.symmetry_level = 0
solver.parameters.linearization_level = 0
solver.parameters.max_time_in_seconds = 40
threading.Timer(1, os.kill, (os.getpid(), signal.SIGINT)).start()
started = time.monotonic()
try:
    print(solved(solver, model))
except KeyboardInterrupt:
    print("heard" if time.monotonic() - started < 20 else "late")
"""
    assert heard_by(code) == "heard"
