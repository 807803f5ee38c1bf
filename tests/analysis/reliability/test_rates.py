"""Rates, groups, interruptions and spares against closed forms and published figures."""

from __future__ import annotations

import math
import re
from pathlib import Path

import pytest

import topo
from topo.analysis.reliability import Rate, Rates, families_of, interruptions, spares
from topo.analysis.reliability.stock import poisson_quantile
from topo.checks import questions
from topo.design import context_of, parse_design
from topo.errors import InputError
from topo.fabric import HOST, LEAF

DESIGNS = Path(__file__).parents[3] / "designs"
HPN = """failure_rates:
  endpoint_link: {percent_per_month: 0.057}
  leaf: {percent_per_month: 0.051}
repair_hours: 24
"""
FT2 = "name: d\ngpus: {gpus}\nhost: h800-node\nnetworks:\n  compute: {{family: ft2, switch: nvidia-qm9700{more}}}\n"


def rates(**given: float) -> Rates:
    return Rates({"link": Rate.model_validate(given)}, 24.0)


def test_three_ways_to_state_a_rate_agree() -> None:
    hours = 8760 / 0.01
    same = [Rate(afr=0.01).per_hour, Rate(mtbf_hours=hours).per_hour, Rate(percent_per_month=1 / 12).per_hour]
    assert same == pytest.approx([0.01 / 8760] * 3)


def test_published_rates_give_the_published_interruptions() -> None:
    """HPN (SIGCOMM 2024): 0.057 % of NIC-ToR links and 0.051 % of ToRs a month, 1 to 2 interruptions of a large job."""
    design = parse_design(FT2.format(gpus=3072, more=", oversubscription: '3:1'") + HPN)
    context = context_of(design, topo.build(design))
    found = context.ask(questions.Interruptions("compute"))
    leaves = int((context.fabric.devices.tier == LEAF).sum())
    assert found.single == pytest.approx(3072 * 0.00057 + leaves * 0.00051)
    assert 1.75 < found.single < 1.8
    assert found.overlapping == 0
    half = context.ask(questions.Interruptions("compute", 1536))
    assert half.by_key["endpoint_link"] == pytest.approx(1536 * 0.00057)


def test_single_failures_interrupt_no_dual_homed_job_and_two_seldom() -> None:
    text = (DESIGNS / "dual-plane-16384.yaml").read_text()
    text = re.sub(r"requirements:.*", "", text, flags=re.DOTALL).replace("gpus: 16384", "gpus: 3072")
    design = parse_design(text + HPN)
    found = context_of(design, topo.build(design)).ask(questions.Interruptions("compute"))
    assert found.single == 0
    assert found.overlapping is not None
    link, leaf = 0.00057 / 730, 0.00051 / 730
    down = link * 24 / (1 + link * 24) + leaf * 24 / (1 + leaf * 24)
    assert found.overlapping == pytest.approx(3072 * 2 * (link + leaf) * down * 730)


@pytest.mark.parametrize("homing", ["single", "dual"])
@pytest.mark.parametrize(("more", "leaves"), [
    ("hosts_per_leaf: 4", 2),
    ("leaves: [{role: border, count: 1, outside: {ports: 4, gbps: 100}}]", 1),
])  # fmt: skip
def test_two_nics_of_a_host_on_a_pair_of_leaves_stand_in_for_each_other(homing: str, more: str, leaves: int) -> None:
    """In the network of management a host of two NICs is lost with both links, or with its one leaf."""
    design = parse_design(
        "name: t\ngpus: 64\nhost: dgx-h100-4-networks\nnetworks:\n  compute: {family: mrft, switch: nvidia-qm9700}\n"
        f"  in-band: {{family: ft2, switch: nvidia-sn4600c, homing: {homing}, oversubscription: 2, spines: 2, "
        f"{more}}}\n{HPN}"
    )
    found = context_of(design, topo.build(design)).ask(questions.Interruptions("in-band"))
    link, leaf = 0.00057, 0.00051
    assert found.gpus == 64
    if homing == "single":
        assert found.single == pytest.approx(16 * link + leaves * leaf)
        assert found.overlapping == 0
        return
    assert found.single == 0
    assert found.overlapping is not None
    down = sum(x / 730 * 24 / (1 + x / 730 * 24) for x in (link, leaf))
    assert found.overlapping == pytest.approx(8 * 2 * (link + leaf) * down)


def test_a_host_interrupts_a_job_whatever_its_homing() -> None:
    design = parse_design(FT2.format(gpus=64, more="") + "failure_rates: {host: {afr: 0.12}}\n")
    found = context_of(design, topo.build(design)).ask(questions.Interruptions("compute"))
    assert found.single == pytest.approx(8 * 0.01)
    assert found.overlapping is None


def test_modules_of_a_year_and_their_spares_are_poisson() -> None:
    fabric = topo.build(parse_design(FT2.format(gpus=2048, more="")))
    (family,) = families_of(fabric, 0, Rates({"endpoint_link": Rate(afr=0.01)}))
    (found,) = spares([family], 3 * 365, 0.95)
    assert found.count == 2048
    assert found.per_year == pytest.approx(20.48)
    mean = 3 * 20.48
    assert up_to(found.spares - 1, mean) < 0.95 <= up_to(found.spares, mean)


def up_to(k: int, mean: float) -> float:
    return math.fsum(math.exp(-mean + n * math.log(mean) - math.lgamma(n + 1)) for n in range(k + 1))


