"""What `topo new` writes checks green, for every family at several sizes, one host included."""

from __future__ import annotations

from dataclasses import replace

import pytest

from topo import api
from topo.catalog import load_catalog
from topo.design import parse_design
from topo.design.schema import is_schema, schema_text
from topo.errors import InputError
from topo.generators.family import spanning
from topo.report.new import first_design, refused_size
from topo.report.outline import Outline

CATALOG = load_catalog()
FT2 = Outline("ft2", 576, "h800-node", "nvidia-qm9700")
SMALL = ("example-host-1", "example-switch-8", (1, 2, 7, 24, 32))
LARGE = ("h800-node", "nvidia-qm9700", (8, 64, 512))
TWO_PORTS = ("multi-port-node", "nvidia-qm9700", (8, 64, 512))
WIDE = ("dgx-b200", "nvidia-sn5600", (64, 1024))
LONG = ("jellyfish", "hyperx", "torus")
"""Families that take long at size."""
CASES = [
    (family, host, switch, gpus)
    for family in spanning()
    for host, switch, sizes in (
        SMALL,
        TWO_PORTS,
        *([LARGE, WIDE] if family not in LONG else []),
    )
    for gpus in sizes
]
QUICK = ("ft2", "ft3", "mpft", "mrft")
"""Families that are tried at every size by default, the others below 512 GPUs."""
SLOW = {(family, gpus) for family in spanning() if family not in QUICK for gpus in (512, 1024)} | {("torus", 64)}


def refused(family: str, host: str, gpus: int) -> bool:
    """Whether no design of this kind can be: two planes need two ports, two tiers and small grids end somewhere."""
    one_port = host != "multi-port-node"
    return (family in ("dual-plane", "zcube") and one_port) or (
        family == "hyperx" and host == "example-host-1" and gpus > 32
    )


@pytest.mark.sampled(10)
@pytest.mark.parametrize(
    ("family", "host", "switch", "gpus"),
    [pytest.param(*case, marks=[pytest.mark.slow] if (case[0], case[3]) in SLOW else []) for case in CASES],
)
def test_it_checks_green(family: str, host: str, switch: str, gpus: int) -> None:
    if refused(family, host, gpus):
        with pytest.raises(InputError) as error:
            first_design("mine", Outline(family, gpus, host, switch), CATALOG)
        assert all(problem.allowed or problem.hint for problem in error.value.problems)
        return
    text = first_design("mine", Outline(family, gpus, host, switch), CATALOG, time_limit_s=5)
    report = api.check(parse_design(text, "mine.yaml", CATALOG))
    assert report.verdict == "held", text
    assert not report.findings
    kinds = {result.id.rpartition("-")[0] for result in report.requirements}
    assert "switches" in kinds
    assert "#" in text.partition("requirements:")[2]
    hosts = report.metrics.hosts or 0
    assert ("bisection" in kinds) == (hosts > 1)


def test_names_that_no_design_can_have_are_made_plain() -> None:
    text = first_design("../my design (2)", Outline("ft2", 4, "example-host-1", "example-switch-8"), CATALOG)
    assert "\nname: my-design--2-\n" in text
    assert parse_design(text, "x.yaml", CATALOG).name == "my-design--2-"


def test_further_keys_stand_in_the_design_and_what_is_spare_beside_it() -> None:
    plain = first_design("t", FT2, CATALOG)
    assert "# spare: 7 spine switches: `spread: by-one` needs 7 switches fewer" in plain
    keyed = first_design("t", replace(FT2, keys=("spines=9", "uplinks=32")), CATALOG)
    assert "switch: nvidia-qm9700, spines: 9, uplinks: 32}" in keyed
    assert "spare" not in keyed
    assert api.check(parse_design(keyed)).verdict == "held"


@pytest.mark.parametrize("key", ["spines", "spines=", "=3", "spines=3, cores: 4", "a b=3", "spread=[1]"])
def test_a_key_that_is_none_is_refused(key: str) -> None:
    with pytest.raises(InputError, match="KEY=VALUE"):
        first_design("t", replace(FT2, keys=(key,)), CATALOG)


@pytest.mark.parametrize(
    ("family", "gpus", "keys", "place"),
    [
        ("ft2", 63, (), "--gpus"),
        ("ft2", 64000, (), "--gpus"),
        ("ft2", 64, ("planes=2",), "--key planes"),
        ("ft2", 64, ("spread=nosuch",), "--key spread"),
        ("ft2", 64, ("uplinks=100",), "--key uplinks"),
    ],
)
def test_a_mistake_is_told_at_the_option_and_at_no_file(
    family: str, gpus: int, keys: tuple[str, ...], place: str
) -> None:
    """The design that is tried is never written: a line of it is nobody's place."""
    with pytest.raises(InputError) as error:
        first_design("t", Outline(family, gpus, "h800-node", "nvidia-qm9700", keys), CATALOG)
    assert {(problem.key, problem.file, problem.line) for problem in error.value.problems} == {(place, "", 0)}


def test_the_first_line_names_the_schema_for_editors() -> None:
    text = first_design("t", Outline("ft2", 16, "example-host-2", "example-switch-8"), CATALOG)
    assert text.startswith("# yaml-language-server: $schema=topo.schema.json\n")
    assert is_schema(schema_text(CATALOG))
    assert not any(is_schema(other) for other in ("", "[]", "{}", "name: x", '{"$id": "other"}'))


@pytest.mark.parametrize(("gpus", "told"), [(63, "56 or 64"), (64000, "at most 2,048 GPUs"), (64, "")])
def test_a_size_is_refused_alone(gpus: int, told: str) -> None:
    why = refused_size(replace(FT2, gpus=gpus), CATALOG)
    assert told in why
    assert bool(why) == bool(told)


def test_what_no_other_size_mends_is_an_error() -> None:
    with pytest.raises(InputError, match="two ports"):
        refused_size(Outline("dual-plane", 64, "h800-node", "nvidia-qm9700"), CATALOG)
