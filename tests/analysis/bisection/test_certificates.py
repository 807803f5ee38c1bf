"""A changed certificate proves nothing: every kind, every key."""

from __future__ import annotations

import copy
import json
from typing import Any

import networkx as nx
import numpy as np
import pytest

from topo.analysis.bisection import bisection, cut_capacity
from topo.certificates import verify_certificate
from topo.certificates.bounds.spectral import _check_semidefinite
from topo.certificates.kinds import bisection as of_bisection
from topo.certificates.kinds import cut as of_cut
from topo.errors import CertificateError, ParameterError
from topo.fabric import Fabric

from .small import fabric, host
from .test_graphs import imported


def trees() -> Fabric:
    return fabric("ft3", [(host(2), 9)], 8, oversubscription=3)


def pods() -> Fabric:
    return fabric("ft3", [(host(1), 11)], 4)


def cube() -> Fabric:
    return imported(nx.hypercube_graph(4), 3)


def paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every whole number in plain data."""
    if isinstance(value, dict):
        return [p for key, inner in value.items() for p in paths(inner, (*path, key))]
    if isinstance(value, list):
        return [p for i, inner in enumerate(value) for p in paths(inner, (*path, i))]
    return [path] if type(value) is int else []


def changed(certificate: dict[str, Any], path: tuple[Any, ...], by: int) -> dict[str, Any]:
    result = copy.deepcopy(certificate)
    inner: Any = result
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] += by
    return result


@pytest.mark.parametrize("make", [trees, pods, cube])
def test_no_changed_number_proves_a_better_bound(make: Any) -> None:
    """One number changed by one, up or down: refused, or still a proof of the very same interval."""
    one = make()
    certificate = json.loads(json.dumps(bisection(one).certificate))
    claimed = of_bisection.check(one, certificate)
    refused = 0
    for path in paths(certificate):
        for by in (-1, 1):
            try:
                assert of_bisection.check(one, changed(certificate, path, by)) == claimed
            except CertificateError:
                refused += 1
    assert refused > len(paths(certificate)) // 2


@pytest.mark.parametrize("key", ["lower", "upper"])
@pytest.mark.parametrize("make", [trees, pods, cube])
def test_another_claim_is_refused(make: Any, key: str) -> None:
    one = make()
    certificate = bisection(one).certificate
    for by in (-1, 1):
        with pytest.raises(CertificateError, match="claims"):
            of_bisection.check(one, changed(certificate, (key,), by))


@pytest.mark.parametrize("key", ["network", "unit_gbps", "lower", "upper", "hosts", "switches", "bounds"])
def test_a_missing_key_is_refused(key: str) -> None:
    one = trees()
    certificate = {k: v for k, v in bisection(one).certificate.items() if k != key}
    with pytest.raises(CertificateError):
        of_bisection.check(one, certificate)


@pytest.mark.sampled(21)
@pytest.mark.parametrize("key", ["method", "component", "scale", "leaves", "pod", "leg", "up", "hubs", "images"])
@pytest.mark.parametrize("value", [None, "x", -7, [1.5], [[]], 10**30, [10**30]])
def test_a_malformed_bound_is_refused(key: str, value: Any) -> None:
    one = pods()
    certificate = copy.deepcopy(bisection(one).certificate)
    certificate["bounds"][0][key] = value
    with pytest.raises(CertificateError):
        of_bisection.check(one, certificate)


def test_a_bound_may_not_count_twice() -> None:
    one = fabric("mpft", [(host(2), 6)], 8)
    certificate = copy.deepcopy(bisection(one).certificate)
    certificate["bounds"][1] = {**certificate["bounds"][0]}
    with pytest.raises(CertificateError, match="two lower bounds"):
        of_bisection.check(one, certificate)


def test_of_another_fabric() -> None:
    """A link lost outside the cut leaves the split's value, but not the packing's."""
    one = trees()
    certificate = bisection(one).certificate
    for link in one.links.id.tolist():
        with pytest.raises(CertificateError):
            of_bisection.check(one.without(links=[link]), certificate)


def test_verified_by_kind() -> None:
    """The public call finds both kinds, and takes away from the intact fabric what the certificate says is lost."""
    one = trees()
    less = one.without(links=one.links.id[-3:].tolist(), devices=[one.devices.name[0]])
    answer = bisection(less, baseline=one)
    proved = verify_certificate(one, json.loads(json.dumps(answer.certificate)))
    assert {k: float(v) for k, v in proved.bounds.items()} == {"lower": answer.lower_gbps, "upper": answer.upper_gbps}
    names = one.devices.name[one.is_host].tolist()
    cut = cut_capacity(one, names[:4], names[4:])
    assert float(verify_certificate(one, cut.certificate).bounds["upper"]) == cut.gbps


def test_unbalanced_split_is_refused() -> None:
    one = trees()
    certificate = copy.deepcopy(bisection(one).certificate)
    certificate["hosts"] = [0, 1]
    with pytest.raises(CertificateError, match="1 of 9 hosts"):
        of_bisection.check(one, certificate)


def test_semidefinite_by_a_hair() -> None:
    """Eigenvalues 0 are refused (they cannot be certain), a hair above is accepted, a hair below refused."""
    flat = np.full((50, 50), -1.0) + 50 * np.eye(50)
    with pytest.raises(CertificateError):
        _check_semidefinite(flat.copy())
    _check_semidefinite(flat + 1e-9 * np.eye(50))
    with pytest.raises(CertificateError):
        _check_semidefinite(flat - 1e-9 * np.eye(50))


def test_cut_certificate() -> None:
    one = fabric("ft3", [(host(2), 9)], 8, oversubscription=3)
    names = one.devices.name[one.is_host].tolist()
    found = cut_capacity(one, names[:4], names[4:])
    certificate = json.loads(json.dumps(found.certificate))
    assert float(of_cut.check(one, certificate)) == found.gbps
    refused = 0
    for path in paths(certificate):
        try:
            of_cut.check(one, changed(certificate, path, 1))
        except CertificateError:
            refused += 1
    assert refused == len(paths(certificate))


def test_cut_names_are_checked() -> None:
    one = trees()
    names = one.devices.name[one.is_host].tolist()
    with pytest.raises(ParameterError, match="no host of this network"):
        cut_capacity(one, ["nobody"], names[:1])
    with pytest.raises(ParameterError, match="both sides"):
        cut_capacity(one, names[:2], names[1:3])
    with pytest.raises(ParameterError, match="at least one host"):
        cut_capacity(one, [], names)
