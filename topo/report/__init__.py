"""One `Report` value; renderers for text, JSON, HTML and CI formats.

A renderer is one file in `topo.report.formats` that registers a function from reports to text.
"""

from topo.report.make import invalid, make_report
from topo.report.model import Metrics, Report, RequirementResult, Subject, exit_code
from topo.report.registry import renderers

__all__ = [
    "Metrics",
    "Report",
    "RequirementResult",
    "Subject",
    "exit_code",
    "invalid",
    "make_report",
    "renderers",
]
