"""A set of files is written whole or not at all."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from topo.errors import InputError
from topo.exporters import write_set

ONE = {"a.csv": b"1\n", "sub/b.json": b"{}\n"}
TWO = {"a.csv": b"2\n", "c.txt": b"c\n"}


def tree(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def content(folder: Path) -> dict[str, bytes]:
    return {k: v for k, v in tree(folder).items() if k != "manifest.json"}


def test_a_new_folder_holds_the_files_and_their_digests(tmp_path: Path) -> None:
    out = tmp_path / "deep" / "out"
    write_set(out, ONE)
    assert content(out) == ONE
    found = json.loads((out / "manifest.json").read_text())
    assert {e["path"]: e["sha256"] for e in found["files"]} == {
        k: hashlib.sha256(v).hexdigest() for k, v in ONE.items()
    }
    assert os.listdir(out.parent) == ["out"]


def test_our_files_are_replaced_and_those_of_others_stay(tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    write_set(out, ONE)
    (out / "notes.txt").write_text("mine")
    (out / "sub" / "mine.txt").write_text("mine too")
    write_set(out, TWO)
    assert content(out) == {**TWO, "notes.txt": b"mine", "sub/mine.txt": b"mine too"}


@pytest.mark.parametrize("wanted", [{"notes.txt": b"x"}, {"notes.txt/x": b"x"}, {"deep": b"x"}])
def test_a_file_of_others_is_never_overwritten(tmp_path: Path, wanted: dict[str, bytes]) -> None:
    out = tmp_path / "out"
    write_set(out, ONE)
    (out / "notes.txt").write_text("mine")
    (out / "deep").mkdir()
    (out / "deep" / "er.txt").write_text("mine")
    before = tree(out)
    with pytest.raises(InputError, match="in the way"):
        write_set(out, wanted)
    assert tree(out) == before


def test_a_folder_without_our_manifest_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.txt").write_text("mine")
    with pytest.raises(InputError, match="files that topo did not write"):
        write_set(tmp_path, ONE)
    (tmp_path / "manifest.json").write_text('{"schema": "somebody else"}')
    with pytest.raises(InputError, match="files that topo did not write"):
        write_set(tmp_path, ONE)
    with pytest.raises(InputError, match="is not a folder"):
        write_set(tmp_path / "x.txt", ONE)


def test_a_manifest_that_names_files_outside_touches_none(tmp_path: Path) -> None:
    out = tmp_path / "out"
    write_set(out, ONE)
    (tmp_path / "victim.txt").write_text("keep")
    manifest = json.loads((out / "manifest.json").read_text())
    manifest["files"].append({"path": "../victim.txt"})
    (out / "manifest.json").write_text(json.dumps(manifest))
    write_set(out, TWO)
    assert (tmp_path / "victim.txt").read_text() == "keep"
    assert content(out) == TWO


@pytest.mark.parametrize(
    "path", ["../x", "/etc/x", "a/../x", "", ".", "a//b", "./a", "a\\b", "a\nb", "manifest.json", "MANIFEST.JSON"]
)
def test_a_path_that_leaves_the_folder_is_refused(tmp_path: Path, path: str) -> None:
    with pytest.raises(InputError):
        write_set(tmp_path / "out", {path: b"x", "fine.txt": b"y"})
    assert os.listdir(tmp_path) == []


def test_a_path_that_is_file_and_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="a file and a folder at once"):
        write_set(tmp_path / "out", {"a": b"x", "a/b": b"y"})
    assert os.listdir(tmp_path) == []


def test_the_current_folder_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match="current folder"):
        write_set(".", ONE)


def test_a_linked_folder_is_written_where_it_points(tmp_path: Path) -> None:
    real = tmp_path / "real"
    real.mkdir()
    (tmp_path / "link").symlink_to(real)
    write_set(tmp_path / "link", ONE)
    assert content(real) == ONE
    assert (tmp_path / "link").is_symlink()


@pytest.mark.parametrize("fails_at", [1, 2])
def test_a_failure_in_the_middle_leaves_the_old_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fails_at: int
) -> None:
    out = tmp_path / "out"
    write_set(out, ONE)
    rename, calls = os.rename, []

    def failing(source: str, to: str) -> None:
        calls.append(source)
        if len(calls) == fails_at:
            raise OSError(28, "No space left on device", str(to))
        rename(source, to)

    monkeypatch.setattr(os, "rename", failing)
    with pytest.raises(InputError, match="No space left"):
        write_set(out, TWO)
    assert content(out) == ONE
    assert os.listdir(tmp_path) == ["out"]


def test_what_a_killed_run_left_is_repaired(tmp_path: Path) -> None:
    out, new, old = tmp_path / "out", tmp_path / ".out.topo-new", tmp_path / ".out.topo-old"
    write_set(out, ONE)
    (out / "notes.txt").write_text("mine")
    os.rename(out, old)
    new.mkdir()
    (new / "half").write_text("half")
    write_set(out, TWO)
    assert content(out) == {**TWO, "notes.txt": b"mine"}
    assert os.listdir(tmp_path) == ["out"]


def test_a_file_of_ours_that_was_changed_is_kept(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    write_set(folder, {"a.txt": b"1", "b.txt": b"1"})
    (folder / "a.txt").write_text("mine")
    with pytest.raises(InputError, match="changed since topo wrote it"):
        write_set(folder, {"a.txt": b"2"})
    assert (folder / "a.txt").read_text() == "mine"
    write_set(folder, {"a.txt": b"mine", "b.txt": b"1"})
    (folder / "a.txt").write_text("mine again")
    write_set(folder, {"a.txt": b"2"}, force=True)
    assert sorted(p.name for p in folder.iterdir()) == ["a.txt", "manifest.json"]
    assert (folder / "a.txt").read_text() == "2"


def test_with_force_a_folder_of_others_is_written_into(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / "theirs.txt").write_text("x")
    (folder / "a.txt").write_text("x")
    write_set(folder, {"a.txt": b"1"}, force=True)
    assert {p.name: p.read_text() for p in folder.iterdir() if p.suffix == ".txt"} == {"a.txt": "1", "theirs.txt": "x"}


def _no_renames(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """The system's answer where a folder is a mount point."""
    rename = os.rename

    def refused(a: str | Path, b: str | Path) -> None:
        if Path(a) == folder:
            raise OSError(errno.EBUSY, "Device or resource busy")
        rename(a, b)

    monkeypatch.setattr(os, "rename", refused)


