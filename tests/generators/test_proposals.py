"""What a refusal proposes works: one run tells all contradictions, and any of the values that it proposes, all put in
together, leave none."""

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
    "reserve_ports": ({"leaf": 1}, {"spine": 2}, {"leaf": 2, "core": 2}, {"leaf": 999}, {"spine": 500, "core": 999}),
    "build_for_gpus": (64, 256, 1024, 4096), "peer_links": (1, 4, 40), "lone": (True,), "min_leaves": (1, 2, 9, 300),
    "spine_oversubscription": (2, "7:5", 3),
}  # fmt: skip
RAILS = {**TREE, "rails_per_leaf": (1, 2, 3, 4, 8)}
PODS = {**RAILS, "tiers": (2, 3), "pods": ("rail", "scalable-unit")}
FAMILIES: dict[str, dict[str, tuple[Any, ...]]] = {
    "ft2": TREE,
    "ft3": TREE,
    "rail-only": TREE,
    "dual-plane": PODS,
    "mrft": PODS,
    "mpft": {**RAILS, "planes": (1, 2, 3, 4, 5, 7, 8)},
    "dragonfly": {"a": (1, 2, 4, 8), "h": (1, 2, 4), "p": (1, 2, 4), "g": (2, 3, 9, 33)},
    "dragonfly-plus": {"leaves": (1, 2, 4), "spines": (1, 2, 4), "h": (1, 2), "p": (1, 2, 4), "g": (2, 3, 9)},
    "slim-fly": {"q": (2, 3, 5, 6, 11), "p": (1, 2, 4, 60)},
    "torus": {"shape": ([4, 4], [8], [3, 3, 3]), "p": (1, 2), "wrap": (False, [True, False])},
    "zcube": {"k": (2, 3, 4, 8, 33)},
}
TWO_PORTS = ("multi-port-node", "example-host-1-two-ports")
NUMBER = re.compile(r"(\d),(\d)")


def refusal(gpus: int, host: str, network: dict[str, Any]) -> InputError | None:
    """Why the design cannot be built; None where it can."""
    text = yaml.safe_dump({"name": "d", "gpus": gpus, "host": host, "networks": {"compute": network}})
    try:
        build(parse_design(text))
    except InputError as error:
        return error
    return None


def proposed(allowed: str) -> list[Any]:
    """Values that an error proposes: None leaves the key out. Empty where it names none."""
    said = NUMBER.sub(r"\1\2", allowed)
    if "leave it out" in said:
        return [None]
    if bound := re.fullmatch(r"(?:(leaf|spine|core): )?(at most|at least) (\d+)( GPUs)?", said):
        number = int(bound[3])
        if bound[1]:
            return [{bound[1]: number}]
        return [number] if bound[2] == "at least" or bound[4] else [number, -(-number // 2)]
    if both := re.fullmatch(r"(?:(leaf|spine|core): )?(\d+) to (\d+)", said):
        low, top = int(both[2]), int(both[3])
        found = [low, (low + top) // 2, top]
        return [{both[1]: n} for n in found] if both[1] else found
    words = re.split(r", | or ", said)
    if all(re.fullmatch(r"\d+(:\d+)?", word) for word in words):
        return [word if ":" in word else int(word) for word in words]
    return [said == "true" if said in ("true", "false") else said] if re.fullmatch(r"[a-z-]+", said) else []


def mended(
    gpus: int, network: dict[str, Any], error: InputError, rng: random.Random
) -> tuple[int, dict[str, Any]] | None:
    """The size and the keys with one of the proposals of every problem; None where one names no value."""
    found = dict(network)
    for problem in error.problems:
        key, values = problem.key.rpartition(".")[2], proposed(problem.allowed)
        if not values or key == "host":
            return None
        value = rng.choice(values)
        if key == "gpus":
            gpus = value
        elif value is None:
            found.pop(key, None)
        else:
            found[key] = {**found[key], **value} if isinstance(value, dict) else value
    return gpus, found


@pytest.mark.parametrize("draws", [10, slow(80)])
@pytest.mark.parametrize("family", FAMILIES)
def test_one_run_tells_all_and_what_it_proposes_works(family: str, draws: int) -> None:
    rng, tried = random.Random(family), 0
    for _ in range(draws):
        host, gpus = rng.choice(TWO_PORTS if family == "dual-plane" else HOSTS), rng.choice(GPUS)
        keys = FAMILIES[family]
        chosen = {key: rng.choice(keys[key]) for key in rng.sample(list(keys), min(rng.randint(1, 4), len(keys)))}
        network = {"family": family, "switch": rng.choice(SWITCHES), **chosen}
        error = refusal(gpus, host, network)
        if error is None:
            continue
        for problem in error.problems:
            assert not re.search(r"(?<!\w)-\d|\b0 or|at most 0 GPUs", problem.allowed), (network, problem)
        second = mended(gpus, network, error, rng)
        if second is None:
            continue
        tried += 1
        again = refusal(second[0], host, second[1])
        assert again is None, (gpus, host, network, error.problems, second, again.problems)
    assert tried or draws < 60 or family in {"torus", "slim-fly", "zcube"}
