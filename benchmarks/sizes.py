"""Keys of sizes in the generators at 16,384 GPUs, and 131,072 GPUs on eight planes: `python benchmarks/sizes.py`."""

from __future__ import annotations

import sys
import tempfile
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks._cases import Case, fabric, inputs
from benchmarks._measure import machine, rounded, timed, timed_process, topo
from benchmarks._results import write

TARGET_MS = 20
KEYS: dict[str, tuple[Case, dict[str, object]]] = {
    "mrft": (Case("mrft", 16384), {}),
    "mrft, spread: by-one": (Case("mrft", 16384), {"spread": "by-one"}),
    "mrft, uplinks and hosts_per_leaf": (Case("mrft", 16384), {"uplinks": 32, "hosts_per_leaf": 32}),
    "mrft, packing: balanced": (Case("mrft", 16384), {"packing": "balanced"}),
    "mrft, reserve_ports": (Case("mrft", 16384), {"reserve_ports": {"leaf": 2, "spine": 2, "core": 2}}),
    "mrft, build_for_gpus": (Case("mrft", 16384), {"build_for_gpus": 32768}),
    "mrft, leaves_per_pod": (Case("mrft", 16384), {"leaves_per_pod": 16}),
    "mrft, homing: dual": (Case("mrft", 16384), {"homing": "dual"}),
    "mrft, rails_per_leaf: 2": (Case("mrft", 16384), {"rails_per_leaf": 2}),
    "mpft, oversubscription: 3": (Case("mpft", 16384), {"oversubscription": 3}),
    "mpft, leaves": (Case("mpft", 16384), {"leaves": [{"hosts": "h"}]}),
}  # fmt: skip
"""Keys, and the case that they are added to."""

PARTS = {
    "switch/s512.yaml": "id: s512\ntitle: 512 ports of 100G\nnetwork: [ethernet]\ncages: 64\ncage: osfp-twin\n"
    "breakouts: [{ports: 8, gbps: 100, lanes: 1}]\nports: 512\nport_name: '{cage}/{sub}'\n",
    "nic/n8.yaml": "id: n8\ntitle: eight ports of 100G\nnetwork: [ethernet]\nports: 8\ngbps: 100\nlanes: 1\n"
    "cage: osfp-twin\nports_per_cage: 8\n",
    "host/h8.yaml": "id: h8\ntitle: eight GPUs\ngpus: 8\nnics: [{nic: n8, count: 8, port_name: 'n{nic0}p{port0}'}]\n"
    "scale_up: {name: made, gbps_per_gpu: 7200}\n",
}
"""Parts with ports as the published planes of 512 x 100G have them."""
DESIGN = """\
name: planes-131072
gpus: 131072
host: h8
networks:
  compute: {family: mpft, switch: s512, planes: 8}
requirements:
  - bisection: {at_least: 1.0}
  - throughput: {traffic: all-to-all, routing: adaptive, at_least: 1.0}
  - hops: {at_most: 3}
  - failure: {any: plane, throughput_at_least: 0.85}
"""
COMMANDS = {"show": (1.0, None), "check": (10.0, 3000.0)}
"""What each may take: processor seconds, peak MB."""


def generated(name: str) -> dict[str, object]:
    """Processor time of the whole generator with these keys."""
    one, keys = KEYS[name]
    given = inputs(one)
    given = replace(given, params=given.params | keys)
    took = rounded(timed(lambda: fabric(given)))["cpu_ms"]
    return {"case": f"generate {one.gpus:,} GPUs, {name}", "processor ms": took, "target ms": TARGET_MS}


def commanded(folder: Path, command: str) -> dict[str, object]:
    """Processor time and memory of one command on the eight planes."""
    for path, text in PARTS.items():
        (folder / path).parent.mkdir(exist_ok=True)
        (folder / path).write_text(f"{text}source: {{document: made for a benchmark, read: true}}\n")
    (folder / "design.yaml").write_text(DESIGN)
    found = rounded(timed_process(topo(command, str(folder / "design.yaml"), "--catalog", str(folder)), 1))
    target_s, target_mb = COMMANDS[command]
    return {
        "case": f"topo {command}, 131,072 GPUs on 8 planes of 512 x 100G",
        "processor ms": round(1000 * float(found["cpu_s"])),
        "target ms": round(1000 * target_s),
        "peak MB": found["peak_mb"],
        "target MB": target_mb or "",
    }


if __name__ == "__main__":
    before = machine()
    rows = [generated(name) for name in KEYS]
    with tempfile.TemporaryDirectory() as name:
        for command in COMMANDS:
            (own := Path(name) / command).mkdir()
            rows.append(commanded(own, command))
    notes = [
        "Processor time in milliseconds: medians of the generators in one process, single runs of whole commands.",
        "The check asks bisection, adaptive all-to-all, hops and the loss of a plane, with certificates, and wiring.",
        "Other work on the machine lengthens processor time too, by the caches and memory that it takes: see the load.",
    ]
    write("sizes", "Keys of sizes, and the largest planes", notes, before, rows)
