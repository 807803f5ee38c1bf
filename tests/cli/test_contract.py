"""The command line as its contract states it: stdout, stderr, exit codes and JSON keys."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli import forks

ROOT = Path(__file__).resolve().parents[2]
DESIGNS = ROOT / "designs"


def run(*args: str | Path, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """A command line in a process of its own."""
    return forks.run([*map(str, args)], cwd, environment())


def environment() -> dict[str, str]:
    import os

    return {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "100"}


def test_help_lists_every_command() -> None:
    result = run("--help")
    assert result.returncode == 0
    for name in ("show", "check", "build", "diagram", "compare", "diff", "verify", "audit", "catalog", "schema"):
        assert f"\n  {name} " in result.stdout


@pytest.mark.sampled(3)
@pytest.mark.parametrize(
    "command", ["show", "check", "build", "diagram", "compare", "diff", "verify", "catalog", "routing"]
)
def test_command_help_imports_nothing_heavy(command: str) -> None:
    code = (
        f"import sys; sys.argv = ['topo', {command!r}, '--help']\n"
        "from topo.cli import main\n"
        "try:\n    main()\nexcept SystemExit as end:\n    assert end.code == 0\n"
        "heavy = {'numpy', 'networkx', 'scipy', 'ortools', 'igraph', 'rich'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False, env=environment()
    )
    assert result.returncode == 0, result.stderr
    assert "Example:" in result.stdout


def test_unknown_command_and_option_exit_2() -> None:
    for args in (["nothing"], ["show", "--nothing"], ["check"]):
        result = run(*args)
        assert result.returncode == 2
        assert result.stdout == ""
        assert "Traceback" not in result.stderr


def test_show_counts_the_fabric() -> None:
    result = run("show", DESIGNS / "mpft-16384.yaml", "--format", "json")
    value = json.loads(result.stdout)
    assert result.returncode == 0
    assert value["networks"]["compute"]["switches"] == {"leaf": 512, "spine": 256, "total": 768}
    assert value["networks"]["compute"]["links"]["fabric"] == 16384


def test_check_json_has_the_contract_keys() -> None:
    result = run("check", DESIGNS / "tiny-mpft.yaml", "--format", "json")
    assert result.returncode == 0, result.stderr
    (report,) = json.loads(result.stdout)
    assert report["schema"] == "topo.report/1"
    assert report["verdict"] == "held"
    assert set(report["design"]) == {"name", "path", "sha256"}
    metrics = report["metrics"]
    assert metrics["switches"] == {"leaf": 8, "spine": 4, "total": 12}
    assert metrics["links"] == {"endpoint": 16, "leaf_spine": 16, "fabric": 16}
    assert metrics["gpus"] == 16
    assert metrics["hosts"] == 8
    assert metrics["planes"] == 2
    assert metrics["hops"]["max"] == 3
    share = {"lower": 1.0, "upper": 1.0}
    halves = {"lower_gbps": 3200, "upper_gbps": 3200, "full_gbps": 3200, "exact": True, "share": share}
    assert metrics["bisection"] == halves
    assert metrics["throughput"]["all-to-all"]["adaptive"]["exact"] is True
    for requirement in report["requirements"]:
        assert {"id", "statement", "verdict", "measured", "bound", "unit"} <= set(requirement)


def test_gravest_verdict_counts(tmp_path: Path) -> None:
    good = (DESIGNS / "tiny-ft2.yaml").read_text()
    (tmp_path / "good.yaml").write_text(good)
    rule = "{id: connected, require: {connected: {}}, reason: every endpoint reaches every other}"
    (tmp_path / "policy.yaml").write_text(f"rules: [{rule}]\n")
    assert run("check", tmp_path).returncode == 0
    (tmp_path / "broken.yaml").write_text(good.replace("switches: {at_most: 6}", "switches: {at_most: 5}"))
    result = run("check", tmp_path, "--format", "json")
    assert result.returncode == 1
    assert [r["verdict"] for r in json.loads(result.stdout)] == ["broken", "held"]
    (tmp_path / "invalid.yaml").write_text(good.replace("family: ft2", "family: ft9"))
    result = run("check", tmp_path, "--format", "json")
    assert result.returncode == 2
    invalid = next(r for r in json.loads(result.stdout) if r["verdict"] == "invalid")
    (error,) = invalid["errors"]
    assert error["line"] == 6
    assert error["key"] == "networks.compute.family"
    assert error["value"] == "ft9"
    assert "ft2" in error["allowed"]
    assert error["file"].endswith("invalid.yaml")


def test_verify_proves_what_check_wrote(tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    report.write_text(run("check", DESIGNS / "tiny-ft3.yaml", "--format", "json").stdout)
    result = run("verify", report)
    assert result.returncode == 0, result.stdout + result.stderr
    assert result.stdout.count(": proved") >= 2

    value = json.loads(report.read_text())
    value[0]["design"]["sha256"] = "0" * 64
    report.write_text(json.dumps(value))
    changed = run("verify", report)
    assert changed.returncode == 2
    assert "has changed" in changed.stderr


def test_certificates_are_written_beside_the_report(tmp_path: Path) -> None:
    result = run("check", DESIGNS / "tiny-ft2.yaml", "--certificates", tmp_path / "proofs")
    assert result.returncode == 0, result.stderr
    names = {path.name for path in (tmp_path / "proofs" / "tiny-ft2").iterdir()}
    assert any(name.startswith("bisection") for name in names)
    assert any(name.startswith("throughput") for name in names)


def test_build_refuses_a_foreign_folder(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("keep me")
    result = run("build", DESIGNS / "tiny-ft2.yaml", "-o", tmp_path)
    assert result.returncode == 2
    assert result.stdout == ""
    assert [p.name for p in tmp_path.iterdir()] == ["mine.txt"]


def test_results_on_stdout_and_silence_in_a_pipe(tmp_path: Path) -> None:
    result = run("build", DESIGNS / "tiny-ft2.yaml", "-o", tmp_path / "out")
    assert result.returncode == 0, result.stderr
    assert result.stderr == ""
    assert "files" in result.stdout
