"""As-built against plan: which cables are where they should be, and what happened to the others."""

from topo.audit.compare import Audit, audit
from topo.audit.lint import lint_plan

__all__ = ["Audit", "audit", "lint_plan"]
