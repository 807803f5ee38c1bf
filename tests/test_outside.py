"""A package outside topo adds a family, a requirement, a wiring check, a figure, exports, a reader and a view, by entry
points alone; the command line knows them like its own."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from topo import registry
from topo.errors import InputError

ROOT = Path(__file__).resolve().parents[1]
REGISTRY: registry.Registry[int] = registry.Registry("thing", "topo.of_nothing")
MODULES = {
    "family": '''
from typing import Literal
from topo.generators.family import Family, families
from topo.generators.families.ft2 import Ft2Params

shipped = families.get("ft2")

class Params(Ft2Params):
    """Keys of my family."""
    family: Literal["my-tree"]

families.add("my-tree", Family("my tree", Params, shipped.wire, shipped.counts, shipped.symmetries))
''',
    "ruled": '''
from typing import Literal
from topo.generators.family import Family, families
from topo.generators.families.ft2 import Ft2Params
from topo.generators.rule import by_tiers

shipped = families.get("ft2")

class Params(Ft2Params):
    """Keys of my family."""
    family: Literal["my-ruled-tree"]

mine = Family("my tree", Params, shipped.wire, shipped.counts, shipped.symmetries, rule=by_tiers)
families.add("my-ruled-tree", mine)
''',
    "requirement": '''
from pydantic import Field
from topo.checks.model import Finding, Outcome, RequirementKind, RequirementParams, at_most
from topo.checks.registries import requirement_kinds

class Params(RequirementParams):
    """Keys of `longest_name`."""
    at_most: int = Field(description="letters of a device's name")

def judge(context, params):
    longest = max(len(str(name)) for name in context.fabric.devices.name)
    verdict = at_most(longest, longest, params.at_most)
    return Outcome("names are short", verdict, longest, longest, params.at_most, "letters", from_below=False)

requirement_kinds.add("longest_name", RequirementKind("letters of a name", Params, judge))
''',
    "check": """
from topo.checks.model import Finding, WiringCheck
from topo.checks.registries import wiring_checks

wiring_checks.add("my-check", WiringCheck("a question", lambda context: [Finding("my-check", "warning", "looked")]))
""",
    "export": """
from topo.exporters.plan import Exporter

lines = Exporter("my list", lambda plan: {"my/list.txt": f"{len(plan.fabric.links)} links\\n".encode()}, "all else")
""",
    "wires": """
from topo.exporters.plan import Exporter
from topo.importers.as_built.panels import Row, cables_of
from topo.importers.as_built.reader import Reader, checked

def ends(plan):
    fabric = plan.fabric
    for port in (fabric.links.a, fabric.links.b):
        yield zip(fabric.devices.name[fabric.ports.device[port]], fabric.port_name(port))

def write(plan):
    rows = (f"{a} {p} ~ {b} {q}" for (a, p), (b, q) in zip(*ends(plan)))
    return {"my/wires.txt": ("# wires\\n" + "\\n".join(rows) + "\\n").encode()}

exporter = Exporter("my wires", write, "all else")

def read(source):
    rows = []
    for number, line in source.lines():
        if not line.startswith("#"):
            words = line.replace(" ~ ", " ").split()
            if len(words) != 4:
                raise source.wrong("is no wire", number, line, allowed="DEVICE PORT ~ DEVICE PORT")
            a, p, b, q = (checked(word, "port", source.name, number) for word in words)
            rows.append(Row(a, p, b, q, number))
    return cables_of(rows, source.name, "my-wires")

reader = Reader("my wires", lambda source: source.head.startswith("# wires"), read)
""",
    "view": """
from topo.diagrams.sheet.model import Box, Drawing, View

plain = View("one box", lambda data: Drawing("mine", 100, 50, (Box("b", 50, 25, 40, 20),), (), ()))
""",
    "figure": """
from topo.report.figure import Column, Figure, Footnote, Side, figures, known

def longest(context):
    return max(len(str(name)) for name in context.fabric.devices.name)

def read(metrics):
    return metrics.more.get("longest_name")

