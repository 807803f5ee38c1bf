"""topo: design GPU cluster fabrics, prove what they carry, write what is needed to build them."""

from __future__ import annotations

from typing import Any

from topo.version import __version__

_API = (
    "load_design",
    "build",
    "check",
    "throughput",
    "bisection",
    "to_networkx",
    "from_networkx",
    "verify_certificate",
)
__all__ = ["__version__", *_API]


def __getattr__(name: str) -> Any:
    """Names of the public calls resolve when first used, so that `import topo` stays cheap."""
    if name in _API:
        from topo import api

        return getattr(api, name)
    raise AttributeError(f"module 'topo' has no attribute {name!r}")
