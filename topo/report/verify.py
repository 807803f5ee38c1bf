"""Holds a JSON report against what its certificates prove and what its design asks: everything that it shows is made
again from these two, and what differs does not follow."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from topo.catalog import Catalog
from topo.certificates import verify_certificate
from topo.checks import Context
from topo.checks.answers import cabled
from topo.checks.policy import Policy
from topo.checks.run import answerable
from topo.design import Design, build, context_of, load_design
from topo.design.policy import policy_beside
from topo.errors import CertificateError, InputError, Problem
from topo.files import read_text
from topo.report.figure import figures
from topo.report.make import Question, make_report, questions_of
from topo.report.model import SCHEMA, plain
from topo.report.proofs import Evidence, Key, Memory, refuse_another_question, remember

SAME = 1e-9
"""Relative difference up to which two floats are one number."""
WITH_CERTIFICATE = ("bisection", "connected", "failure", "hops", "random_failures", "throughput", "virtual_lanes")
"""Kinds of requirement that carry one."""


@dataclass(frozen=True)
class Verified:
    """One thing that a report shows. `rests_on` a certificate, a recount from the design, or nothing; what is not
    proved has a `reason`. What rests on nothing is told, and does not count against the report."""

    design: str
    id: str
    statement: str
    proved: bool
    rests_on: str
    reason: str = ""

    def to_json(self) -> dict[str, Any]:
        """The entry as plain data."""
        return {
            "design": self.design,
            "id": self.id,
            "statement": self.statement,
            "proved": self.proved,
            "rests_on": self.rests_on,
            "reason": self.reason,
        }

    def text(self) -> str:
        """The entry on one line."""
        on = "" if self.rests_on == "certificate" else f" ({self.rests_on})"
        said = "proved" if self.proved else f"NOT PROVED: {self.reason}"
        return f"{self.design}: {self.id}{on}: {said}"


def verify_report(
    path: Path, catalog: Catalog, design: Path | None = None, whole: bool = True
) -> tuple[list[str], bool]:
    """One line for each thing that a report shows, and whether all of it follows (see `verified`)."""
    found = verified(path, catalog, design, whole)
    return [one.text() for one in found], sound(found)


def sound(found: Sequence[Verified]) -> bool:
    """Whether all that rests on anything follows from it."""
    return all(one.proved or one.rests_on == "nothing" for one in found)


def verified(path: Path, catalog: Catalog, design: Path | None = None, whole: bool = True) -> list[Verified]:
    """All that the reports of a file show. Designs are looked for at the path in the report, from the current folder
    and then from the report's, or at `design`. Unless `whole`, a report may show less than a design asks: what it
    shows has to follow. Raises InputError for a file that is no report, or whose designs are
    gone or have changed since."""
    found: list[Verified] = []
    for report in _reports(path):
        name = str(report["design"].get("name", "?"))[:200]
        if report.get("verdict") in ("invalid", "error"):
            found.append(_invalid(path, report, catalog, name, design))
            continue
        found += _Checked(_design(path, report, catalog, design), report, name, whole).found()
    return found


def proved_answers(design: Design, report: Mapping[str, Any]) -> tuple[list[Verified], Context]:
    """The certificates of a report, each checked, and a context that answers by them alone: whatever else a solver
    would have to be asked raises LimitReachedError there."""
    one = _Checked(design, report, str(report["design"].get("name", "?"))[:200], whole=False)
    one.certificates()
    return one.lines, one.context


class _Checked:
    """One report, its design, and what its certificates prove."""

    def __init__(self, design: Design, report: Mapping[str, Any], name: str, whole: bool) -> None:
        self.design, self.report, self.name, self.whole = design, report, name, whole
        context = answerable(context_of(design, build(design), time_limit_s=1.0))
        context.__dict__["memory"] = Memory()
        self.context: Context = context
        self.fabric = cabled(context)
        self.questions = questions_of(design)
        if not whole:
            stated = [one.get("id") for one in _list(report, "requirements")]
            self.questions = tuple(one for one in self.questions if one.id in stated)
        self.lines: list[Verified] = []
        self.seen: dict[str, Evidence] = {}
        self.bad: set[int] = set()
        self.asked: list[Question] = []
        self.held_by: dict[int, Evidence] = {}

    def found(self) -> list[Verified]:
        """Certificates first, then what follows from them and from the design."""
        policy = self.certificates()
        made = make_report(self.design, self.context, self.questions, policy, date.today(), ask=False)
        self._compare(plain(made.to_json()), _list(self.report, "requirements"))
        return self.lines

    def certificates(self) -> Policy | None:
        """Checks every certificate, and remembers what it answers; the policy whose rules are judged beside."""
        requirements = _list(self.report, "requirements")
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
                key = None if question is None else asked_by(question)
                evidence = self._certificate(str(stated.get("id")), stated["certificate"], key)
                if evidence is None:
                    self.bad.add(row)
                else:
                    self.held_by[row] = evidence
        certificates = self.report.get("certificates", {})
        for name, certificate in certificates.items() if isinstance(certificates, Mapping) else ():
            self._certificate(name, certificate, _key_of(name))
        return policy

    def _has_policy(self, requirements: list[Mapping[str, Any]]) -> bool:
        codes = [one.get("code") for one in _list(self.report, "findings")]
        return any(str(name).startswith("policy-") for name in (*codes, *(r.get("id") for r in requirements)))

    def _certificate(self, name: str, certificate: object, key: Key | None) -> Evidence | None:
        """Verifies a certificate and remembers what it answers; None where it does not."""
        statement = ""
        try:
            if not isinstance(certificate, Mapping):
                raise CertificateError("a certificate is a mapping")
            text = json.dumps(certificate, sort_keys=True)
            if text not in self.seen:
                self.seen[text] = Evidence(certificate, verify_certificate(self.fabric, certificate))
            evidence = self.seen[text]
            statement = evidence.proved.statement
            if key is None:
                raise CertificateError("nothing that the design asks is answered by it")
            refuse_another_question(self.fabric, key, evidence)
            memory = self.context.memory
            if not dict.__contains__(memory, key if key[0] != "draws" else key[:-1]):
                remember(self.context, key, evidence)
        except CertificateError as error:
            self._say(name, statement, False, "certificate", str(error))
            return None
        self._say(name, statement, True, "certificate")
        return evidence

    def _compare(self, made: Mapping[str, Any], requirements: list[Mapping[str, Any]]) -> None:
        own = made["requirements"]
        for row, stated in enumerate(requirements):
            kind = self.asked[row].kind if row < len(self.asked) else str(stated.get("id"))
            on = "certificate" if kind in WITH_CERTIFICATE else "recount"
            want = own[row] if row < len(own) else {}
            reason = first_difference(_apart(want), _apart(stated))
            if ("certificate" in want) != ("certificate" in stated):
                reason = "its certificate was taken away" if "certificate" in want else "it has no certificate"
            if kind == "virtual_lanes" and not reason and row in self.held_by and stated["verdict"] != "broken":
                upper = self.held_by[row].proved.upper
                reason = "" if stated.get("measured") == upper else f"the certificate proves {upper} lanes"
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
        for key in ("design", "verdict", "tolerance", "schema"):
            follows, shown = made[key], self.report.get(key)
            if key == "verdict" and not self.whole:
                follows = "broken" if any(one.get("verdict") == "broken" for one in requirements) else "held"
            if key == "design":
                follows, shown = ({k: v for k, v in dict(one).items() if k != "path"} for one in (follows, shown or {}))
            reason = first_difference(follows, shown)
            self._say(key, f"{key}: {str(shown)[:80]}", not reason, "recount", reason)
        for key in sorted({*self.report} - {*made}):
            self._say(key, str(self.report[key])[:80], False, "recount", "a report has no such key")

    def _metrics(self, made: Mapping[str, Any]) -> None:
        stated = self.report.get("metrics")
        for where, key, want, have in _metric_pairs(made, stated if isinstance(stated, Mapping) else {}):
            if not self.whole and have is None:
                continue
            if key == "spare":
                if any("costs" in (one.get("avoid") or {}) for one in want or ()):
                    self._say(f"{where}.avoid.costs", "", False, "nothing", "other designs are not asked again")
                want, have = _without_costs(want), _without_costs(have)
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
        stated = _list(self.report, "findings")
        told = [_as_told(one) for one in made], [_as_told(one) for one in stated]
        reason = first_difference(*told)
        self._say("findings", f"{len(stated)} findings", not reason, "recount", reason)
        open_ = sum(a != b for a, b in zip(made, stated, strict=False))
        if open_ and not reason:
            self._say("findings.where", f"{open_} findings", False, "nothing", "which links are worst is not proved")

    def _say(self, id_: str, statement: str, proved: bool, on: str, reason: str = "") -> None:
        self.lines.append(Verified(self.name, id_[:200], statement, proved, on, reason))


def asked_by(question: Question) -> Key | None:
    """What a requirement asks, as `answers` remembers it (`hops`, `connected` and `lanes` are counted again)."""
    params: Any = question.params
    network = params.network
    match question.kind:
        case "throughput":
            return "throughput", network, params.traffic, params.routing
        case "failure":
            return "failures", network, params.any, params.traffic, params.routing
        case "random_failures":
            seeds = range(params.first_seed, params.first_seed + params.seeds)
            asked = (params.any, params.count, seeds, params.traffic, params.routing, params.draws_that_count)
            return "draws", network, *asked
        case "virtual_lanes":
            return "lanes", network, params.routing, params.fixed
        case "bisection" | "hops" | "connected":
            return question.kind, network
    return None


def _key_of(name: str) -> Key | None:
    """What a certificate outside of requirements is filed under."""
    network, _, rest = name.partition("/")
    kind, _, question = rest.partition("/")
    if kind in ("bisection", "hops") and not question:
        return kind, network
    if kind == "throughput":
        traffic, _, routing = question.rpartition("/")
        return kind, network, traffic, routing
    if kind == "failures":
        what, _, more = question.partition("/")
        traffic, _, routing = more.rpartition("/")
        return kind, network, what, traffic, routing
    return None


def _metric_pairs(made: Mapping[str, Any], stated: Mapping[str, Any]) -> Iterator[tuple[str, str, Any, Any]]:
    """Place, name, what was made again and what is shown, of every metric of every network."""
    for key in sorted({*made, *stated}):
        want, have = made.get(key), stated.get(key)
        inner = want if isinstance(want, Mapping) else {}
        if "switches" in inner and "links" in inner:
            more = have if isinstance(have, Mapping) else {}
            for name in sorted({*inner, *more}):
                yield f"metrics.{key}.{name}", name, inner.get(name), more.get(name)
        else:
            yield f"metrics.{key}", key, want, have


def _without_costs(spare: Any) -> Any:
    """What is spare, without what the alternatives cost in throughput."""
    if not isinstance(spare, list) or not all(isinstance(one, Mapping) for one in spare):
        return spare
    kept = [dict(one) for one in spare]
    for one in kept:
        if isinstance(one.get("avoid"), Mapping):
            one["avoid"] = {key: value for key, value in one["avoid"].items() if key != "costs"}
    return kept


def _as_told(finding: Mapping[str, Any]) -> Mapping[str, Any]:
    """A finding without what no certificate holds: the worst links of a throughput, and why a limit was reached."""
    code = finding.get("code")
    if code == "throughput":
        return {key: value for key, value in finding.items() if key != "where"}
    if code == "limit-reached":
        return {key: value for key, value in finding.items() if key != "message"}
    return finding


def _apart(requirement: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in requirement.items() if key != "certificate"}


def first_difference(want: Any, have: Any, at: str = "") -> str:
    """Where and how what is shown differs from what follows; empty where it does not."""
    if isinstance(want, Mapping) and isinstance(have, Mapping):
        for key in sorted({*want, *have}, key=str):
            place = f"{at}.{key}" if at else str(key)
            if key not in have:
                return f"{place} is missing: {_short(want[key])} follows"
            if key not in want:
                return f"{place} is {_short(have[key])}, which follows from nothing"
            found = first_difference(want[key], have[key], place)
            if found:
                return found
        return ""
    if isinstance(want, list) and isinstance(have, list):
        if len(want) != len(have):
            return f"{at or 'the list'} has {len(have)} entries, {len(want)} follow"
        pairs = enumerate(zip(want, have, strict=True))
        return next((found for i, (a, b) in pairs if (found := first_difference(a, b, f"{at}[{i}]"))), "")
    return "" if _same(want, have) else f"{at + ' ' if at else ''}is {_short(have)}, {_short(want)} follows"


def _same(want: Any, have: Any) -> bool:
    if type(want) in (int, float) and type(have) in (int, float):
        return bool(want == have) or (float in (type(want), type(have)) and math.isclose(want, have, rel_tol=SAME))
    return type(want) is type(have) and bool(want == have)


def _short(value: Any) -> str:
    text = "absent" if value is None else json.dumps(value, default=str)
    return text if len(text) < 80 else f"{text[:77]}..."


def _list(report: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    """A list of mappings of a report."""
    found: list[Mapping[str, Any]] = report.get(key, [])
    return found


def _invalid(path: Path, report: Mapping[str, Any], catalog: Catalog, name: str, other: Path | None) -> Verified:
    """A report that shows nothing but why a design is none."""
    try:
        _design(path, report, catalog, other, bound=False)
    except InputError as error:
        same = report.get("verdict") == "invalid"
        return Verified(name, "verdict", "the design is invalid", same, "recount", "" if same else str(error)[:200])
    return Verified(name, "verdict", f"the verdict is {report['verdict']}", False, "recount", "the design can be read")


def _reports(path: Path) -> list[dict[str, Any]]:
    try:
        value = json.loads(read_text(path, MOST_BYTES, "REPORT"), object_pairs_hook=_each_once)
    except (ValueError, RecursionError) as error:
        hint = "`topo check DESIGN --format json > report.json` writes one"
        raise InputError(Problem(f"is no JSON: {error}", "REPORT", hint=hint, file=str(path))) from None
    reports = value if isinstance(value, list) else [value]
    for i, report in enumerate(reports):
        if not isinstance(report, dict) or report.get("schema") != SCHEMA or not isinstance(report.get("design"), dict):
            raise InputError(Problem("is no topo report", f"[{i}].schema", allowed=SCHEMA, file=str(path)))
        for key, shape in SHAPES.items():
            stated = report.get(key, shape())
            rows = isinstance(stated, list) and all(isinstance(one, dict) for one in stated)
            if not (rows if shape is list else isinstance(stated, shape)):
                problem = Problem("has another shape", f"[{i}].{key}", _short(stated), f"a {shape.__name__}")
                raise InputError(problem).at(str(path))
    return reports


MOST_BYTES = 300_000_000
"""The largest report that is read: hundreds of certificates of 65,536 GPUs."""
SHAPES: Mapping[str, type[list[Any]] | type[dict[Any, Any]] | type[str]] = {
    "requirements": list,
    "findings": list,
    "metrics": dict,
    "certificates": dict,
    "verdict": str,
}


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice in one object")
    return found


def _design(
    report_path: Path, report: Mapping[str, Any], catalog: Catalog, other: Path | None, bound: bool = True
) -> Design:
    stated = report["design"].get("path", "")
    if not isinstance(stated, str) or "\0" in stated:
        raise InputError(Problem("is no path", "design.path", _short(stated), file=str(report_path)))
    places = [other] if other else [Path(stated), report_path.parent / stated]
    found = next((p for p in places if (stated or other) and p.is_file()), None)
    if found is None:
        raise InputError(Problem("the report's design is not there", "design.path", stated, file=str(report_path)))
    design = load_design(found, catalog)
    if bound and design.sha256 != report["design"].get("sha256"):
        problem = Problem("the design has changed since the report", "design.sha256", design.sha256)
        raise InputError(problem).at(str(report_path))
    return design
