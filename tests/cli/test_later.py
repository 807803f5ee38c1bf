"""Modules that wait are there once something of them is used, and not before."""

from __future__ import annotations

import subprocess
import sys

READ = """
import sys
from topo.cli.later import load_later
load_later()
import scipy.sparse.csgraph
import numpy as np
print("unittest" in sys.modules, "numpy.f2py.crackfortran" in sys.modules)
from numpy.testing import assert_array_equal
assert_array_equal(np.arange(3), [0, 1, 2])
print("unittest" in sys.modules, np.f2py.__name__, callable(np.f2py.run_main), "numpy.f2py.crackfortran" in sys.modules)
"""


def test_modules_wait_for_their_first_use() -> None:
    done = subprocess.run([sys.executable, "-c", READ], capture_output=True, text=True, check=True)
    assert done.stdout == "False False\nTrue numpy.f2py True True\n"
