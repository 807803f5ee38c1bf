"""The ibnetdiscover form, read by the parser that reads ibnetdiscover's own output in tests/foreign."""

from __future__ import annotations

import csv
import io

from tests.foreign.engines import cables_of
from topo.exporters import Plan, build_files


def test_every_link_is_written_from_both_ends(any_plan: Plan) -> None:
    fabric = any_plan.fabric
    files = build_files(any_plan, ["ibnetdiscover"])
    cables = cables_of(files["infiniband/fabric.ibnetdiscover"].decode())
    nic = dict(zip(fabric.endpoints.port.tolist(), fabric.endpoints.nic.tolist(), strict=True))
    nic_port = dict(zip(fabric.endpoints.port.tolist(), fabric.endpoints.nic_port.tolist(), strict=True))
    wanted = set()
    for a, b in zip(fabric.links.a.tolist(), fabric.links.b.tolist(), strict=True):
        name = [str(fabric.devices.name[fabric.ports.device[p]]) for p in (a, b)]
        ends = [
            (f"{n} HCA-{nic[p] + 1}", nic_port[p] + 1) if p in nic else (n, int(fabric.ports.number[p]))
            for n, p in zip(name, (a, b), strict=True)
        ]
        wanted.add(tuple(sorted(ends)))
    assert cables == wanted
    assert len(cables) == len(fabric.links)
    rows = list(csv.DictReader(io.StringIO(files["infiniband/speeds.csv"].decode())))
    assert sorted(float(r["gbps"]) for r in rows) == sorted(fabric.links.gbps.tolist())


def test_guids_differ_and_do_not_depend_on_the_size(any_plan: Plan) -> None:
    text = build_files(any_plan, ["ibnetdiscover"])["infiniband/fabric.ibnetdiscover"].decode()
    heads = [line.split('"') for line in text.splitlines() if line.startswith(("Switch", "Ca"))]
    ids = {head[3]: head[1] for head in heads}
    assert len(set(ids.values())) == len(heads)
    less = any_plan.fabric.without(devices=[str(any_plan.fabric.devices.name[0])])
    from topo.exporters.formats.ibnetdiscover import to_ibnetdiscover

    again = [line.split('"') for line in to_ibnetdiscover(less).decode().splitlines() if line.startswith(("Sw", "Ca"))]
    assert {head[3]: head[1] for head in again}.items() < ids.items()
