"""Debian's Chromium, driven by Playwright."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def browser() -> Iterator[object]:
    from playwright.sync_api import sync_playwright

    program = shutil.which("chromium")
    assert program, "no Chromium here: run tests/browser/install.sh, or apt-get install chromium"
    with sync_playwright() as p:
        found = p.chromium.launch(executable_path=program, headless=True, args=FLAGS)
        yield found
        found.close()


@pytest.fixture
def page(browser) -> Iterator[object]:
    context = browser.new_context(viewport={"width": 1600, "height": 1000}, offline=True)
    yield context.new_page()
    context.close()
