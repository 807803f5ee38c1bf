"""A price book that lacks a part of the design that names it."""

from __future__ import annotations

from pathlib import Path

import pytest
from run_cli import run

BOOK = """id: my-book
title: Prices of an older switch
parts_usd: {nvidia-qm9790: 20000}
source: {document: "A quote", read: true}
"""
DESIGN = """name: d
gpus: 2048
host: h800-node
networks:
  compute: {family: ft2, switch: nvidia-qm9700}
price_book: my-book
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "parts" / "price-book").mkdir(parents=True)
    (tmp_path / "parts" / "price-book" / "my-book.yaml").write_text(BOOK)
    (tmp_path / "d.yaml").write_text(DESIGN)
    return tmp_path


@pytest.mark.parametrize("command", [["build", "-o", "out"], ["compare"], ["check"]])
def test_it_is_refused_with_the_books_that_have_all(folder: Path, command: list[str]) -> None:
    found = run([command[0], "d.yaml", *command[1:], "--catalog", "parts"], folder)
    assert found.code == 2
    said = found.stdout + found.stderr
    assert "d.yaml:6: price_book: has no price for nvidia-qm9700" in said
    assert "allowed: published-endpoint-copper, published-fabric-links, slim-fly-layout, slim-fly-method" in said
    assert "under parts_usd of my-book" in said
    assert sorted(p.name for p in folder.iterdir()) == ["d.yaml", "parts"]


def test_a_book_named_on_the_command_line(folder: Path) -> None:
    (folder / "d.yaml").write_text(DESIGN.replace("price_book: my-book\n", ""))
    found = run(["compare", "d.yaml", "--catalog", "parts", "--price-book", "my-book"], folder)
    assert (found.code, found.stdout) == (2, "")
    assert found.stderr.startswith("error: --price-book: has no price for nvidia-qm9700\n")


def test_a_book_with_every_part_is_taken(folder: Path) -> None:
    (folder / "parts" / "price-book" / "my-book.yaml").write_text(BOOK + "switch_usd: 9000\noptical_link_usd: 500\n")
    found = run(["check", "d.yaml", "--catalog", "parts"], folder)
    assert found.code == 0
    assert "cost 1,888,000 USD by my-book" in found.stdout
