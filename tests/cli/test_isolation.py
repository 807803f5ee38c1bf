"""Nothing that lies in the current folder is ever imported, by topo or by a process that it starts."""

from __future__ import annotations

import importlib.metadata
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
import yaml

from tests.cli import every
from tests.cli.test_contract import ROOT
from tests.slow import slow

TRAP = "import os\nopen(os.environ['TRAP'], 'a').write(__name__ + '\\n')\nraise SystemExit('trapped')\n"
OWN = {"topo", "tests"}
OWN_PROCESS = [
    ("example", "module", every.RUNS["example"][:1]),
    *(slow(command, "program", every.RUNS[command]) for command in every.registered()),
    *(slow(command, "module", every.RUNS[command]) for command in ("check", "compare", "show")),
]


def names() -> set[str]:
    """Every module of the standard library, of what is installed, and what Python or a library looks for by itself."""
    installed = set(importlib.metadata.packages_distributions())
    special = {"sitecustomize", "usercustomize", "_bootlocale", "distributed", "dask", "joblib", "conftest"}
    return {name for name in {*sys.stdlib_module_names, *installed, *special} if name.isidentifier()} - OWN


def before_topo() -> set[str]:
    """What `python -m` itself looks for in the current folder before any program begins: nobody can keep it from that.
    `topo`, and `python -P -m topo`, do not."""
    code = "import sys, runpy; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, text=True, check=True).stdout
    return {name.partition(".")[0] for name in loaded.split()}


@pytest.fixture(scope="module")
def traps(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A design folder with a trap of every name beside the designs, and settings that lead numba to machine code."""
    folder = tmp_path_factory.mktemp("hostile")
    every.furnish(folder)
    for name in names():
        (folder / f"{name}.py").write_text(TRAP)
    (folder / ".numba_config.yaml").write_text("cache_dir: ./evil\ndisable_jit: 1\n")
    (folder / ".numbarc").write_text("")
    program = folder.parent / "topo-program"
    program.write_text('import sys\nfrom topo.cli import main\nif __name__ == "__main__":\n    sys.exit(main())\n')
    return folder


@pytest.fixture
def folder(traps: Path) -> Iterator[Path]:
    """The folder with its traps; what a test has written there goes with it."""
    before = {*traps.iterdir()}
    yield traps
    for path in {*traps.iterdir()} - before:
        shutil.rmtree(path) if path.is_dir() else path.unlink()


def hostile(folder: Path, trap: Path, *start: str) -> subprocess.CompletedProcess[str]:
    """A Python process in the hostile folder, which writes to `trap` what it was led to import."""
    variables = {k: v for k, v in os.environ.items() if k not in ("PYTHONSAFEPATH", "PYTHONPATH")}
    return subprocess.run(
        [sys.executable, *start], cwd=folder, capture_output=True, text=True, check=False,
        env={**variables, "TRAP": str(trap), "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
    )  # fmt: skip


ALL = """\
import json, sys
from topo.cli import main
if __name__ == "__main__":
    for words in json.loads(sys.argv[1]):
        sys.argv = ["topo", *words]
        try:
            main()
        except SystemExit as end:
            assert end.code in (0, 1), (words, end.code)
"""


@pytest.mark.parametrize("most", [1, slow(9)])
def test_no_command_imports_from_the_current_folder(most: int, folder: Path) -> None:
    """All commands one after the other in one process: whichever needs a module first would fall into its trap."""
    trap, program = folder.parent / "trap-all", folder.parent / "all-of-topo"
    program.write_text(ALL)
    assert {*every.registered()} == {*every.RUNS}, "tests/cli/every.py says how every command is run"
    runs = [[command, *words] for command, each in every.RUNS.items() for words in each[:most]]
    done = hostile(folder, trap, str(program), json.dumps(runs))
    assert not trap.exists(), trap.read_text()
    assert done.returncode == 0, done.stdout + done.stderr
    assert not (folder / "evil").exists()


@pytest.mark.parametrize(("command", "way", "runs"), OWN_PROCESS)
def test_nor_does_it_in_a_process_of_its_own(
    command: str, way: str, runs: Sequence[Sequence[str]], folder: Path
) -> None:
    trap = folder.parent / f"trap-{command}-{way}"
    start = [str(folder.parent / "topo-program")] if way == "program" else ["-m", "topo"]
    for name in before_topo() if way == "module" else ():
        (folder / f"{name}.py").unlink(missing_ok=True)
    for arguments in runs:
        done = hostile(folder, trap, *start, command, *arguments)
        assert not trap.exists(), trap.read_text()
        assert done.returncode in (0, 1), done.stdout + done.stderr
        assert not (folder / "evil").exists()


def test_the_trap_works(folder: Path) -> None:
    """What the commands are kept from happens to a Python that looks into the current folder."""
    trap = folder.parent / "trap"
    variables = {k: v for k, v in os.environ.items() if k != "PYTHONSAFEPATH"}
    subprocess.run(
        [sys.executable, "-c", "import pickle"], cwd=folder, env={**variables, "TRAP": str(trap)}, check=False,
        capture_output=True,
    )  # fmt: skip
    assert trap.exists()


def test_the_action_and_the_hooks_run_nothing_of_the_checkout() -> None:
    """Their Python is isolated: a pull request may bring any file."""
    action = yaml.safe_load((ROOT / "action.yml").read_text())
    steps = [step for step in action["runs"]["steps"] if "run" in step]
    for step in steps:
        line = step["run"]
        assert "python" not in line or "python -I -m" in line
        assert "topo " not in line or (step["env"]["PYTHONSAFEPATH"] == "1" and " -- $DESIGNS" in line)
    for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text()):
        assert hook["entry"].startswith("topo ")
