"""What Graphviz writes: the same bytes, text that stays text, the shipped font, nothing on stderr."""

from __future__ import annotations

import re
import subprocess
import sys
from xml.etree import ElementTree

import pytest

from topo.diagrams import Box, Drawing, Line, Text
from topo.diagrams.sheet.textwidth import fitted, text_width
from topo.diagrams.written.engine import FONTS
from topo.diagrams.written.render import render
from topo.diagrams.written.svg import DARK
from topo.errors import InputError

HOSTILE = [
    "<b>x</b>",
    "<script>alert(1)</script>",
    'quote " and \\ backslash \\N \\G \\l',
    "&lt;b&gt; &amp; &#60; ]]>",
    "a\nb\tc\x07d",
    "=HYPERLINK('x')",
    "<<b>html-like</b>>",
    "漢字 ünï → ∞",
]


def one_text(text: str) -> Drawing:
    box = Box(text, 50, 50, 40, 20)
    other = Box("other", 150, 50, 40, 20)
    line = Line(text, "other", ((70, 50), (130, 50)), title=text)
    return Drawing(text, 300, 100, (box, other), (line,), (Text(150, 80, text),))


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_text(text: str) -> None:
    root = ElementTree.fromstring(render(one_text(text), "svg"))
    shown = ["".join(t.itertext()) for t in root.iter("{http://www.w3.org/2000/svg}text")]
    assert shown == ["".join(c if c.isprintable() else " " for c in text)]
    assert {e.tag.split("}")[1] for e in root.iter()} <= {"svg", "g", "title", "text", "path", "polygon", "a", "style"}
    assert [e.text for e in root.iter("{http://www.w3.org/2000/svg}style")] == [
        DARK.removeprefix("<style>").removesuffix("</style>")
    ]


@pytest.mark.parametrize("format", ["svg", "png", "pdf", "dot"])
def test_same_drawing_same_bytes(format: str) -> None:
    assert render(one_text("a"), format) == render(one_text("a"), format)


def test_bytes_do_not_depend_on_the_process_or_the_clock(tmp_path) -> None:
    code = (
        "import sys; from topo.diagrams import *; "
        "d = Drawing('t', 90, 40, (Box('b', 45, 20, 60, 20),), (), (Text(45, 20, 'text'),)); "
        "sys.stdout.buffer.write(b''.join(render(d, f) for f in ('svg', 'png', 'pdf')))"
    )
    runs = [
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, check=True, env={"HOME": str(tmp_path), **env}
        )
        for env in ({}, {"SOURCE_DATE_EPOCH": "1", "FONTCONFIG_FILE": "/nowhere"})
    ]
    assert runs[0].stdout == runs[1].stdout
    assert [run.stderr for run in runs] == [b"", b""]


def test_the_environment_is_put_back(monkeypatch) -> None:
    import os

    monkeypatch.setenv("FONTCONFIG_FILE", "/mine")
    render(one_text("a"), "png")
    assert os.environ["FONTCONFIG_FILE"] == "/mine"
    assert "FONTCONFIG_SYSROOT" not in os.environ


def test_pdf_embeds_the_shipped_font() -> None:
    assert b"+DejaVuSans" in render(one_text("abc"), "pdf")


def test_glyphs_are_not_boxes() -> None:
    """Three letters that a missing font would all show as the same box give three different pictures."""
    pictures = {render(one_text_only(c), "png") for c in "iWg"}
    assert len(pictures) == 3


def one_text_only(text: str) -> Drawing:
    return Drawing("same", 100, 50, (), (), (Text(50, 25, text),))


def test_widths_are_those_of_the_font() -> None:
    tt = pytest.importorskip("fontTools.ttLib")
    font = tt.TTFont(FONTS / "DejaVuSans.ttf")
    table, metrics, unit = font.getBestCmap(), font["hmtx"], font["head"].unitsPerEm
    for code in [*range(32, 127), 0xB7, 0x2013]:
        assert text_width(chr(code), 1.0) == pytest.approx(metrics[table[code]][0] / unit, abs=6e-4)
    for c in "×→…≥ÄéΩ":
        assert text_width(c, 1.0) >= metrics[table[ord(c)]][0] / unit


def test_fitted_text_fits() -> None:
    for width in (10.0, 33.0, 120.0):
        assert text_width(fitted("a rather long label for a box", 10, width), 10) <= max(width, 10)
    assert fitted("short", 10, 100) == "short"


def test_unknown_format_is_the_users_error() -> None:
    with pytest.raises(InputError, match="unknown format"):
        render(one_text("a"), "jpeg")


def test_dot_says_the_same_positions() -> None:
    dot = render(one_text("a"), "dot").decode()
    assert re.search(r'"a" \[pos="50,50"', dot)
    assert '"a" -- "other"' in dot
