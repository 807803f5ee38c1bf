"""What a stage of growth buys: the bill of one stage and of what is new is the bill of the next."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import pytest

from topo.design import parse_grown
from topo.exporters import Plan, change_plan, make_plan

HOST = {
    "ft2": "dgx-h100", "ft3": "dgx-h100", "mrft": "dgx-h100", "mpft": "dgx-h100", "rail-only": "dgx-h100",
    "dual-plane": "multi-port-node",
}  # fmt: skip
SWITCH_USD, LINK_USD = 82_500, 520
"""Of a switch with its transceivers' share, and of a link between switches, in this price book."""
LINES = {
    "built for the last": ", build_for_gpus: 896",
    "of two homes, with peers": ", build_for_gpus: 896, homing: dual, peer_links: 2",
    "with unlike leaves": ", build_for_gpus: 896, spread: by-one, "
    "leaves: [{hosts: HOST}, {role: border, count: 2, outside: {ports: 8, gbps: 400}, uplinks: 16}]",
}


def stages(family: str, keys: str) -> list[Plan]:
    """Three stages, each growing from the one before."""
    texts: list[tuple[str, str]] = []
    plans = []
    for gpus in (256, 512, 896):
        old = f"grow_from: {texts[-1][0]}\n" if texts else ""
        network = f"{{family: {family}, switch: nvidia-qm9700{keys.replace('HOST', HOST[family])}}}"
        text = f"name: d\ngpus: {gpus}\nhost: {HOST[family]}\n{old}price_book: published-fabric-links\n"
        texts.append((f"{gpus}.yaml", f"{text}networks: {{compute: {network}}}\n"))
        plans.append(make_plan(parse_grown(texts)))
    return plans


def bill(plan: Plan) -> Counter[tuple[str, str, float | None]]:
    """How many of each part, cables by their lengths."""
    return Counter({(line.kind, line.part, line.length_m): line.count for line in plan.bom.lines})


def usd(plan: Plan) -> float:
    assert plan.bom.usd is not None
    return float(plan.bom.usd)


def switches(plan: Plan) -> int:
    return int((~plan.fabric.is_host).sum())


@pytest.mark.parametrize("name", LINES)
@pytest.mark.parametrize("family", HOST)
def test_bills_of_stages_add_up(family: str, name: str) -> None:
    """No part is bought that the next stage has no use for; what is new are the switches, links and cables that are
    added, at the prices of their lines."""
    if "homing" in LINES[name] and family in ("mpft", "rail-only"):
        pytest.skip("hosts have one end in a plane")
    plans = stages(family, LINES[name])
    for old, new in pairwise(plans):
        before, after = bill(old), bill(new)
        more = after - before
        assert before + more == after, "a part of the stage before is left over"
        found = change_plan(old, new)
        assert found.touched == len(found.added)
        assert sum(n for (kind, *_), n in more.items() if kind == "switch") == switches(new) - switches(old)
        assert sum(n for (kind, *_), n in more.items() if kind == "switch") == sum(
            int((~new.fabric.is_host[[new.fabric.device_row[d]]]).sum()) for d in found.devices_added
        )
        links = [int((~plan.fabric.is_endpoint_link).sum()) for plan in (old, new)]
        bought = SWITCH_USD * (switches(new) - switches(old)) + LINK_USD * (links[1] - links[0])
        assert usd(old) + bought == pytest.approx(usd(new))
