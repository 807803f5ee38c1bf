"""`topo check --changed-since REV` checks what a change touches."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.cli.test_contract import DESIGNS, ROOT, run
from topo.api import design_files
from topo.catalog import load_catalog
from topo.errors import ParameterError
from topo.report.changed import touched

GIT = shutil.which("git") or ""


def git(folder: Path, *args: str) -> None:
    subprocess.run([GIT, *args], cwd=folder, check=True, capture_output=True)


def commit(folder: Path) -> None:
    git(folder, "add", "-A")
    git(folder, "-c", "user.name=t", "-c", "user.email=t@t", "commit", "-qm", "x")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A git checkout with two designs that use different switches of its own catalog."""
    (tmp_path / "designs").mkdir()
    for name, switch in (("one", "switch-one"), ("two", "switch-two")):
        text = (DESIGNS / "tiny-ft2.yaml").read_text().replace("example-switch-4", switch).replace("tiny-ft2", name)
        (tmp_path / "designs" / f"{name}.yaml").write_text(text)
        part(tmp_path / "parts", "switch", "example-switch-4", switch)
    git(tmp_path, "init", "-q")
    commit(tmp_path)
    return tmp_path


def part(catalog: Path, kind: str, shipped: str, name: str) -> Path:
    """A part of a catalog folder, as a shipped one but for its name."""
    target = catalog / kind / f"{name}.yaml"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(
        (ROOT / "catalogs" / kind / f"{shipped}.yaml").read_text().replace(f"id: {shipped}", f"id: {name}")
    )
    return target


def names(checkout: Path, revision: str = "HEAD", catalog: str = "parts") -> list[str]:
    designs = design_files([checkout / "designs"])
    return [path.stem for path in touched(designs, revision, load_catalog([checkout / catalog]))]


def append(path: Path, text: str) -> None:
    path.write_text(path.read_text() + text)


def test_nothing_changed(checkout: Path) -> None:
    assert names(checkout) == []
    (checkout / "README").write_text("a file that no design names\n")
    assert names(checkout) == []


def test_a_changed_design(checkout: Path) -> None:
    append(checkout / "designs" / "two.yaml", "# a word\n")
    assert names(checkout) == ["two"]


def test_committed_changes_count_since_the_revision(checkout: Path) -> None:
    append(checkout / "designs" / "two.yaml", "# a word\n")
    commit(checkout)
    assert names(checkout) == []
    assert names(checkout, "HEAD~1") == ["two"]


def test_a_new_and_a_renamed_design(checkout: Path) -> None:
    designs = checkout / "designs"
    (designs / "three.yaml").write_text((designs / "one.yaml").read_text().replace("name: one", "name: three"))
    assert names(checkout) == ["three"]
    git(checkout, "mv", "designs/two.yaml", "designs/zwei.yaml")
    assert names(checkout) == ["three", "zwei"]


def test_a_changed_part_touches_the_designs_that_use_it(checkout: Path) -> None:
    append(checkout / "parts" / "switch" / "switch-one.yaml", "# a word\n")
    assert names(checkout) == ["one"]


def test_a_part_that_is_put_over_a_shipped_one_or_taken_away(checkout: Path) -> None:
    over = part(checkout / "parts", "host", "example-host-1", "example-host-1")
    used = "example-host-1" in (checkout / "designs" / "one.yaml").read_text()
    assert used
    assert names(checkout) == ["one", "two"]
    commit(checkout)
    assert names(checkout) == []
    over.unlink()
    assert names(checkout) == ["one", "two"]


def test_a_part_that_is_gone_touches_who_might_have_chosen_it(checkout: Path) -> None:
    cable = part(checkout / "parts", "cable", "nvidia-mfp7e10", "another-cable")
    commit(checkout)
    cable.unlink()
    assert names(checkout) == ["one", "two"]


def test_a_part_that_is_used_and_gone_leaves_an_invalid_design_that_is_touched(checkout: Path) -> None:
    (checkout / "parts" / "switch" / "switch-two.yaml").unlink()
    assert "two" in names(checkout)


def test_policies(checkout: Path) -> None:
    policy = checkout / "designs" / "policy.yaml"
    policy.write_text("rules:\n  - {id: short, require: {hops: {at_most: 3}}, reason: because paths are short}\n")
    assert names(checkout) == ["one", "two"]
    commit(checkout)
    assert names(checkout) == []
    policy.unlink()
    assert names(checkout) == ["one", "two"]


def test_a_file_that_a_design_names(checkout: Path) -> None:
    traffic = checkout / "designs" / "traffic.csv"
    traffic.write_text("src,dst,gbps\n")
    append(checkout / "designs" / "one.yaml", "# as traffic.csv says\n")
    commit(checkout)
    append(traffic, "\n")
    assert names(checkout) == ["one"]


def test_a_catalog_outside_the_checkout_is_no_part_of_the_change(checkout: Path, tmp_path: Path) -> None:
    outside = tmp_path.parent / f"{tmp_path.name}-outside"
    shutil.move(checkout / "parts", outside)
    commit(checkout)
    catalog = f"../{outside.name}"
    assert names(checkout, catalog=catalog) == []
    git(outside, "init", "-q")
    commit(outside)
    append(outside / "switch" / "switch-one.yaml", "# a word\n")
    assert names(checkout, catalog=catalog) == []
    append(checkout / "designs" / "two.yaml", "# a word\n")
    assert names(checkout, catalog=catalog) == ["two"]


def test_what_cannot_be_asked_is_refused(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    for revision in ("nowhere", "--all", "-x"):
        with pytest.raises(ParameterError, match="no such revision"):
            names(checkout, revision)
    bare = tmp_path_factory.mktemp("bare")
    shutil.copytree(checkout / "designs", bare / "designs")
    with pytest.raises(ParameterError, match="in no git checkout"):
        names(bare, catalog="../" + checkout.name + "/parts")


def test_the_command_checks_those_only(checkout: Path) -> None:
    arguments = ["check", "designs", "--catalog", "parts", "--changed-since", "HEAD"]
    nothing = run(*arguments, cwd=checkout)
    assert (nothing.returncode, nothing.stdout.strip()) == (0, "")
    assert "no design is touched" in nothing.stderr
    append(checkout / "designs" / "two.yaml", "# a word\n")
    result = run(*arguments, cwd=checkout)
    assert result.returncode == 0, result.stderr
    assert result.stdout.startswith("HELD      two\n")
    assert run(*arguments[:-1], "nowhere", cwd=checkout).returncode == 2
