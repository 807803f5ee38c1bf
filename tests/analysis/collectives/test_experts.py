"""Expert parallelism: the closed form against enumeration and samples, the published times exactly."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import pytest
import yaml

from topo.analysis.collectives.experts import (
    ExpertLayout,
    expected_copies,
    sampled_copies,
    step_time,
)
from topo.errors import ParameterError

REFERENCE = Path(__file__).parents[2] / "data" / "reference"
PUBLISHED = yaml.safe_load((REFERENCE / "deepseek_v3.yaml").read_text())["text"]["expert_parallel_time"]


def test_published_times() -> None:
    slow, fast = step_time(50), step_time(900)
    assert round(slow.once_us, 2) == PUBLISHED["at_50_gbytes_per_s_us"]
    assert round(slow.per_layer_us, 2) == PUBLISHED["two_per_layer_us"]
    assert round(slow.step_ms, 2) == PUBLISHED["tpot_ms"]
    assert int(slow.tokens_per_s) == PUBLISHED["tokens_per_s"]
    assert round(fast.once_us, 2) == PUBLISHED["at_900_gbytes_per_s_us"]
    assert round(fast.step_ms, 2) == PUBLISHED["tpot_900_ms"]
    assert round(fast.tokens_per_s, -2) == PUBLISHED["tokens_per_s_900"]


def test_closed_form_by_enumeration() -> None:
    """Every choice of groups and experts, every home host and GPU, of a layout small enough to list."""
    layout = ExpertLayout(experts=12, groups=3, per_token=2, max_groups=2, gpus_per_host=2)
    hosts = nic = scale_up = every = 0.0
    cases = 0
    for groups in combinations(range(3), 2):
        reach = [g * 4 + e for g in groups for e in range(4)]
        for experts in combinations(reach, 2):
            gpus = {(e // 4, e % 4 // 2) for e in experts}
            for home in range(3):
                for index in range(2):
                    cases += 1
                    hosts += len({h for h, _ in gpus})
                    nic += len({h for h, _ in gpus if h != home})
                    every += len({g for g in gpus if g[0] != home})
                    scale_up += len({g for g in gpus if g[1] != index})
    found = expected_copies(layout)
    assert (found.hosts, found.nic) == (pytest.approx(hosts / cases), pytest.approx(nic / cases))
    assert found.scale_up == pytest.approx(scale_up / cases)
    assert found.nic_without_forwarding == pytest.approx(every / cases)


def test_samples_agree_with_the_closed_form() -> None:
    layout = ExpertLayout()
    exact, drawn = expected_copies(layout), sampled_copies(layout, 20_000, seed=1)
    for name in ("hosts", "nic", "scale_up", "nic_without_forwarding"):
        assert getattr(drawn, name) == pytest.approx(getattr(exact, name), rel=0.01)


def test_top_groups_stay_within_the_limit_and_differ_from_uniform() -> None:
    layout = ExpertLayout()
    drawn = sampled_copies(layout, 5_000, seed=1, gating="top-groups")
    assert expected_copies(layout).hosts < drawn.hosts <= 4
    assert sampled_copies(layout, 100, seed=3) == sampled_copies(layout, 100, seed=3)


def test_forwarding_saves_nic_copies() -> None:
    found = expected_copies(ExpertLayout())
    assert found.nic < 4
    assert found.nic_without_forwarding > 1.5 * found.nic


@pytest.mark.parametrize(
    ("keys", "key"),
    [
        ({"experts": 250}, "experts"),
        ({"gpus_per_host": 5}, "gpus_per_host"),
        ({"max_groups": 9}, "max_groups"),
        ({"per_token": 129}, "per_token"),
        ({"per_token": 0}, "per_token"),
    ],
)
def test_layouts_that_do_not_exist(keys: dict[str, int], key: str) -> None:
    with pytest.raises(ParameterError) as error:
        ExpertLayout(**keys)
    assert error.value.problems[0].key == key
