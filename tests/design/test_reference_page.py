"""The committed reference page is what the schema says today."""

from __future__ import annotations

from pathlib import Path

from topo.checks import requirement_kinds
from topo.design.reference import reference_page
from topo.design.schema import schema
from topo.generators.family import families

PAGE = Path(__file__).parents[2] / "docs" / "reference.md"


def test_the_page_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == reference_page(), "run `make reference`"


def test_it_names_every_key_once_per_family_and_kind() -> None:
    page, found = reference_page(), schema()
    names = [f"family-{name}" for name in families.names()] + [f"requirement-{n}" for n in requirement_kinds.names()]
    for name in names:
        title = f"### {name.partition('-')[2]}: "
        section = page.partition(title)[2].partition("\n#")[0]
        assert section, title
        for key in found["$defs"][name].get("properties", {}):
            assert section.count(f"| `{key}` |") == 1, (name, key)
    top = page.partition("## Keys of a design")[2].partition("\n## ")[0]
    assert all(f"| `{key}` |" in top for key in found["properties"])
