"""What the catalog holds, as rows and as one part's figures."""

from __future__ import annotations

from dataclasses import dataclass

from topo.catalog.loader import Catalog
from topo.catalog.models import KINDS, Part
from topo.errors import ParameterError, nearest


@dataclass(frozen=True)
class Listed:
    """One part as a row; `path` is the file that counts, `read` whether its figures were read in the source."""

    kind: str
    id: str
    title: str
    read: bool
    path: str


def listed(catalog: Catalog, kind: str | None = None) -> tuple[Listed, ...]:
    """Every part, or those of one kind, by kind and id. Raises ParameterError for an unknown kind, InputError for a
    file that is no part."""
    if kind is not None and kind not in KINDS:
        raise ParameterError("kind", kind, "no such kind of part", ", ".join(KINDS), nearest(kind, tuple(KINDS)))
    result = []
    for name in KINDS if kind is None else (kind,):
        for part_id in catalog.ids(name):
            part = catalog.get(name, part_id)
            result.append(Listed(name, part.id, part.title, part.source.read, str(catalog.path(name, part_id))))
    return tuple(result)


def details(catalog: Catalog, part_id: str, kind: str | None = None) -> tuple[Listed, tuple[tuple[str, str], ...]]:
    """A part's row and its figures as (key, value) in the order of its file's model, absent ones left out, doubtful
    ones marked. Raises ParameterError for an unknown part."""
    kinds = [name for name in KINDS if kind in (None, name) and part_id in catalog.ids(name)]
    if not kinds:
        known = [i for name in KINDS if kind in (None, name) for i in catalog.ids(name)]
        raise ParameterError(
            kind or "part", part_id, "no part with this id in the catalog", "", nearest(part_id, known)
        )
    part = catalog.get(kinds[0], part_id)
    row = Listed(kinds[0], part.id, part.title, part.source.read, str(catalog.path(kinds[0], part_id)))
    return row, tuple(_figures(part))


def _figures(part: Part) -> list[tuple[str, str]]:
    result: list[tuple[str, str]] = []

    def add(key: str, value: object) -> None:
        if isinstance(value, dict):
            for name, inner in value.items():
                add(f"{key}.{name}" if key else str(name), inner)
        elif isinstance(value, list) and any(isinstance(inner, dict) for inner in value):
            for i, inner in enumerate(value):
                add(f"{key}[{i}]", inner)
        elif isinstance(value, list):
            result.append((key, ", ".join(_text(inner) for inner in value)))
        else:
            result.append((key, _text(value)))

    add("", part.model_dump(mode="json", exclude_none=True, exclude_defaults=True))
    doubtful = part.source.doubtful
    return [
        (key, f"{text} (doubtful)" if key.split(".")[0].split("[")[0] in doubtful else text) for key, text in result
    ]


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
