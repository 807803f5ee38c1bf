"""A set of files is written whole or not at all."""

from __future__ import annotations

import hashlib
import json
import os
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
