"""A part from a device type of NetBox's community library, with what such a file does not tell."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Annotated, NamedTuple

from pydantic import BaseModel, ConfigDict, Field

from topo import yamlfile
from topo.catalog.forms import Forms
from topo.catalog.models import Switch
from topo.errors import InputError, Problem
from topo.units import amount, verb

_KG = {"kg": 1.0, "g": 0.001, "lb": 0.45359237, "oz": 0.028349523125}
"""The international pound and ounce, exactly."""
_FORMS = {
    "t": "rj45", "tx": "rj45", "x-sfp": "sfp", "x-sfpp": "sfp", "x-sfp28": "sfp28", "x-sfp56": "sfp56",
    "x-sfp112": "sfp112", "x-dsfp": "dsfp", "x-sfpdd": "sfp-dd", "x-qsfpp": "qsfp", "x-qsfp28": "qsfp28",
    "x-qsfp56": "qsfp56", "x-qsfp112": "qsfp112", "x-qsfpdd": "qsfp-dd", "x-osfp": "osfp-twin",
    "x-osfp-rhs": "osfp-rhs", "x-osfp1600": "osfp1600",
}  # fmt: skip
_INFINIBAND = {
    "infiniband-edr": (100, "qsfp28"), "infiniband-hdr": (200, "qsfp56"), "infiniband-ndr": (400, "osfp-twin"),
    "infiniband-xdr": (800, "osfp-xdr"),
}  # fmt: skip
_ETHERNET = re.compile(r"(?P<number>\d+(?:\.\d+)?)(?P<unit>[gt]?)base-(?P<form>.+)")
_DIGITS = re.compile(r"\d+")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/:-]*")
FEW = 8
"""Into how many runs names split the ports of one form and speed; names that change more often tell no groups."""
_LATER = {
    "breakouts": "other ways to split a cage (`breakouts`)",
    "cage_power_w": "what a cage can feed a module (`cage_power_w`)",
    "latency_ns": "`latency_ns`",
    "power_typical_w": "`power_typical_w`",
    "power_max_w": "`power_max_w`",
    "rack_units": "`rack_units`",
    "kg": "the weight (`kg`)",
    "cooling": "the cooling (`cooling`)",
}

Short = Annotated[str, Field(max_length=400)]


class _Loose(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class _Interface(_Loose):
    name: Annotated[str, Field(min_length=1, max_length=64)]
    type: Short
    mgmt_only: bool = False


class _PowerPort(_Loose):
    maximum_draw: Annotated[float, Field(gt=0, le=1e7)] | None = None
    allocated_draw: Annotated[float, Field(gt=0, le=1e7)] | None = None


class _Bay(_Loose):
    name: Short


class _DeviceType(_Loose):
    manufacturer: Annotated[str, Field(min_length=1, max_length=100)]
    model: Annotated[str, Field(min_length=1, max_length=100)]
    slug: Annotated[str, Field(max_length=100)] = ""
    u_height: Annotated[float, Field(ge=0, le=100)] | None = None
    weight: Annotated[float, Field(gt=0, le=1e6)] | None = None
    weight_unit: Short = "kg"
    airflow: Short = ""
    interfaces: Annotated[tuple[_Interface, ...], Field(max_length=4096)] = ()
    power_ports: tuple[_PowerPort, ...] = Field((), alias="power-ports", max_length=256)
    module_bays: tuple[_Bay, ...] = Field((), alias="module-bays", max_length=1024)


class Imported(NamedTuple):
    """A switch as the text of its part, with its id and what the device type does not tell."""

    id: str
    text: str
    missing: tuple[str, ...]


class _Port(NamedTuple):
    form: str
    gbps: float
    network: str
    name: str
    told: bool


class _Group(NamedTuple):
    """Cages that follow one another: their form, how many, ports of a cage, the speed, the pattern of names."""

    form: str
    cages: int
    ports: int
    gbps: float
    pattern: str


def imported(path: Path, forms: Forms) -> Imported:
    """The device type in a file as a switch part; raises InputError where the file is none, or has no data port."""
    document = yamlfile.read(path)
    given = yamlfile.validated(_DeviceType, document)
    missing: list[str] = []
    ports = list(_ports(given, missing))
    twice = [name for name, count in Counter(port.name for port in ports).items() if count > 1]
    missing += [
        f"which of several ports is meant by the name {name!r}, which the file gives more than once" for name in twice
    ]
    if not ports:
        message = "has no port that carries data: no interface of a known type that is not for management"
        hint = "a chassis keeps its ports in line cards, which are module types; write such a part by hand"
        raise InputError(Problem(message, "interfaces", "", "", hint, str(path), document.line(("interfaces",))))
    lines: list[str] = []
    groups = _in_order(_runs(ports), forms, missing)
    for form in dict.fromkeys(group.form for group in groups):
        speeds = sorted({group.gbps for group in groups if group.form == form})
        if len(speeds) > 1:
            missing.append(f"which {form} cages are held to which of {', '.join(f'{v:g}' for v in speeds)} Gb/s")
    slug = re.sub(r"[^a-z0-9._-]+", "-", (given.slug or f"{given.manufacturer}-{given.model}").lower()).strip("-.")
    name = slug[:64] or "imported"
    lines += [f"id: {name}", f"title: {_quoted(f'{given.manufacturer} {given.model}')}"]
    lines += [f"network: [{', '.join(sorted({port.network for port in ports}))}]"]
    lines += _cages(groups, forms)
    fields = _figures(given, missing)
    lines += [
        f"{key}: {value:.10g}" if isinstance(value, float) else f"{key}: {value}" for key, value in fields.items()
    ]
    doubtful: list[str] = [
        key for key in ("power_typical_w", "power_max_w") if key in fields and len(given.power_ports) > 1
    ]
    doubtful += ["cage"] if not all(port.told for port in ports) else []
    source = f"NetBox device type {given.manufacturer} {given.model}, {path.name}"
    ending = f", doubtful: [{', '.join(doubtful)}]" if doubtful else ""
    lines += [f"source: {{document: {_quoted(source)}, read: true{ending}}}"]
    missing += [words for key, words in _LATER.items() if key not in fields]
    text = "\n".join([*lines, *(f"# missing: {words}" for words in missing)]) + "\n"
    yamlfile.validated(Switch, yamlfile.parse(text, f"{name}.yaml"), forms=forms)
    return Imported(name, text, tuple(missing))


def _ports(given: _DeviceType, missing: list[str]) -> Iterator[_Port]:
    """The data ports; what is skipped is listed."""
    unknown: dict[str, int] = {}
    for interface in given.interfaces:
        kind = interface.type
        match = _ETHERNET.fullmatch(kind)
        if interface.mgmt_only or kind in ("virtual", "lag", "bridge"):
            continue
        if kind in _INFINIBAND:
            gbps, form = _INFINIBAND[kind]
            yield _Port(form, float(gbps), "infiniband", interface.name, False)
        elif match and match["form"] in _FORMS:
            scale = {"": 0.001, "g": 1.0, "t": 1000.0}[match["unit"]]
            form = _FORMS[match["form"]]
            yield _Port(form, round(float(match["number"]) * scale, 9), "ethernet", interface.name, form != "osfp-twin")
        else:
            unknown[kind] = unknown.get(kind, 0) + 1
    missing += [
        f"{amount(count, 'interface')} of type {kind!r}: no form of cage is known for it"
        for kind, count in unknown.items()
    ]
    bays = [bay.name for bay in given.module_bays if not re.match(r"(?i)(psu|ps|power|fan)", bay.name)]
    if bays:
        some = ", ".join([repr(bay) for bay in bays[:3]] + ["..."] * (len(bays) > 3))
        missing.append(f"the ports of {amount(len(bays), 'module bay')} ({some})")


def _runs(ports: Sequence[_Port]) -> list[list[_Port]]:
    """Ports that follow one another, of one form and speed and with names that differ in numbers alone."""
    alike = [list(run) for _, run in groupby(ports, key=lambda port: (port.form, port.gbps))]
    result: list[list[_Port]] = []
    for run in alike:
        named = [list(part) for _, part in groupby(run, key=lambda port: _DIGITS.sub("#", port.name))]
        result += named if len(named) <= FEW else [run]
    return result


def _in_order(runs: Sequence[list[_Port]], forms: Forms, missing: list[str]) -> list[_Group]:
    """The cages of every run. Cages are numbered through the whole switch, so that the next run is one whose own names
    go on from there, the longest of them; the next of the file where there is none."""
    left, result, first = list(runs), list[_Group](), 1
    most: dict[tuple[str, float], int] = {}
    while left:
        fitting = [(run, group) for run in left if (group := _group(run, first, forms)) is not None]
        run, group = max(fitting, key=lambda pair: len(pair[0])) if fitting else (left[0], _unnamed(left[0], missing))
        left.remove(run)
        if most.setdefault((group.form, group.gbps), group.ports) != group.ports:
            missing.append(
                f"{_told(run)}: other cages of that form have {amount(most[group.form, group.gbps], 'port')} each"
            )
            continue
        result.append(group)
        first += group.cages
    return result


def _group(run: Sequence[_Port], first: int, forms: Forms) -> _Group | None:
    """The cages of ports of one form and speed: the fewest ports a cage for which a pattern makes their names."""
    form, gbps, names = run[0].form, run[0].gbps, [port.name for port in run]
    lanes = forms.cages[form].lanes
    for each in (n for n in (1, 2, 4, 8) if n <= lanes and len(run) % n == 0):
        pattern = _pattern(names, first, each)
        if pattern:
            return _Group(form, len(run) // each, each, gbps, pattern)
    return None


def _unnamed(run: Sequence[_Port], missing: list[str]) -> _Group:
    """A cage a port, numbered, with what is not told: the names, and how many ports a cage has."""
    names = [port.name for port in run]
    odd = sorted({c for name in names for c in name if not _NAME.fullmatch(f"a{c}")})
    why = f"names have no {', '.join(map(repr, odd))} here" if odd else "no pattern makes them"
    missing.append(f"the names of {_told(run)}: {why}")
    if not run[0].told and len(run) > 1:
        missing.append(f"whether {_told(run)} share cages: each has one here")
    return _Group(run[0].form, len(run), 1, run[0].gbps, "{number}")


def _told(run: Sequence[_Port]) -> str:
    first, last = run[0].name, run[-1].name
    return f"port {first!r}" if len(run) == 1 else f"the {amount(len(run), 'port')} from {first!r} to {last!r}"


def _pattern(names: Sequence[str], first: int, each: int) -> str:
    """A pattern that makes the names of cages from number `first`, `each` ports of one; empty where none does."""
    if not _NAME.fullmatch(names[0]):
        return ""
    spans = [match.span() for match in _DIGITS.finditer(names[0])]
    inner: list[tuple[int, int, str]] = [(a, b, sub) for a, b in spans for sub in ("{sub}", "{sub0}")]
    cages = range(first, first + len(names) // each)
    for low, high in spans:
        for field in ("{cage}", "{cage0}"):
            ends = [(a, b, sub) for a, b, sub in inner if a > low] if each > 1 else [(len(names[0]),) * 2 + ("",)]
            wide = high - low if names[0][low] == "0" and high - low > 1 else 0
            padded = f"{field[:-1]}:0{wide}}}" if wide else field
            for a, b, sub in ends:
                pattern = names[0][:low] + padded + names[0][high:a] + sub + names[0][b:]
                made = (pattern.format(cage=c, cage0=c - 1, sub=s + 1, sub0=s) for c in cages for s in range(each))
                if all(one == name for one, name in zip(made, names, strict=True)):
                    return pattern
    return ""


def _cages(groups: Sequence[_Group], forms: Forms) -> list[str]:
    one = len(groups) == 1
    widest = {g.form: g for g in sorted(groups, key=lambda g: -g.ports * g.gbps)[::-1]}

    def listed(values: Sequence[object]) -> str:
        return str(values[0]) if one else f"[{', '.join(map(str, values))}]"

    breakouts: dict[tuple[int, float, str], str] = {}
    for g in groups:
        lanes = 1 if g.form == "rj45" else max(forms.cages[g.form].lanes // g.ports, 1)
        mark = "" if one else f", cage: {g.form}"
        breakouts.setdefault(
            (g.ports, g.gbps, g.form), f"  - {{ports: {g.ports}, gbps: {g.gbps:g}, lanes: {lanes}{mark}}}"
        )
    return [
        f"cages: {listed([g.cages for g in groups])}",
        f"cage: {listed([g.form for g in groups])}",
        "breakouts:",
        *breakouts.values(),
        f"ports: {sum(g.cages * widest[g.form].ports for g in groups)}",
        f"port_name: {listed([_quoted(g.pattern) for g in groups])}",
    ]


def _figures(given: _DeviceType, missing: list[str]) -> dict[str, float | int | str]:
    result: dict[str, float | int | str] = {}
    if given.u_height and given.u_height == int(given.u_height):
        result["rack_units"] = int(given.u_height)
    if given.weight and given.weight_unit in _KG:
        result["kg"] = round(given.weight * _KG[given.weight_unit], 3)
    if given.airflow and given.airflow != "passive":
        result["cooling"] = "air"
    for key, name in (("allocated_draw", "power_typical_w"), ("maximum_draw", "power_max_w")):
        draws = [getattr(port, key) for port in given.power_ports if getattr(port, key)]
        if draws:
            result[name] = float(max(draws))
            if len(given.power_ports) > 1:
                ports = len(given.power_ports)
                missing.append(
                    f"whether its {amount(ports, 'power port')} {verb(ports, 'share')} the load: {name} is "
                    "the largest draw of one"
                )
    return result


def _quoted(text: str) -> str:
    plain = "".join(c for c in text if c.isprintable())
    return '"' + plain.replace("\\", "\\\\").replace('"', '\\"') + '"'
