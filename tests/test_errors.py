"""Errors keep what they carry on their way."""

from __future__ import annotations

import pickle

from topo.errors import MOST_PROBLEMS, InputError, Problem


def test_how_many_are_not_listed_stays_on_the_way() -> None:
    """Also where an error gets its file, a hint, or comes from another process: none is counted twice."""
    first = InputError([Problem("is wrong", f"k{i}") for i in range(350)])
    for error in (first, first.at("f.csv", 3), first.hinted("look"), pickle.loads(pickle.dumps(first)).at("f.csv")):
        assert len(error.problems) == MOST_PROBLEMS + 1
        assert error.problems[-1].message == "250 more problems are not listed"
        assert [p.key for p in error.problems[:2]] == ["k0", "k1"]
    assert {p.file for p in first.at("f.csv", 3).problems} == {"f.csv"}


def test_a_hint_is_added_where_nothing_is_said() -> None:
    bare, told = Problem("is wrong"), Problem("is wrong", allowed="1 to 3")
    assert [p.hint for p in InputError([bare, bare]).hinted("look").problems] == ["look", ""]
    assert [p.hint for p in InputError([told, bare]).hinted("look").problems] == ["", ""]
