"""What commands write, files and folders, is readable by whom the user's umask says."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from tests.cli import every
from tests.cli.test_outputs import folder, topo

__all__ = ["folder"]


@pytest.mark.parametrize("mask", [0o027, *(pytest.param(mask, marks=pytest.mark.slow) for mask in (0o022, 0o077))])
def test_the_umask_counts_for_files_and_folders(mask: int, folder: Path) -> None:
    before = os.umask(mask)
    try:
        for command in every.OUTPUTS:
            target = folder / f"{command}{every.ENDINGS.get(command, '')}"
            code, said = topo(command, *every.OUTPUTS[command], target.name)
            assert code == 0, said
            for path in (target, *target.rglob("*")):
                allowed = 0o777 if path.is_dir() else 0o666
                assert stat.S_IMODE(path.lstat().st_mode) == allowed & ~mask, path
    finally:
        os.umask(before)
