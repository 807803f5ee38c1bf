"""Every reader under mutations: a refusal with file and line, or what can be judged; never a traceback."""

from __future__ import annotations

import contextlib
import random
import zlib

import pytest

from tests.audit.test_hostile import MUTATIONS
from tests.audit.test_kinds import ETH, INFINIBAND, NDR, REPORTS, TABLES
from tests.audit.writers import links_of
from topo.audit import audit, lint_plan
from topo.audit.propose import propose
from topo.errors import InputError
from topo.importers.as_built import AsBuilt, readers
from topo.importers.as_built.reader import parse_as_built
from topo.importers.somebody import fabric_of
from topo.report.answers.audits import audit_json, audit_text

FORMS = {**{n: (NDR, w) for n, w in {**INFINIBAND, **TABLES}.items()}, **{n: (ETH, w) for n, w in REPORTS.items()}}
SAMPLES = 12


@pytest.mark.sampled(8)
@pytest.mark.parametrize("name", FORMS)
def test_a_mutated_file_is_read_or_refused(name: str) -> None:
    fabric, write = FORMS[name]
    whole = write(links_of(fabric)[:60])
    for seed in range(SAMPLES):
        rng = random.Random(f"{name} {seed}")
        content = bytearray(whole)
        for _ in range(rng.choice([1, 1, 3])):
            rng.choice(MUTATIONS)(rng, content)
        found = read_or_refused(bytes(content))
        if isinstance(found, AsBuilt):
            judged(found, seed)
        else:
            assert all(p.file == "found.txt" for p in found.problems), found
            assert all(line.isprintable() for p in found.problems for line in p.text().split("\n"))


def read_or_refused(content: bytes, form: str = "") -> AsBuilt | InputError:
    try:
        return parse_as_built(content, "found.txt", form)
    except InputError as error:
        return error


def judged(found: AsBuilt, seed: int) -> None:
    lint_plan(found)
    if seed < 2:
        result = audit(NDR, found)
        assert audit_text(result)
        assert audit_json(result)
        propose(NDR, [found])
    with contextlib.suppress(InputError):
        fabric_of([found], "x")


@pytest.mark.parametrize("form", readers.names())
def test_each_form_refuses_what_is_of_another(form: str) -> None:
    """With --form: noise, JSON of other shapes, other tools' files; an InputError each."""
    noise = [
        b"",
        b"{}",
        b"[]",
        b"[1, 2]",
        b'{"a": 1}',
        b'{"a": {"b": []}}',
        b"null",
        b"x",
        b"\n\n\n",
        b"PK\x03\x04zz",
        b"<graphml>",
    ]
    noise += [random.Random(zlib.crc32(form.encode())).randbytes(500), b"a,b,c\n1,2,3\n", b'graph x {\n"a" -- "b"\n}']
    noise += [b'{"lldp": 5}', b'{"h": {"lldpNeighbors": [5]}}', b'{"h": {"Neighbors": [{"InterfaceName": 1}]}}']
    noise += [
        b'{"nodes": [], "links": []}',
        b'{"nodes": [1], "links": [{"source": {}, "target": []}]}',
        b"topology:\n links: [a]\n",
    ]
    noise += [
        b'{"results": [{"a_terminations": 5, "b_terminations": [1]}]}',
        b"START_NODES\nx\n",
        b"Switch: 0x1 a:\n x",
    ]
    noise += [
        b'[{"source_guid": 5, "destination_guid": {}}]',
        b'[{"source_guid": "0x1", "source_port": "99999999999999999999", "destination_guid": "2"}]',
        b"   P1 -4x-10G-> SW64 leaf1 P3\n",
        b"SW64 a b c\n P1 -> X y P2\n",
        b'{"LLDP_ENTRY_TABLE:Ethernet0": 5}',
        b'{"LLDP_LOC_CHASSIS": {"value": 3}, "LLDP_ENTRY_TABLE:E0": {"value": []}}',
        b'{"openconfig-lldp:lldp": {"interfaces": {"interface": [{"name": 1, "neighbors": [2]}, 3]}}}',
        b'{"openconfig-lldp:interfaces": 5}',
        b"apiVersion: wiring.githedgehog.com/v1beta1\nkind: Connection\nspec: {a: {b: {port: x}, c: {port: y}}}\n",
        b"apiVersion: wiring.githedgehog.com/v1beta1\nkind: Connection\nspec: 7\n---\n- 1\n",
        b"devices: [1, {name: x}]\ninstances: [{name: x, count: 99999999}]\nedges: [{ep1: 1, ep2: {instance: x}}]\n",
        b"devices: {}\ninstances: 4\nedges: [{ep1: {instance: 'a[1:', component: b}}]\n",
        b"9 4 1 4 2 H\n4 5\n0 4 1Gbps 1ms 0\n0 99 1Gbps 1ms 0\n",
        b"9 0 1 4 1\n4 5\n0 4 1Gbps 1ms 0\n",
    ]
    for content in noise:
        found = read_or_refused(content, form)
        assert isinstance(found, AsBuilt) or found.problems[0].file == "found.txt", (form, content, found)
