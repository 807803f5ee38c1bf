"""What all tests share: the shipped parts are read and validated once in a process, and not again for every catalog;
the commands are put together once, and not again for every command line.

Only catalogs of the shipped folder alone share them; parts are frozen, and each catalog still knows what was asked of
it.
"""

from __future__ import annotations

import gc
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


def pytest_configure() -> None:
    """Collecting tests makes what stays: garbage among it is not looked for until it is done. The process that hands
    out the tests to others collects none, and goes on so: its circles are few."""
    gc.disable()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Of the cases of a `sampled` test all but as many as it says are slow."""
    cases: dict[str, list[pytest.Item]] = {}
    for item in items:
        if item.get_closest_marker("sampled") and not item.get_closest_marker("slow"):
            cases.setdefault(item.nodeid.partition("[")[0], []).append(item)
    for each in cases.values():
        mark = each[0].get_closest_marker("sampled")
        assert mark is not None
        few = min(*mark.args, len(each))
        kept = {i * len(each) // few for i in range(few)}
        for i, item in enumerate(each):
            if i not in kept:
                item.add_marker(pytest.mark.slow)


def pytest_collection_finish() -> None:
    """What was imported stays: it is not looked through again at every collection of garbage."""
    gc.enable()
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 50, 50)


BY_PYTEST = "PYTEST_"
"""Beginning of the variables that pytest sets while it works."""
FOUND = pytest.StashKey[dict[str, str]]()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    item.stash[FOUND] = _environment()


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item) -> Iterator[None]:
    """A test leaves the environment as it found it: a variable that acts at the start of a program would have every
    command of the tests behind it started from nothing (`tests/cli/forks.py`)."""
    yield
    before, after = item.stash[FOUND], _environment()
    changed = sorted(name for name in {*before, *after} if before.get(name) != after.get(name))
    for name in changed:
        os.environ.pop(name, None)
        os.environ.update({name: before[name]} if name in before else {})
    assert not changed, f"the environment is left changed: {', '.join(changed)}"


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith(BY_PYTEST)}


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
def programs_have_one_core() -> Iterator[None]:
    """Commands that start a process for each core answer by themselves: tests run on all cores already, and those of
    several processes say how many."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "cpu_count", lambda: 1)
        yield


@pytest.fixture(scope="session", autouse=True)
def commands_are_put_together_once() -> Iterator[None]:
    """Again where one more was imported: the program imports the command that is asked for alone."""
    put_together = typer.main.get_command
    known = cache(lambda app, commands: put_together(app))

    def get_command(app: typer.Typer) -> object:
        return known(app, len(app.registered_commands))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(typer.main, "get_command", get_command)
        patch.setattr(typer.testing, "_get_command", get_command)
        yield
