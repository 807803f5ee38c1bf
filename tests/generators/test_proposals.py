"""What a refusal proposes works: every number it names is tried in the place of the one that was refused."""

from __future__ import annotations

import random
import re
from typing import Any

import pytest
import yaml

from tests.slow import slow
from topo.design import build, parse_design
from topo.errors import InputError

HOSTS = ("dgx-h100", "example-host-1", "example-host-2", "multi-port-node", "h800-node", "example-host-1-two-ports")
SWITCHES = ("nvidia-qm9700", "nvidia-sn5600", "example-switch-8", "example-switch-4", "roce-128x400")
GPUS = (8, 16, 48, 64, 72, 128, 192, 256, 384, 512, 768, 1024, 1152, 2048)
TREE: dict[str, tuple[Any, ...]] = {
    "spines": (1, 2, 3, 5, 6, 8, 12, 18, 64, 100), "cores": (1, 3, 8, 9, 32, 200), "spread": ("even", "by-one"),
    "uplinks": (1, 2, 3, 8, 12, 20, 33, 64), "hosts_per_leaf": (1, 2, 3, 8, 31, 64), "packing": ("balanced",),
    "leaves_per_pod": (1, 2, 3, 8, 16, 64), "oversubscription": (2, 3, 1.5, "7:3", 7, 0.5), "homing": ("dual",),
    "reserve_ports": ({"leaf": 1}, {"spine": 2}, {"leaf": 2, "core": 2}), "peer_links": (1, 4, 40),
    "build_for_gpus": (64, 256, 1024, 4096),
}  # fmt: skip
RAILS = {**TREE, "rails_per_leaf": (1, 2, 3, 4, 8)}
FAMILIES: dict[str, dict[str, tuple[Any, ...]]] = {
    "ft2": TREE,
    "ft3": TREE,
    "rail-only": TREE,
    "dual-plane": TREE,
    "mrft": {**RAILS, "tiers": (2, 3)},
    "mpft": {**RAILS, "planes": (1, 2, 3, 4, 8)},
    "dragonfly": {"a": (1, 2, 4, 8), "h": (1, 2, 4), "p": (1, 2, 4), "g": (2, 3, 9, 33)},
    "dragonfly-plus": {"leaves": (1, 2, 4), "spines": (1, 2, 4), "h": (1, 2), "p": (1, 2, 4), "g": (2, 3, 9)},
    "jellyfish": {"switches": (2, 4, 10, 64), "p": (1, 2, 4, 60), "r": (2, 4, 60)},
    "slim-fly": {"q": (2, 3, 5, 6, 11), "p": (1, 2, 4, 60)},
    "torus": {"shape": ([4, 4], [8], [3, 3, 3]), "p": (1, 2), "wrap": (False, [True, False])},
    "zcube": {"k": (2, 3, 4, 8, 33)},
}
NUMBERS = re.compile(r"(?:at most |at least )?\d[\d,:]*(?:(?:, | or | to )\d[\d,:]*)*(?: GPUs)?")
SETTLED = {
    "gpus", "spines", "cores", "uplinks", "hosts_per_leaf", "leaves_per_pod", "rails_per_leaf", "oversubscription",
    "planes", "k", "r", "p", "peer_links", "build_for_gpus",
}  # fmt: skip
"""Keys whose proposals are tried."""


def refusal(gpus: int, host: str, network: dict[str, Any]) -> InputError | None:
    """Why the design cannot be built; None where it can."""
    text = yaml.safe_dump({"name": "d", "gpus": gpus, "host": host, "networks": {"compute": network}})
    try:
        build(parse_design(text))
    except InputError as error:
        return error
    return None


@pytest.mark.parametrize("draws", [20, slow(60)])
@pytest.mark.parametrize("family", FAMILIES)
def test_what_is_proposed_works(family: str, draws: int) -> None:
    rng, tried = random.Random(family), 0
    for _ in range(draws):
        host, gpus = rng.choice(HOSTS), rng.choice(GPUS)
        keys = {key: rng.choice(values) for key, values in FAMILIES[family].items() if rng.random() < 0.25}
        network = {"family": family, "switch": rng.choice(SWITCHES), **keys}
        error = refusal(gpus, host, network)
        for problem in error.problems if error else ():
            key = problem.key.rpartition(".")[2]
            assert not re.search(r"(?<!\w)-\d|\b0 or|at most 0\b", problem.allowed), (network, problem)
            if key not in SETTLED or not NUMBERS.fullmatch(problem.allowed):
                continue
            for word in re.findall(r"\d+:\d+|\d[\d,]*\d|\d", problem.allowed):
                value: Any = word if ":" in word else int(word.replace(",", ""))
                again = refusal(value, host, network) if key == "gpus" else refusal(gpus, host, {**network, key: value})
                tried += 1
                same = [p for p in again.problems if p.key.rpartition(".")[2] == key] if again else []
                assert not same, (gpus, host, network, problem, value, same)
                if key == "gpus" and error is not None and len(error.problems) == 1:
                    assert again is None, (host, network, problem, value)
    assert tried or draws < 60 or family in {"torus", "slim-fly", "zcube"}
