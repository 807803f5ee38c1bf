"""What is bought beyond need: counted, priced, and what the key that avoids it costs, against fabrics built with it."""

from __future__ import annotations

import json

import pytest

import topo
from topo.design import closed_forms, parse_design
from topo.errors import InputError
from topo.report.answers.show import as_json, as_text, summary
from topo.report.html.tables import spare_grid
from topo.report.model import Metrics
from topo.report.spare import Spare, words_of


def text(gpus: int, network: str, more: str = "") -> str:
    return f"name: t\ngpus: {gpus}\nhost: h800-node\nnetworks:\n  compute: {{{network}}}\n{more}"


def spare(design: str) -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads(as_json(summary(parse_design(design))))["networks"]["compute"]["spare"]
    return found


def test_spines_beyond_need_have_a_price_and_a_key_that_avoids_them() -> None:
    priced = "price_book: published-fabric-links\n"
    design = text(576, "family: ft2, switch: nvidia-qm9700", priced)
    first, *rest = spare(design)
    other = parse_design(design.replace("qm9700", "qm9700, spread: by-one"))
    built = [topo.build(parse_design(design)), topo.build(other)]
    fewer = (
        closed_forms(parse_design(design))["compute"].switches["spine"]
        - closed_forms(other)["compute"].switches["spine"]
    )
    book = parse_design(design).catalog.price_book("published-fabric-links")
    assert (first["tier"], first["what"], first["number"]) == ("spine", "switches", fewer)
    assert first["usd"] == fewer * book.switch_price_usd("nvidia-qm9700", 64)
    avoid = first["avoid"]
    assert isinstance(avoid, dict)
    assert (avoid["key"], avoid["value"]) == ("spread", "by-one")
    spray = [topo.throughput(fabric, routing="spray").lower for fabric in built]
    adaptive = [topo.throughput(fabric).lower for fabric in built]
    assert adaptive == [1.0, 1.0]
    assert f"needs {fewer} switches fewer; all-to-all: adaptive stays 1" in avoid["costs"]
    assert f"spray falls from {spray[0]:.4g} to {spray[1]:.4g}" in avoid["costs"]
    assert rest == [
        {"tier": "spine", "what": "ports", "number": closed_forms(parse_design(design))["compute"].spare["spine"]}
    ]


def test_nothing_is_spare_where_all_is_full() -> None:
    assert spare(text(2048, "family: ft2, switch: nvidia-qm9700")) == []


@pytest.mark.parametrize(
    ("gpus", "network", "key", "tier"),
    [
        (64, "family: mrft, switch: nvidia-qm9700, rails_per_leaf: 1", "rails_per_leaf", "leaf"),
        (64, "family: ft2, switch: nvidia-qm9700, hosts_per_leaf: 1", "hosts_per_leaf", "leaf"),
        (512, "family: mrft, switch: nvidia-qm9700, build_for_gpus: 2048", "build_for_gpus", "spine"),
        (256, "family: ft2, switch: nvidia-qm9700, spread: by-one, spines: 9", "spines", "spine"),
        (512, "family: ft2, switch: nvidia-qm9700, min_leaves: 40", "min_leaves", "leaf"),
        (512, "family: ft2, switch: nvidia-qm9700, uplinks: 48", "uplinks", "leaf"),
        (512, "family: ft2, switch: nvidia-qm9700, uplinks: 48", "uplinks", "spine"),
        (512, "family: ft2, switch: nvidia-qm9700, reserve_ports: {leaf: 32}", "reserve_ports", "leaf"),
        (512, "family: ft3, switch: nvidia-qm9700, leaves_per_pod: 4", "leaves_per_pod", "core"),
        (1024, "family: mrft, switch: nvidia-qm9700, tiers: 3", "tiers", "spine"),
    ],
)
def test_keys_that_buy_more_are_named(gpus: int, network: str, key: str, tier: str) -> None:
    found = [one for one in spare(text(gpus, network)) if one["what"] == "switches"]
    assert (tier, key) in {(one["tier"], one["avoid"]["key"]) for one in found}  # type: ignore[index]
    assert all("usd" not in one for one in found)