figures.add("longest_name", Figure(
    "longest name", {"": "letters of the longest name of a device"},
    metric=lambda context, network: longest(context),
    asked={"counted": lambda asked, subject: {Column("longest_name", "longest name"): known(longest(subject.context))}},
    footnotes=lambda value: [Footnote("A dash counts as a letter.", 0)] * 2,
    changes=lambda metrics: {"longest name": str(read(metrics))},
    lines=lambda metrics: [f"the longest name has {read(metrics)} letters"],
    sides=lambda every: [Side("longest name", read)],
))
""",
}
POINTS = """
[topo.generators.families]
my-tree = outside.family
my-ruled-tree = outside.ruled
[topo.checks.requirements]
longest-name = outside.requirement
[topo.checks.wiring]
my-check = outside.check
[topo.report.figures]
longest-name = outside.figure
[topo.exporters.formats]
my-list = outside.export:lines
my-wires = outside.wires:exporter
[topo.importers.as_built.forms]
my-wires = outside.wires:reader
[topo.diagrams.views]
my-view = outside.view:plain
"""
DESIGN = """
name: mine
gpus: 8
host: example-host-1
networks:
  compute: {family: my-tree, switch: example-switch-4}
requirements:
  - longest_name: {at_most: 12}
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    for name, text in MODULES.items():
        path = folder / "outside" / f"{name}.py"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    info = folder / "outside-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: outside\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(POINTS)
    return folder


PROGRAM = """
import contextlib, io, json, os, sys
from topo.cli import main
for asked in sys.stdin:
    folder, words = json.loads(asked)
    os.chdir(folder)
    sys.argv = ["topo", *words]
    out, err = io.StringIO(), io.StringIO()
    code = 0
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            main()
        except SystemExit as end:
            code = end.code or 0
    print(json.dumps([code, out.getvalue(), err.getvalue()]), flush=True)
"""

Run = Callable[..., list[subprocess.CompletedProcess[str]]]


@pytest.fixture(scope="module")
def run_all(site: Path) -> Iterator[Run]:
    """Runs command lines in a folder, all those of this file one after the other in one process that has the package
    on its path."""
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(site), str(ROOT)])}
    command = [sys.executable, "-c", PROGRAM]
    with subprocess.Popen(command, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as program:
        assert program.stdin
        assert program.stdout

        def run(folder: Path, *lines: str) -> list[subprocess.CompletedProcess[str]]:
            (folder / "mine.yaml").write_text(DESIGN)
            done = []
            for line in lines:
                print(json.dumps([str(folder), line.split()]), file=program.stdin, flush=True)
                done.append(subprocess.CompletedProcess(line, *json.loads(program.stdout.readline())))
            return done

        yield run
        program.stdin.close()
    assert program.returncode == 0


def test_everything_from_outside_is_known(run_all: Run, tmp_path: Path) -> None:
    checked, built, drawn, helped, schema = run_all(
        tmp_path, "check mine.yaml --format json", "build mine.yaml -o out --export my-list",
        "diagram mine.yaml -o mine.svg --view my-view", "diagram --help", "schema",
    )  # fmt: skip
    assert checked.returncode == 0, checked.stderr
    (report,) = json.loads(checked.stdout)
    assert [r["measured"] for r in report["requirements"] if r["statement"] == "names are short"] == [10]
    assert "my-check" in [f["code"] for f in report["findings"]]
    assert "wiring-rule" in [f["code"] for f in report["findings"]]
    assert report["metrics"]["longest_name"] == 10
    assert built.returncode == 0, built.stderr
    assert (tmp_path / "out" / "my" / "list.txt").read_text() == "16 links\n"
    assert drawn.returncode == 0, drawn.stderr
    assert "my-view" in helped.stdout
    assert "my-tree" in schema.stdout


def test_a_family_from_outside_that_brings_its_rule_has_no_finding(run_all: Run, tmp_path: Path) -> None:
    (tmp_path / "ruled.yaml").write_text(DESIGN.replace("my-tree", "my-ruled-tree"))
    (checked,) = run_all(tmp_path, "check ruled.yaml --format json")
    assert checked.returncode == 0, checked.stderr
    (report,) = json.loads(checked.stdout)
    assert [f["code"] for f in report["findings"]] == ["my-check"]


def test_a_reader_from_outside_reads_what_its_exporter_writes(run_all: Run, tmp_path: Path) -> None:
    """By its look or by its name, in an audit and in an import; a broken file is told with its line."""
    built, plain, named, taken, unknown = run_all(
        tmp_path, "build mine.yaml -o out --export my-wires", "audit mine.yaml --as-built out/my/wires.txt",
        "audit mine.yaml --as-built out/my/wires.txt --form my-wires", "import out/my/wires.txt -o theirs.json",
        "audit mine.yaml --as-built out/my/wires.txt --form my-wire",
    )  # fmt: skip
    assert built.returncode == 0, built.stderr
    assert [plain.returncode, named.returncode, taken.returncode] == [0, 0, 0], plain.stderr + taken.stderr
    assert plain.stdout == named.stdout
    assert re.search(r"^right +16$", plain.stdout, re.M)
    assert "16 cables" in taken.stdout + taken.stderr
    assert unknown.returncode == 2
    assert "did you mean my-wires?" in unknown.stderr
    path = tmp_path / "out" / "my" / "wires.txt"
    path.write_text(path.read_text().replace(" ~ ", " ", 1).replace("nic", "", 1) + "half a wire\n")
    (refused,) = run_all(tmp_path, "audit mine.yaml --as-built out/my/wires.txt")
    assert refused.returncode == 2
    assert "wires.txt:18" in refused.stderr
    assert "DEVICE PORT ~ DEVICE PORT" in refused.stderr


def test_a_figure_from_outside_is_in_every_output(run_all: Run, tmp_path: Path) -> None:
    report, checked, compared, differs = run_all(
        tmp_path, "check mine.yaml --format json", "check mine.yaml",
        "compare mine.yaml mine.yaml --routing adaptive --format md --jobs 1", "diff mine.yaml mine.yaml",
    )  # fmt: skip
    (tmp_path / "report.json").write_text(report.stdout)
    forged = report.stdout.replace('"longest_name": 10', '"longest_name": 9')
    assert forged != report.stdout
    (tmp_path / "forged.json").write_text(forged)
    assert "  the longest name has 10 letters" in checked.stdout
    assert "| longest name | 10 | 10 |\n\nA dash counts as a letter." in compared.stdout
    assert "longest name" in differs.stdout
    verified, refused = run_all(tmp_path, "verify report.json", "verify forged.json")
    assert "metrics.longest_name (recount): proved" in verified.stdout
    assert "metrics.longest_name (recount): NOT PROVED" in refused.stdout


def test_two_packages_under_one_name_are_told(site: Path, tmp_path: Path) -> None:
    other = tmp_path / "other-1.0.dist-info"
    other.mkdir()
    (other / "METADATA").write_text("Metadata-Version: 2.1\nName: other\nVersion: 1.0\n")
    (other / "entry_points.txt").write_text("[topo.diagrams.views]\nmy-view = elsewhere.view\n")
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]); "
        "from topo.registry import module_names; module_names('topo.diagrams.views')"
    )
    env = {**os.environ, "PYTHONPATH": str(site)}
    told = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], env=env, capture_output=True, text=True, check=False
    )
    assert "registered by" in told.stderr