@pytest.mark.parametrize(("mean", "level"), [(0.01, 0.9), (0.5, 0.99), (3.0, 0.5), (61.44, 0.999), (1000.0, 0.95)])
def test_the_quantile_is_the_least_that_suffices(mean: float, level: float) -> None:
    found = poisson_quantile(mean, level)
    assert up_to(found, mean) >= level
    assert found == 0 or up_to(found - 1, mean) < level


def test_a_narrower_rate_takes_its_things_from_a_wider_one() -> None:
    fabric = topo.build(parse_design(FT2.format(gpus=256, more="")))
    both = {key: Rate(afr=0.1) for key in ("link", "endpoint_link", "switch", "leaf")}
    found = {family.key: family.size for family in families_of(fabric, 0, Rates(both))}
    tiers = fabric.devices.tier
    assert found["endpoint_link"] == 256
    assert found["link"] == len(fabric.links) - 256
    assert found["leaf"] + found["switch"] == int((tiers != HOST).sum())


def test_modules_cables_racks_and_free_groups_hold_what_stands_in_them() -> None:
    text = FT2.format(gpus=256, more="") + (
        "floor: {}\nrepair_hours: 5\n"
        "risk_groups:\n  feed: {each: row}\n  first: {devices: ['leaf-000', 'host-0000*']}\n"
        "failure_rates:\n"
        + "".join(f"  {k}: {{afr: 0.1}}\n" for k in ("module", "cable", "rack", "feed", "first", "nic"))
    )
    design = parse_design(text)
    context = context_of(design, topo.build(design))
    found = {family.key: family for family in context.ask(questions.Families("compute"))}
    cabling = context.ask(questions.Cabling())
    assert found["module"].size == len(cabling.modules)
    assert found["cable"].size == len(cabling.cables)
    assert found["nic"].size == 256
    assert found["first"].size == 1
    names = context.fabric.devices.name[found["first"].device].tolist()
    assert sorted(names)[-1] == "leaf-000"
    assert len(names) == 11
    for key in ("rack", "feed"):
        assert sorted(found[key].device.tolist()) == list(range(len(context.fabric.devices)))


WRONG = [
    ("failure_rates: {switch: {afr: 1.5}}", "failure_rates.switch.afr", "at most 1"),
    ("failure_rates: {switch: {percent_per_month: 120}}", "failure_rates.switch.percent_per_month", "at most 100"),
    ("failure_rates: {switch: {afr: 0}}", "failure_rates.switch.afr", "above 0"),
    ("failure_rates: {switch: {afr: 0.1, mtbf_hours: 5}}", "failure_rates.switch", "exactly one"),
    ("failure_rates: {switch: {source: x}}", "failure_rates.switch.source", "exactly one"),
    ("failure_rates: {swich: {afr: 0.1}}", "failure_rates.swich", "switch"),
    ("failure_rates: {core: {afr: 0.1}}", "failure_rates.core", "no network of the design has"),
    ("failure_rates: {rack: {afr: 0.1}}", "failure_rates.rack", "floor plan"),
    ("failure_rates: {g: {afr: 0.1}}\nrisk_groups: {g: {devices: ['nothing-*']}}", "failure_rates.g", "no network"),
    ("risk_groups: {g: {}}", "risk_groups.g", "either"),
    ("risk_groups: {switch: {each: pod}}", "risk_groups.switch", "name of a kind"),
    ("repair_hours: -1", "repair_hours", "above 0"),
]


def _read(text: str) -> None:
    design = parse_design(text)
    context_of(design, topo.build(design))


@pytest.mark.parametrize(("more", "key", "said"), WRONG)
def test_wrong_rates_are_refused_with_their_line(more: str, key: str, said: str) -> None:
    with pytest.raises(InputError) as caught:
        _read(FT2.format(gpus=64, more="") + more + "\n")
    problem = caught.value.problems[0]
    assert problem.key == key
    assert problem.line >= 6
    assert said in " ".join((problem.message, problem.allowed, problem.hint, problem.value))


def test_a_job_larger_than_the_fabric_is_refused() -> None:
    fabric = topo.build(parse_design(FT2.format(gpus=64, more="")))
    families = families_of(fabric, 0, rates(afr=0.1))
    with pytest.raises(InputError, match="1 to 64"):
        interruptions(fabric, 0, families, 65)


def test_requirements_are_judged_and_the_report_says_what_is_left_out() -> None:
    text = FT2.format(gpus=64, more="") + HPN + (
        "requirements:\n- expected_throughput: {at_least: 0.99}\n- interruptions_per_month: {at_most: 0.01}\n"
        "- spares: {of: leaf, at_most: 0, lead_days: 7}\n- interruptions_per_month: {at_most: 1, gpus: 8}\n"
    )  # fmt: skip
    report = topo.check(parse_design(text)).to_json()
    assert [r["verdict"] for r in report["requirements"]] == ["held", "broken", "held", "held"]
    found = report["metrics"]["failure_rates"]
    assert found["interruptions_per_month"] == pytest.approx(64 * 0.00057 + 1 * 0.00051 * found["by_key"][1]["count"])
    assert found["expected_throughput"]["lower"] <= found["expected_throughput"]["upper"] <= 1
    assert "no rate is stated of any host" in found["leaves_out"]
    bare = topo.check(parse_design(text.split("requirements")[0].replace("repair_hours: 24\n", ""))).to_json()
    assert "expected_throughput" not in bare["metrics"]["failure_rates"]
    assert "repair_hours" in str(bare["metrics"]["failure_rates"]["leaves_out"])
    with pytest.raises(InputError, match="failure_rates"):
        topo.check(parse_design(FT2.format(gpus=64, more="") + "requirements: [{spares: {of: leaf, at_most: 1}}]\n"))
