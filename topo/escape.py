"""Texts of users and files as the places they go to can hold them, one function a place.

Names, titles and paths may come from anybody. None of them starts a line of its own, moves a cursor, turns the
direction of reading, is run by a spreadsheet, or calls a person or a command.
"""

import re

_ODD = re.compile(r"[^\n\t -~]")
_COLOUR = re.compile(r"\x1b\[(?:0|1|2|33|36|1;3[0-7])m")
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_MARKUP = "\\|<>*_`[]~"
_REFERENCE = re.compile(r"[@#](?=\w)|(?i:GH-(?=\d)|(?:https?|ftp)(?=://)|www(?=\.))")
_NOTHING = "<!-- -->"
"""Shown by nobody, and between a sign and its name: GitHub reads mentions from what is shown."""


def one_line(text: str) -> str:
    """The text without line ends, control characters and marks that are not seen: each as its escape, such as \\x1b."""
    return text if text.isprintable() else "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


def terminal(text: str) -> str:
    """Lines for a terminal: line ends, tabs and the colours that topo itself uses stay, all else that is not seen is
    shown as its escape."""
    if not _ODD.search(text):
        return text
    parts, at = [], 0
    for colour in _COLOUR.finditer(text):
        parts += [_shown(text[at : colour.start()]), colour[0]]
        at = colour.end()
    return "".join([*parts, _shown(text[at:])])


def _shown(text: str) -> str:
    return _ODD.sub(lambda result: result[0] if result[0].isprintable() else repr(result[0])[1:-1], text)


def spreadsheet(value: str) -> str:
    """A cell on one line that no spreadsheet takes for a formula."""
    text = one_line(value)
    return "'" + text if value.startswith(_FORMULA) else text


def markdown(text: str) -> str:
    """Text inside a line or a cell of Markdown: no markup, nobody is mentioned, nothing is referred to or linked."""
    plain = "".join(f"\\{c}" if c in _MARKUP else c for c in one_line(text))
    return _REFERENCE.sub(lambda result: result[0] + _NOTHING, plain)


def workflow_line(text: str) -> str:
    """A line that GitHub's runner prints and does not obey: no command begins it or stands in it."""
    line = one_line(text).replace("##[", "##\\[")
    return line.replace("::", ": :") if line.lstrip().startswith("::") else line
