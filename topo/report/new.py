"""A first design, with requirements at what it measures."""

from __future__ import annotations

from math import floor

from topo.catalog import Catalog
from topo.checks import Context
from topo.design import build, closed_forms, parse_design
from topo.generators import families
from topo.report.metrics import network_metrics

HEAD = """\
# {title}.
# Every key is described in docs/reference.md; `topo schema` gives completion in an editor.
name: {name}
title: {gpus:,} GPUs, {title}
gpus: {gpus}
host: {host}                 # `topo catalog list host`
networks:
  # More networks stand beside this one, such as: storage: {{family: ft2, switch: {switch}}}
  compute: {{family: {family}, switch: {switch}}}
"""

REQUIREMENTS = """\
# What the fabric must do. These are met today; `topo check` says when a change breaks one.
requirements:
  - bisection: {{at_least: {bisection}}}          # of half the endpoints at line rate
  - throughput: {{traffic: all-to-all, routing: adaptive, at_least: {throughput}}}
  - hops: {{at_most: {hops}}}                  # switches on a path
  - switches: {{at_most: {switches}}}
"""


def first_design(name: str, family: str, gpus: int, host: str, switch: str, catalog: Catalog) -> str:
    """The text of a design that checks green; raises InputError for sizes or parts that do not go together."""
    title = families.get(family, "--family").title
    catalog.host(host, "--host")
    catalog.switch(switch, "--switch")
    head = HEAD.format(name=name, title=title, gpus=gpus, host=host, family=family, switch=switch)
    design = parse_design(head, name, catalog)
    context = Context(build(design), catalog, closed_forms(design))
    metrics = network_metrics(context, "compute")
    bisection, throughput = metrics.bisection or {}, (metrics.throughput or {})["all-to-all"]["adaptive"]
    full = float(bisection["full_gbps"])
    return head + REQUIREMENTS.format(
        bisection=_down(min(float(bisection["lower_gbps"]) / full, 1.0)),
        throughput=_down(min(float(throughput.get("lower", 1.0)), 1.0)),
        hops=int((metrics.hops or {}).get("max", 1)),
        switches=(metrics.switches or {})["total"],
    )


def _down(value: float) -> float:
    """Rounded down to three digits."""
    return floor(value * 1000) / 1000
