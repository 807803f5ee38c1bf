"""As-built against plan: cables that are not where they should be, and what the tables of a live fabric do."""

from topo.audit.compare import Audit, audit
from topo.audit.lint import lint_plan

__all__ = ["Audit", "audit", "lint_plan"]
