"""Policies: rules for a folder of designs, their severity, and waivers that end."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from topo.checks import Verdict
from topo.checks.policy import judge_policy
from topo.design.policy import load_policy, parse_policy, policy_beside
from topo.errors import InputError

from .cases import intact

TEXT = """
rules:
  - id: few-hops
    require: {hops: {at_most: 3}}
    reason: longer paths cost latency in every step of training
  - id: few-switches
    require: {switches: {at_most: 20}}
    severity: warning
    reason: the room has twenty rack units for switches
  - id: rails-have-spares
    require: {spare_ports: {tier: leaf, at_least: 1}}
    severity: note
    families: [mrft]
    reason: a rail grows by one host a quarter
  - id: storage-is-small
    require: {switches: {network: storage, at_most: 1}}
    designs: ["stor*", other]
    reason: storage has one rack and no more
waivers:
  - rule: few-hops
    design: ft3
    until: 2027-03-31
    reason: three tiers until the larger switch is delivered
  - {rule: few-hops, design: ft2, until: 2027-01-01, reason: "kept from the draft of this design"}
"""
TODAY = date(2026, 11, 21)


def test_rules_of_severity_error_count_like_requirements() -> None:
    policy = parse_policy(TEXT)
    judged = judge_policy(policy, "mpft", intact("mpft"), TODAY)
    assert [(rule.id, outcome.verdict) for rule, outcome in judged.outcomes] == [("few-hops", Verdict.HELD)]
    (finding,) = judged.findings
    assert (finding.code, finding.severity) == ("policy-few-switches", "warning")
    assert finding.message == (
        "policy rule few-switches: broken: The compute network has at most 20 switches: measured 48 switches"
    )
    assert finding.hint == "the room has twenty rack units for switches"


def test_a_waiver_excuses_until_its_last_day() -> None:
    policy = parse_policy(TEXT)
    for day in (TODAY, date(2027, 3, 31)):
        judged = judge_policy(policy, "ft3", intact("ft3"), day)
        assert judged.outcomes == ()
        note = judged.findings[0]
        assert (note.code, note.severity, len(note.where)) == ("policy-few-hops", "note", 2)
        assert "is broken and waived until 2027-03-31: three tiers until" in note.message
    over = judge_policy(policy, "ft3", intact("ft3"), date(2027, 4, 1))
    assert [(rule.id, outcome.verdict) for rule, outcome in over.outcomes] == [("few-hops", Verdict.BROKEN)]
    assert over.findings[0].severity == "warning"
    assert "ended on 2027-03-31" in over.findings[0].message


def test_a_waiver_that_nothing_needs_is_told() -> None:
    judged = judge_policy(parse_policy(TEXT), "ft2", intact("ft2"), TODAY)
    assert judged.outcomes == ()
    assert judged.findings[0].message == "policy rule few-hops holds: its waiver until 2027-01-01 is not needed"


def test_families_networks_and_names_narrow_a_rule() -> None:
    policy = parse_policy(TEXT)
    codes = {f.code for f in judge_policy(policy, "mrft", intact("mrft"), TODAY).findings}
    assert "policy-rails-have-spares" in codes
    storage = judge_policy(policy, "storage-b", intact("storage"), TODAY)
    assert [rule.id for rule, _ in storage.outcomes] == ["few-hops", "storage-is-small"]
    assert storage.outcomes[1][1].verdict is Verdict.BROKEN
    renamed = judge_policy(policy, "any", intact("storage"), TODAY)
    assert [rule.id for rule, _ in renamed.outcomes] == ["few-hops"]


def test_every_mistake_of_a_policy_has_its_line() -> None:
    text = """
rules:
  - id: one
    require: {hop: {at_most: 3}}
    reason: paths are to be short
  - id: one
    require: {hops: {at_least: 3}}
    reason: paths are to be short
  - id: two
    require: {connected: null}
    reason: a network is connected
    families: [ft9]
waivers:
  - {rule: twoo, design: a, until: 2027-01-01, reason: "because of the move"}
"""
    with pytest.raises(InputError) as caught:
        parse_policy(text)
    found = [(p.line, p.key, p.message) for p in caught.value.problems]
    assert found == [
        (3, "rules[0].id", "is given to two rules"),
        (4, "rules[0].require.hop", "unknown requirement"),
        (7, "rules[1].require.hops.at_most", "is missing"),
        (7, "rules[1].require.hops.at_least", "unknown key"),
        (12, "rules[2].families[0]", "unknown family"),
        (14, "waivers[0].rule", "no rule has this id"),
    ]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("until: 2027-03-31", "until: soon"), "until"),
        (("    reason: three tiers until the larger switch is delivered\n", ""), "is missing"),
        (("reason: the room has twenty rack units for switches", "reason: room"), "at least 10 characters"),
        (("severity: note", "severity: fatal"), "unknown value"),
        (("require: {hops: {at_most: 3}}", "require: {}"), "require"),
    ],
)
def test_what_a_policy_refuses(change: tuple[str, str], message: str) -> None:
    with pytest.raises(InputError, match=message):
        parse_policy(TEXT.replace(*change, 1))


def test_the_policy_lies_beside_the_design(tmp_path: Path) -> None:
    assert policy_beside(tmp_path / "a.yaml") is None
    (tmp_path / "policy.yaml").write_text(TEXT)
    assert policy_beside(tmp_path / "a.yaml") == load_policy(tmp_path / "policy.yaml")
