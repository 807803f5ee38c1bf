"""Counts of one: no text writes a number and a plural side by side, whatever the number is."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from topo.units import amount, noun, verb

TOPO = Path(__file__).resolve().parents[1] / "topo"
MEASURES = {
    "bytes",
    "times",
    "us",
    "days",
    "hours",
    "minutes",
    "seconds",
    "digits",
    "characters",
    "is",
    "has",
    "was",
    "as",
}
"""Words after a number that are no plural of a thing, or follow a number that is never one."""
ADJECTIVES = "free|spare|other|more|new|open|planned|unlike|broken|further|global|virtual|whole|different"
AFTER = re.compile(rf" (?:(?:{ADJECTIVES}) )?([A-Za-z-]+s)\b(?!')")
COUNTS = ("len", "sum", "count", "int")


def is_count(value: ast.FormattedValue) -> bool:
    """Whether what is formatted is a whole number: it has thousands separators, or counts things."""
    spec = ast.unparse(value.format_spec)[2:-1] if value.format_spec else ""
    if isinstance(value.value, ast.Name) and value.value.id.isupper():
        return False
    called = value.value.func if isinstance(value.value, ast.Call) else None
    return spec.endswith(",") or (not spec and isinstance(called, ast.Name) and called.id in COUNTS)


def plurals(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """The line and the words of each number in a text that a plural follows."""
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            for value, text in zip(node.values, node.values[1:], strict=False):
                if isinstance(value, ast.FormattedValue) and isinstance(text, ast.Constant):
                    word = AFTER.match(str(text.value))
                    if word and word[1] not in MEASURES and is_count(value):
                        yield value.lineno, f"{ast.unparse(value.value)}{word[0]}"


def test_no_text_writes_a_number_and_a_plural_side_by_side() -> None:
    found = [
        f"{path.relative_to(TOPO)}:{line}: {words}"
        for path in sorted(TOPO.rglob("*.py"))
        if path.parent.name != "certificates" and "certificates" not in path.parts
        for line, words in plurals(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert found == [], "topo.units.amount writes '1 switch' and '2 switches'"


@pytest.mark.parametrize(
    "text", ['f"{n:,} switches"', 'f"{len(found)} free ports"', 'f"has {count(n)} links of"', 'f"{a:,} GPUs in {b} h"']
)
def test_such_a_text_is_found(text: str) -> None:
    assert list(plurals(ast.parse(text)))


@pytest.mark.parametrize(
    "text", ['f"{n:,} bytes"', 'f"{name} switches"', "f\"{amount(n, 'link')} of it\"", 'f"{MOST:,} rows"']
)
def test_other_texts_are_not(text: str) -> None:
    assert not list(plurals(ast.parse(text)))


def test_words_by_number() -> None:
    one = [amount(1, word) for word in ("switch", "leaf", "free port", "entry", "class", "GPU", "hash seed")]
    assert one == ["1 switch", "1 leaf", "1 free port", "1 entry", "1 class", "1 GPU", "1 hash seed"]
    many = [
        amount(n, word) for n, word in ((2, "switch"), (0, "leaf"), (1024, "free port"), (3, "entry"), (9, "class"))
    ]
    assert many == ["2 switches", "0 leaves", "1,024 free ports", "3 entries", "9 classes"]
    assert noun(2, "line of growth", "lines of growth") == "lines of growth"
    assert [verb(n, word) for n in (1, 2) for word in ("are", "have", "do", "lie", "reach", "carry")] == [
        "is", "has", "does", "lies", "reaches", "carries", "are", "have", "do", "lie", "reach", "carry",
    ]  # fmt: skip
