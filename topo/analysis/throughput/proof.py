"""Flows and lengths as the plain data of a certificate (read by `topo.certificates.kinds.throughput`)."""

from __future__ import annotations

from fractions import Fraction
from math import lcm
from typing import Any

import numpy as np

from topo.analysis.symmetry import Symmetry
from topo.analysis.throughput.optimum import Flows, Lengths
from topo.analysis.throughput.problem import Problem
from topo.analysis.throughput.program import Program
from topo.analysis.throughput.walks import Step
from topo.certificates import HALVING, MOST_PRICE, FlowGraph, lengths_bound, verified_orbits, walks_bound
from topo.fabric.model import IntArray
from topo.fabric.ranks import firsts

LOWER_ONE = 2**40
"""Lower bounds of weighted walks are rounded down to such parts, so that any floating point proves them."""
LENGTH_ONE = 2**20
"""The greatest length in a certificate that rounds lengths."""


def generators_proof(symmetry: Symmetry) -> list[dict[str, list[int]]]:
    """Each generator as the nodes it moves and where to."""
    result = []
    for image in symmetry.generators:
        moved = np.flatnonzero(image != np.arange(len(image)))
        result.append({"moved": moved.tolist(), "to": image[moved].tolist()})
    return result


def flows_proof(problem: Problem, small: Program, flows: Flows) -> dict[str, Any]:
    """Flow per arc of every class that carries any, over a common denominator."""
    per_arc: list[list[tuple[int, Fraction]]] = []
    for k, flow in zip(small.commodities, flows.flow, strict=True):
        triples = zip(k.arc.tolist(), flow.tolist(), k.count.tolist(), strict=True)
        per_arc.append([(arc, Fraction(f, flows.denominator * count)) for arc, f, count in triples if f])
    common = lcm(*(f.denominator for entries in per_arc for _, f in entries))
    commodities = []
    for k, entries in zip(small.commodities, per_arc, strict=True):
        arcs = np.array([arc for arc, _ in entries], dtype=np.int64)
        ends = zip(problem.tail[arcs].tolist(), problem.head[arcs].tolist(), entries, strict=True)
        rows: list[int] = []
        for tail, head, (_, f) in ends:
            rows += (tail, head, f.numerator * (common // f.denominator))
        commodities.append({"destination": k.node, "cells": label_runs(k.cell), "flows": rows})
    return {"method": "flows", "denominator": common, "commodities": commodities}


def lengths_proof(problem: Problem, symmetry: Symmetry, lengths: Lengths) -> dict[str, Any]:
    """The length of one arc of each orbit that has any."""
    orbit = symmetry.arc_orbit[: len(problem.tail)]
    used, first = firsts(orbit)
    rows: list[int] = []
    for arc, length in zip(first.tolist(), lengths.length[used].tolist(), strict=True):
        if length:
            rows += (int(problem.tail[arc]), int(problem.head[arc]), int(length))
    return {"lengths": rows}


def label_runs(label: IntArray) -> list[int]:
    """A column of labels as [label, length, label, length, ...]."""
    first = np.flatnonzero(np.diff(label, prepend=-1))
    length = np.diff(np.append(first, len(label)))
    runs: list[int] = np.stack([label[first], length], axis=1).ravel().tolist()
    return runs


def step_proofs(
    problem: Problem, generators: list[dict[str, list[int]]], step: Step
) -> tuple[Fraction | None, Fraction | None, dict[str, Any]]:
    """The bounds that rounded weights and lengths prove, computed by the checker itself, and their proofs."""
    order = np.lexsort((problem.head, problem.tail))
    graph = FlowGraph(
        problem.nodes,
        problem.tail[order],
        problem.head[order],
        problem.capacity[order],
        problem.capacity_unit,
        problem.sends,
        problem.receives,
        problem.group,
        problem.extra_src,
        problem.extra_dst,
        problem.extra,
        problem.demand_unit,
    )
    orbits = verified_orbits(graph, {"generators": generators})
    prices = np.clip(np.rint(np.log2(step.weight[order]) * -HALVING), 0, MOST_PRICE).astype(np.int64)
    lower = {"method": "walks", "slack": step.slack, "prices": label_runs(prices)}
    length = np.rint(step.length[order] * (LENGTH_ONE / max(float(step.length.max()), 1e-300))).astype(np.int64)
    first = np.unique(orbits.arc)
    used = first[length[first] > 0]
    triples = np.stack([graph.tail[used], graph.head[used], length[used]], axis=1)
    upper = {"lengths": triples.ravel().tolist()}
    proof = {"generators": generators, "lower": lower, "upper": upper}
    reached = walks_bound(graph, orbits, lower)
    if reached is not None:
        reached = Fraction(reached.numerator * LOWER_ONE // reached.denominator, LOWER_ONE)
    return reached, lengths_bound(graph, orbits, upper, problem.minimal), proof
