"""A value that is wrong by itself is told with its line and what would be allowed, most with the value."""

from __future__ import annotations

import pytest

import topo
from topo.design import parse_design
from topo.errors import InputError

HEAD = """name: t
gpus: 64
host: dgx-h100
price_book: ai-factory-estimate
networks:
  compute: {family: mrft, switch: nvidia-qm9700}
"""
WRONG = [
    ("failure_rates: {link: {afr: 1.5}}", "failure_rates.link.afr", "1.5", "at most 1"),
    ("failure_rates: {link: {percent_per_month: 101}}", "failure_rates.link.percent_per_month", "101", "at most 100"),
    ("failure_rates: {link: {afr: 0.1, mtbf_hours: 5}}", "failure_rates.link", "", "afr, percent_per_"),
    ("failure_rates: {link: {}}", "failure_rates.link", "", "mtbf_hours"),
    ("failure_rates: {lynk: {afr: 0.1}}", "failure_rates.lynk", "lynk", "link"),
    ("risk_groups: {feed: {each: shelf}}", "risk_groups.feed.each", "shelf", "rack"),
    ("risk_groups: {feed: {}}", "risk_groups.feed", "", "names in devices or racks"),
    ("risk_groups: {feed: {devices: [nosuch*]}}", "risk_groups.feed", "feed", "names such as host"),
    ("risk_groups: {feed: {devices: [x]}}\nfailure_rates: {feed: {afr: 0.1}}", "failure_rates.feed", "feed", "leaf"),
    ("cost: {usd_per_kwh: {low: 0.2, high: 0.1}}", "cost.usd_per_kwh", "low: 0.2", "a low of at most 0.1"),
    ("cost: {usd_per_rack: {low: 1, high: 2, expected: 5}}", "cost.usd_per_rack", "expected: 5", "1 to 2"),
    ("cost: {usd_per_rack: {low: 1}}", "cost.usd_per_rack", "{low: 1}", "{low, high}"),
    ("cost: {currency: EUR}", "cost.currency", "EUR", "usd_per_unit"),
    ("cost: {discount: {optix: 0.1}}", "cost.discount", "optix: 0.1", "switches, optics"),
    ("cost: {maintenance_per_year: {hall: 0.1}}", "cost.maintenance_per_year", "hall: 0.1", "all, switches"),
    ("names: nosuch.csv", "names", "nosuch.csv", "CSV"),
    (
        "requirements: [{oversubscription: {at_most: a:b}}]",
        "requirements[0].oversubscription.at_most",
        "a:b",
        "above 0",
    ),
]


@pytest.mark.parametrize(("more", "key", "value", "allowed"), WRONG, ids=[w[0].replace("\n", " ")[:60] for w in WRONG])
def test_value_and_what_is_allowed_are_told(more: str, key: str, value: str, allowed: str) -> None:
    """One problem for one mistake, at its line."""
    with pytest.raises(InputError) as error:
        topo.check(parse_design(HEAD + more + "\n"))
    (problem,) = error.value.problems
    assert (problem.key, problem.line in (7, 8)) == (key, True)
    assert value in problem.value
    assert allowed in problem.allowed


NESTED = [
    ("floor: {contents: [{}]}", "floor.contents[0].name", "text", "what it is, for people"),
    ("floor: {contents: [{name: a, nme: 3}]}", "floor.contents[0].nme", "rack_units", "did you mean name?"),
    ("other_hosts: [{host: storage-server}]", "other_hosts[0].count", "a whole number", "how many"),
    ("failure_rates: {link: {afr: 0.1, repairhours: 1}}", "failure_rates.link.repairhours", "afr", "repair_hours?"),
    ("risk_groups: {feed: {racks: [a], rack: [b]}}", "risk_groups.feed.rack", "devices", "racks?"),
    ("cost: {usd_per_rack: {high: null}}", "cost.usd_per_rack", "{low, high}", ""),
]


@pytest.mark.parametrize(("more", "key", "allowed", "hint"), NESTED, ids=[n[1] for n in NESTED])
def test_keys_inside_lists_and_named_entries_are_told_like_others(more: str, key: str, allowed: str, hint: str) -> None:
    with pytest.raises(InputError) as error:
        parse_design(HEAD + more + "\n")
    (problem,) = error.value.problems
    assert (problem.key, problem.line) == (key, 7)
    assert allowed in problem.allowed
    assert hint in problem.hint
    assert "None" not in problem.text()


@pytest.mark.parametrize("key", ["pods", "spread", "lone", "uplink_gbps: nan, spread"])
def test_a_value_that_is_left_out_is_no_python_word(key: str) -> None:
    with pytest.raises(InputError) as error:
        parse_design(HEAD.replace("}", f", {key}: , spines: 1e30}}"))
    text = str(error.value)
    assert "None" not in text
    assert "()" not in text
    assert "1000000000000000019884624838656" not in text
