"""The certificate of what whole groups or pairs leave (read by `topo.certificates.kinds.together`)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from topo.analysis.failures import FailureRow, HostedGraph, hosted_graph, least_ends, stated_generators
from topo.analysis.reliability.groups import Family
from topo.analysis.reliability.patterns import alike
from topo.analysis.reliability.proof import families_stated
from topo.errors import CertificateError
from topo.fabric import Fabric

MOST_ROWS = 5000
"""Patterns that a certificate holds the proofs of."""


def together_proof(
    fabric: Fabric,
    network: int,
    families: Sequence[Family],
    asked: tuple[Sequence[str], bool],
    rows: Sequence[FailureRow],
    hosted: HostedGraph | None = None,
) -> dict[str, Any] | None:
    """The proof of what `together` found: what was `asked` (the names of families, and whether any two of their
    groups), those groups, the permutations behind their classes, and each row's own certificate. None where there
    are too many rows, or the checker cannot follow the classes. `hosted` is the network's `hosted_graph`, where it is
    at hand."""
    from topo.certificates import switch_graph_digest, together_patterns

    of, pairs = asked
    if not rows or len(rows) > MOST_ROWS:
        return None
    whole, name = hosted or hosted_graph(fabric, network), fabric.networks[network]
    firsts = []
    for one in alike(fabric, fabric, network, families, whole) if pairs else ():
        less = fabric.without(links=one.one.links, devices=one.one.devices)
        without = {"links": list(one.one.links), "devices": list(one.one.devices)}
        firsts.append({"without": without, "generators": stated_generators(hosted_graph(less, network))})
    unlike = {str(first["without"]): first for first in firsts}
    certificate: dict[str, Any] = {
        "kind": "together",
        "fabric": fabric.name,
        "network": name,
        "switch_graph": switch_graph_digest(fabric, name),
        "question": {
            "of": list(of),
            "pairs": pairs,
            "traffic": rows[0].traffic,
            "routing": rows[0].routing,
            "families": groups_stated(fabric, families),
        },
        "generators": stated_generators(whole),
        "firsts": list(unlike.values()),
        "patterns": [
            {
                "without": {"links": list(row.links), "devices": list(row.devices)},
                **({} if row.certificate is None else {"proof": row.certificate}),
            }
            for row in rows
        ],
        "claim": {
            "cut_off": max(row.cut_off for row in rows),
            "hosts_cut_off": max(len(row.lost.hosts) for row in rows),
            **least_ends(rows),
        },
    }
    try:
        together_patterns(fabric, certificate)
    except CertificateError:
        return None
    return certificate


def groups_stated(fabric: Fabric, families: Sequence[Family]) -> list[dict[str, Any]]:
    """Families as such a certificate states them: nothing of how often they break."""
    stated = families_stated(fabric, families)
    return [{key: value for key, value in one.items() if key != "unavailable"} for one in stated]
