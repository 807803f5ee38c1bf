"""Numbers in texts: none stands beside a plural, whatever it is, and what is allowed has thousands separators."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from topo.units import amount, between, noun, unit_of, verb
from topo.yamlfile.messages import allowed_words

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


def texts(code: str) -> list[ast.JoinedStr]:
    """The texts with values in them."""
    return [node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.JoinedStr)]


@cache
def texts_of_topo() -> dict[Path, list[ast.JoinedStr]]:
    return {path: texts(path.read_text(encoding="utf-8")) for path in sorted(TOPO.rglob("*.py"))}


def plurals(written: list[ast.JoinedStr]) -> Iterator[tuple[int, str]]:
    """The line and the words of each number in a text that a plural follows."""
    for node in written:
        for value, text in zip(node.values, node.values[1:], strict=False):
            if isinstance(value, ast.FormattedValue) and isinstance(text, ast.Constant):
                word = AFTER.match(str(text.value))
                if word and word[1] not in MEASURES and is_count(value):
                    yield value.lineno, f"{ast.unparse(value.value)}{word[0]}"


def test_no_text_writes_a_number_and_a_plural_side_by_side() -> None:
    found = [
        f"{path.relative_to(TOPO)}:{line}: {words}"
        for path, written in texts_of_topo().items()
        if "certificates" not in path.parts
        for line, words in plurals(written)
    ]
    assert found == [], "topo.units.amount writes '1 switch' and '2 switches'"


@pytest.mark.parametrize(
    "text", ['f"{n:,} switches"', 'f"{len(found)} free ports"', 'f"has {count(n)} links of"', 'f"{a:,} GPUs in {b} h"']
)
def test_such_a_text_is_found(text: str) -> None:
    assert list(plurals(texts(text)))


@pytest.mark.parametrize(
    "text", ['f"{n:,} bytes"', 'f"{name} switches"', "f\"{amount(n, 'link')} of it\"", 'f"{MOST:,} rows"']
)
def test_other_texts_are_not(text: str) -> None:
    assert not list(plurals(texts(text)))


LIMIT = re.compile(r"(?:at most|at least|up to|divisors of|multiple of|\b[01] to) $")
TEXTS = {"result", "worst", "sizes", "name"}
"""What follows such words and is a text or a fraction."""


def bare_limits(written: list[ast.JoinedStr]) -> Iterator[tuple[int, str]]:
    """The line and the words of each limit in a text that is written without thousands separators."""
    for node in written:
        for text, value in zip(node.values, node.values[1:], strict=False):
            if isinstance(text, ast.Constant) and isinstance(value, ast.FormattedValue) and not value.format_spec:
                called = value.value.func if isinstance(value.value, ast.Call) else None
                worded = isinstance(called, ast.Name | ast.Attribute) and ast.unparse(called) not in NUMBERS
                before = LIMIT.search(str(text.value))
                if before and not worded and ast.unparse(value.value) not in TEXTS:
                    yield value.lineno, f"{before[0]}{ast.unparse(value.value)}"


NUMBERS = ("len", "sum", "int", "min", "max", "round")


def test_limits_have_thousands_separators() -> None:
    found = [
        f"{path.relative_to(TOPO)}:{line}: {words}"
        for path, written in texts_of_topo().items()
        for line, words in bare_limits(written)
    ]
    assert found == [], "'at most 1,000,000' is read, 'at most 1000000' is counted: write {number:,}"


@pytest.mark.parametrize(
    ("text", "bare"),
    [
        ('f"at most {n}"', True), ('f"1 to {len(ends) - 1}"', True), ('f"takes up to {MOST} rows"', True),
        ('f"at most {n:,}"', False), ("f\"at most {amount(n, 'link')}\"", False), ('f"from {a} to {b}"', False),
    ],
)  # fmt: skip
def test_a_bare_limit_is_found(text: str, bare: bool) -> None:
    assert bool(list(bare_limits(texts(text)))) is bare


def test_limits_of_a_model_have_thousands_separators() -> None:
    assert allowed_words("Input should be less than or equal to 1000000") == "at most 1,000,000"
    assert allowed_words("Input should be greater than 4096.0") == "above 4,096"
    assert allowed_words("Input should be less than 0.0001") == "below 0.0001"
    assert allowed_words("Input should be less than or equal to 1e+18") == "at most 1e+18"
    assert allowed_words("Input should be less than or equal to 999") == "at most 999"


PLAIN = {"prices.py"}
"""What it writes is a key in the JSON report."""


def test_speeds_and_watts_have_thousands_separators() -> None:
    """'1,600 Gb/s' as in tables; lists of what is allowed, which a user types back, name no unit."""
    bare = re.compile(r"\{[^{}:]*:[^{},]*g\} (?:Gb/s|W)\b")
    found = [
        f"{path.relative_to(TOPO)}: {line.strip()}"
        for path in sorted(TOPO.rglob("*.py"))
        for line in path.read_text(encoding="utf-8").splitlines()
        if bare.search(line) and path.name not in PLAIN
    ]
    assert found == [], "write {speed:,g} Gb/s"


def test_units_and_intervals_in_words() -> None:
    assert [unit_of(n, "GPUs") for n in (0, 1, 2)] == ["GPUs", "GPU", "GPUs"]
    assert [unit_of(1, unit) for unit in ("virtual lanes", "endpoints cut off", "of line rate", "USD")] == [
        "virtual lane", "endpoint cut off", "of line rate", "USD",
    ]  # fmt: skip
    assert [between(0.5, 0.5), between(0.5, 0.75), between(0.0, float("inf"))] == [
        "0.5", "between 0.5 and 0.75", "at least 0",
    ]  # fmt: skip


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
