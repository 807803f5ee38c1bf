"""A switch as a part: groups of alike cages, and the ports that they can become."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Annotated, Any, NamedTuple

from pydantic import AfterValidator, Field, PrivateAttr, ValidationInfo, field_validator, model_validator

from topo.catalog.base import CageForm, Cooling, Count, Gbps, Network, OneOrMore, Part, Positive, Strict, T, fit_form
from topo.catalog.forms import Forms, known_forms, shipped_forms
from topo.catalog.patterns import SWITCH_FIELDS, checked_pattern
from topo.units import amount, verb


def _switch_pattern(text: str) -> str:
    return checked_pattern(text, SWITCH_FIELDS) if text else text


class Breakout(Strict):
    """One way to configure a cage: `ports` logical ports of `gbps` each."""

    ports: Count
    gbps: Gbps
    lanes: Count = Field(description="electrical lanes of one port")
    cage: CageForm | None = Field(None, description="the form of the cages that it is for, where a switch has several")
    disables_next: bool = Field(
        False, description="takes the next cage's ports away; only the first, third, ... of alike cages can be split so"
    )


class Aggregation(Strict):
    """What a switch sums of the data that passes it: in how many trees at once, and how much of it a second."""

    trees: Count = Field(description="trees of sums that the switch takes part in at once")
    gbps: Positive | None = Field(None, description="data that it sums at most; default: what its ports take in")


class CageGroup(NamedTuple):
    """Cages of one form that follow one another on a switch. `form` is `a or b` where a part does not tell which cages
    have which. `first`: the number of the first, from 1. `breakouts`: the default one first."""

    first: int
    cages: int
    form: str
    breakouts: tuple[Breakout, ...]
    port_name: str
    port_name_whole: str

    def at(self, gbps: float) -> Breakout | None:
        """The breakout with ports of this speed."""
        return next((b for b in self.breakouts if b.gbps == gbps), None)


class Switch(Part):
    """A switch: `cages` cages of the form `cage`, each configured as one of `breakouts` (the first is the default).

    Unlike cages are groups in the order of their numbers: `cage: [rj45, qsfp28]`, `cages: [48, 4]` (or `cages: 52` and
    `cages_each: [48, 4]`). A breakout belongs to the groups of the form in its own `cage`; without one, to those of the
    narrowest form that can hold it. A group's default is its first breakout of the most Gb/s. Several forms without the
    number of each: the part does not tell which cages have which, and no cable is chosen for them.

    `port_name` is the vendor's pattern of a port's name (of each group, where it is a list): {number} counts all ports
    from 1, {cage} and {sub} count from 1, {cage0}, {sub0} and {lane0} from 0; `port_name_whole` is used where the cage
    is one port. Where cages are one port by default and the pattern tells the ports of a split cage not apart, those
    end in /1, /2 and so on.
    """

    network: tuple[Network, ...] = Field(strict=False)
    cages: Count
    cages_each: tuple[Count, ...] = Field((), strict=False, description="of each group; their sum is `cages`")
    cage: OneOrMore[CageForm]
    breakouts: tuple[Breakout, ...] = Field(min_length=1, strict=False)
    ports: Count = Field(description="ports in the default breakouts; must equal cages x ports of them")
    port_name: OneOrMore[Annotated[str, Field(min_length=1, max_length=64), AfterValidator(_switch_pattern)]]
    port_name_whole: OneOrMore[Annotated[str, Field(max_length=64), AfterValidator(_switch_pattern)]] = ""
    line_cards: Count | None = Field(
        None,
        description="line cards that the cages are on, as many on each, in the order of their numbers",
    )
    rack_units: Count | None = None
    cooling: Cooling | None = None
    kg: Positive | None = None
    power_typical_w: Positive | None = None
    power_max_w: Positive | None = None
    cage_power_w: Positive | None = None
    latency_ns: Positive | None = None
    aggregation: Aggregation | None = Field(None, description="sums in the network; absent: the switch makes none")

    @model_validator(mode="before")
    @classmethod
    def _numbers_of_groups(cls, given: Any) -> Any:
        """A list in `cages` is the number of each group."""
        counts = given.get("cages") if isinstance(given, dict) else None
        if not isinstance(counts, list | tuple) or "cages_each" in given or not counts:
            return given
        whole = all(isinstance(n, int) and not isinstance(n, bool) and n > 0 for n in counts)
        return {**given, "cages": sum(counts), "cages_each": list(counts)} if whole else given

    @field_validator("cages_each")
    @classmethod
    def _sum_is_all(cls, each: tuple[int, ...], info: ValidationInfo) -> tuple[int, ...]:
        if each and "cages" in info.data and sum(each) != info.data["cages"]:
            raise ValueError(f"{' + '.join(map(str, each))} are not {amount(info.data['cages'], 'cage')}")
        return each

    @field_validator("cage")
    @classmethod
    def _as_many_forms(cls, cage: str | tuple[str, ...], info: ValidationInfo) -> str | tuple[str, ...]:
        forms, counts = _all(cage), info.data.get("cages_each") or ()
        if len(forms) > 1 and counts and len(counts) != len(forms):
            raise ValueError(f"{amount(len(forms), 'form')} of cage for {amount(len(counts), 'number')} of cages")
        if not counts and len(set(forms)) < len(forms):
            raise ValueError("names a form twice")
        return cage

    @field_validator("breakouts")
    @classmethod
    def _lanes_fit(cls, breakouts: tuple[Breakout, ...], info: ValidationInfo) -> tuple[Breakout, ...]:
        if "cage" not in info.data or "cages" not in info.data:
            return breakouts
        forms = _all(info.data["cage"])
        for breakout in breakouts:
            if breakout.cage and breakout.cage not in forms:
                raise ValueError(f"is for cages of form {breakout.cage}, of which the switch has none")
            own = [breakout.cage] if breakout.cage else forms
            widest = max(own, key=known_forms(info).lanes)
            fit_form(info, widest, breakout.ports, breakout.lanes)
        shared = _shared_out(forms, breakouts, known_forms(info))
        empty = [form for form, given in zip(forms, shared, strict=True) if not given]
        if empty and info.data.get("cages_each"):
            raise ValueError(f"none of them is for the cages of form {empty[0]}")
        return breakouts

    @field_validator("line_cards")
    @classmethod
    def _share_out(cls, cards: int | None, info: ValidationInfo) -> int | None:
        cages = info.data.get("cages")
        if cards and cages and cages % cards:
            raise ValueError(f"{amount(cages, 'cage')} {verb(cages, 'are')} not as many on each of {cards} line cards")
        return cards

    @field_validator("ports")
    @classmethod
    def _cages_give(cls, ports: int, info: ValidationInfo) -> int:
        if not {"cages", "cage", "breakouts"} <= info.data.keys():
            return ports
        groups = _groups(info.data, known_forms(info))
        given = sum(g.cages * g.breakouts[0].ports for g in groups)
        if ports != given:
            each = " and ".join(f"{amount(g.cages, 'cage')} of {g.breakouts[0].ports:,}" for g in groups)
            raise ValueError(f"{each} give {amount(given, 'port')}")
        return ports

    @field_validator("port_name", "port_name_whole")
    @classmethod
    def _as_many_names(cls, names: str | tuple[str, ...], info: ValidationInfo) -> str | tuple[str, ...]:
        groups = len(info.data.get("cages_each") or (1,))
        if len(_all(names)) not in (1, groups):
            raise ValueError(f"{amount(len(_all(names)), 'pattern')} for {amount(groups, 'group')} of cages")
        return names

    _cage_groups: tuple[CageGroup, ...] = PrivateAttr(())

    def model_post_init(self, context: Any, /) -> None:
        """Sorts the breakouts into groups, with the forms that the part is read with."""
        given = (context or {}).get("forms")
        known = given if isinstance(given, Forms) else shipped_forms()
        self._cage_groups = _groups({name: getattr(self, name) for name in type(self).model_fields}, known)

    @property
    def groups(self) -> tuple[CageGroup, ...]:
        """The groups of cages, in the order of their numbers."""
        return self._cage_groups

    def ports_at(self, gbps: float) -> int:
        """How many ports of this speed the switch can have, 0 where none."""
        return _ports_at(self, gbps)

    def form_of(self, cage: int) -> str:
        """The form of a cage by its number, from 1; `unknown` where the switch has no such cage."""
        return next((g.form for g in self.groups if g.first <= cage < g.first + g.cages), "unknown")


@lru_cache(maxsize=4096)
def _ports_at(switch: Switch, gbps: float) -> int:
    """Kept, as a search asks for the same few thousands of times."""
    result = [(g.cages, g.at(gbps)) for g in switch.groups]
    return sum(cages * breakout.ports for cages, breakout in result if breakout)


def _all(value: T | tuple[T, ...]) -> tuple[T, ...]:
    return value if isinstance(value, tuple) else (value,)


def _shared_out(forms: Sequence[str], breakouts: Sequence[Breakout], known: Forms) -> list[tuple[Breakout, ...]]:
    """The breakouts of each form of cage, in the order given."""
    if len(forms) == 1:
        return [tuple(breakouts)]

    def holds(form: str, b: Breakout) -> bool:
        lanes = known.lanes(form)
        return b.ports * b.lanes <= lanes and b.gbps <= b.lanes * known.cages[form].gbps_per_lane * (1 + 1e-9)

    result: dict[str, list[Breakout]] = {form: [] for form in forms}
    for b in breakouts:
        able = [form for form in result if holds(form, b)]
        least = min((known.gbps(form) for form in able), default=0.0)
        for form in [b.cage] if b.cage else [form for form in able if known.gbps(form) == least]:
            result[form].append(b)
    for form, own in result.items():
        if not own:
            own += [b for b in breakouts if not b.cage and holds(form, b)]
    return [tuple(sorted(result[form], key=lambda b: -b.ports * b.gbps)) for form in forms]


def _groups(data: Mapping[str, Any], known: Forms) -> tuple[CageGroup, ...]:
    """The groups of cages of a switch with these keys."""
    counts, forms = data.get("cages_each") or (data["cages"],), _all(data["cage"])
    names, whole = _all(data.get("port_name", "")), _all(data.get("port_name_whole", ""))
    if len(counts) < len(forms):
        breakouts = [tuple(data["breakouts"])]
        forms = (" or ".join(forms),)
    elif len(forms) < len(counts):
        breakouts, forms = [tuple(data["breakouts"])] * len(counts), forms * len(counts)
    else:
        breakouts = _shared_out(forms, data["breakouts"], known)
    result: list[CageGroup] = []
    for i, (count, form, own) in enumerate(zip(counts, forms, breakouts, strict=True)):
        first = result[-1].first + result[-1].cages if result else 1
        result.append(CageGroup(first, count, form, own, names[i % len(names)], whole[i % len(whole)]))
    return tuple(result)
