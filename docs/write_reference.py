"""Writes docs/reference.md, json-report.md, python.md and commands.md: `python docs/write_reference.py`, from the
project's folder."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from pathlib import Path

DOCS = Path(__file__).parent
PYTHON = """\
# Python

Written by `python docs/write_reference.py` from the signatures and texts in the code; do not edit.

```python
import topo

design = topo.load_design("designs/tiny-ft2.yaml")
fabric = topo.build(design)
report = topo.check(design)
```

Calls take and give frozen values; arrays are numpy's and are not written to. What a user did wrong raises
`topo.errors.InputError` with every problem; a limit that is reached before anything is proved raises
`LimitReachedError`. `PlainKeys` (`topo.plain`) is a mapping of text to what JSON holds; other values are refused under
their key.
"""


def commands_page() -> str:
    """The help of every command, as the terminal shows it."""
    from topo.cli.program import pages

    lines = [
        "# Commands",
        "",
        "What `topo COMMAND --help` prints. Exit codes and results are a contract; texts are not.",
        "",
    ]
    for name, text in pages(width=100).items():
        lines += [f"## {name}", "", "```", text.rstrip(), "```", ""]
    return "\n".join(lines)


def python_page() -> str:
    """Every public call with its signature, and the values that they give with their public names."""
    import topo

    calls = [name for name in topo.__all__ if not name.startswith("_")]
    lines = [PYTHON, "## Calls", ""]
    for name in calls:
        lines += [f"### topo.{name}", "", *_call(name, getattr(topo, name)), ""]
    lines += ["## Values", ""]
    for value in _values():
        lines += [f"### {value.__name__}", "", f"`{value.__module__}.{value.__name__}`", "", _text(value), ""]
        rows = list(_members(value))
        lines += ["| name | what it is |", "|---|---|", *rows, ""] if rows else []
    return "\n".join(lines)


def _values() -> tuple[type, ...]:
    from topo.analysis.bisection import Bisection
    from topo.analysis.throughput import Throughput
    from topo.certificates import Proved
    from topo.checks import Finding
    from topo.design import Design
    from topo.fabric import Fabric
    from topo.interval import Interval
    from topo.report.model import Metrics, Report, RequirementResult

    return (Design, Fabric, Throughput, Bisection, Report, RequirementResult, Finding, Metrics, Proved, Interval)


def _call(name: str, call: object) -> Iterator[str]:
    assert callable(call)
    shown = inspect.signature(call)
    yield from ("```python", f"{name}(", *map(_parameter, shown.parameters.values()))
    yield from (f") -> {shown.return_annotation}", "```", "", _text(call))


def _parameter(one: inspect.Parameter) -> str:
    """A line of a signature; a default that is a function is told as `...`."""
    kind = str(one.annotation).strip('"')
    default = "" if one.default is one.empty else " = ..." if callable(one.default) else f" = {one.default!r}"
    return f"    {one.name}: {kind}{default},"


def _text(of: object) -> str:
    return inspect.getdoc(of) or ""


def _members(value: type) -> Iterator[str]:
    """Fields with their types, then properties and methods with the first sentence of their text."""
    for field, kind in inspect.get_annotations(value).items():
        if not field.startswith("_"):
            yield f"| `{field}` | `{kind}` |".replace(" | None", " or None")
    for name, member in vars(value).items():
        of = getattr(member, "func", getattr(member, "fget", member))
        if not name.startswith("_") and (inspect.isfunction(of) or isinstance(member, (property, classmethod))):
            first = " ".join(_text(member).split()).replace("|", "\\|")
            yield f"| `{name}{'()' if inspect.isfunction(member) else ''}` | {first} |"


def pages() -> dict[str, str]:
    """Every generated page of the reference, by its file name."""
    from topo.design.reference import reference_page
    from topo.report.reference import report_page

    return {
        "reference.md": reference_page(),
        "json-report.md": report_page(),
        "python.md": python_page(),
        "commands.md": commands_page(),
    }


if __name__ == "__main__":
    for file, text in pages().items():
        (DOCS / file).write_text(text, encoding="utf-8")
