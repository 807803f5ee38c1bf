"""A first design, with requirements at what it measures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from math import floor

from topo.catalog import Catalog
from topo.checks import Context
from topo.design import Design, build, closed_forms, parse_design
from topo.design.schema import SCHEMA_FILE
from topo.errors import InputError, ParameterError, Problem
from topo.generators.family import families, spanning
from topo.report.metrics import network_metrics
from topo.report.model import Metrics
from topo.report.outline import Outline
from topo.report.spare import spare_of, words_of
from topo.units import amount

HEAD = """\
# yaml-language-server: $schema={schema}
# {title}.
# Every key is described in docs/reference.md; the first line is for editors, `topo schema` writes the file it names.
name: {name}
title: "{gpus:,} GPUs, {title}"
gpus: {gpus}
host: {host}                 # `topo catalog list host`
networks:
  # More networks stand beside this one, such as: storage: {{family: ft2, switch: {switch}}}
  compute: {{family: {family}, switch: {switch}{keys}}}
"""
REQUIREMENTS = """\
# What the fabric must do. These are met today; `topo check` says when a change breaks one.
requirements:
"""
MARGIN = 0.02
"""What is given away of a bound that is not exact: a slower machine may prove a little less."""
COLUMN = 42
"""Where remarks begin: most requirements are shorter."""
NETWORK = "networks.compute."
OPTIONS = {"gpus": "--gpus", "host": "--host", f"{NETWORK}family": "--family", f"{NETWORK}switch": "--switch"}
"""The option of `topo new` that stands behind a key of the design."""


def first_design(name: str, outline: Outline, catalog: Catalog, time_limit_s: float = 20.0) -> str:
    """The text of a design that checks green, and what it has beyond need as remarks; raises InputError for sizes,
    parts or keys that do not go together."""
    head, design, context = _tried(name, outline, catalog, time_limit_s)
    network = design.networks[0]
    spare = spare_of(design, network, context.counts[network.name], context.fabric, limit_s=context.time_limit_s)
    head += "".join(f"  # {line}\n" for line in words_of([one.to_json() for one in spare]))
    stated = _requirements(network_metrics(context, context.fabric.networks[0]))
    lines = [
        f"  - {text}".ljust(COLUMN) + f"# {remark}" if remark else f"  - {text}" for text, remark in stated.items()
    ]
    return head + REQUIREMENTS + "\n".join(lines) + "\n"


def refused_size(outline: Outline, catalog: Catalog) -> str:
    """Why this number of GPUs cannot be built of these parts, in one line; empty where it can. Raises InputError for
    what no other number of GPUs would mend."""
    try:
        _tried("size", outline, catalog, 0.0)
    except InputError as error:
        if any(problem.key != OPTIONS["gpus"] for problem in error.problems):
            raise
        whys = ["; ".join(filter(None, (one.message, one.allowed, one.hint))) for one in error.problems]
        return f"{amount(outline.gpus, 'GPU')}: {'; '.join(whys)}"
    return ""


def _tried(name: str, outline: Outline, catalog: Catalog, time_limit_s: float) -> tuple[str, Design, Context]:
    """The design without requirements, as text and read, and what it is measured in; raises InputError."""
    family, host, switch = outline.family, outline.host, outline.switch
    title = families.get(family, "--family").title
    if family not in spanning():
        message = "joins the GPUs of one scale-up domain alone: a second network beside one that joins all hosts"
        raise ParameterError("--family", family, message, ", ".join(spanning()))
    catalog.host(host, "--host")
    catalog.switch(switch, "--switch")
    plain = "".join(c if c.isascii() and (c.isalnum() or c in "._-") else "-" for c in name).lstrip("._-") or "design"
    more = "".join(f", {_key(key)}" for key in outline.keys)
    head = HEAD.format(
        schema=SCHEMA_FILE,
        name=plain,
        title=title,
        gpus=outline.gpus,
        host=host,
        family=family,
        switch=switch,
        keys=more,
    )
    try:
        design = parse_design(head, name, catalog)
        context = Context(build(design), catalog, closed_forms(design), time_limit_s=time_limit_s)
    except InputError as error:
        raise InputError([_as_asked(problem) for problem in error.problems]) from error
    return head, design, context


def _as_asked(problem: Problem) -> Problem:
    """The problem at the option that was given, not at a line of a file that is never written."""
    option = OPTIONS.get(problem.key, "")
    if not option and problem.key.startswith(NETWORK):
        option = f"--key {problem.key.removeprefix(NETWORK)}"
    return replace(problem, key=option or problem.key, file="", line=0)


def _key(text: str) -> str:
    """KEY=VALUE as KEY: VALUE; raises ParameterError for a text that is neither."""
    key, equals, value = text.partition("=")
    if not equals or not key.isidentifier() or not value or set(value) & set(",{}[]#&*!|>%@`\n"):
        raise ParameterError("--key", text, "is no key with a plain value", "KEY=VALUE", "such as spread=by-one")
    return f"{key}: {value}"


def _requirements(metrics: Metrics) -> dict[str, str]:
    """Requirements that hold, with what they mean; none about what was not found in time."""
    result: dict[str, str] = {}
    bisection, throughput = (
        metrics.bisection or {},
        (metrics.throughput or {}).get("all-to-all", {}).get("adaptive", {}),
    )
    if "share" in bisection:
        share = _kept(float(bisection["share"]["lower"]), bisection)
        result[f"bisection: {{at_least: {share}}}"] = "of half the endpoints at line rate"
    if "lower" in throughput:
        carried = _kept(throughput["lower"], throughput)
        result[f"throughput: {{traffic: all-to-all, routing: adaptive, at_least: {carried}}}"] = ""
    if metrics.hops:
        result[f"hops: {{at_most: {metrics.hops['max']:.0f}}}"] = "switches on a path"
    result[f"switches: {{at_most: {(metrics.switches or {})['total']}}}"] = "in all"
    return result


def _kept(lower: float, answer: Mapping[str, object]) -> float:
    """What is asked for: the proved end, at most 1, rounded down to three digits."""
    certain = lower if answer.get("exact") else lower * (1 - MARGIN)
    return floor(min(certain, 1.0) * 1000) / 1000