BROKEN = {
    "syntax": ("acme.syntax", "def f(:", "SyntaxError"),
    "not-there": ("acme.nowhere", None, "No module named 'acme.nowhere'"),
    "no-value": ("acme.empty:view", "", "has no attribute 'view'"),
    "other-name": ("acme.other", "from topo.registry import Registry\nREGISTRY.add('another', 1)", "but 'another'"),
    "fails": ("acme.fails", "raise RuntimeError('too old')", "RuntimeError: too old"),
}


def test_what_of_a_package_cannot_be_loaded_is_told_with_the_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    group = "topo.of_nothing"
    (tmp_path / "acme").mkdir()
    for name, (point, text, _) in BROKEN.items():
        if text is not None:
            head = "from tests.test_outside import REGISTRY\n" if name == "other-name" else ""
            (tmp_path / point.partition(":")[0].replace(".", "/")).with_suffix(".py").write_text(head + text)
    info = tmp_path / "acme-2.1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: acme\nVersion: 2.1\n")
    points = "".join(f"{name} = {point}\n" for name, (point, _, _) in BROKEN.items())
    (info / "entry_points.txt").write_text(f"[{group}]\n{points}")
    monkeypatch.syspath_prepend(tmp_path)
    for known in (registry._anything_outside, registry._from_outside, registry.module_names):
        known.cache_clear()
    try:
        assert registry.from_outside("acme.view") == "acme 2.1"
        assert registry.from_outside("topo.errors") == ""
        for name, (point, _, why) in BROKEN.items():
            with pytest.raises(InputError) as told:
                REGISTRY.get(name)
            (problem,) = told.value.problems
            assert problem.message.startswith("the package acme 2.1 cannot be used: ")
            assert why in problem.message
            assert (problem.key, problem.value) == (name, point)
    finally:
        for known in (registry._anything_outside, registry._from_outside, registry.module_names):
            known.cache_clear()
