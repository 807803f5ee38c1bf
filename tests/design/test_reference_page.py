"""The reference page names every key, word and part. That the committed one is current: tests/docs."""

from __future__ import annotations

from topo.analysis.routing import routings
from topo.analysis.traffic import traffics
from topo.catalog import load_catalog
from topo.catalog.listing import listed
from topo.checks import requirement_kinds
from topo.design.reference import reference_page
from topo.design.schema import schema
from topo.generators.family import families


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


def test_it_names_every_key_of_every_section() -> None:
    """Each definition of the schema that a key leads to stands there with all its keys; `floor` was missing once."""
    page, found = reference_page(), schema()
    for name, definition in found["$defs"].items():
        for key in definition.get("properties", {}):
            end = key if name.startswith(("family-", "requirement-")) else f".{key}"
            assert f"{end}` |" in page, (name, key)


def test_it_names_every_word_and_every_part() -> None:
    page = reference_page()
    for word in (*traffics.names(), *routings.names(), "adaptive"):
        assert f"\n| `{word}` |" in page, word
    for registry in (traffics, routings):
        for name in registry.names():
            params = registry.get(name).params
            assert all(f"| `{key}` |" in page for key in params.model_fields), name
    for part in listed(load_catalog()):
        assert f"| `{part.id}` |" in page, part.id
