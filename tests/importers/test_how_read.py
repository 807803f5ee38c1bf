"""A file that a reader cannot follow is told with the form that it was read as."""

from __future__ import annotations

import pytest

from topo.errors import InputError
from topo.importers.as_built.reader import parse_as_built

DUMP = b'Switch 40 "S-1" # "leaf" base port 0 lid 1 lmc 0\n[1] "H-1"[1](1) # "host HCA-1" lid 2 4xNDR\nno line\n'


@pytest.mark.parametrize(
    ("content", "form", "said"),
    [
        (DUMP, "", "read as ibnetdiscover, which it looks like; --form names another"),
        (DUMP, "ibnetdiscover", "read as ibnetdiscover, as --form says"),
        (b"leaf 1 host 1\n", "iblinkinfo", "read as iblinkinfo, as --form says"),
    ],
)
def test_the_form_is_told(content: bytes, form: str, said: str) -> None:
    with pytest.raises(InputError) as told:
        parse_as_built(content, "somebody", form)
    assert told.value.problems[0].hint == said


def test_what_a_mistake_says_itself_stays() -> None:
    with pytest.raises(InputError) as told:
        parse_as_built(b"a_device,a_port,b_device,b_port,gbps\na,1,b,1,fast\n", "plan.csv")
    assert told.value.problems[0].allowed.startswith("400, 400G")
    assert told.value.problems[0].hint == ""
