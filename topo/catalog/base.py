"""What the models of parts have in common: frozen values, units, sources, and the lanes of a cage."""

from __future__ import annotations

from typing import Annotated, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Discriminator, Field, Tag, ValidationInfo

from topo.catalog.forms import cage_form, connector_form, known_forms, plug_form
from topo.units import amount


def printable(text: str) -> str:
    """The text; raises ValueError where it holds what is not seen, such as a line end."""
    if not text.isprintable():
        raise ValueError("holds a character that cannot be printed")
    return text


PartId = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=64)]
Text = Annotated[str, Field(max_length=400), AfterValidator(printable)]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Gbps = Annotated[float, Field(ge=1e-6, le=1e6, allow_inf_nan=False)]
"""A speed: 1 kb/s to 1 Pb/s, as `topo.fabric.speed` has it."""
Count = Annotated[int, Field(gt=0, le=100_000)]
Network = Literal["infiniband", "ethernet", "nvlink", "ualink", "unified-bus"]
"""What a port speaks; a scale-up network of Ethernet (ESUN, SUE) speaks `ethernet`."""
CageForm = Annotated[str, AfterValidator(cage_form)]
"""The form of a cage or module, one of `forms.yaml`."""
Connector = Annotated[str, AfterValidator(connector_form)]
"""The form of a fibre plug, one of `forms.yaml`."""
PlugForm = Annotated[str, AfterValidator(plug_form)]
"""What a cable ends in: a plug for a cage of this form, or a fibre plug."""
Cooling = Literal["air", "liquid"]
T = TypeVar("T")


def _how_many(value: object) -> str:
    return "several" if isinstance(value, list | tuple) else "one"


OneOrMore = Annotated[
    Annotated[T, Tag("one")] | Annotated[Annotated[tuple[T, ...], Field(min_length=1, strict=False)], Tag("several")],
    Discriminator(_how_many),
]
"""A value, or one for each group of cages."""


class Strict(BaseModel):
    """Frozen, and refuses keys it does not know. A model that only others build on is never made ready to read."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, defer_build=True)


class Source(Strict):
    """Where a part's figures come from; `read: false` marks figures quoted from memory."""

    document: Text
    read: bool
    doubtful: tuple[str, ...] = Field((), strict=False, description="fields of this part that are from memory")


class Part(Strict):
    """What every part has. The id is the file's name."""

    id: PartId
    title: Text
    source: Source
    remark: Text = ""

    def __hash__(self) -> int:
        """By id and title, which equal parts share: parts are keys of what a search remembers thousands of times."""
        return hash((self.id, self.title))


def fit(info: ValidationInfo, ports: int, lanes: int) -> None:
    """Raises ValueError when `ports` ports of `lanes` lanes exceed the lanes of the part's cage."""
    form = info.data.get("cage") or info.data.get("form")
    if form:
        fit_form(info, form, ports, lanes)


def fit_form(info: ValidationInfo, form: str, ports: int, lanes: int) -> None:
    """Raises ValueError when `ports` ports of `lanes` lanes exceed the lanes of a cage of this form."""
    room = known_forms(info).lanes(form)
    if ports * lanes > room:
        raise ValueError(f"{ports:,} x {amount(lanes, 'lane')} do not fit: a cage of form {form} has {room:,}")
