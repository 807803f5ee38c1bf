"""JUnit XML: a suite per design, a case per requirement, one for the wiring."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree import ElementTree as Xml

from topo.report.model import Report, RequirementResult
from topo.report.problems import explained, noted, rows
from topo.report.registry import renderers


def render(reports: Sequence[Report]) -> str:
    """The reports as one `testsuites` element."""
    suites = [_suite(report) for report in reports]
    totals = {key: str(sum(int(s.get(key, "0")) for s in suites)) for key in ("tests", "failures", "errors")}
    root = Xml.Element("testsuites", {"name": "topo", **totals})
    root.extend(suites)
    Xml.indent(root)
    return Xml.tostring(root, encoding="unicode", xml_declaration=True)


def _suite(report: Report) -> Xml.Element:
    name = _printable(report.subject.name)
    cases = [] if report.errors else [_wiring(report, name)]
    for result in report.requirements:
        case = _case(result.id, name)
        message = _printable(
            f"{result.statement}: measured {result.measured:.6g} {result.unit}".rstrip()
            + noted(result)
            + explained(report, result)
        )
        if result.verdict == "broken":
            Xml.SubElement(case, "failure", {"message": message, "type": "broken"}).text = _place(report, result)
        elif result.verdict != "held":
            Xml.SubElement(case, "error", {"message": message, "type": "undecided"}).text = _place(report, result)
        cases.append(case)
    for row in rows(report) if report.errors else ():
        case = _case("design", name)
        error = Xml.SubElement(case, "error", {"message": _printable(row.message), "type": report.verdict})
        error.text = _printable(f"{row.path}:{row.line}" if row.line else row.path)
        cases.append(case)
    counts = {
        "tests": len(cases),
        "failures": sum(c.find("failure") is not None for c in cases),
        "errors": sum(c.find("error") is not None for c in cases),
        "skipped": 0,
    }
    suite = Xml.Element("testsuite", {"name": name, **{k: str(n) for k, n in counts.items()}})
    suite.extend(cases)
    return suite


def _wiring(report: Report, name: str) -> Xml.Element:
    case = _case("wiring", name)
    for severity, element, kind in (("error", "failure", "broken"), ("undecided", "error", "undecided")):
        wrong = [finding for finding in report.own_findings if finding.severity == severity]
        if wrong:
            words = f"{len(wrong):,} finding{'s' * (len(wrong) > 1)}"
            result = Xml.SubElement(case, element, {"message": words, "type": kind})
            result.text = _printable("\n".join(f"{finding.code}: {finding.message}" for finding in wrong))
            break
    return case


def _case(name: str, suite: str) -> Xml.Element:
    return Xml.Element("testcase", {"name": _printable(name), "classname": suite, "time": "0"})


def _place(report: Report, result: RequirementResult) -> str:
    """Where the file asks for what does not hold, such as designs/a.yaml:12."""
    path = result.path or report.subject.path
    return _printable(f"{path}:{result.line}" if result.line else path)


def _printable(text: str) -> str:
    """The text without characters that XML cannot hold."""
    return "".join(c if c.isprintable() or c in "\n\t" else "?" for c in text)


renderers.add("junit", render)
