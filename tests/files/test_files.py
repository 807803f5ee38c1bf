"""Files are read with a bound and written whole; what is the user's is not replaced unasked."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import threading
import time
import zlib
from pathlib import Path

import pytest

from topo.errors import InputError
from topo.files import locked, read_file, read_text, write_file
from topo.files.marks import kept_for, marked

PNG = b"\x89PNG\r\n\x1a\n" + b"\0\0\0\x01IDATx\0\0\0\0" + b"\0\0\0\0IEND\xaeB`\x82"
OURS = [b"<!doctype html>\n<p>x", b"<svg>\n</svg>\n", b"%PDF-1.5\nx\n%%EOF\n", b"digraph {}\n", b"strict graph {}", PNG]


@pytest.mark.parametrize("content", OURS)
def test_a_mark_says_whether_a_file_is_as_topo_wrote_it(content: bytes) -> None:
    written = marked(content)
    assert written.startswith(content[:8])
    assert kept_for(written, b"<new>") == ""
    assert kept_for(content, b"<new>") != ""
    assert kept_for(written + b"more", b"<new>") == "was changed since topo wrote it"
    for i in range(len(written)):
        edited = written[:i] + bytes([written[i] ^ 1]) + written[i + 1 :]
        assert kept_for(edited, b"<new>") != "", i


def test_a_png_with_a_mark_is_a_png() -> None:
    content, at = marked(PNG), 8
    names = []
    while at < len(content):
        size = int.from_bytes(content[at : at + 4])
        names.append(content[at + 4 : at + 8])
        if names[-1] == b"tEXt":
            assert zlib.crc32(content[at + 4 : at + 8 + size]) == int.from_bytes(content[at + 8 + size :][:4])
        at += 12 + size
    assert names == [b"IDAT", b"tEXt", b"IEND"]


@pytest.mark.parametrize("content", [b"a,b\n1,2\n", b"name: x\n", b"{}"])
def test_what_bears_no_mark_is_replaced_by_itself_alone(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "out"
    assert write_file(path, content) == len(content)
    write_file(path, content)
    with pytest.raises(InputError, match="--force"):
        write_file(path, content + b"3,4\n")
    assert path.read_bytes() == content
    write_file(path, content + b"3,4\n", force=True)
    assert path.read_bytes() == content + b"3,4\n"


def test_an_input_is_never_replaced_unasked(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    write_file(path, b"<p>one")
    write_file(path, b"<p>two")
    read_file(path, 1000)
    (tmp_path / "link.html").symlink_to(path)
    for name in (path, tmp_path / "link.html", tmp_path / "." / "page.html"):
        with pytest.raises(InputError, match="is read by this command"):
            write_file(name, b"<p>three")
    write_file(path, b"<p>three", force=True)
    assert path.read_bytes() == marked(b"<p>three")


@pytest.mark.parametrize("mask", [0o022, 0o077, 0o002])
def test_the_umask_and_the_old_mode_count(mask: int, tmp_path: Path) -> None:
    before = os.umask(mask)
    try:
        write_file(tmp_path / "new", b"<p>")
        assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o666 & ~mask
        (tmp_path / "new").chmod(0o640)
        write_file(tmp_path / "new", b"<p>2")
        assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o640
    finally:
        os.umask(before)


def test_nothing_is_left_of_a_killed_run(tmp_path: Path) -> None:
    code = (
        "import os, sys, topo.files.writing as w\n"
        "from pathlib import Path\n"
        "w.os.fsync = lambda handle: os.kill(os.getpid(), 9)\n"
        "w.write_file(Path(sys.argv[1]), b'<p>')\n"
    )
    done = subprocess.run([sys.executable, "-c", code, tmp_path / "r.html"], check=False)
    assert done.returncode == -9
    assert list(tmp_path.iterdir()) == []
    (tmp_path / ".r.html.999999999.topo-new").touch()
    write_file(tmp_path / "r.html", b"<p>")
    assert [p.name for p in tmp_path.iterdir()] == ["r.html"]


def test_without_unnamed_files_it_works_as_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "O_TMPFILE", 0)
    write_file(tmp_path / "r.html", b"<p>")
    assert [p.name for p in tmp_path.iterdir()] == ["r.html"]
    monkeypatch.setattr(os, "replace", lambda a, b: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    with pytest.raises(InputError, match="No space left"):
        write_file(tmp_path / "r.html", b"<p>2")
    assert [p.name for p in tmp_path.iterdir()] == ["r.html"]


def test_a_full_device_is_said(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="No space left on device"):
        write_file(Path("/dev/full"), b"<p>")
    write_file(Path("/dev/null"), b"<p>")
    with pytest.raises(InputError, match="is a folder"):
        write_file(tmp_path, b"<p>")


def test_what_has_no_end_or_no_beginning_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(InputError, match="is no file with an end"):
        read_file(tmp_path / "pipe", 1000)
    for limit in (1000, 10**12):
        with pytest.raises(InputError, match="the file is too large"):
            read_file("/dev/zero", limit)
    with pytest.raises(InputError, match="Is a directory"):
        read_file(tmp_path, 1000)
    (tmp_path / "large").write_bytes(b"x" * 1001)
    with pytest.raises(InputError, match="at most 1,000 bytes"):
        read_file(tmp_path / "large", 1000)
    with pytest.raises(InputError, match="No such file"):
        read_file(tmp_path / "none", 1000)


def test_line_ends_of_every_kind_are_read(tmp_path: Path) -> None:
    (tmp_path / "text").write_bytes(b"\xef\xbb\xbfa\rb\r\nc\n")
    assert read_text(tmp_path / "text", 100) == "a\nb\nc\n"
    (tmp_path / "text").write_bytes(b"a\n\xff")
    with pytest.raises(InputError, match="text:2: is not UTF-8"):
        read_text(tmp_path / "text", 100)


def test_a_lock_is_waited_for_and_refused_after_a_while(tmp_path: Path) -> None:
    held = threading.Event()

    def hold() -> None:
        with locked(tmp_path):
            held.set()
            time.sleep(0.3)

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait()
    with pytest.raises(InputError, match="another run of topo"), locked(tmp_path, 0.05):
        pass
    with locked(tmp_path):
        assert list(tmp_path.iterdir()) == []
    thread.join()


def test_a_file_is_held_once_while_it_is_read(tmp_path: Path) -> None:
    """Not its parts and what they are joined to."""
    import tracemalloc

    size = 20_000_000
    (tmp_path / "large").write_bytes(b"x" * size)
    tracemalloc.start()
    try:
        content = read_file(tmp_path / "large", 2 * size)
        assert tracemalloc.get_traced_memory()[1] < 1.2 * size
    finally:
        tracemalloc.stop()
    assert content == b"x" * size
