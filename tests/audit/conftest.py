"""Audits of one plan ask its bisection, and that of many a fault, again and again: each is answered once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from topo.audit import _effect
from topo.fabric import Fabric

Answer = tuple[float, float] | None


@pytest.fixture(scope="session", autouse=True)
def bisections_are_answered_once() -> Iterator[None]:
    answer = _effect._bisection
    known: dict[tuple[int, int, bytes, bytes], tuple[Fabric, Answer]] = {}

    def once(fabric: Fabric, network: int) -> Answer:
        key = id(fabric.devices), network, fabric.links.a.tobytes(), fabric.links.b.tobytes()
        if key not in known:
            known[key] = fabric, answer(fabric, network)
        return known[key][1]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_effect, "_bisection", once)
        yield