@pytest.mark.parametrize("family", ["ft2", "ft3", "mrft", "mpft", "rail-only"])
def test_uplinks_that_lead_nowhere_are_told(family: str) -> None:
    """One leaf for all hosts has no spine above it unless one is asked for."""
    keys = f"family: {family}, switch: nvidia-qm9700, uplinks: 20"
    alone = closed_forms(parse_design(text(32, keys)))["compute"]
    assert "spine" not in alone.switches
    assert "20 uplinks stay free" in " ".join(alone.notes)
    joined = closed_forms(parse_design(text(32, f"{keys}, spines: 1")))["compute"]
    assert joined.switches["spine"] >= 1
    assert "stay free" not in " ".join(joined.notes)


def test_report_and_text_say_it() -> None:
    design = parse_design(text(64, "family: ft2, switch: nvidia-qm9700, hosts_per_leaf: 1"))
    report = topo.check(design)
    found = report.to_json()["metrics"]["spare"]
    assert found == [one.to_json() for one in summary(design).networks[0].spare]
    lines = words_of(found)
    assert any(line.startswith("spare: ") and "`hosts_per_leaf: left out`" in line for line in lines)
    assert any(line.startswith("free ports: ") for line in lines)
    assert any("spare: " in line for line in as_text(summary(design)).splitlines())


def test_the_page_has_a_row_for_everything_spare_of_every_network() -> None:
    avoid = {"key": "spread", "value": "by-one", "costs": "needs 14 switches fewer"}
    many = [
        {"tier": "spine", "what": "switches", "number": 1400, "usd": 27_720.4, "avoid": avoid},
        {"tier": "spine", "what": "ports", "number": 896},
    ]
    [grid] = spare_grid({"compute": Metrics(spare=many), "storage": Metrics(spare=many[1:]), "front": Metrics()})
    assert grid.rows == (
        ("compute", "spine", "switches", "1,400", "27,720", "spread: by-one", "needs 14 switches fewer"),
        ("compute", "spine", "ports", "896", "", "", ""),
        ("storage", "spine", "ports", "896", "", "", ""),
    )
    assert spare_grid({"compute": Metrics(spare=[]), "storage": Metrics()}) == ()


def test_one_is_told_as_one() -> None:
    one = Spare("spine", "switches", 1, 1200.0, "spread", "by-one", "needs 1 switch fewer; nothing changes")
    assert one.words() == "spare: 1 spine switch, 1,200 USD: `spread: by-one` needs 1 switch fewer; nothing changes"
    assert Spare("core", "switches", 1000).words() == "spare: 1,000 core switches"


@pytest.mark.sampled(16)
@pytest.mark.parametrize("gpus", [64, 192])
@pytest.mark.parametrize("family", ["ft2", "ft3", "mrft", "mpft"])
@pytest.mark.parametrize(
    "keys",
    [
        {"spines": 16},
        {"spines": 16, "uplinks": 16, "spread": "by-one"},
        {"spines": 5, "hosts_per_leaf": 2},
        {"cores": 8, "leaves_per_pod": 2},
        {"spines": 4, "cores": 8, "reserve_ports": {"leaf": 8}},
        {"build_for_gpus": 384, "spines": 8, "min_leaves": 12},
    ],
)
def test_the_one_key_that_avoids_saves_what_is_told(keys: dict[str, object], family: str, gpus: int) -> None:
    """Put into the design as it is, or left out of it, and nothing else changed."""
    network = {"family": family, "switch": "nvidia-qm9700", **keys}
    try:
        base = _switches(gpus, network)
    except InputError:
        return
    for one in spare(text(gpus, json.dumps(network)[1:-1])):
        avoid = one.get("avoid")
        if not isinstance(avoid, dict):
            continue
        other = {**network, avoid["key"]: {"true": True}.get(avoid["value"], avoid["value"])}
        if avoid["value"] == "left out":
            del other[avoid["key"]]
        less = _switches(gpus, other)
        tier = str(one["tier"])
        assert base[tier] - less.get(tier, 0) == one["number"], avoid
        assert f"needs {sum(base.values()) - sum(less.values()):,} switch" in avoid["costs"], avoid


def _switches(gpus: int, network: dict[str, object]) -> dict[str, int]:
    return dict(closed_forms(parse_design(text(gpus, json.dumps(network)[1:-1])))["compute"].switches)
