"""Every format states what it cannot carry, and some test reads it back without the exporter's code: the documentation
lists both, and a format that has none fails here.

`python -m tests.exporters.test_read_back` writes the table anew.
"""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from topo.exporters import exporters

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "cabling.md"


class Reader(NamedTuple):
    """Who reads a format back, in words, and the tests that let it: `file::function` under tests/."""

    who: str
    tests: tuple[str, ...]


FORMATS, SCHEDULE = "exporters/test_formats.py::", "exporters/test_schedule.py::"
JOBS = "exporters/test_jobs.py::"
READERS = {
    "astra-sim": Reader("a parser in the tests", (FORMATS + "test_astra_sim",)),
    "batfish": Reader("Python's JSON", (FORMATS + "test_batfish",)),
    "bom": Reader("Python's CSV", (SCHEDULE + "test_cables_and_modules_add_up_to_the_bill_of_materials",)),
    "build-checks": Reader("Python's CSV", ("exporters/test_totals.py::test_the_totals_agree_across_every_file",)),
    "cable-schedule-csv": Reader(
        "Python's CSV; `topo audit`", (SCHEDULE + "test_every_link_is_listed_with_its_ports_speed_and_place",)
    ),
    "cable-schedule-xlsx": Reader("openpyxl", (SCHEDULE + "test_the_workbook_says_what_the_csv_says",)),
    "cable-validation": Reader("Python's CSV, openpyxl", (FORMATS + "test_cable_validation_sheets",)),
    "containerlab": Reader("PyYAML", (FORMATS + "test_containerlab",)),
    "counts": Reader("Python's JSON", ("exporters/test_models.py::test_counts_stand_beside_the_closed_form",)),
    "diagrams": Reader("Graphviz", ("foreign/test_graphviz.py::test_graphviz_parses_every_dot",)),
    "drawio": Reader(
        "Python's XML; the rules of draw.io's reference", ("exporters/test_editors.py::test_drawio_holds_the_fabric",)
    ),
    "fabric-json": Reader("topo", ("exporters/test_models.py::test_the_fabric_loads_back_to_the_same_fabric",)),
    "hedgehog": Reader("PyYAML", (FORMATS + "test_hedgehog",)),
    "htsim": Reader("a parser in the tests", (FORMATS + "test_htsim",)),
    "ibdm-topo": Reader("ibdmtr", (FORMATS + "test_ibdm_topo", "foreign/test_ibdm.py::test_routes_run_as_planned")),
    "ibnetdiscover": Reader(
        "ibsim, ibnetdiscover, OpenSM",
        (
            "exporters/test_ibnetdiscover.py::test_every_link_is_written_from_both_ends",
            "foreign/test_opensm.py::test_the_designs_are_accepted_as_trees_and_every_cable_comes_back",
        ),
    ),
    "infragraph": Reader("infragraph", (FORMATS + "test_infragraph",)),
    "netbox": Reader("Python's CSV", (FORMATS + "test_netbox",)),
    "netbox-types": Reader(
        "PyYAML, Python's CSV; the rules of NetBox",
        (
            "exporters/test_netbox_types.py::test_netbox_makes_the_same_fabric",
            "exporters/test_netbox_types.py::test_a_splitter_is_one_cable_of_a_breakout_profile",
        ),
    ),
    "kubernetes": Reader("PyYAML; the rules of Kueue and Volcano", (JOBS + "test_kubernetes",)),
    "networkx-json": Reader(
        "networkx", ("exporters/test_models.py::test_networkx_reads_the_graph_that_to_networkx_gives",)
    ),
    "opensm-lfts": Reader(
        "OpenSM, ibdmchk",
        ("foreign/test_tables.py::test_tables", FORMATS + "test_forwarding_tables_lead_to_every_endpoint"),
    ),
    "patch-panels": Reader(
        "Python's CSV", ("exporters/test_patch_panels.py::test_without_panels_nothing_of_them_is_written",)
    ),
    "placement": Reader("topo", ("placement/test_keep.py::test_growth_moves_nothing",)),
    "ptm-dot": Reader(
        "Graphviz", (FORMATS + "test_ptm_dot", "foreign/test_graphviz.py::test_graphviz_parses_every_dot")
    ),
    "pull-lists": Reader("Python's CSV", ("exporters/test_pull_lists.py::test_totals_agree_across_the_files",)),
    "simai": Reader("a parser in the tests", (FORMATS + "test_simai",)),
    "simgrid": Reader(
        "SimGrid",
        (
            FORMATS + "test_simgrid",
            "foreign/test_simgrid.py::test_an_all_to_all_of_32_hosts_takes_the_time_we_predict",
        ),
    ),
    "slurm": Reader(
        "slurmctld (topology.conf); PyYAML",
        (FORMATS + "test_slurm", JOBS + "test_slurm_yaml", "foreign/test_slurm.py::test_slurmctld_sees_the_same_tree"),
    ),
    "topograph": Reader("PyYAML; the rules of its model", (JOBS + "test_topograph",)),
    "ufm-ndt": Reader(
        "Python's CSV; the rules of UFM's NDT plugin",
        ("exporters/test_ufm_ndt.py::test_the_plugin_finds_no_difference_whichever_way_ufm_lists_a_link",),
    ),
    "visio-svg": Reader(
        "Python's XML; the structure that Visio writes", ("exporters/test_editors.py::test_visio_holds_the_fabric",)
    ),
}
HEAD = "| export | what it is | what it cannot carry | read back by |\n|---|---|---|---|\n"
TABLE = re.compile(re.escape(HEAD) + r"(?:\|.*\n)+")


def table() -> str:
    rows = []
    for name in exporters.names():
        found = exporters.get(name)
        asked = " (with `--export` only)" if found.on_request else ""
        rows.append(f"| `{name}` | {found.title}{asked} | {found.cannot} | {READERS[name].who} |\n")
    return HEAD + "".join(rows)


def test_every_format_has_a_reader_and_says_what_it_cannot_carry() -> None:
    assert set(READERS) == set(exporters.names())
    assert all(exporters.get(name).cannot and READERS[name].who and READERS[name].tests for name in READERS)


@pytest.mark.parametrize("name", READERS)
def test_the_reader_is_a_test_that_takes_the_format(name: str) -> None:
    """The test is there, and its module asks for this format by name or by its function."""
    module = f"topo.exporters.formats.{name.replace('-', '_')}"
    for test in READERS[name].tests:
        path, function = test.split("::")
        source = (ROOT / "tests" / path).read_text()
        defined = {node.name: node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef)}
        assert function in defined
        body = ast.get_source_segment(source, defined[function]) or ""
        assert f'"{name}"' in body or f"from {module} import" in source or f'"{name}' in source, test


def test_the_documentation_lists_them() -> None:
    assert TABLE.findall(PAGE.read_text()) == [table()], "python -m tests.exporters.test_read_back"


def write() -> None:
    PAGE.write_text(TABLE.sub(lambda _: table(), PAGE.read_text()))


if __name__ == "__main__":
    sys.exit(write())
