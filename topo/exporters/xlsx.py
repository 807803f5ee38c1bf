"""Workbooks (Office Open XML, ECMA-376) with frozen headers and filters, the same bytes for the same tables.

Written here because libraries put the clock into the file and need 8 to 14 s for what takes 2 s column by column.
Every text is a shared string, so that nothing a cell starts with makes it a formula.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

from topo.exporters.table import Column

_OPEN = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_EPOCH = (1980, 1, 1, 0, 0, 0)
"""The earliest date of a zip file: equal plans make equal files."""
MAX_ROWS = 1_048_576
"""Rows a sheet can hold, with the header."""


@dataclass(frozen=True)
class Sheet:
    """One sheet: its name (at most 31 characters, without []:*?/\\) and its columns."""

    name: str
    columns: Sequence[Column]


def workbook(sheets: Sequence[Sheet]) -> bytes:
    """An .xlsx file. A table longer than a sheet goes on in further sheets: `links`, `links 2`."""
    strings = _Strings()
    parts = [piece for sheet in sheets for piece in _pieces(sheet)]
    files = {f"xl/worksheets/sheet{i}.xml": _sheet_xml(sheet, strings) for i, sheet in enumerate(parts, 1)}
    names = [sheet.name for sheet in parts]
    files = {
        "[Content_Types].xml": _content_types(len(parts)),
        "_rels/.rels": _relations([("officeDocument", "xl/workbook.xml")]),
        "xl/workbook.xml": _workbook_xml(names, parts),
        "xl/_rels/workbook.xml.rels": _relations(
            [("worksheet", f"worksheets/sheet{i}.xml") for i in range(1, len(parts) + 1)]
            + [("styles", "styles.xml"), ("sharedStrings", "sharedStrings.xml")]
        ),
        "xl/styles.xml": _STYLES,
        "xl/sharedStrings.xml": strings.xml(),
        **files,
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as archive:
        for path, text in files.items():
            info = zipfile.ZipInfo(path, _EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            info.create_system = 3
            archive.writestr(info, text)
    return buffer.getvalue()


class _Strings:
    """The shared strings, in order of first use."""

    def __init__(self) -> None:
        self.row: dict[str, int] = {}

    def code(self, text: str) -> int:
        return self.row.setdefault(text, len(self.row))

    def xml(self) -> str:
        items = "".join([f'<si><t xml:space="preserve">{_text(t)}</t></si>' for t in self.row])
        return f'{_OPEN}<sst xmlns="{_MAIN}" uniqueCount="{len(self.row)}">{items}</sst>'


def _text(value: str) -> str:
    """A text for XML 1.0; characters that XML cannot hold become the replacement character."""
    if not value.isprintable():
        value = "".join([c if c in "\t\n" or (c >= " " and c not in "\ufffe\uffff") else "\ufffd" for c in value])
    return escape(value)


def _pieces(sheet: Sheet) -> list[Sheet]:
    import numpy as np

    rows = len(sheet.columns[0].codes)
    if rows < MAX_ROWS:
        return [sheet]
    result = []
    for i, start in enumerate(range(0, rows, MAX_ROWS - 1)):
        index = np.arange(start, min(start + MAX_ROWS - 1, rows))
        result.append(Sheet(sheet.name if not i else f"{sheet.name} {i + 1}", [c.rows(index) for c in sheet.columns]))
    return result


def column_name(index: int) -> str:
    """The letters of a column counted from 0: A, Z, AA."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _sheet_xml(sheet: Sheet, strings: _Strings) -> str:
    rows = len(sheet.columns[0].codes)
    head = "".join(
        f'<c r="{column_name(i)}1" s="1" t="s"><v>{strings.code(c.title)}</v></c>' for i, c in enumerate(sheet.columns)
    )
    cells = []
    for i, column in enumerate(sheet.columns):
        opening, letters = '<c r="', column_name(i)
        ends = []
        for value in column.values:
            if value == "":
                ends.append("")
            elif column.is_number:
                ends.append(f'"><v>{value}</v></c>')
            else:
                ends.append(f'" t="s"><v>{strings.code(value)}</v></c>')
        cells.append(_cells(opening + letters, ends, column))
    numbers = [str(r) for r in range(2, rows + 2)]
    lines = (
        [f'<row r="{n}">{"".join(c)}</row>' for n, c in zip(numbers, zip(*cells, strict=True), strict=True)]
        if cells
        else []
    )
    last = f"{column_name(len(sheet.columns) - 1)}{rows + 1}"
    return (
        f'{_OPEN}<worksheet xmlns="{_MAIN}"><dimension ref="A1:{last}"/>'
        '<sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" '
        'state="frozen"/></sheetView></sheetViews>'
        f"<cols>{_widths(sheet.columns)}</cols>"
        f'<sheetData><row r="1">{head}</row>{"".join(lines)}</sheetData><autoFilter ref="A1:{last}"/></worksheet>'
    )


def _cells(start: str, ends: Sequence[str], column: Column) -> list[str]:
    """The column's cells; an empty value has none."""
    body = map(ends.__getitem__, column.codes.tolist())
    return [f"{start}{r}{end}" if end else "" for r, end in enumerate(body, 2)]


def _widths(columns: Sequence[Column]) -> str:
    result = []
    for i, c in enumerate(columns, 1):
        width = min(max([len(c.title) + 2, *(len(v) for v in c.values[:1000])]) + 2, 60)
        result.append(f'<col min="{i}" max="{i}" width="{width}" customWidth="1"/>')
    return "".join(result)


def _relations(targets: Sequence[tuple[str, str]]) -> str:
    items = "".join(
        f'<Relationship Id="rId{i}" Type="{_REL}/{kind}" Target="{target}"/>'
        for i, (kind, target) in enumerate(targets, 1)
    )
    return f'{_OPEN}<Relationships xmlns="{_PACKAGE}/relationships">{items}</Relationships>'


def _workbook_xml(names: Sequence[str], sheets: Sequence[Sheet]) -> str:
    items = "".join(f'<sheet name={quoteattr(n)} sheetId="{i}" r:id="rId{i}"/>' for i, n in enumerate(names, 1))
    filters = ""
    for i, sheet in enumerate(sheets):
        last = f"${column_name(len(sheet.columns) - 1)}${len(sheet.columns[0].codes) + 1}"
        quoted = escape(names[i].replace("'", "''"))
        filters += (
            f'<definedName name="_xlnm._FilterDatabase" localSheetId="{i}" hidden="1">'
            f"'{quoted}'!$A$1:{last}</definedName>"
        )
    return (
        f'{_OPEN}<workbook xmlns="{_MAIN}" xmlns:r="{_REL}"><sheets>{items}</sheets>'
        f"<definedNames>{filters}</definedNames></workbook>"
    )


def _content_types(sheets: int) -> str:
    overrides = [
        ("/xl/workbook.xml", "sheet.main"),
        ("/xl/styles.xml", "styles"),
        ("/xl/sharedStrings.xml", "sharedStrings"),
    ]
    overrides += [(f"/xl/worksheets/sheet{i}.xml", "worksheet") for i in range(1, sheets + 1)]
    items = "".join(f'<Override PartName="{p}" ContentType="{_TYPE}.{t}+xml"/>' for p, t in overrides)
    return (
        f'{_OPEN}<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{items}</Types>'
    )


_STYLES = (
    f'{_OPEN}<styleSheet xmlns="{_MAIN}"><fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>'
    '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>'
    '</fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="2"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)
