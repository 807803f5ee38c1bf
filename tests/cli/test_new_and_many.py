"""`topo new` writes designs that check green; many designs give the same result in parallel as in sequence."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import jsonschema
import pytest
import yaml

from tests import heard
from tests.cli.crashing import dies, raises
from tests.cli.terminal import on_terminal
from tests.cli.test_contract import DESIGNS, ROOT, environment, run
from tests.slow import slow
from topo.report import exit_code
from topo.report.many import Checker, check_many

CASES = [
    ("ft2", 2048, "h800-node", "nvidia-qm9700"),
    ("mpft", 4096, "h800-node", "nvidia-qm9700"),
    ("slim-fly", 36, "example-host-1", "example-switch-8"),
    ("rail-only", 512, "h800-node", "nvidia-qm9700"),
]


@pytest.mark.sampled(2)
@pytest.mark.parametrize(("family", "gpus", "host", "switch"), CASES)
def test_a_new_design_checks_green(family: str, gpus: int, host: str, switch: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    given = ["--family", family, "--gpus", str(gpus), "--host", host, "--switch", switch]
    made = run("new", path, *given)
    assert made.returncode == 0, made.stderr
    checked = run("check", path)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    again = run("new", path, *given)
    assert again.returncode == 2
    assert "exists already" in again.stderr


def test_a_new_design_that_cannot_be_is_refused_and_not_written(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    result = run("new", path, "--family", "ft2", "--gpus", "4096", "--host", "h800-node", "--switch", "nvidia-qm9700")
    assert result.returncode == 2
    assert "at most 2,048" in result.stderr
    assert not path.exists()


@pytest.mark.parametrize("designs", [3, slow(99)])
def test_parallel_equals_sequence(designs: int) -> None:
    tiny = sorted(DESIGNS.glob("tiny-*.yaml"))[:designs]
    one = run("check", *tiny, "--format", "json")
    two = run("check", *tiny, "--format", "json", "--jobs", "2")
    assert one.returncode == two.returncode == 0, one.stderr
    assert one.stdout == two.stdout


@pytest.mark.parametrize(
    ("check", "message", "jobs"),
    [
        (raises, "ZeroDivisionError: division by zero", 1),
        slow(raises, "ZeroDivisionError: division by zero", 2),
        slow(dies, "its process ended", 1),
        (dies, "its process ended", 2),
    ],
)
def test_a_crash_is_that_designs_error(check: Checker, message: str, jobs: int) -> None:
    done: list[str] = []
    paths = [Path(f"{name}.yaml") for name in ("one", "bad", "two", "three")]
    reports = check_many(paths, check, jobs, lambda report: done.append(report.subject.name))
    assert [report.subject.name for report in reports] == ["one", "bad", "two", "three"]
    assert [report.verdict for report in reports] == ["held", "error", "held", "held"]
    assert message in reports[1].errors[0].message
    assert sorted(done) == ["bad", "one", "three", "two"]
    assert exit_code(reports) == 70


@pytest.mark.sampled(1)
@pytest.mark.parametrize(
    ("designs", "alone"),
    [(1, "None"), (1, "lambda path, spread: spread(sleeps, [path])[0]"), (3, "None")],
    ids=["one", "draws of one", "three"],
)
def test_an_interrupt_ends_all_processes_and_says_so_once(designs: int, alone: str, tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from tests.cli.crashing import sleeps\n"
        "if __name__ == '__main__':\n"
        "    from topo.cli import program; from topo.report.many import check_many; import topo.cli.commands.check\n"
        "    import topo.report.many as many\n"
        f"    alone = {alone}\n"
        "    many.check_many = lambda paths, *rest: check_many(paths, sleeps, 2, alone=alone)\n"
        f"    sys.argv = ['topo', 'check', *['designs/tiny-ft2.yaml'] * {designs}, '--jobs', '2']\n"
        "    program.main()\n"
    )
    script = tmp_path / "interrupted.py"
    script.write_text(program)
    process = subprocess.Popen(
        [sys.executable, str(script)],
        cwd=ROOT,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=heard.interrupts,
    )
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    assert process.stdout
    for _ in range(min(designs, 2)):
        assert process.stdout.readline() == "working\n"
    started = children.read_text().split()
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err) == (130, "", "interrupted\n")
    deadline = time.monotonic() + 30
    while any(alive(pid) for pid in started) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(alive(pid) for pid in started)


@pytest.mark.parametrize(("options", "shown"), [slow([], False), (["--debug"], True)])
def test_debug_shows_where_a_check_fails(options: list[str], shown: bool, tmp_path: Path) -> None:
    script = tmp_path / "failing.py"
    script.write_text(
        "import sys; from topo import api; from topo.cli import program\n"
        "def check_file(path, **kwargs): return 1 / 0\n"
        "api.check_file = check_file\n"
        f"sys.argv = ['topo', *{options!r}, 'check', 'designs/tiny-ft2.yaml']\n"
        "program.main()\n"
    )
    run = subprocess.run([sys.executable, str(script)], cwd=ROOT, env=environment(), capture_output=True, text=True)
    assert run.returncode == 70
    assert ("Traceback" in run.stderr) is shown
    assert "ZeroDivisionError" in run.stderr + run.stdout


def alive(pid: str) -> bool:
    status = Path(f"/proc/{pid}/stat")
    return status.exists() and status.read_text().split()[2] != "Z"


def test_new_asks_on_a_terminal_for_what_is_not_given(tmp_path: Path) -> None:
    answers = ["mptf", "mpft", "many", "16", "example-host-2", "example-switch-8"]
    shown = on_terminal("new", "mine.yaml", cwd=tmp_path, answers=answers)
    assert shown.code == 0, shown.text
    assert "did you mean mpft?" in shown.text
    assert "a whole number of GPUs" in shown.text
    written = (tmp_path / "mine.yaml").read_text()
    assert "compute: {family: mpft, switch: example-switch-8}" in written
    assert "gpus: 16\nhost: example-host-2 " in written


def test_new_asks_again_for_a_size_that_cannot_be_built(tmp_path: Path) -> None:
    """At once where it is no whole number of hosts, and when the parts are known."""
    answers = ["64001", "h800-node", "64000", "nvidia-qm9700", "4096", "2048"]
    shown = on_terminal("new", "mine.yaml", "--family", "ft2", cwd=tmp_path, answers=answers)
    assert shown.code == 0, shown.text
    text = " ".join(shown.text.split())
    assert "64,001 GPUs are no whole number of hosts of 8 GPUs: 64,000 or 64,008" in text
    assert text.count("at most 2,048 GPUs") == 2
    assert "\ngpus: 2048\n" in (tmp_path / "mine.yaml").read_text()


def test_new_ends_where_no_size_would_do(tmp_path: Path) -> None:
    given = ["--family", "dual-plane", "--host", "h800-node", "--switch", "nvidia-qm9700"]
    shown = on_terminal("new", "mine.yaml", *given, cwd=tmp_path, answers=["64"])
    assert shown.code == 2
    assert "two planes need two ports" in shown.text
    assert list(tmp_path.iterdir()) == []


def test_the_schema_that_a_new_design_names_lies_beside_it(tmp_path: Path) -> None:
    """An editor finds it from the design's own folder, offline, and it accepts the design; an old one is renewed,
    somebody else's file is not touched."""
    schema, design = tmp_path / "sub" / "topo.schema.json", tmp_path / "sub" / "mine.yaml"
    given = ["--family", "ft2", "--gpus", "16", "--host", "example-host-2", "--switch", "example-switch-8"]
    made = run("new", "sub/mine.yaml", *given, cwd=tmp_path)
    assert "with topo.schema.json for editors" in made.stdout + made.stderr
    first = design.read_text().splitlines()[0]
    named = re.fullmatch(r"# yaml-language-server: \$schema=(\S+)", first)
    assert named is not None
    written = (design.parent / named[1]).read_text()
    assert written == run("schema").stdout
    jsonschema.validate(yaml.safe_load(design.read_text()), json.loads(written))
    assert run("check", "sub", cwd=tmp_path).returncode == 0
    for before, after in (('{"$id": "topo.design"}', written), ('{"mine": 1}', '{"mine": 1}'), ("mine", "mine")):
        schema.write_text(before)
        again = run("new", "sub/mine.yaml", *given, "--force", cwd=tmp_path)
        assert again.returncode == 0
        assert schema.read_text() == after
        assert ("left as it is" in again.stdout + again.stderr) == (before == after)


def test_new_asks_nothing_that_is_given_or_with_yes(tmp_path: Path) -> None:
    given = ["--family", "mpft", "--gpus", "64", "--host", "h800-node", "--switch", "nvidia-qm9700"]
    for n, arguments in enumerate((given, [*given[:4], "--yes"])):
        shown = on_terminal("new", f"mine-{n}.yaml", *arguments, cwd=tmp_path)
        assert shown.code == 0, shown.text
        assert "?" not in re.sub(r"\x1b\[[?\d;]*[a-zA-Z]", "", shown.text)
        assert "[h800-node]" not in shown.text
    assert (tmp_path / "mine-1.yaml").read_text() == (tmp_path / "mine-0.yaml").read_text().replace("mine-0", "mine-1")


def test_without_a_terminal_new_names_all_that_is_missing(tmp_path: Path) -> None:
    for more in ([], ["--yes"]):
        result = run("new", "mine.yaml", *more, cwd=tmp_path)
        assert result.returncode == 2
        assert "--family: is missing" in result.stderr
        assert "--gpus: is missing" in result.stderr
    assert list(tmp_path.iterdir()) == []
