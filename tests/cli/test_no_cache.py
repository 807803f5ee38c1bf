"""Machines without a home, without a folder that can be written, or with a damaged cache: every command works."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli import every
from tests.cli.test_contract import ROOT
from topo.analysis.compiled.uncached import can_keep

PLACES = ("HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "NUMBA_CACHE_DIR")
SAID = "compiled functions cannot be kept on disk"
UNKNOWN = "import pwd\ndef nobody(n): raise KeyError(n)\npwd.getpwuid = nobody\n"


def started(words: list[str], folder: Path, root: Path, first: str = "", **places: str) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of a command of the package below `root`."""
    variables = {k: v for k, v in os.environ.items() if k not in PLACES}
    variables |= {"PYTHONPATH": str(root), "PYTHONDONTWRITEBYTECODE": "1", **places}
    code = f"{first}import sys\nsys.argv[1:] = {words!r}\nfrom topo.cli import main\nmain()\n"
    done = subprocess.run(
        [sys.executable, "-P", "-c", code], cwd=folder, env=variables, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout, done.stderr


def copied(root: Path) -> Path:
    """A copy of the package, and what lies beside it."""
    shutil.copytree(ROOT / "topo", root / "topo", ignore=lambda _, names: [n for n in names if n.endswith(".pyc")])
    for beside in ("catalogs", "designs"):
        (root / beside).symlink_to(ROOT / beside)
    return root


def unwritable(root: Path) -> None:
    """Takes the folders of caches out of a copy; files bear their names, so that not even root can make them."""
    for folder in sorted(root.glob("topo/**/")):
        if folder.name != "__pycache__":
            shutil.rmtree(folder / "__pycache__", ignore_errors=True)
            (folder / "__pycache__").touch()


def ran_all(root: Path, folder: Path, most: int, first: str = "", **places: str) -> None:
    """Runs every command once."""
    folder.mkdir()
    every.furnish(folder)
    for command, runs in every.RUNS.items():
        for arguments in runs:
            code, out, err = started([command, *arguments], folder, root, first, **places)
            assert code in (0, 1), (command, arguments, out, err)
            assert err.count(SAID) <= most, (command, err)
            assert "error" not in err
    assert not {"~", "numba", ".cache"} & {path.name for path in folder.iterdir()}


@pytest.mark.slow
def test_every_command_works_where_nothing_can_be_kept(tmp_path: Path) -> None:
    root = copied(tmp_path / "root")
    unwritable(root)
    code, _, err = started(["routing", "designs/tiny-mpft.yaml", "--routing", "ecmp"], root, root, UNKNOWN)
    assert (code, err.count(SAID)) == (0, 1)
    ran_all(root, tmp_path / "unwritable", 1, HOME="/dev/null/home", NUMBA_CACHE_DIR="/dev/null/cache")


@pytest.mark.slow
@pytest.mark.parametrize("damage", ["empty", "cut off"])
def test_every_command_works_with_a_damaged_cache(damage: str, tmp_path: Path) -> None:
    root = copied(tmp_path / "root")
    (tmp_path / "full").mkdir()
    every.furnish(tmp_path / "full")
    for words in ([command, *arguments] for command, runs in every.RUNS.items() for arguments in runs):
        started(words, tmp_path / "full", root)
    kept = list(root.rglob("*.nb[ic]"))
    assert len(kept) > 5
    for path in kept:
        content = path.read_bytes()
        path.write_bytes(b"" if damage == "empty" else content[: len(content) // 2])
    ran_all(root, tmp_path / "damaged", 0)


@pytest.mark.parametrize("places", [{"HOME": "relative"}, {"XDG_CACHE_HOME": ""}, {"XDG_CONFIG_HOME": "x"}, {}])
def test_no_place_of_settings_or_code_is_below_the_current_folder(places: dict[str, str], tmp_path: Path) -> None:
    variables = {k: v for k, v in os.environ.items() if k not in PLACES} | places
    code = UNKNOWN + (
        "import os\nfrom topo.isolated import shut_out_current_folder\nshut_out_current_folder()\n"
        "found = [os.path.expanduser('~'), *(os.environ.get(k, '/') for k in os.environ if k.startswith('XDG_'))]\n"
        "print(all(map(os.path.isabs, found)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env={**variables, "PYTHONPATH": str(ROOT)}, text=True, check=True,
        capture_output=True,
    )  # fmt: skip
    assert done.stdout == "True\n"


def test_code_is_not_kept_below_the_current_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = tmp_path / "source"
    source.mkdir()
    (source / "__pycache__").touch()
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    for home, caches, expected in (
        (str(tmp_path), "", False),
        (str(tmp_path), "caches", False),
        ("relative", None, False),
        ("/dev/null/home", None, False),
        (str(tmp_path), None, True),
        ("/dev/null/home", str(tmp_path), True),
    ):
        monkeypatch.setenv("HOME", home)
        monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
        if caches is not None:
            monkeypatch.setenv("XDG_CACHE_HOME", caches)
        can_keep.cache_clear()
        assert can_keep(str(source)) is expected, (home, caches)
    can_keep.cache_clear()
    assert sorted(path.name for path in tmp_path.iterdir()) == [".cache", "numba", "source"]
