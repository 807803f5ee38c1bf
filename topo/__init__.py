"""topo: design GPU cluster fabrics, prove what they carry, write what is needed to build them."""

from topo.version import __version__

TYPE_CHECKING = False
if TYPE_CHECKING:  # nothing else is imported here: `python -m topo` would look into the current folder first
    from typing import Any

_API = (
    "load_design",
    "build",
    "check",
    "throughput",
    "bisection",
    "to_networkx",
    "from_networkx",
    "verify_certificate",
    "search",
)
__all__ = ["__version__", *_API]


def __getattr__(name: str) -> "Any":
    """Names of the public calls resolve when first used, so that `import topo` stays cheap."""
    if name in _API:
        from topo import api

        return getattr(api, name)
    raise AttributeError(f"module 'topo' has no attribute {name!r}")
