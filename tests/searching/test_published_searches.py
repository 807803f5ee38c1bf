"""Networks that vendors and papers print, as searches: found, or beaten with the reason."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from tests.searching.small import found
from topo.catalog import load_catalog
from topo.searching.candidates.request import parse_request
from topo.searching.running.run import Run

DATA = Path(__file__).parents[1] / "data" / "reference"
SIZES, SUPERPOD = (yaml.safe_load((DATA / f"{name}.yaml").read_text()) for name in ("sizes", "superpod"))
TEMPLATES = [(kind, row) for kind in ("a100", "h100") for row in SIZES["juniper"][kind]]
PART = """\
id: {id}
title: as the template has it
network: [ethernet]
cages: {cages}
cage: qsfp-dd
breakouts: [{breakouts}]
ports: {cages}
port_name: "{{cage}}/{{sub}}"
source: {{document: ports as the published table has them, read: true}}
"""


@pytest.mark.sampled(4)
@pytest.mark.parametrize(("kind", "row"), TEMPLATES, ids=[f"{kind}-{row['nodes']}" for kind, row in TEMPLATES])
def test_no_tree_of_the_switches_of_a_juniper_template_has_fewer(
    kind: str, row: dict[str, int], tmp_path: Path
) -> None:
    gbps, nic = {"a100": (200, "nvidia-cx6-hdr"), "h100": (400, "nvidia-cx7-qsfp112")}[kind]
    files = {
        "switch/leaf-32.yaml": PART.format(
            id="leaf-32", cages=32, breakouts="{ports: 1, gbps: 400, lanes: 8}, {ports: 2, gbps: 200, lanes: 4}"
        ),
        "switch/spine.yaml": PART.format(
            id="spine", cages=row["leaf"] * 16 // row["spine"], breakouts="{ports: 1, gbps: 400, lanes: 8}"
        ),
        "cable/split.yaml": "id: split\ntitle: made\nmedium: aoc\na: {form: qsfp-dd, count: 1}\n"
        "b: {form: qsfp56, count: 2}\nlinks: 2\ngbps: 200\nlengths_m: [1, 3, 5, 10, 20, 30]\n"
        "source: {document: made, read: true}\n",
        "host/node.yaml": "id: node\ntitle: made\ngpus: 8\nsource: {document: made, read: true}\n"
        f'nics: [{{network: compute, nic: {nic}, count: 8, port_name: "n{{nic0}}"}}]\n',
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    text = (
        f"name: template\ngpus: {8 * row['nodes']}\nhost: node\nobjectives: [switches]\n"
        "choose: {families: [ft2, mrft], spread: [null, by-one], rails_per_leaf: [1], oversubscription: [1, 2]}\n"
        f"networks: {{compute: {{switch: leaf-32, spine_switch: spine, endpoint_gbps: {gbps}, uplink_gbps: 400}}}}\n"
    )
    search = Run(parse_request(text, "r.yaml", load_catalog([tmp_path]))).search()
    assert search.complete
    assert search.winner is not None, [(row.candidate.text, row.state, row.reason) for row in search.rows]
    assert search.winner.values["switches"] == row["leaf"] + row["spine"]
    assert search.winner.row.counted.counts.switches == {"leaf": row["leaf"], "spine": row["spine"]}


XDR = {8 * row["nodes"]: (row["leaf"], row["spine"]) for row in SUPERPOD["b300_xdr"]}
"""GPUs -> leaves and spines of DGX B300 on Quantum-X800."""
ETHERNET = [(row["gpus"], row["leaf"], row["spine"]) for row in SUPERPOD["b300_ethernet"]]
XDR_REQUEST = """\
name: xdr
gpus: {gpus}
host: dgx-b300
objectives: [switches]
choose: {{families: [mrft], switches: [nvidia-q3400], oversubscription: [1, 2], spread: [{spread}]}}
"""


@pytest.mark.sampled(2)
@pytest.mark.parametrize("gpus", XDR)
def test_b300_on_xdr_is_found_with_even_spines_and_beaten_where_they_may_differ_by_a_link(gpus: int) -> None:
    """18 and 36 spines divide the 72 uplinks of a leaf; 16 and 32 have the ports too, with four or five links each."""
    leaf, spine = XDR[gpus]
    even = found(XDR_REQUEST.format(gpus=gpus, spread="even"))
    assert even.complete
    assert even.winner.row.counted.counts.switches == {"leaf": leaf, "spine": spine}
    either = found(XDR_REQUEST.format(gpus=gpus, spread="even, by-one"))
    assert either.complete
    assert either.winner.row.counted.counts.switches == {"leaf": leaf, "spine": gpus // 144}


@pytest.mark.parametrize(("gpus", "leaf", "spine"), ETHERNET)
def test_b300_on_spectrum_x_is_found_as_two_planes(gpus: int, leaf: int, spine: int) -> None:
    """The counts of NVIDIA's Ethernet form: every 800 Gb/s NIC as two ports of 400, a plane each."""
    text = f"name: eth\ngpus: {gpus}\nhost: hgx-b300-ethernet\nobjectives: [switches]\n"
    search = found(
        text + "choose: {families: [mpft, ft2], switches: [nvidia-sn5600], planes: [2], oversubscription: [1]}\n"
    )
    assert search.complete
    assert search.winner.row.counted.counts.switches == {"leaf": leaf, "spine": spine}


HPN = """\
name: hpn
gpus: 16384
host: multi-port-node
objectives: [switches]
requirements: [{{connected: {{}}}}]
choose: {{oversubscription: ["16:15"], spine_oversubscription: [15], {more}}}
networks: {{compute: {{family: dual-plane, switch: tomahawk-5, endpoint_gbps: 200, uplink_gbps: 400, tiers: 3}}}}
"""


def test_hpn_is_found_with_even_spines_and_beaten_where_links_may_differ_and_pods_hold_rails() -> None:
    """16,384 GPUs of two 200 Gb/s ports on two planes, 16:15 at leaves and 15:1 above: 240 spines and 120 cores. Where
    only connection is asked, pods of one rail with unlike links need 128 and 8."""
    printed = SIZES["hpn"]
    own = found(HPN.format(more="spread: [even], pods: [scalable-unit]"))
    assert own.complete
    switches = own.winner.row.counted.counts.switches
    assert (switches["spine"], switches["core"]) == (printed["spine"], printed["core"])
    either = found(HPN.format(more="spread: [even, by-one], pods: [scalable-unit, rail]"))
    assert either.complete
    switches = either.winner.row.counted.counts.switches
    assert (switches["spine"], switches["core"]) == (128, 8)


def test_256_gpus_as_a_zcube_are_cheapest_for_traffic_between_gpus() -> None:
    """32 switches of 32 ports, as published, cost less than any tree of the space."""
    text = (
        "name: zcube\ngpus: 256\nhost: example-host-1-two-ports\nprice_book: published-fabric-links\n"
        "choose: {families: [zcube, ft2, mpft, dual-plane], switches: [dell-z9432f], oversubscription: [1, 2]}\n"
        "requirements: [{throughput: {traffic: gpu-all-to-all, routing: adaptive, at_least: 1.0}}]\n"
    )
    search = found(text)
    assert search.complete
    assert search.winner.row.candidate.family == "zcube"
    assert search.winner.values["switches"] == 32
    assert "ft2" in search.why_not
