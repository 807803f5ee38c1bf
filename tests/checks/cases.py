"""Small fabrics of every family, on parts of their own catalog, for the tests of checks."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from topo.catalog import Catalog, load_catalog
from topo.checks import Context
from topo.design import Design, parse_design
from topo.design.wire import build, closed_forms

FOLDER = Path(__file__).parent / "catalog"

DESIGNS = {
    "ft2": "{gpus: 128, host: test-host, networks: {compute: {family: ft2, switch: test-16}}}",
    "ft2-parallel": "{gpus: 64, host: test-host, networks: {compute: {family: ft2, switch: test-16}}}",
    "ft3": "{gpus: 80, host: test-host, networks: {compute: {family: ft3, switch: test-8}}}",
    "mrft": "{gpus: 32, host: test-host, networks: {compute: {family: mrft, switch: test-8}}}",
    "mrft-unit-pods": "{gpus: 80, host: test-host, networks: {compute: {family: mrft, switch: test-8}}}",
    "mrft-rail-pods": "{gpus: 80, host: test-host, networks: {compute: {family: mrft, switch: test-8, pods: rail}}}",
    "mpft": "{gpus: 128, host: test-host, networks: {compute: {family: mpft, switch: test-8}}}",
    "mpft-multi-port": "{gpus: 16, host: test-host-multi, networks: {compute: {family: mpft, switch: test-8}}}",
    "rail-only": "{gpus: 128, host: test-host, networks: {compute: {family: rail-only, switch: test-8}}}",
    "dual-plane": "{gpus: 32, host: test-host-dual, networks: {compute: {family: dual-plane, switch: test-8}}}",
    "slim-fly": "{gpus: 200, host: test-host, networks: {compute: {family: slim-fly, switch: test-16, q: 5, p: 4}}}",
    "dragonfly": (
        "{gpus: 72, host: test-host, networks: {compute: {family: dragonfly, switch: test-8, p: 2, a: 4, h: 2, g: 9}}}"
    ),
    "hyperx": (
        "{gpus: 80, host: test-host, networks: {compute: {family: hyperx, switch: test-16, shape: [4, 5], p: 4}}}"
    ),
    "jellyfish": (
        "{gpus: 48, host: test-host, networks:"
        " {compute: {family: jellyfish, switch: test-16, switches: 12, p: 4, r: 5, seed: 7}}}"
    ),
    "zcube": "{gpus: 64, host: test-host-dual, networks: {compute: {family: zcube, switch: test-16}}}",
    "torus": "{gpus: 96, host: test-host, networks: {compute: {family: torus, switch: test-8, shape: [6, 4], p: 4}}}",
    "dragonfly-plus": (
        "{gpus: 80, host: test-host, networks:"
        " {compute: {family: dragonfly-plus, switch: test-8, p: 4, leaves: 4, spines: 4, h: 3, g: 5}}}"
    ),
    "lent": (
        "{gpus: 64, host: test-host, networks: {compute: {family: ft2, switch: test-16, spines: 4, oversubscription: 2,"
        " leaves: [{role: border, count: 2, outside: {ports: 4, gbps: 400}, uplinks: 4}]},"
        " storage: {family: ft2, switch: test-8, spines_in: compute}}}"
    ),
    "lent-leaf": (
        "{gpus: 64, host: test-host, networks: {compute: {family: ft2, switch: test-16, hosts_per_leaf: 1,"
        " oversubscription: 2}, storage: {family: ft2, switch: test-8, spines_in: compute, spines_on: leaf, uplinks: 2,"
        " spines: 2}}}"
    ),
    "shared-leaf": (
        "{gpus: 64, host: test-host, networks: {compute: {family: ft2, switch: test-16, hosts_per_leaf: 2,"
        " oversubscription: 2}, storage: {family: ft2, switch: test-8, leaves_in: compute, hosts_per_leaf: 2,"
        " uplinks: 2, spines: 2}}}"
    ),
    "shared": (
        "{gpus: 64, host: test-host, networks: {compute: {family: ft2, switch: test-16, spines: 4, hosts_per_leaf: 2,"
        " uplinks: 4}, storage: {family: ft2, switch: test-16, leaves_in: compute, spines_in: compute, spines: 2,"
        " hosts_per_leaf: 2, uplinks: 2}}}"
    ),
    "unlike": (
        "{gpus: 16, host: test-host, other_hosts: [{host: test-host-few, count: 4}], networks: {compute:"
        " {family: ft2, switch: test-16, spines: 4,"
        " leaves: [{hosts: test-host}, {hosts: test-host-few, oversubscription: '1:3'}]}}}"
    ),
    "unlike-rails": (
        "{gpus: 16, host: test-host, other_hosts: [{host: test-host-few, count: 4}], networks: {compute:"
        " {family: mrft, switch: test-16, spines: 4, rails_per_leaf: 1,"
        " leaves: [{hosts: test-host}, {hosts: test-host-few, oversubscription: '1:3'}]}}}"
    ),
    "unlike-pods": (
        "{gpus: 40, host: test-host, other_hosts: [{host: test-host-few, count: 12}], networks: {compute:"
        " {family: ft3, switch: test-8,"
        " leaves: [{hosts: test-host}, {hosts: test-host-few, switch: test-16}]}}}"
    ),
    "storage": (
        "{gpus: 128, host: test-host, networks: {compute: {family: mpft, switch: test-8},"
        " storage: {family: ft2, switch: test-8}}}"
    ),
}


@cache
def catalog() -> Catalog:
    return load_catalog([FOLDER])


@cache
def design(case: str) -> Design:
    text = DESIGNS[case]
    return parse_design(f"{{name: {case}, {text[1:]}", f"{case}.yaml", catalog())


@cache
def intact(case: str) -> Context:
    """A design's fabric with its closed forms; frozen, so shared."""
    mine = design(case)
    return Context(build(mine), mine.catalog, closed_forms(mine))
