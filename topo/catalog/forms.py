"""The forms of cages and fibre plugs that parts may name: data of the catalog folders (`forms.yaml`), not code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo
from pydantic_core import PydanticCustomError

from topo import yamlfile
from topo.errors import InputError, Problem

FILE = "forms.yaml"
_NAME = r"^[a-z0-9][a-z0-9-]*$"


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, defer_build=True)


class Cage(_Strict):
    """A form of cage: its electrical lanes, the fastest lane it is sold with, and other forms of plugs that fit."""

    title: Annotated[str, Field(max_length=200)]
    lanes: Annotated[int, Field(gt=0, le=64)]
    gbps_per_lane: Annotated[float, Field(gt=0, le=1e6, allow_inf_nan=False)]
    takes: tuple[str, ...] = Field((), strict=False)


class Plug(_Strict):
    """A form of fibre connector."""

    title: Annotated[str, Field(max_length=200)]


class _File(_Strict):
    cages: dict[Annotated[str, Field(pattern=_NAME, max_length=40)], Cage] = {}
    connectors: dict[Annotated[str, Field(pattern=_NAME, max_length=40)], Plug] = {}


@dataclass(frozen=True)
class Forms:
    """Every form that is known, by name."""

    cages: Mapping[str, Cage]
    connectors: Mapping[str, Plug]

    def takes(self, cage: str, plug: str) -> bool:
        """A plug or module of this form fits a cage of that form."""
        return plug == cage or (cage in self.cages and plug in self.cages[cage].takes)

    def lanes(self, cage: str) -> int:
        """Electrical lanes of a cage; of several forms (`a or b`) those of the widest."""
        return max(self.cages[form].lanes for form in cage.split(" or "))

    def gbps(self, cage: str) -> float:
        """The most that one port over all lanes of such a cage is sold with."""
        return self.cages[cage].lanes * self.cages[cage].gbps_per_lane


def forms_of(folders: Sequence[Path]) -> Forms:
    """The forms of catalog folders, later ones first; raises InputError for a file that holds none."""
    cages: dict[str, Cage] = {}
    connectors: dict[str, Plug] = {}
    for folder in folders:
        result = _read(folder / FILE)
        if result is not None:
            cages |= result.cages
            connectors |= result.connectors
    return Forms(cages, connectors)


def shipped_folder() -> Path:
    """The catalogs that travel with topo: inside the wheel, or beside the package in a checkout."""
    package = Path(__file__).resolve().parent.parent
    inside = package / "_data" / "catalogs"
    return inside if inside.is_dir() else package.parent / "catalogs"


@cache
def shipped_forms() -> Forms:
    """The forms that travel with topo."""
    return forms_of([shipped_folder()])


def _read(path: Path) -> _File | None:
    if not path.is_file():
        return None
    document = yamlfile.read(path)
    result = yamlfile.validated(_File, document)
    for name, cage in result.cages.items():
        if name in cage.takes:
            line = document.line(("cages", name, "takes"))
            message = "a cage takes its own form anyway"
            raise InputError(Problem(message, f"cages.{name}.takes", name, "other forms", file=str(path), line=line))
    return result


def known_forms(info: ValidationInfo) -> Forms:
    """The forms that a part is read with: those of its catalog, else the shipped ones."""
    given = (info.context or {}).get("forms")
    return given if isinstance(given, Forms) else shipped_forms()


def cage_form(value: str, info: ValidationInfo) -> str:
    """The name of a known form of cage; raises an error that lists the known."""
    return _among(value, known_forms(info).cages)


def connector_form(value: str, info: ValidationInfo) -> str:
    """The name of a known form of fibre plug."""
    return _among(value, known_forms(info).connectors)


def plug_form(value: str, info: ValidationInfo) -> str:
    """The name of a known form of either kind."""
    forms = known_forms(info)
    return _among(value, {**forms.cages, **forms.connectors})


def _among(value: str, known: Mapping[str, object]) -> str:
    if value not in known:
        names = [repr(name) for name in known]
        expected = " or ".join([", ".join(names[:-1]), names[-1]])
        raise PydanticCustomError("literal_error", "Input should be {expected}", {"expected": expected})
    return value
