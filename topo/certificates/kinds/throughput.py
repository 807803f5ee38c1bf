"""The throughput of a traffic under adaptive routing: flows that reach it, lengths that nothing beats.

Keys: `fabric`, `network`, `switch_graph` (digest), `without` (absent for the intact fabric), `question` (`traffic`,
`routing`, `paths` any or minimal, as the routing says), `demand` (its `form`: `all-to-all`, `gpu-all-to-all`, `flows`
between endpoints and `pairs` of switches with the numbers themselves, which are those of the traffic named wherever its
name says which these are, see `stated_demand`), `proofs` (by scope, `network` and for GPUs `endpoints`: `generators`,
`lower`, `upper`) and `claim`: the bounds as fractions; absent ones are unbounded.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from topo.certificates.bounds.flows import flows_bound
from topo.certificates.bounds.lengths import lengths_bound
from topo.certificates.bounds.split import split_bound
from topo.certificates.bounds.walks import walks_bound
from topo.certificates.reading.flow_graph import (
    FlowGraph,
    SwitchGraph,
    all_to_all_endpoint_limit,
    all_to_all_graph,
    all_to_all_scale,
    switch_graph,
)
from topo.certificates.reading.gpu_graph import gpu_graph, joint_graph
from topo.certificates.reading.question import Named, asked_of, demand_of, only
from topo.certificates.reading.stated_demand import flows_endpoint_limit, flows_graph, stated_flows
from topo.certificates.reading.symmetry import VerifiedOrbits, verified_orbits
from topo.certificates.reading.whole import fraction, part, told
from topo.certificates.verify import Kind, kinds
from topo.errors import CertificateError
from topo.fabric import Fabric

LISTED = ("listed", "longest-matching", "matrix")
CLAIMS = ("lower", "upper", "network_lower", "network_upper")


def check(fabric: Fabric, intact: Fabric, certificate: Mapping[str, Any]) -> Mapping[str, Fraction]:
    """The bounds that the certificate proves, which are at least as good as those it claims."""
    network = str(certificate.get("network"))
    graph = switch_graph(fabric, network)
    if certificate.get("switch_graph") != graph.digest:
        raise CertificateError("the certificate belongs to another fabric: the digest of the switch graph differs")
    question = asked_of(certificate, "adaptive", "paths")
    if part(certificate, "question").get("paths") != question.routing["paths"]:
        raise CertificateError(f"the paths are not those of {question.routing.text} routing")
    minimal = question.routing["paths"] == "minimal"
    if question.traffic.name == "gpu-all-to-all":
        demand_of(certificate, question.traffic)
        within = question.traffic["within"] == "domain"
        over, whole = question.traffic["over"], switch_graph(intact, network)
        if over and (within or minimal):
            raise CertificateError("over two networks all GPUs are asked about, and all paths")
        if over:
            asked = joint_graph(fabric, graph, intact, whole, over)
        else:
            asked = gpu_graph(fabric, graph, intact, whole, within)
        proofs = only(part(certificate, "proofs"), "proofs", ("network", "endpoints"))
        lower, upper = _bounds(asked.network, part(proofs, "network"), minimal)
        whole_lower, whole_upper = _bounds(asked.endpoints, part(proofs, "endpoints"), minimal)
        if whole_upper is not None:
            whole_lower = least_of(whole_lower, asked.forwarding_limit)
        ends = (whole_lower, whole_upper, lower, upper)
        return _claimed(certificate, dict(zip(CLAIMS, ends, strict=True)))
    flow_graph, limit = question_of(fabric, graph, intact, certificate, question.traffic)
    proofs = only(part(certificate, "proofs"), "proofs", ("network",))
    lower, upper = _bounds(flow_graph, part(proofs, "network"), minimal)
    ends = (least_of(lower, limit), least_of(upper, limit), lower, upper)
    return _claimed(certificate, dict(zip(CLAIMS, ends, strict=True)))


def carried(fabric: Fabric, intact: Fabric, network: str, certificate: Mapping[str, Any]) -> Fraction:
    """How many times a certificate proves that the switches of this network carry the all-to-all.

    Raises CertificateError where it is about something else or proves no lower bound.
    """
    same = certificate.get("network") == network and certificate.get("kind") == "throughput"
    if not same or part(certificate, "question").get("traffic") != "all-to-all":
        raise CertificateError("a flow that bounds a bisection is an all-to-all of the same network")
    t = check(fabric, intact, certificate).get("network_lower")
    if t is None:
        raise CertificateError("the certificate proves no throughput from below")
    return t


def _claimed(certificate: Mapping[str, Any], proved: Mapping[str, Fraction | None]) -> Mapping[str, Fraction]:
    claims_hold(certificate, proved)
    return {key: value for key, value in proved.items() if value is not None}


def claims_hold(certificate: Mapping[str, Any], proved: Mapping[str, Fraction | None], *more: str) -> None:
    """Every bound of the part `claim` follows from those that are proved; raises CertificateError."""
    claim = only(part(certificate, "claim"), "the claim", (*proved, *more))
    for key, value in proved.items():
        claim_holds(key, fraction(claim[key], key) if key in claim else None, value)


def question_of(
    fabric: Fabric, graph: SwitchGraph, intact: Fabric, certificate: Mapping[str, Any], traffic: Named
) -> tuple[FlowGraph, Fraction | None]:
    """The demand of the traffic that a certificate names, and what the endpoint links allow (None: they never bind)."""
    demand = demand_of(certificate, traffic)
    whole = graph if fabric is intact else switch_graph(intact, graph.name)
    if demand["form"] == "all-to-all":
        scale = all_to_all_scale(whole)
        return all_to_all_graph(graph, scale), all_to_all_endpoint_limit(graph, scale)
    flows = stated_flows(fabric, graph, intact, whole, demand, traffic)
    return flows_graph(graph, flows), flows_endpoint_limit(graph, flows)


def traffic_words(traffic: Named) -> tuple[dict[str, Any], str]:
    """A traffic as a proved question has it, and in words: nobody derives from a name what is only listed."""
    if traffic.name in LISTED:
        return {"traffic": "listed", "called": traffic.text}, f"the listed flows (called {traffic.text})"
    return {"traffic": traffic.text}, traffic.text


def asked(fabric: Fabric, certificate: Mapping[str, Any]) -> tuple[Mapping[str, Any], str]:
    """The question that is answered."""
    result = asked_of(certificate, "adaptive", "paths")
    question, words = traffic_words(result.traffic)
    return {**question, "routing": result.routing.text}, f"throughput of {words} under {result.routing.text} routing"


def _bounds(graph: FlowGraph, proof: Mapping[str, Any], minimal: bool) -> tuple[Fraction | None, Fraction | None]:
    only(proof, "a proof", ("generators", "lower", "upper"))
    orbits = verified_orbits(graph, proof)
    lower = _lower(graph, orbits, part(proof, "lower"), minimal)
    upper = lengths_bound(graph, orbits, part(proof, "upper"), minimal)
    if lower is not None and upper is not None and lower > upper:
        raise CertificateError(f"the lower bound {lower} is above the upper bound {upper}")
    return lower, upper


def _lower(graph: FlowGraph, orbits: VerifiedOrbits, proof: Mapping[str, Any], minimal: bool) -> Fraction | None:
    method = proof.get("method")
    keys = {"flows": ("denominator", "commodities"), "walks": ("slack", "prices")}.get(str(method), ())
    only(proof, "a lower bound", ("method", *keys))
    if method == "flows":
        return flows_bound(graph, orbits, proof, minimal)
    if method == "split":
        return split_bound(graph, orbits)
    if method != "walks":
        raise CertificateError(f"no lower bound is called {method!r}; known are flows, split, walks")
    if minimal and proof.get("slack") != 0:
        raise CertificateError("walks with slack leave the shortest paths")
    return walks_bound(graph, orbits, proof)


def least_of(a: Fraction | None, b: Fraction | None) -> Fraction | None:
    """The smaller of two bounds, None being unbounded."""
    return b if a is None else a if b is None else min(a, b)


def claim_holds(key: str, claimed: Fraction | None, proved: Fraction | None) -> None:
    """A lower bound may be claimed up to what is proved, an upper bound down to it; None is unbounded."""
    below = key.endswith("lower")
    if below and (proved is None or (claimed is not None and claimed <= proved)):
        return
    if not below and (claimed is None or (proved is not None and claimed >= proved)):
        return
    raise CertificateError(f"the certificate claims {key} {told(claimed)} and proves {told(proved)}")


kinds.add("throughput", Kind(check, asked, ("switch_graph", "question", "demand", "proofs", "claim")))
