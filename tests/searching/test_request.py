"""A wrong request is refused with file, line, key, what is allowed and a hint; nothing is written."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.test_contract import run
from tests.searching.small import request
from tests.slow import slow
from topo.errors import InputError
from topo.searching.candidates.candidate import Candidate
from topo.searching.candidates.space import candidates, how_many
from topo.searching.running.run import Run

GOOD = "gpus: 16\nhost: example-host-1\n"


@pytest.mark.parametrize(
    ("text", "key", "says"),
    [
        (GOOD + "objectives: [cost]\n", "objectives[0]", "cost_usd"),
        (GOOD + "objectives: [switches, switches]\n", "objectives[1]", "given twice"),
        (GOOD + "choose: {familys: [ft2]}\n", "choose.familys", "unknown key"),
        (GOOD + "choose: {families: [ft9]}\n", "choose.families", "did you mean"),
        (GOOD + "choose: {switches: [nvidia-qm970]}\n", "choose.switches", "nvidia-qm9700"),
        (GOOD + "choose: {switches: []}\n", "choose.switches", "no choice"),
        (GOOD + "choose: {oversubscription: [fast]}\n", "choose.oversubscription", "ratio"),
        (GOOD + "choose: {families: [ft2]}\nnetworks: {compute: {family: ft3}}\n", "choose.families", "twice"),
        (GOOD + "limits: {parts: {qm9700: {at_most: 3}}}\n", "limits.parts.qm9700", "nvidia-qm9700"),
        (
            GOOD + "limits: {parts: {nvidia-qm9700: {at_most: -3}}}\n",
            "limits.parts.nvidia-qm9700.at_most",
            "at least 0",
        ),
        (GOOD + "limits: {power: 3}\n", "limits.power", "unknown key"),
        (GOOD + "requirements:\n  - throughput: {at_leest: 1}\n", "requirements[0].throughput.at_leest", "at_least"),
        (GOOD + "price_book: dear\n", "price_book", "published-fabric-links"),
        (GOOD + "family: ft2\n", "family", "unknown key"),
        ("gpus: 16\n", "host", "missing"),
        ("gpus: 0\nhost: example-host-1\n", "gpus", "above 0"),
        ("gpus: 12\nhost: h800-node\n", "gpus", "8 or 16"),
        ("gpus: 16\nhost: [example-host-1, nobody]\n", "host", "no host"),
        ("gpus: 16\nhost: storage-server\n", "host", "no GPUs"),
        (GOOD + "objectives: 5\n", "objectives", "a list"),
        (GOOD + "objectives: [moves]\n", "objectives[0]", "stages"),
        (GOOD + "objectives: [lifetime_cost_usd]\n", "objectives[0]", "usd_per_kwh"),
        (GOOD + "move_usd: 5\n", "move_usd", "only with stages"),
        (GOOD + "choose: {families: [ft2], family: ft3}\n", "choose.family", "one of the two"),
        (GOOD + "choose: {hosts: [a]}\n", "choose.hosts", "key host"),
        (GOOD + "choose: 5\n", "choose", "a mapping"),
        (GOOD + "choose: {planes: [0]}\n", "choose.planes", "above 0"),
        (GOOD + "choose: {spread: [odd]}\n", "choose.spread", "by-one"),
        (GOOD + "choose: {families: [mesh2]}\n", "choose.families", "hyperx"),
        (GOOD + "choose: {spine_switches: [nobody]}\n", "choose.spine_switches", "nvidia-qm9700"),
        (GOOD + "limits: {parts: {nvidia-qm9700: 3}}\n", "limits.parts.nvidia-qm9700", "at_most"),
        (GOOD + "limits: {racks: x}\n", "limits.racks", "a whole number"),
        (GOOD + "limits: 5\n", "limits", "power_w"),
        (GOOD + "requirements: 5\n", "requirements", "a list"),
        (GOOD + "requirements:\n  - fun: {}\n", "requirements[0].fun", "bisection"),
        ("gpus: many\nhost: h800-node\n", "gpus", "a whole number"),
        ("gpus: 16\nhost: []\n", "host", "at least 1"),
        (GOOD + "networks: 5\n", "networks", "a mapping"),
        (GOOD + "networks: {compute: {swich: a}}\n", "networks.compute.swich", "switch"),
        (GOOD + "other_hosts: [{host: nobody, count: 2}]\n", "other_hosts[0].host", "no host"),
        (GOOD + "cost: {years: 0}\nobjectives: [lifetime_cost_usd]\n", "cost.years", "above 0"),
        (GOOD + "stages: [8, 32]\n", "gpus", "8, 32"),
        ("host: example-host-1\nstages: [8, 8]\n", "stages", "larger than the one before"),
        ("host: example-host-1\nstages: [8, 16]\nlimits: {cost_usd: 5}\n", "limits.cost_usd", "one size"),
        ("host: example-host-1\nstages: [8, 16]\nobjectives: [power_w]\n", "objectives[0]", "moves"),
        ("host: h800-node\nstages: [8, 12]\n", "stages", "8 or 16"),
        (
            GOOD + "networks:\n  compute: {}\n  storage: {switch: nvidia-qm9700}\n",
            "networks.storage.family",
            "one family",
        ),
    ],
)
def test_a_mistake_is_told_with_its_place(text: str, key: str, says: str) -> None:
    with pytest.raises(InputError) as caught:
        request(text)
    problem = next(p for p in caught.value.problems if p.key == key)
    assert problem.file == "request.yaml"
    assert problem.line
    assert says in problem.text()
    for problem in caught.value.problems:
        assert problem.allowed, problem.text()
        assert problem.hint, problem.text()


@pytest.mark.parametrize("text", ["", "[]", "5", "gpus: 16\ngpus: 8\nhost: example-host-1\n", "gpus: [\n"])
def test_what_is_no_request_is_told_with_a_hint(text: str) -> None:
    with pytest.raises(InputError) as caught:
        request(text)
    for problem in caught.value.problems:
        assert problem.line
        assert problem.hint, problem.text()


def test_a_choice_that_no_family_has_is_said_not_to_be_looked_at() -> None:
    head = "gpus: 16\nhost: example-host-1\nchoose: {switches: [example-switch-8], "
    asked = request(head + "families: [ft2], planes: [2]}\n")
    assert "planes: of no family of the space, so it is not looked at" in asked.assumed
    for text in (head + "families: [ft2, mpft], planes: [1]}\n", head + "planes: [1]}\n", head + "families: [ft2]}\n"):
        assert not [said for said in request(text).assumed if said.startswith("planes")]


def test_every_mistake_is_told_at_once() -> None:
    with pytest.raises(InputError) as caught:
        request("gpus: 16\nhost: nobody\nobjectives: [fun]\nchoose: {families: [ft9]}\n")
    assert len({p.key for p in caught.value.problems}) == 3


@pytest.mark.parametrize(
    ("text", "key", "says"),
    [
        ("gpus: 4096\nhost: example-host-1\nchoose: {families: [ft2], switches: [example-switch-4]}\n", "gpus", "GPUs"),
        (GOOD + "choose: {families: [ft2], switches: [nvidia-q3400]}\n", "switch", "800"),
        (GOOD + "limits: {parts: {example-switch-4: {at_most: 1}}}\nchoose: {switches: [example-switch-4]}\n",
         "limits.parts.example-switch-4", "at least"),
        (GOOD + "limits: {cost_usd: 5}\nchoose: {switches: [example-switch-4]}\n", "limits.cost_usd", "at least"),
        slow(GOOD + "limits: {cost_usd: 5}\n", "limits.cost_usd", "at least"),
        (GOOD + "choose: {families: [slim-fly], switches: [example-switch-4]}\n", "choose.families", "16 GPUs"),
        (GOOD + "choose: {endpoint_gbps: [999]}\n", "choose.endpoint_gbps", "400"),
        (GOOD + "networks: {compute: {endpoint_gbps: 999}}\n", "networks.compute.endpoint_gbps", "400"),
        (GOOD + "choose: {families: [dual-plane], switches: [example-switch-4]}\n", "host", "2 ports"),
        (GOOD + "choose: {families: [ft2], switches: [example-switch-8], spines: [50]}\n", "spines", "2 to 4"),
    ],
)  # fmt: skip
def test_an_empty_space_names_the_key_that_empties_it_and_what_would_do(text: str, key: str, says: str) -> None:
    with pytest.raises(InputError) as caught:
        Run(request(text)).search()
    (problem,) = caught.value.problems
    assert problem.key == key
    assert problem.line
    assert says in problem.text()
    assert problem.allowed
    assert problem.hint


def test_a_space_of_too_many_candidates_is_told_before_it_is_searched(tmp_path: Path) -> None:
    path = tmp_path / "many.yaml"
    path.write_text("gpus: 64\nhost: example-host-1\n")
    done = run("search", str(path), "-o", str(tmp_path / "out"), "--at-most", "300")
    assert done.returncode == 2
    assert "--at-most" in done.stderr
    assert "candidates; counting them alone takes about" in done.stderr
    assert not (tmp_path / "out").exists()


def test_wrong_input_writes_nothing_and_exits_2(tmp_path: Path) -> None:
    path = tmp_path / "wrong.yaml"
    path.write_text(GOOD + "objectives: [cost]\n")
    done = run("search", str(path), "-o", str(tmp_path / "out"))
    assert done.returncode == 2
    assert "wrong.yaml:3" in done.stderr
    assert not (tmp_path / "out").exists()


def test_resuming_needs_the_same_request(tmp_path: Path) -> None:
    path = tmp_path / "one.yaml"
    path.write_text("gpus: 8\nhost: example-host-1\nchoose: {families: [ft2], switches: [example-switch-4]}\n")
    assert run("search", str(path), "-o", str(tmp_path / "out"), "--jobs", "1").returncode == 0
    path.write_text("gpus: 6\nhost: example-host-1\nchoose: {families: [ft2], switches: [example-switch-4]}\n")
    done = run("search", str(path), "-o", str(tmp_path / "out"), "--resume")
    assert done.returncode == 2
    assert "another request" in done.stderr


FLAT = "gpus: 16\nhost: example-host-1\nchoose: {families: [torus], switches: [example-switch-8], "


@pytest.mark.parametrize(
    ("text", "values"),
    [
        (FLAT + "shape: [4, 4]}\n", {((4, 4),)}),
        (FLAT + "shape: [[4, 4], [2, 8]]}\n", {((4, 4),), ((2, 8),)}),
        (FLAT + "width: [1, 2, 1]}\n", {((1, 2, 1),)}),
        (FLAT.replace("torus", "zcube") + "width: [1, 2]}\n", {(1,), (2,)}),
        (FLAT.replace("torus", "ft2, zcube") + "width: [1, 2]}\n", {(None,), (1,), (2,)}),
    ],
)
def test_a_list_is_one_value_where_a_family_takes_it_so_and_else_choices(text: str, values: set[object]) -> None:
    asked = request(text)
    key = text.partition("example-switch-8], ")[2].partition(":")[0]
    assert {(candidate.get(key),) for candidate in candidates(asked)} == values
    assert how_many(asked) == len(list(candidates(asked)))
    for candidate in candidates(asked):
        assert Candidate.from_json(json.loads(json.dumps(candidate.to_json()))) == candidate


@pytest.mark.parametrize("shape", ["[4, [2, 8]]", "[[2, 8], 4]", "[[4, x]]", "[[]]", "[{a: 1}]", "{a: 1}", "x"])
def test_a_shape_that_is_none_is_told_with_its_line(shape: str) -> None:
    with pytest.raises(InputError) as caught:
        request(FLAT + f"shape: {shape}}}\n")
    assert {(p.key, p.line) for p in caught.value.problems} == {("choose.shape", 3)}


def test_mappings_and_left_out_parts_are_choices() -> None:
    head = "gpus: 16\nhost: example-host-1\nchoose: {families: [ft2], switches: [example-switch-8], "
    asked = request(head + "reserve_ports: {leaf: 1}, spine_switches: [null, example-switch-4]}\n")
    assert {c.network()["reserve_ports"]["leaf"] for c in candidates(asked)} == {1}
    assert {c.get("spine_switch") for c in candidates(asked)} == {None, "example-switch-4"}
    search = Run(asked).search()
    assert search.complete
    assert all(row.counted for row in search.rows)


def test_a_torus_has_to_be_named_as_nobody_buys_its_switches() -> None:
    """A torus of bought switches would win every search: its switches are routers of its endpoints' own devices."""
    text = "gpus: 16\nhost: example-host-1\nchoose: {switches: [example-switch-8]}\n"
    plain = request(text)
    assert "torus" not in {c.family for c in candidates(plain)}
    assert "families: those of switches that are bought; torus has to be named" in plain.assumed
    named = Run(request(text.replace("{switches", "{families: [torus, ft2], switches"))).search()
    assert named.winner.row.candidate.family == "torus"
    assert "cost_usd" not in named.lower_bound
    for row in named.rows:
        if row.judgment is not None and row.judgment.values:
            assert row.counted.cost_lower <= row.judgment.values["cost_usd"] * (1 + 1e-9)
            assert row.counted.power_lower == 0.0
