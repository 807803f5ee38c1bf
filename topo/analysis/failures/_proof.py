"""The certificate of all single failures of a kind (read by `topo.certificates.kinds.failures`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

from topo.analysis.failures._graph import HostedGraph, hosted_graph
from topo.analysis.failures._rows import FailureRow
from topo.analysis.symmetry import Symmetry
from topo.analysis.throughput.proof import generators_proof
from topo.errors import CertificateError
from topo.fabric import Fabric, cables_digest


def failures_proof(
    fabric: Fabric, network: int, rows: Sequence[FailureRow], hosted: HostedGraph | None = None
) -> dict[str, Any] | None:
    """The proof of what `single_failures` found for one kind of failure and one question: the permutations that make
    the rows stand for all failures, and each row's own certificate. None where the checker sees failures that no row
    stands for. `hosted` is the network's `hosted_graph`, where it is at hand."""
    from topo.certificates import switch_graph_digest, unlike_failures

    first = rows[0]
    claim: dict[str, Any] = {
        "cut_off": max(row.cut_off for row in rows),
        "hosts_cut_off": max(len(row.lost.hosts) for row in rows),
    }
    claim |= least_ends(rows)
    name = fabric.networks[network]
    certificate = {
        "kind": "failures",
        "fabric": fabric.name,
        "network": name,
        "switch_graph": switch_graph_digest(fabric, name),
        "question": {"what": first.what, "traffic": first.traffic, "routing": first.routing},
        **_cables(fabric, network, first.what),
        "generators": stated_generators(hosted or hosted_graph(fabric, network)),
        "representatives": [_taken(row) for row in rows],
        "claim": claim,
    }
    try:
        return None if unlike_failures(fabric, certificate) else certificate
    except CertificateError:
        return None


def least_ends(rows: Sequence[FailureRow]) -> dict[str, str]:
    """The least of the lower and of the upper ends that the rows' certificates prove, where there are any."""
    result: dict[str, str] = {}
    for key in ("lower", "upper"):
        known = [end for end in (_end(row, key) for row in rows) if end is not None]
        result |= {key: str(min(known))} if known else {}
    return result


def draws_proof(
    fabric: Fabric, network: int, seeds: range, rows: Sequence[FailureRow], counted: int | None = None
) -> dict[str, Any]:
    """The proof of what `random_failures` found for consecutive seeds: each draw with its own certificate. A bound has
    to hold in `counted` of them (all by default): the bounds that the checker gives are those of so many draws."""
    from topo.certificates import switch_graph_digest

    first, name = rows[0], fabric.networks[network]
    question = {"what": first.what, "count": first.count, "seeds": [seeds.start, len(seeds)]}
    share = {} if counted is None else {"draws_that_count": counted}
    ends = {key: [_end(row, key) for row in rows] for key in ("lower", "upper")}
    claim: dict[str, Any] = {
        "cut_off": [row.cut_off for row in rows],
        "hosts_cut_off": [len(row.lost.hosts) for row in rows],
        **{key: [None if end is None else str(end) for end in column] for key, column in ends.items()},
    }
    return {
        "kind": "draws",
        "fabric": fabric.name,
        "network": name,
        "switch_graph": switch_graph_digest(fabric, name),
        "question": {**question, **share, "traffic": first.traffic, "routing": first.routing},
        **_cables(fabric, network, first.what),
        "draws": [_taken(row) for row in rows],
        "claim": claim,
    }


def stated_generators(hosted: HostedGraph) -> list[dict[str, list[int]]]:
    """The permutations of a network with its hosts as certificates hold them."""
    return generators_proof(_stated(hosted))


def _stated(hosted: HostedGraph) -> Symmetry:
    """The symmetry on the nodes that a certificate knows: planes of their own move with their switches."""
    whole = hosted.symmetry
    return replace(whole, generators=tuple(generator[: hosted.stated] for generator in whole.generators))


def _cables(fabric: Fabric, network: int, what: str) -> dict[str, str]:
    """The fingerprint of the cables that several links share, where cables fail and there are such."""
    result = cables_digest(fabric, network) if what == "cable" else ""
    return {"cables": result} if result else {}


def _taken(row: FailureRow) -> dict[str, Any]:
    """What a failure takes away, and the certificate of what it leaves."""
    without = {"links": list(row.links), "devices": list(row.devices)}
    return {"without": without, **({} if row.certificate is None else {"proof": row.certificate})}


def _end(row: FailureRow, key: str) -> Fraction | None:
    """What the row's own certificate claims; without one nothing but 0 from below is proved."""
    if row.certificate is None:
        return Fraction(0) if key == "lower" else None
    stated = row.certificate["claim"].get(key)
    return None if stated is None else Fraction(stated)
