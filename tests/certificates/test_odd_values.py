"""Values that no certificate has, at every place of every kind: each ends in a CertificateError, or proves what is
true; never in another exception, whatever the number of digits, the depth or the type."""

from __future__ import annotations

import copy
from random import Random
from typing import Any

import pytest

import topo
from tests.certificates.adversary import NAMES, fabric_of, honest
from tests.certificates.test_adversary import KINDS, refuse_falsehood
from tests.slow import slow
from topo.errors import CertificateError


def nested(depth: int, kind: type[list[Any]] | type[dict[str, Any]]) -> Any:
    found: Any = kind()
    for _ in range(depth):
        found = [found] if kind is list else {"a": found}
    return found


NUMBERS = (10**400, -(10**400), 10**5000, 2**63, 2**64 - 1, -(2**63) - 1, 1.0, 1e308, 5e-324, -0.0, float("nan"))
TEXTS = (
    "1e999999999", "1e5000", "1" * 3999 + "/" + "7" * 3999, "1/" + "0" * 100, "0" * 4000, "é", "AAAA", "=", "", "\0",
    "\ud800", "٣", "1_000", " 1", "1 ", "+1", "0x10", "inf", "nan", "ecmp:qp=1024,seeds=10000", "spray:" + "x" * 10_000,
)  # fmt: skip
LISTS = ([], [None], [[[]]], [1, "a", None, 2.5], [10**400], [2**63] * 5, [-1] * 5, ["1"] * 3, [[0]] * 100, (1, 2))
OTHERS = (None, True, False, {}, {"a": None}, {1: 2}, b"a", 3 + 4j, object(), float("inf"), {"moved": [0], "to": [0]})
ODD = (*NUMBERS, *TEXTS, *LISTS, *OTHERS, nested(2000, list), nested(2000, dict))


def places(value: Any) -> list[tuple[Any, ...]]:
    """Paths of all places, of long lists the first and the last."""
    keys = list(value) if isinstance(value, dict) else list(range(len(value))) if isinstance(value, list) else []
    kept = keys if isinstance(value, dict) or len(keys) < 6 else [*keys[:2], *keys[-2:]]
    return [(key, *rest) for key in kept for rest in [(), *places(value[key])]]


def hold(kind: str, many: int) -> None:
    fabric, good = fabric_of(NAMES[kind]), honest(NAMES[kind], kind)
    rng = Random(kind)
    every = places(good)
    for _ in range(many):
        forged = inner = copy.deepcopy(good)
        *path, last = rng.choice(every)
        for key in path:
            inner = inner[key]
        inner[last] = rng.choice(ODD)
        refuse_falsehood(fabric, forged)


@pytest.mark.parametrize("many", [15, slow(40)])
@pytest.mark.parametrize("kind", KINDS)
def test_odd_values_are_refused(kind: str, many: int) -> None:
    hold(kind, many)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_many_odd_values_are_refused(kind: str) -> None:
    hold(kind, 400)


def test_more_flows_than_anybody_places_are_refused_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Some characters of a question must not ask for years."""
    fabric, good = fabric_of("odd"), copy.deepcopy(honest("odd", "ecmp"))
    monkeypatch.setattr("topo.certificates.kinds.ecmp._loads", lambda *_: pytest.fail("flows were placed"))
    monkeypatch.setattr("topo.certificates.kinds.ecmp.MOST_PLACED", 100)
    good["question"] |= {"routing": "ecmp:qp=1024,seeds=10000", "queue_pairs": 1024, "seeds": [1, 10000]}
    with pytest.raises(CertificateError, match="too many to place under ecmp:qp=1024,seeds=10000"):
        topo.verify_certificate(fabric, good)
