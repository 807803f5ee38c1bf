"""One `Report` value; renderers for text, JSON, HTML and CI formats.

A renderer is one file in `topo.report.formats` that registers a function from reports to text.
"""

from typing import TYPE_CHECKING

from topo.first_use import at_first_use

if TYPE_CHECKING:
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

__getattr__ = at_first_use(
    __name__,
    {
        "make": "invalid, make_report",
        "model": "Metrics, Report, RequirementResult, Subject, exit_code",
        "registry": "renderers",
    },
)
