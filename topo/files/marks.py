"""Single files that topo wrote carry a mark with their own digest: so a run knows what it may replace.

The mark is a comment that no reader of the format shows: at the end of HTML, SVG, DOT and PDF, in a text chunk of PNG.
"""

from __future__ import annotations

import hashlib
import re
import struct
import zlib

_MARK = re.compile(rb"topo sha256:[0-9a-f]{64}")
_COMMENTS = (
    ((b"<",), b"<!-- ", b" -->\n"),
    ((b"%PDF",), b"%", b"\n"),
    ((b"digraph", b"graph", b"strict"), b"// ", b"\n"),
)
"""How a format starts, and what stands before and after a comment at its end."""
_PNG, _PNG_END = b"\x89PNG\r\n\x1a\n", 12
_PNG_TEXT = b"tEXtComment\0"


def marked(content: bytes) -> bytes:
    """The content with its mark; as it is where its format (CSV, YAML, JSON) has no room for one."""
    mark = b"topo sha256:" + hashlib.sha256(content).hexdigest().encode()
    if content.startswith(_PNG):
        body = _PNG_TEXT + mark
        chunk = struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
        return content[:-_PNG_END] + chunk + content[-_PNG_END:]
    for starts, before, after in _COMMENTS:
        if content.startswith(starts):
            return content + before + mark + after
    return content


def kept_for(old: bytes, new: bytes) -> str:
    """Why `old` is kept from being replaced by `new` unasked; empty where it may be: it is empty, the same, or bears a
    mark that still fits."""
    if not old.strip() or old in (new, marked(new)):
        return ""
    result = None
    for result in _MARK.finditer(old):  # noqa: B007
        pass
    if result is None:
        return "is there already, and nothing in it says that topo wrote it and nobody changed it"
    body = _body(old, result)
    return "" if body is not None and marked(body) == old else "was changed since topo wrote it"


def _body(content: bytes, result: re.Match[bytes]) -> bytes | None:
    """What was marked; None where the mark is not where `marked` puts it."""
    if content.startswith(_PNG):
        return content[: result.start() - len(_PNG_TEXT) - 4] + content[result.end() + 4 :]
    for _, before, after in _COMMENTS:
        tail = before + result[0] + after
        if content.endswith(tail):
            return content[: -len(tail)]
    return None
