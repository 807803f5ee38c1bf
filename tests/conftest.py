"""What all tests share: the shipped parts are read and validated once in a process, and not again for every catalog;
the commands are put together once, and not again for every command line.

Only catalogs of the shipped folder alone share them; parts are frozen, and each catalog still knows what was asked of
it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

# Tests run side by side on all cores: threads of linear algebra would only wait for one another. Read when numpy is
# imported, also by the processes that tests start.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import pytest
import typer.main
import typer.testing

from topo.catalog import Catalog, loader
from topo.catalog.forms import Forms, forms_of, shipped_folder
from topo.catalog.models import Part


@pytest.fixture(scope="session", autouse=True)
def shipped_parts_are_read_once() -> Iterator[None]:
    alone = (shipped_folder(),)
    whole = Catalog(alone)
    get = Catalog.get

    def shared(self: Catalog, kind: str, part_id: str, key: str = "") -> Part:
        if self.folders == alone and self is not whole and (kind, part_id) not in self._read:
            self._read[kind, part_id] = get(whole, kind, part_id, key)
        return get(self, kind, part_id, key)

    @cache
    def shipped_forms() -> Forms:
        return forms_of(alone)

    def forms(folders: Sequence[Path]) -> Forms:
        return shipped_forms() if tuple(folders) == alone else forms_of(folders)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Catalog, "get", shared)
        patch.setattr(loader, "forms_of", forms)
        yield


@pytest.fixture(scope="session", autouse=True)
def commands_are_put_together_once() -> Iterator[None]:
    get_command = cache(typer.main.get_command)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(typer.main, "get_command", get_command)
        patch.setattr(typer.testing, "_get_command", get_command)
        yield
