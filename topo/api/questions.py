"""Questions about designs and fabrics, each with its answer and what proves it."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeVar, Unpack

from topo.catalog import Catalog, load_catalog
from topo.design import Design
from topo.fabric import Fabric
from topo.plain import PlainKeys, written

if TYPE_CHECKING:
    import networkx as nx

    from topo.analysis.bisection import Bisection
    from topo.analysis.money import Life
    from topo.analysis.throughput import Throughput
    from topo.certificates import Proved
    from topo.report.answers.collectives import CollectiveOptions, Collectives
    from topo.report.answers.routings import RoutingPage
    from topo.searching import Search


Node = TypeVar("Node", bound=Hashable)
"""What names the nodes of somebody's graph."""


def search(
    request: str | Path | PlainKeys | Design,
    folder: str | Path | None = None,
    *,
    catalog: Catalog | None = None,
    jobs: int = 1,
    scheduler: str = "",
    top: int = 1,
    resume: bool = False,
    at_most: int = 500_000,
    time_limit_s: float = 60.0,
    say: Callable[[str], None] = lambda text: None,
) -> Search:
    """The cheapest fabric of a request (a file, or its keys as a mapping) that holds, and what proves it; of a design,
    the cheapest that holds the same. With a folder, everything is written there, whole or not at all.

    `jobs` processes judge candidates, or the workers of a Dask `scheduler`. Raises InputError for a wrong request, an
    empty space, and one of more candidates than `at_most`.
    """
    from topo.searching.running.how import How
    from topo.searching.start import start

    how = How(jobs, scheduler, top, resume, at_most, time_limit_s, say)
    parts = catalog or (request.catalog if isinstance(request, Design) else load_catalog())
    return start(request, Path(folder) if folder else None, parts, how)


def cost(
    design: Design,
    *,
    years: float | None = None,
    sets: PlainKeys | None = None,
    price_book: str = "",
    time_limit_s: float = 10.0,
) -> Life:
    """Money by class and network over the life of a design: `.total`, `.capex`, `.per_gpu`, `.per_bisection_gbps` (low,
    expected and high, in US dollars), `.lines`, `.leaves_out`, `.unpriced`, `.to_json()`.

    `sets` changes keys of the design's `cost` for this question, such as {"discount.optics": 0.3}. Raises InputError
    for wrong keys and values, and where the price book lacks a part.
    """
    from topo.report.answers.money import cost_page, what_if

    texts = [f"{key}={written(value, str(key))}" for key, value in (sets or {}).items()]
    book = design.catalog.price_book(price_book) if price_book else None
    return cost_page(what_if(design, texts, years), book, time_limit_s).life


def throughput(
    fabric: Fabric,
    traffic: str = "all-to-all",
    routing: str = "adaptive",
    *,
    unreachable: Literal["zero", "leave-out"] = "zero",
    network: str | int = 0,
    baseline: Fabric | None = None,
    time_limit_s: float = 60.0,
    certified: bool = True,
) -> Throughput:
    """The largest t such that t times the traffic can be routed in one network (row or name), as a certified interval.

    Pairs of endpoints that no path joins make it 0; `unreachable="leave-out"` asks for the other pairs alone, which is
    what `.certificate` proves either way. `.cut_off` names the endpoints that lost peers. `baseline` is the intact
    fabric whose normalisation a degraded one keeps. Raises InputError for an unknown traffic, routing or parameter,
    LimitReachedError where nothing is proved in time.
    """
    from topo.analysis.throughput import throughput as answer

    result = answer(fabric, traffic, routing, network, baseline, time_limit_s, certified=certified)
    return result.counted() if unreachable == "zero" else result


def collectives(design: Design, ops: Sequence[str] = (), **options: Unpack[CollectiveOptions]) -> Collectives:
    """Times and bandwidths of collectives over ranks on a design's GPUs.

    The options are those of `topo.report.answers.collectives.collectives`. Raises InputError for what does not fit,
    with the nearest that does.
    """
    from topo.report.answers.collectives import collectives as answer

    return answer(design, ops, **options)


def routing(
    design: Design,
    routing: str = "spray",
    traffic: str = "all-to-all",
    *,
    network: str = "",
    top: int = 10,
    time_limit_s: float = 60.0,
    done: Callable[[str], None] = lambda name: None,
) -> RoutingPage:
    """What a routing makes of a traffic: throughput, path lengths, loads with the `top` worst links, fair rates and
    freedom from deadlock; `done` is called with the name of each part. Raises InputError for unknown names and
    parameters, LimitReachedError where nothing is proved in time."""
    from topo.report.answers.routings import routing_page

    return routing_page(design, routing, traffic, network, top, time_limit_s, done)


def bisection(
    fabric: Fabric, *, network: str | int = 0, time_limit_s: float = 60.0, baseline: Fabric | None = None
) -> Bisection:
    """The least capacity between two halves of the hosts of one network (row or name), as a certified interval.

    `baseline` is the intact fabric that `fabric` was made from by `without`. Raises KeyError for an unknown network."""
    from topo.analysis.bisection import bisection as answer

    return answer(fabric, network, time_limit_s, baseline)


def verify_certificate(fabric: Fabric, certificate: PlainKeys) -> Proved:
    """Checks a certificate against a fabric with numpy alone and returns the statement it has proved; raises
    CertificateError where it does not hold."""
    from topo.certificates import verify_certificate as answer

    return answer(fabric, dict(certificate) if isinstance(certificate, Mapping) else certificate)


def to_networkx(fabric: Fabric) -> nx.MultiGraph[str]:
    """The fabric as a networkx MultiGraph."""
    from topo.exporters.networkx import to_networkx as answer

    return answer(fabric)


def from_networkx(graph: nx.Graph[Node]) -> Fabric:
    """A fabric from a switch graph; raises InputError for graphs that are none."""
    from topo.importers.networkx_graph import from_networkx as answer

    return answer(graph)
