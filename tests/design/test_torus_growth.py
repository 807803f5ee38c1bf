"""Growth of a torus: every device keeps its name."""

from __future__ import annotations

import math
import re
from itertools import product

import pytest

from topo.design import Design, build, parse_design, parse_grown
from topo.design.wire import growth
from topo.errors import InputError
from topo.generators.families.torus import around

TEXT = (
    "name: t\ngpus: {}\nhost: example-host-1\n{}networks: {{compute: {{family: torus, switch: example-switch-8{}}}}}\n"
)


def grown(old: str, gpus: int, keys: str) -> Design:
    """The design of this many GPUs that grows from another."""
    return parse_grown([("a.yaml", old), ("b.yaml", TEXT.format(gpus, "grow_from: a.yaml\n", keys))])


@pytest.mark.parametrize("keys", ["", ", wrap: false", ", wrap: [true, false]", ", p: 2"])
@pytest.mark.parametrize(("old", "new"), [(4, 9), (9, 12), (12, 30), (18, 20), (30, 36), (16, 128)])
def test_devices_that_stand_keep_their_names(old: int, new: int, keys: str) -> None:
    """Without a stated shape the smallest box is taken that holds the one that stands."""
    small = build(parse_design(TEXT.format(old, "", keys)))
    design = parse_grown(
        [("a.yaml", TEXT.format(old, "", keys)), ("b.yaml", TEXT.format(new, "grow_from: a.yaml\n", keys))]
    )
    large = build(design)
    assert set(small.devices.name.tolist()) <= set(large.devices.name.tolist())
    assert len(large.endpoints) == new
    for kept in growth(design)["compute"].values():
        assert kept.moved == kept.least_moved


@pytest.mark.parametrize(("box", "devices"), [((4, 4), 36), ((3, 3, 2), 30), ((2,), 9), ((2, 5), 11), ((3, 2, 2), 50)])
def test_no_smaller_box_holds_another(box: tuple[int, ...], devices: int) -> None:
    """Against every box of sides up to the number of devices."""
    found = around(box, devices)
    assert all(a >= b for a, b in zip(found, box, strict=True))
    boxes = [b for b in product(*(range(low, min(devices, 24) + 1) for low in box)) if math.prod(b) >= devices]
    assert math.prod(found) == min(map(math.prod, boxes))


@pytest.mark.parametrize("gpus", [17, 36, 60])
def test_a_shape_that_is_too_small_is_refused_with_shapes_that_work(gpus: int) -> None:
    old, stated = TEXT.format(16, "", ", shape: [4, 4]"), ", shape: [4, 4]"
    with pytest.raises(InputError) as caught:
        build(grown(old, gpus, stated))
    [problem] = caught.value.problems
    shapes = re.findall(r"\[[\d, ]+\]", problem.hint)
    assert shapes
    names = set(build(parse_design(old)).devices.name.tolist())
    for shape in shapes:
        design = parse_grown(
            [("a.yaml", old), ("b.yaml", TEXT.format(gpus, "grow_from: a.yaml\n", f", shape: {shape}"))]
        )
        assert names <= set(build(design).devices.name.tolist())
