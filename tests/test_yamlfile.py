"""What plain words of a file mean, and which line each key is on."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from pydantic import BaseModel, Field

from topo import yamlfile
from topo.errors import InputError


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("3:1", "3:1"),
        ("2:30", "2:30"),
        ("yes", "yes"),
        ("no", "no"),
        ("on", "on"),
        ("1e3", 1000.0),
        ("010", 10),
        ("-7", -7),
        ("+.5", 0.5),
        ("0x10", "0x10"),
        ("2_048", "2_048"),
        ("2020-01-01", "2020-01-01"),
        ("'5'", "5"),
        ("", None),
        ("null", None),
        ("True", True),
        (".inf", math.inf),
        ("[a, 1, {b: 2}]", ["a", 1, {"b": 2}]),
        ("|\n  two\n  lines\n", "two\nlines\n"),
    ],
)
def test_values(text: str, value: object) -> None:
    found = yamlfile.parse(f"key: {text}", "f").value["key"]
    assert found == value
    assert type(found) is type(value)


def test_every_key_knows_its_line() -> None:
    document = yamlfile.parse("a: 1\nb:\n  c: [1,\n    2]\n  d:\n    - {e: 1}\n    - x\n", "f")
    wanted = {(): 1, ("a",): 1, ("b",): 2, ("b", "c"): 3, ("b", "c", 1): 4, ("b", "d", 0, "e"): 6, ("b", "d", 1): 7}
    assert {keys: document.lines[keys] for keys in wanted} == wanted
    assert document.line(("b", "d", 1, "nothing", "here")) == 7


def test_a_byte_order_mark_and_windows_lines_are_taken(tmp_path: Path) -> None:
    path = tmp_path / "f.yaml"
    path.write_bytes(b"\xef\xbb\xbfa: 1\r\nb: x\r\n")
    assert yamlfile.read(path).value == {"a": 1, "b": "x"}


@pytest.mark.parametrize("depth", [21, 1000, 200_000])
def test_depth_has_a_limit_and_no_stack(depth: int) -> None:
    for text in ("a: " + "[" * depth, "a: " + "[" * depth + "]" * depth, "a: " + "{b: " * depth):
        with pytest.raises(InputError, match="nested too deeply"):
            yamlfile.parse(text, "f")


def test_twenty_levels_are_taken() -> None:
    assert yamlfile.parse("a: " + "[" * 19 + "]" * 19, "f").value["a"] is not None


def test_all_mistakes_of_one_reading() -> None:
    with pytest.raises(InputError) as error:
        yamlfile.parse("a: 1\na: 2\nb: !x 3\n? [c]\n: 4\nd: &d 1\ne: *d\n", "f")
    found = [(p.line, p.key, p.message) for p in error.value.problems]
    assert found == [
        (2, "a", "is given twice"),
        (3, "b", "YAML tags are not allowed"),
        (4, "", "has a key that is no plain word"),
        (7, "e", "aliases are not allowed"),
    ]


@pytest.mark.parametrize(
    ("value", "shown", "hint"),
    [
        ('"64"', '"64"', "quotes"),
        ("'1e3'", '"1e3"', "quotes"),
        ("'-2.5'", '"-2.5"', "quotes"),
        ("'true'", '"true"', "quotes"),
        ("many", "many", ""),
        ("true", "true", ""),
        ("[1, null, x]", '[1, null, "x"]', ""),
        ("{a: false}", '{"a": false}', ""),
    ],
)
def test_a_value_of_the_wrong_type_is_shown_as_the_file_has_it(value: str, shown: str, hint: str) -> None:
    class Model(BaseModel):
        gpus: int = Field(strict=True)

    with pytest.raises(InputError) as caught:
        yamlfile.validated(Model, yamlfile.parse(f"gpus: {value}\n", "d.yaml"))
    (problem,) = caught.value.problems
    assert (problem.message, problem.value, problem.allowed) == ("is of the wrong type", shown, "a whole number")
    assert hint in problem.hint
    assert bool(problem.hint) == bool(hint)


def test_a_key_without_a_value_is_told_as_one() -> None:
    class Model(BaseModel):
        gpus: int = Field(strict=True)

    for nothing in ("", "null", "~"):
        with pytest.raises(InputError) as caught:
            yamlfile.validated(Model, yamlfile.parse(f"gpus: {nothing}\n", "d.yaml"))
        assert str(caught.value).splitlines()[0] == "d.yaml:1: gpus: has no value"
        assert "None" not in str(caught.value)


@pytest.mark.parametrize("text", ["", "\n", "# a comment\n", "---\n"])
def test_an_empty_file_is_told_as_one(text: str) -> None:
    with pytest.raises(InputError, match="is empty"):
        yamlfile.parse(text, "d.yaml")


@pytest.mark.parametrize("text", ["name: a\n\tgpus: 64\n", "a:\n\tb: 1\n", "\ta: 1\n"])
def test_a_tab_is_told_with_what_to_do(text: str) -> None:
    with pytest.raises(InputError) as caught:
        yamlfile.parse(text, "d.yaml")
    assert "indent with spaces" in str(caught.value)
