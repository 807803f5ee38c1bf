"""What is wrong beside keys that cannot be read is told in the same run."""

from __future__ import annotations

import re

import pytest

from topo.design import build, parse_design
from topo.errors import InputError

TEXT = """
name: t
gpus: 1016
host: dgx-h100-4-networks
other_hosts: [{host: storage-host-3-networks, count: 32}]
networks:
  compute: {family: mrft, switch: nvidia-qm9700}
  storage: {family: ft2, switch: nvidia-qm9700, SHARED}
  in-band: {family: ft2, switch: nvidia-sn4600c}
"""


def told(compute: str, storage: str = "spread: by-one") -> set[str]:
    """The keys of what is told in one run."""
    text = re.sub("family: mrft, switch: nvidia-qm9700", f"family: mrft, {compute}", TEXT).replace("SHARED", storage)
    with pytest.raises(InputError) as caught:
        build(parse_design(text))
    assert all(p.line and p.message for p in caught.value.problems)
    return {p.key.removeprefix("networks.") for p in caught.value.problems}


@pytest.mark.parametrize(
    ("compute", "keys"),
    [
        ("switch: 12, core_switch: no-such", {"switch", "core_switch"}),
        ("switch: [a], spine_switch: no-such, core_switch: nor-this", {"switch", "spine_switch", "core_switch"}),
        ("core_switch: no-such", {"switch", "core_switch"}),
        ("switch: no-such, core_switch: 5", {"switch", "core_switch"}),
        ("switch: 12, leaves: [{hosts: x, switch: no-such}]", {"switch", "leaves[0].switch"}),
        ("switch: no-such, leaves: [{hosts: x, switch: nor-this, uplinks: many}]",
         {"switch", "leaves[0].switch", "leaves[0].uplinks"}),
        ("switch: no-such, no_key: 1, core_switch: nor-this", {"switch", "no_key", "core_switch"}),
    ],
)  # fmt: skip
def test_unknown_parts_beside_keys_of_a_wrong_type(compute: str, keys: set[str]) -> None:
    assert told(compute) == {f"compute.{key}" for key in keys}


@pytest.mark.parametrize(
    ("storage", "keys"),
    [
        ("spines_in: 7, leaves_in: nowhere", {"spines_in", "leaves_in"}),
        ("spines_in: nowhere, leaves_in: [a]", {"spines_in", "leaves_in"}),
        ("spines_in: nowhere, uplinks: many", {"spines_in", "uplinks"}),
        ("spines_in: storage, uplinks: many", {"spines_in", "uplinks"}),
        ("spines_in: in-band, uplinks: many", {"uplinks"}),
    ],
)
def test_unknown_lenders_beside_keys_of_a_wrong_type(storage: str, keys: set[str]) -> None:
    assert told("switch: nvidia-qm9700", storage) == {f"storage.{key}" for key in keys}
    assert told("switch: 12", storage) == {"compute.switch", *(f"storage.{key}" for key in keys)}