def test_a_mount_point_is_filled_in_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    _no_renames(monkeypatch, folder)
    write_set(folder, {"a.txt": b"1", "sub/b.txt": b"1", "gone/c.txt": b"1"})
    (folder / "theirs.txt").write_text("x")
    write_set(folder, {"a.txt": b"2", "sub/b.txt": b"2"})
    found = {p.relative_to(folder).as_posix() for p in folder.rglob("*")}
    assert found == {"a.txt", "sub", "sub/b.txt", "theirs.txt", "manifest.json"}
    assert (folder / "a.txt").read_text() == "2"
    assert [p.name for p in tmp_path.iterdir()] == ["out"]


def test_a_run_killed_while_it_fills_a_mount_point_is_completed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, old, new = tmp_path / "out", {"a": b"1", "b": b"1", "c": b"1"}, {"a": b"2", "b": b"2", "d": b"2"}
    folder.mkdir()
    replace = os.replace
    for steps in range(5):
        shutil.rmtree(folder)
        folder.mkdir()
        with monkeypatch.context() as patch:
            _no_renames(patch, folder)
            write_set(folder, old)
            left = [steps]

            def counted(a: str | Path, b: str | Path, left: list[int] = left) -> None:
                if not left[0]:
                    raise KeyboardInterrupt
                left[0] -= 1
                replace(a, b)

            patch.setattr(os, "replace", counted)
            if steps < 4:
                with pytest.raises(KeyboardInterrupt):
                    write_set(folder, new)
        write_set(folder, new)
        found = {p.name: p.read_bytes() for p in folder.iterdir() if p.name != "manifest.json"}
        assert found == new


def test_two_runs_at_once_leave_a_whole_set(tmp_path: Path) -> None:
    code = (
        "import os, sys; from topo.exporters.folder import write_set\n"
        "for n in range(3):\n"
        "    if not os.fork():\n"
        "        files = {f'f{i}': str(n).encode() for i in range(40)}\n"
        "        for _ in range(5): write_set(sys.argv[1], files)\n"
        "        sys.exit(0)\n"
        "sys.exit(max(os.wait()[1] for _ in range(3)) != 0)\n"
    )
    folder = tmp_path / "out"
    subprocess.run([sys.executable, "-c", code, folder], check=True)
    assert len(list(folder.iterdir())) == 41
    assert len({(folder / f"f{i}").read_text() for i in range(40)}) == 1
    assert [p.name for p in tmp_path.iterdir()] == ["out"]
