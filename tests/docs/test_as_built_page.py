"""The page on what stands there: its example of a site's own names is what the command prints.

`python -m tests.docs.test_as_built_page` writes the blocks anew.
"""

from __future__ import annotations

import re
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from tests.audit.writers import ibnetdiscover, links_of
from tests.cli.test_contract import ROOT, run
from topo.design import build, load_design

PAGE = ROOT / "docs" / "as-built.md"
BLOCK = re.compile(r"<!-- example: (?P<key>[\w-]+) -->\n\n(?P<shown>(?:    .*\n|\n(?=    ))+)")
DESIGN = ROOT / "designs" / "tiny-mrft.yaml"


def dump() -> bytes:
    """What the hall of the page shows: its own names, and two uplinks of the first leaf exchanged with the second's."""
    fabric = build(load_design(DESIGN))
    switches = [str(n) for n, host in zip(fabric.devices.name, fabric.is_host, strict=True) if not host]
    hosts = [str(n) for n, host in zip(fabric.devices.name, fabric.is_host, strict=True) if host]
    site = {n: f"row7-q{(7 * i + 3) % 100:02}" for i, n in enumerate(switches)}
    site |= {n: f"gx{(5 * i + 2) % 100:02}.hall2.example" for i, n in enumerate(hosts)}
    links = [replace(x, a=site[x.a], b=site[x.b]) for x in links_of(fabric)]
    first = next(i for i, x in enumerate(links) if not x.a_host)
    other = next(i for i, x in enumerate(links) if not x.a_host and x.a != links[first].a and x.b != links[first].b)
    one, two = links[first], links[other]
    links[first] = replace(one, b=two.b, b_port=two.b_port, b_number=two.b_number)
    links[other] = replace(two, b=one.b, b_port=one.b_port, b_number=one.b_number)
    return ibnetdiscover(links)


def examples() -> dict[str, str]:
    with tempfile.TemporaryDirectory() as folder:
        here = Path(folder)
        (here / "cluster.yaml").write_text(DESIGN.read_text())
        (here / "dump.txt").write_bytes(dump())
        command = ["audit", "cluster.yaml", "--as-built", "dump.txt", "--write-names", "names.csv"]
        first = run(*command, cwd=here)
        assert first.returncode == 1, first.stderr
        names = (here / "names.csv").read_text()
        again = run("audit", "cluster.yaml", "--as-built", "dump.txt", "--names", "names.csv", cwd=here)
        assert again.returncode == 1
        assert "swapped" in again.stdout
        return {
            "site-names": f"$ topo {' '.join(command)}\n{first.stdout}",
            "names-file": "".join(names.splitlines(keepends=True)[:4]),
        }


def indented(text: str) -> str:
    return "".join(f"    {line}\n" if line else "\n" for line in text.splitlines())


def test_the_examples_are_what_topo_prints() -> None:
    shown = {m["key"]: m["shown"] for m in BLOCK.finditer(PAGE.read_text())}
    found = examples()
    assert set(shown) == set(found)
    for key, text in found.items():
        assert shown[key].strip("\n") == indented(text).strip("\n"), key


def write() -> None:
    found = examples()
    text = BLOCK.sub(lambda m: f"<!-- example: {m['key']} -->\n\n{indented(found[m['key']])}", PAGE.read_text())
    PAGE.write_text(text)


if __name__ == "__main__":
    sys.exit(write())
