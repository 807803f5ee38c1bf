"""Holds one report against what its certificates prove and what its design asks."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from topo.certificates import verify_certificate
from topo.certificates.replays.chances import chances
from topo.checks import Context, questions
from topo.checks.policy import Policy
from topo.checks.run import answerable
from topo.design import Design, build, context_of
from topo.design.policy import policy_beside
from topo.errors import CertificateError
from topo.fabric import Fabric
from topo.report.filing import proof_of
from topo.report.model import plain
from topo.report.proofs import Evidence, refuse_another_question, remember
from topo.report.question import Question, questions_of
from topo.report.verify import sampled
from topo.report.verify.asking import asked_by
from topo.report.verify.difference import apart, as_told, first_difference, listed, metric_pairs, without_costs
from topo.report.verify.entry import Entry
from topo.report.verify.provenance import provenance
from topo.units import amount, noun

WITH_CERTIFICATE = (
    "bisection", "connected", "expected_throughput", "failure", "hops", "random_failures", "throughput",
    "virtual_lanes",
)  # fmt: skip
"""Kinds of requirement that carry one."""


class Checked:
    """One report, its design, and what its certificates prove."""

    def __init__(self, design: Design, report: Mapping[str, Any], name: str, whole: bool) -> None:
        self.design, self.report, self.name, self.whole = design, report, name, whole
        context = answerable(context_of(design, build(design), time_limit_s=1.0))
        self.context: Context = replace(context, solving=False)
        self.questions = questions_of(design)
        if not whole:
            stated = [one.get("id") for one in listed(report, "requirements")]
            self.questions = tuple(one for one in self.questions if one.id in stated)
        self.lines: list[Entry] = []
        self.seen: dict[str, Evidence] = {}
        self.bad: set[int] = set()
        self.asked: list[Question] = []
        self.held_by: dict[int, Evidence] = {}
        self.drawn: set[str] = set()
        self.owed: dict[questions.Steady, bool] = {}

    def found(self) -> list[Entry]:
        """Certificates first, then what follows from them and from the design."""
        from topo.report.make import make_report

        policy = self.certificates()
        made = make_report(self.design, self.context, self.questions, policy, date.today(), ask=False)
        self._compare(plain(made.to_json()), listed(self.report, "requirements"))
        return self.lines

    def certificates(self) -> Policy | None:
        """Checks every certificate, and remembers what it answers; the policy whose rules are judged beside."""
        requirements = listed(self.report, "requirements")
        policy = policy_beside(Path(self.design.path)) if self._has_policy(requirements) else None
        rules = {f"policy-{rule.id}": rule for rule in (policy.rules if policy else ())}
        asked = list(self.questions)
        for one in requirements[len(asked) :]:
            rule = rules.get(str(one.get("id")))
            if rule is None:
                break
            asked.append(Question(str(one["id"]), rule.kind, rule.params))
        self.asked = asked
        for row, stated in enumerate(requirements):
            if "certificate" in stated:
                question = self.asked[row] if row < len(self.asked) else None
                proof = None if question is None else asked_by(self.context, question)
                evidence = self._certificate(str(stated.get("id")), stated["certificate"], proof)
                if evidence is None:
                    self.bad.add(row)
                else:
                    self.held_by[row] = evidence
        certificates = self.report.get("certificates", {})
        for name, certificate in certificates.items() if isinstance(certificates, Mapping) else ():
            self._certificate(name, certificate, proof_of(name))
        return policy

    def _has_policy(self, requirements: list[Mapping[str, Any]]) -> bool:
        if "policy" in self.report:
            return True
        codes = [one.get("code") for one in listed(self.report, "findings")]
        return any(str(name).startswith("policy-") for name in (*codes, *(r.get("id") for r in requirements)))

    def _certificate(self, name: str, certificate: object, proof: questions.Proof | None) -> Evidence | None:
        """Verifies a certificate and remembers what it answers; None where it does not."""
        statement = ""
        try:
            if not isinstance(certificate, Mapping):
                raise CertificateError("a certificate is a mapping")
            text = json.dumps(certificate, sort_keys=True)
            if text not in self.seen:
                fabric = self._fabric(certificate)
                self.seen[text] = Evidence(certificate, verify_certificate(fabric, certificate))
            evidence = self.seen[text]
            statement = evidence.proved.statement
            if proof is None:
                raise CertificateError("nothing that the design asks is answered by it")
            refuse_another_question(self.context, proof, evidence)
            remember(self.context, proof, evidence)
        except CertificateError as error:
            self._say(name, statement, False, "certificate", str(error))
            return None
        self._say(name, statement, True, "certificate")
        return evidence

    def _fabric(self, certificate: Mapping[str, Any]) -> Fabric:
        """The fabric; with its cables, which take long to plan, only where a certificate is about their loss."""
        question = certificate.get("question")
        about = question.get("what") if isinstance(question, Mapping) else None
        return self.context.ask(questions.Cabled()) if about == "cable" else self.context.fabric

    def _compare(self, made: Mapping[str, Any], requirements: list[Mapping[str, Any]]) -> None:
        own = made["requirements"]
        for row, stated in enumerate(requirements):
            kind = self.asked[row].kind if row < len(self.asked) else str(stated.get("id"))
            on = "certificate" if kind in WITH_CERTIFICATE and "certificate" in stated else "recount"
            want = own[row] if row < len(own) else {}
            if kind == sampled.KIND and row < len(own) and "certificate" not in want and row not in self.bad:
                self._sampled(row, want, stated)
                continue
            if row < len(own) and "certificate" not in stated and sampled.in_classes(kind, self.asked[row].params):
                self._in_classes(row, want, stated)
                continue
            reason = first_difference(apart(want), apart(stated))
            if ("certificate" in want) != ("certificate" in stated):
                reason = "its certificate was taken away" if "certificate" in want else "it has no certificate"
            if kind == "virtual_lanes" and not reason and row in self.held_by and stated["verdict"] != "broken":
                upper = self.held_by[row].proved.upper
                reason = (
                    ""
                    if stated.get("measured") == upper
                    else f"the certificate proves {upper} {noun(float(upper or 0), 'lane')}"
                )
            if row in self.bad:
                reason = reason or "its certificate proves something else"
            self._say(str(stated.get("id")), str(stated.get("statement", "")), not reason, on, reason)
        for want in own[len(requirements) :]:
            self._say(want["id"], want["statement"], False, "recount", "the report does not answer it")
        self._metrics(made["metrics"])
        if self.whole:
            self._findings(made["findings"])
        names = sorted({*made["certificates"]} - {*(self.report.get("certificates") or {})} if self.whole else ())
        for name in names:
            self._say(name, "", False, "certificate", "the certificate was taken away")
        self._policy(made.get("policy"))
        for key in ("design", "verdict", "tolerance", "schema", *(["cluster"] if "cluster" in made else [])):
            follows, shown = made[key], self.report.get(key)
            if key == "verdict" and self.drawn:
                follows = sampled.verdict_of(made, self.report, self.drawn)
            if key == "verdict" and not self.whole:
                follows = "broken" if any(one.get("verdict") == "broken" for one in requirements) else "held"
            if key == "design":
                follows, shown = ({k: v for k, v in dict(one).items() if k != "path"} for one in (follows, shown or {}))
            reason = first_difference(follows, shown)
            self._say(key, f"{key}: {str(shown)[:80]}", not reason, "recount", reason)
        self._made_by(made["made_by"])
        for key in sorted({*self.report} - {*made, "policy"}):
            self._say(key, str(self.report[key])[:80], False, "recount", "a report has no such key")

    def _sampled(self, row: int, want: Mapping[str, Any], stated: Mapping[str, Any]) -> None:
        """A requirement whose answer rests on patterns that no certificate holds: its question and bound are the
        design's, and its verdict goes with what it shows as measured."""
        id_ = str(stated.get("id"))
        self.drawn.add(id_)
        params: Any = self.asked[row].params
        metrics = self.report.get("metrics", {})
        inner = metrics if params.network == self.context.fabric.networks[0] else metrics.get(params.network, {})
        states = [
            one
            for one in sampled.states_of(inner.get("failure_rates"))
            if (one.get("traffic"), one.get("routing")) == (params.traffic, params.routing)
        ]
        wrong = sampled.answered_wrong(want, stated, bool(states)) or self._owed(
            questions.Steady(params.network, params.traffic, params.routing, params.draws, params.first_seed)
        )
        on, reason = ("recount", wrong) if wrong else ("nothing", sampled.why(states[0]))
        self._say(id_, str(stated.get("statement", "")), False, on, reason)

    def _in_classes(self, row: int, want: Mapping[str, Any], stated: Mapping[str, Any]) -> None:
        """A requirement on what groups or pairs leave, without a certificate: its classes are found again, their
        throughputs are not."""
        id_, statement = str(stated.get("id")), str(stated.get("statement", ""))
        self.drawn.add(id_)
        wrong = "" if want.get("statement") == statement else f"the design asks: {want.get('statement')}"
        wrong = wrong or sampled.answered_wrong(want, stated, True)
        proof = asked_by(self.context, self.asked[row])
        if not wrong and isinstance(proof, questions.TogetherProof) and proof.owed(self.context):
            wrong = "its certificate was taken away"
        on, reason = ("recount", wrong) if wrong else ("nothing", sampled.CLASSES)
        self._say(id_, statement, False, on, reason)

    def _states(self, where: str, network: str, rates: object, made: object) -> None:
        """The steady states that a network's `failure_rates` show, held against those that certificates make again."""
        again = {(one.get("traffic"), one.get("routing")): one for one in sampled.states_of(made)}
        families = self.context.ask(questions.Families(network))
        if any(family.unavailable is None for family in families):
            return
        odds = chances([f.size for f in families], [f.unavailable or 0.0 for f in families])
        counted = dict(zip(sampled.COUNTED, (sum(f.size for f in families), odds.mean, odds.none), strict=True))
        for state in sampled.states_of(rates):
            words = f"{sampled.KIND} of {state.get('traffic')} under {state.get('routing')}"
            want = again.get((state.get("traffic"), state.get("routing")))
            if want is not None:
                reason = first_difference(want, state)
                self._say(f"{where}.{sampled.KIND}", words, not reason, "certificate", reason)
                continue
            wrong = sampled.counted_wrong(state, counted)
            if self.whole and not wrong:
                wrong = self._owed(self._steady(network, str(state.get("traffic")), str(state.get("routing"))))
            on, reason = ("recount", wrong) if wrong else ("nothing", sampled.why(state))
            self._say(f"{where}.{sampled.KIND}", words, False, on, reason)

    def _steady(self, network: str, traffic: str, routing: str) -> questions.Steady:
        """The question behind a steady state that a report shows: that of a requirement, where one asks it."""
        for one in self.asked:
            params: Any = one.params
            key = (network, traffic, routing)
            if one.kind == sampled.KIND and (params.network, params.traffic, params.routing) == key:
                return questions.Steady(*key, params.draws, params.first_seed)
        return questions.Steady(network, traffic, routing)

    def _owed(self, asked: questions.Steady) -> str:
        """Why the certificate of a steady state cannot be missing; empty where there may be none."""
        if asked not in self.owed:
            self.owed[asked] = asked.proof().owed(self.context)
        return "its certificate was taken away" if self.owed[asked] else ""

    def _policy(self, made: object) -> None:
        """The policy that was applied is the one beside the design; a report that shows none is told where one is."""
        shown = self.report.get("policy")
        if made is not None or "policy" in self.report:
            reason = "" if made is None or shown is None else first_difference(made, shown)
            if made is None or shown is None:
                reason = (
                    "no policy is beside the design" if made is None else "the report does not say whose rules hold"
                )
            self._say("policy", "the rules of the policy", not reason, "recount", reason)
        elif self.whole and (Path(self.design.path).parent / "policy.yaml").is_file():
            reason = "the policy beside the design was not asked, or everything of it was taken away"
            self._say("policy", "", False, "nothing", reason)

    def _made_by(self, made: Mapping[str, str]) -> None:
        """Who made a report, of which parts and on what day, as far as it says so."""
        if "made_by" not in self.report:
            if self.whole:
                self._say("made_by", "", False, "nothing", "the report does not say which version made it")
            return
        for id_, statement, on, reason in provenance(made, self.report["made_by"]):
            self._say(id_, statement, not reason, on, reason)

    def _metrics(self, made: Mapping[str, Any]) -> None:
        stated = self.report.get("metrics")
        from topo.report.figure import figures

        for where, key, want, have in metric_pairs(made, stated if isinstance(stated, Mapping) else {}):
            if not self.whole and have is None:
                continue
            if key == "spare":
                if any("costs" in (one.get("avoid") or {}) for one in want or ()):
                    self._say(f"{where}.avoid.costs", "", False, "nothing", "other designs are not asked again")
                want, have = without_costs(want), without_costs(have)
            if key == "failure_rates":
                inner = where.split(".")[1:-1]
                self._states(where, inner[0] if inner else self.context.fabric.networks[0], have, want)
                if self.whole and isinstance(want, Mapping) and not sampled.states_of(have):
                    unknown = [one for one in want["leaves_out"] if one.startswith("expected throughput")]
                    if not unknown:
                        self._say(f"{where}.{sampled.KIND}", "", False, "recount", "the steady state was taken away")
                want, have = sampled.without_states(want), sampled.without_states(have)
            if not self.whole and key == "throughput" and isinstance(have, Mapping):
                known = want if isinstance(want, Mapping) else {}
                if {*have} - {*known}:
                    self._say(where, "throughputs", False, "nothing", "their certificates are not in the report")
                have = {traffic: shown for traffic, shown in have.items() if traffic in known}
                want = {traffic: proved for traffic, proved in known.items() if traffic in have}
            reason = first_difference(want, have)
            on = figures.get(key).rests_on if key in figures.names() else "recount"
            self._say(where, f"{key}: {str(have)[:120]}", not reason, on, reason)

    def _findings(self, made: list[Mapping[str, Any]]) -> None:
        stated = listed(self.report, "findings")
        made, stated = sampled.apart_from(made, self.drawn), sampled.apart_from(stated, self.drawn)
        told = [as_told(one) for one in made], [as_told(one) for one in stated]
        reason = first_difference(*told)
        self._say("findings", amount(len(stated), "finding"), not reason, "recount", reason)
        open_ = sum(a != b for a, b in zip(made, stated, strict=False))
        if open_ and not reason:
            self._say(
                "findings.where",
                amount(open_, "finding"),
                False,
                "nothing",
                "which links are worst is not proved",
            )

    def _say(self, id_: str, statement: str, proved: bool, on: str, reason: str = "") -> None:
        self.lines.append(Entry(id_[:200], statement, proved, on, reason, self.name))
