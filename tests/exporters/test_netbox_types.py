"""NetBox's device types, module types and cable profiles by NetBox's own rules, written down here: the schemas of its
device type library (devicetype.json, moduletype.json), dcim/forms/bulk_import.py, dcim/models/cables.py and
dcim/cable_profiles.py (4.6), each import in NetBox's order with what it makes and refuses."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.exporters.conftest import PlanOf
from tests.exporters.test_formats import Link, planned
from topo.catalog.forms import shipped_forms
from topo.catalog.netbox import imported
from topo.exporters import Plan, build_files

DEVICE_KEYS = {
    "manufacturer", "model", "slug", "part_number", "u_height", "is_full_depth", "airflow", "weight", "weight_unit",
    "description", "comments", "interfaces", "module-bays",
}  # fmt: skip
MODULE_KEYS = {"manufacturer", "model", "part_number", "weight", "weight_unit", "description", "comments", "interfaces"}
NEEDS = {"manufacturer", "model", "slug", "u_height", "is_full_depth"}
PROFILES = {
    **{f"single-1c{n}p": (1, 1) for n in (1, 2, 4, 6, 8, 12, 16)},
    **{f"breakout-1c{n}p-{n}c1p": (1, n) for n in (2, 4, 6, 8)},
}
"""Connectors of sides A and B, of the profiles that are of use here."""
End = tuple[str, str]


class NetBox:
    """An empty NetBox that takes the files in their order and refuses what NetBox refuses."""

    def __init__(self, files: dict[str, bytes]) -> None:
        self.files = {path.removeprefix("netbox-4.5/"): data.decode() for path, data in files.items()}
        self.makers = {row["name"] for row in self.table("manufacturers.csv")}
        assert all(re.fullmatch(r"[-a-z0-9_]+", row["slug"]) for row in self.table("manufacturers.csv"))
        self.types = self.documents("device-types/", DEVICE_KEYS, NEEDS)
        self.modules = self.documents("module-types/", MODULE_KEYS, {"manufacturer", "model"})
        slugs = [t["slug"] for t in self.types.values()]
        assert len(slugs) == len(set(slugs))
        self.device: dict[str, dict[str, Any]] = {}
        self.kind: dict[End, str] = {}
        self.parent: dict[End, str] = {}
        for row in self.table("devices.csv"):
            assert row["name"] not in self.device
            self.device[row["name"]] = self.types[row["manufacturer"], row["device_type"]]
            for port in self.device[row["name"]].get("interfaces", ()):
                self.add(row["name"], port["name"], port["type"])
        self.place_modules()
        for row in self.table("interfaces.csv"):
            self.add(row["device"], row["name"], row["type"], row["parent"])

    def table(self, path: str) -> list[dict[str, str]]:
        return list(csv.DictReader(io.StringIO(self.files.get(path, ""))))

    def documents(self, folder: str, keys: set[str], needs: set[str]) -> dict[tuple[str, str], dict[str, Any]]:
        found = {}
        for path, text in self.files.items():
            if path.startswith(folder):
                item = yaml.load(text, yaml.CSafeLoader)
                assert needs <= set(item) <= keys
                assert item["manufacturer"] in self.makers
                assert len(item["model"]) <= 100
                assert ("weight" in item) == ("weight_unit" in item)
                assert re.fullmatch(r"[-a-z0-9_]+", item.get("slug", "x"))
                for name in ("interfaces", "module-bays"):
                    names = [part["name"] for part in item.get(name, ())]
                    assert len(names) == len(set(names))
                    assert all(0 < len(n) <= 64 for n in names)
                assert all(set(bay) <= {"name", "position", "label"} for bay in item.get("module-bays", ()))
                found[item["manufacturer"], item["model"]] = item
        return found

    def add(self, device: str, name: str, kind: str, parent: str = "") -> None:
        """An interface: once a device; a parent is an interface that is there, and of a virtual one alone."""
        assert device in self.device
        assert (device, name) not in self.kind
        assert 0 < len(name) <= 64
        assert not parent or (kind == "virtual" and self.kind[device, parent] != "virtual")
        self.kind[device, name] = kind
        if parent:
            self.parent[device, name] = parent

    def place_modules(self) -> None:
        taken: set[End] = set()
        for row in self.table("modules.csv"):
            place = row["device"], row["module_bay"]
            assert place not in taken
            taken.add(place)
            assert row["module_bay"] in {bay["name"] for bay in self.device[row["device"]]["module-bays"]}
            assert (row["manufacturer"], row["module_type"]) in self.modules

    def side(self, row: dict[str, str], side: str) -> list[End]:
        """`_clean_side`: one device for all names, or one each; each interface there, none virtual."""
        devices, names = row[f"side_{side}_device"].split(","), row[f"side_{side}_name"].split(",")
        devices = devices * len(names) if len(devices) == 1 else devices
        ends = list(zip(devices, names, strict=True))
        assert len(ends) == len(set(ends))
        assert all(self.kind[end] != "virtual" for end in ends)
        return ends

    def links(self) -> Counter[Link]:
        """Every lane of every cable, traced through its profile to the ports below its ends; no interface ends two."""
        below: dict[End, list[End]] = {}
        for (device, name), parent in self.parent.items():
            below.setdefault((device, parent), []).append((device, name))
        used: Counter[End] = Counter()
        found: Counter[Link] = Counter()
        for row in self.table("cables.csv"):
            a, b = self.side(row, "a"), self.side(row, "b")
            used.update([*a, *b])
            if row["profile"]:
                most = PROFILES[row["profile"]]
                assert len(a) <= most[0]
                assert len(b) <= most[1]
            lanes = [[port for end in side for port in below.get(end, [end])] for side in (a, b)]
            found.update(zip(*lanes, strict=True))
        assert max(used.values()) == 1
        return found


def both_ways(links: Counter[Link]) -> Counter[frozenset[End]]:
    return Counter(frozenset(link) for link in links.elements())


def test_netbox_makes_the_same_fabric(any_plan: Plan) -> None:
    box = NetBox(build_files(any_plan, ["netbox-types"]))
    assert both_ways(box.links()) == both_ways(planned(any_plan))
    assert set(box.device) == set(any_plan.fabric.devices.name.tolist())
    ports = {(str(d), str(n)) for (d, n), kind in box.kind.items()}
    f = any_plan.fabric
    every = {(str(f.devices.name[d]), str(n)) for d, n in zip(f.ports.device, f.port_names[f.ports.name], strict=True)}
    assert every <= ports
    assert {name for _, name in ports - every} <= {*box.parent.values()}


def test_a_splitter_is_one_cable_of_a_breakout_profile(plan_of: PlanOf) -> None:
    plan = plan_of(gpus=512, lengths="endpoint: 2, leaf_spine: 1")
    box = NetBox(build_files(plan, ["netbox-types"]))
    kinds = Counter(row["profile"] for row in box.table("cables.csv"))
    wide = plan.cabling.cables.links
    assert kinds["breakout-1c2p-2c1p"] + kinds["single-1c2p"] == int((wide == 2).sum()) > 0
    four = plan_of(family="mpft", gpus=64, host="multi-port-node-4x200", switch="nvidia-sn5600", lengths="endpoint: 2")
    box = NetBox(build_files(four, ["netbox-types"]))
    rows = [row for row in box.table("cables.csv") if row["profile"] == "breakout-1c4p-4c1p"]
    assert len(rows) == int((four.cabling.cables.links == 4).sum()) > 0
    assert all(row["side_a_name"].startswith("swp") and "s" not in row["side_a_name"][3:] for row in rows)
    assert both_ways(box.links()) == both_ways(planned(four))


def test_topo_reads_a_device_type_back_as_the_switch(plan_of: PlanOf, tmp_path: Path) -> None:
    plan = plan_of(gpus=256)
    path = tmp_path / "t.yaml"
    path.write_bytes(build_files(plan, ["netbox-types"])["netbox-4.5/device-types/nvidia-qm9700.yaml"])
    part = yaml.safe_load(imported(path, shipped_forms()).text)
    real = plan.catalog.switch("nvidia-qm9700")
    assert (part["ports"], part["rack_units"], part["port_name"]) == (64, real.rack_units, real.port_name)


@pytest.mark.sampled(4)
@pytest.mark.parametrize("kind", ["devices", "manufacturers"])
def test_what_netbox_needs_is_there(any_plan: Plan, kind: str) -> None:
    """DeviceImportForm wants a manufacturer beside the model."""
    rows = NetBox(build_files(any_plan, ["netbox-types"])).table(f"{kind}.csv")
    assert rows
    assert all(row["manufacturer" if kind == "devices" else "name"] for row in rows)
