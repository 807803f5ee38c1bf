"""topo: design GPU cluster fabrics, prove what they carry, write what is needed to build them."""

from topo.version import __version__

TYPE_CHECKING = False
if TYPE_CHECKING:  # nothing else is imported here: `python -m topo` would look into the current folder first
    from topo.api import bisection as bisection
    from topo.api import build as build
    from topo.api import check as check
    from topo.api import cost as cost
    from topo.api import from_networkx as from_networkx
    from topo.api import load_design as load_design
    from topo.api import search as search
    from topo.api import throughput as throughput
    from topo.api import to_networkx as to_networkx
    from topo.api import verify_certificate as verify_certificate

__all__ = [
    "__version__",
    "bisection",
    "build",
    "check",
    "cost",
    "from_networkx",
    "load_design",
    "search",
    "throughput",
    "to_networkx",
    "verify_certificate",
]


def __getattr__(name: str) -> object:
    """Names of the public calls resolve when first used, so that `import topo` stays cheap."""
    if name in __all__:
        from topo import api

        return getattr(api, name)
    raise AttributeError(f"module 'topo' has no attribute {name!r}")


def __dir__() -> list[str]:
    return list(__all__)
