"""How every command is run once on a small design, for tests that ask the same of all commands."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path

from topo.cli.program import program

DESIGN = """\
name: small
title: small
gpus: 16
host: example-host-2
networks:
  compute: {family: mpft, switch: example-switch-8, planes: 2}
requirements:
  - hops: {at_most: 3}
"""

CABLES = "a_device,a_port,b_device,b_port\n" + "".join(
    f"host-{h},eth{s},leaf-{s},{h + 1}\n" for h in range(4) for s in range(2)
)
WISH = """\
name: wish
gpus: 8
host: example-host-1
choose: {families: [ft2], switches: [example-switch-4]}
"""

RUNS: dict[str, list[list[str]]] = {
    "audit": [["small.yaml", "--as-built", "lldp.json"]],
    "build": [["small.yaml", "-o", "built"]],
    "catalog": [["lint"], ["list", "switch"], ["show", "nvidia-qm9700"]],
    "check": [["small.yaml"], ["small.yaml", "other.yaml", "--jobs", "2", "--certificates", "proofs"]],
    "collective": [["small.yaml", "--op", "all-reduce"]],
    "compare": [["small.yaml", "other.yaml", "--jobs", n, "--chart", "chart.svg"] for n in ("1", "2")],
    "cost": [["small.yaml"]],
    "diagram": [["small.yaml", "-o", "drawn.svg"]],
    "example": [[], ["tiny-ft2"]],
    "explain": [[], ["hops"]],
    "import": [["cables.csv", "-o", "fabric.json"]],
    "diff": [["small.yaml", "other.yaml", "-o", "change"]],
    "grow": [["small.yaml", "--gpus", "32", "-o", "large.yaml", "-o-plan", "grown"]],
    "latency": [["small.yaml"]],
    "lint-plan": [["lldp.json"]],
    "new": [["mine.yaml", "--family", "slim-fly", "--gpus", "36", "--host", "example-host-1", "--switch",
             "example-switch-8"]],
    "report": [["small.yaml", "-o", "page.html"]],
    "routing": [["small.yaml", "--loads", "loads.csv"]],
    "schema": [[]],
    "search": [["wish.yaml", "-o", "found"]],
    "show": [["small.yaml"]],
    "verify": [["report.json"]],
}  # fmt: skip
"""By command, its arguments in a folder that `furnish` has filled. A new command needs its line here."""

OUTPUTS: dict[str, list[str]] = {
    "build": ["small.yaml", "--export", "counts", "-o"],
    "check": ["small.yaml", "--certificates"],
    "compare": ["small.yaml", "other.yaml", "--jobs", "1", "--routing", "spray", "--chart"],
    "diagram": ["small.yaml", "-o"],
    "diff": ["small.yaml", "other.yaml", "-o"],
    "grow": ["small.yaml", "--gpus", "32", "-o"],
    "example": ["tiny-ft2", "-o"],
    "import": ["cables.csv", "-o"],
    "new": ["--family", "ft2", "--gpus", "16", "--host", "example-host-2", "--switch", "example-switch-8"],
    "report": ["small.yaml", "-o"],
    "routing": ["small.yaml", "--loads"],
}
"""By command that writes something, its arguments up to the name of that. Such a command has the option --force."""
FOLDERS = {"build", "check", "diff"}
"""Of those, the commands that write a folder."""
ENDINGS = {
    "compare": ".svg",
    "diagram": ".svg",
    "example": ".yaml",
    "grow": ".yaml",
    "import": ".json",
    "new": ".yaml",
    "report": ".html",
    "routing": ".csv",
}


def registered() -> list[str]:
    """Every command that there is."""
    return sorted(program().commands)


def furnish(folder: Path) -> None:
    """Puts what the commands of RUNS read into a folder."""
    (folder / "small.yaml").write_text(DESIGN)
    (folder / "other.yaml").write_text(DESIGN.replace("name: small", "name: other").replace("at_most: 3", "at_most: 4"))
    (folder / "lldp.json").write_text("[]\n")
    (folder / "cables.csv").write_text(CABLES)
    (folder / "wish.yaml").write_text(WISH)
    subject = {"name": "small", "path": "small.yaml", "sha256": sha256(DESIGN.encode()).hexdigest()}
    nothing = {"requirements": [], "findings": [], "metrics": {}, "certificates": {}}
    report = {"schema": "topo.report/1", "design": subject, "verdict": "held", **nothing}
    (folder / "report.json").write_text(json.dumps([report]))
