"""What a search is asked: a design in which values are left open."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field

from topo import yamlfile
from topo.analysis.money import CostTerms
from topo.catalog import Catalog
from topo.catalog.models import Count, PartId, Positive, Strict, Text
from topo.design.loader import parse_design, read_requirements
from topo.design.model import Design, Name, OtherHosts, Requirement
from topo.design.placed import placed
from topo.errors import InputError, Problem, nearest
from topo.generators.family import bought, families, spanning
from topo.placement import Floor
from topo.searching.candidates.axes import axis_name, checked_axes
from topo.searching.candidates.hints import hinted
from topo.searching.candidates.objectives import OBJECTIVES
from topo.searching.candidates.values import Value
from topo.units import amount
from topo.yamlfile import Document

LIFETIME = "lifetime_cost_usd"
DEFAULT_BOOK = "published-fabric-links"
FLOOR: tuple[Mapping[str, Any], ...] = (
    {"throughput": {"traffic": "all-to-all", "routing": "adaptive", "at_least": 1.0}},
    {"connected": {}},
)
"""What is required where a request requires nothing."""


STAGED = ("cost_usd", "moves")
"""Objectives of a sequence of stages."""


class PartLimit(Strict):
    """How many of a part there are."""

    at_most: Annotated[int, Field(ge=0)] = Field(description="how many can be had")


class Limits(Strict):
    """What a fabric may take at most."""

    parts: dict[PartId, PartLimit] = Field({}, description="switches in stock by part id")
    power_w: Positive | None = Field(None, description="typical power of switches, modules and active cables")
    racks: Count | None = Field(None, description="racks that the switches fill, by rack units alone")
    cost_usd: Positive | None = Field(None, description="price of switches and links")


class RequestFile(Strict):
    """The keys of a request: those of a design, with lists of choices, and what is wanted of the choice."""

    name: Name = Field("search", description="what the designs found are called")
    title: Text = Field("", description="one line for people")
    gpus: Annotated[int, Field(gt=0, le=1_000_000)] = Field(description="how many GPUs")
    host: tuple[PartId, ...] = Field(min_length=1, strict=False, description="host part, or several to choose from")
    other_hosts: tuple[OtherHosts, ...] = Field((), strict=False, description="hosts beside the GPU hosts")
    networks: dict[Name, dict[str, Any]] = Field({}, description="the networks; what the first leaves out is chosen")
    requirements: tuple[dict[str, Any], ...] = Field((), strict=False, description="what every fabric must do")
    price_book: PartId | None = Field(None, description="price book part")
    lengths_m: dict[Name, Positive] = Field({}, description="assumed cable length per link kind in metres")
    spares_percent: Annotated[float, Field(ge=0, le=100)] = Field(0.0, description="spare modules and cables")
    media: Literal["single-mode", "multimode"] | None = Field(None, description="fibre and modules of this kind alone")
    floor: Floor | None = Field(None, description="the floor plan")
    cost: CostTerms | None = Field(None, description="what is paid beside prices, and for how long")
    choose: dict[str, Any] = Field({}, description="choices by key: families, switches, oversubscription, planes ...")
    objectives: tuple[str, ...] = Field((), strict=False, description="what is traded; default: cost_usd")
    limits: Limits = Field(Limits(), description="what may be taken at most")
    stages: tuple[Count, ...] = Field(
        (), strict=False, description="GPUs of each stage of growth; then `gpus` is one of"
    )
    move_usd: Annotated[float, Field(ge=0)] | None = Field(None, description="price of moving one link, with `stages`")


@dataclass(frozen=True)
class Request:
    """A request that was read. `axes` holds the choices by key that the request gives, `fixed` the keys that the
    network itself states, `common` what every design has alike, as plain values of the design file. `assumed` says in
    words what was not given."""

    document: Document
    file: RequestFile
    catalog: Catalog
    network: str
    axes: Mapping[str, tuple[Value, ...]]
    fixed: frozenset[str]
    requirements: tuple[Requirement, ...]
    common: Mapping[str, Any]
    objectives: tuple[str, ...]
    assumed: tuple[str, ...]
    sha256: str
    neighbour_of: str = ""

    @property
    def name(self) -> str:
        """What the designs found are called."""
        return self.file.name

    @property
    def prices(self) -> dict[str, Any]:
        """What a cost rests on and leaves out: `price_book`, its `basis`, `leaves_out`; nothing without a book."""
        if "price_book" not in self.common:
            return {}
        book = self.catalog.price_book(str(self.common["price_book"]))
        hosts = {self.common.get("host"), *self.axes.get("host", ())}
        out = [
            *(["endpoint links"] if not book.counts_endpoint_links else []),
            *(f"network {name}" for name in self.common["networks"]),
            *(["hosts"] if book.parts_usd.keys() & hosts else []),
            *(f"switches of a {name}" for name in self.axes.get("family", ()) if families.get(str(name)).own_routers),
            *(["spare parts"] if self.common.get("spares_percent") else []),
        ]
        return {"price_book": book.id, "basis": book.basis, "leaves_out": out}

    @property
    def prices_text(self) -> str:
        """`prices` in a line; empty without a book."""
        terms = self.prices
        if not terms:
            return ""
        basis = f" ({terms['basis']})" if terms["basis"] else ""
        out = f"; leaves out {', '.join(terms['leaves_out'])}" if terms["leaves_out"] else ""
        return f"cost by {terms['price_book']}{basis}{out}"

    def of_size(self, gpus: int, axes: Mapping[str, tuple[Value, ...]]) -> Request:
        """The same request for so many GPUs, with further choices."""
        file = self.file.model_copy(update={"gpus": gpus})
        return replace(self, file=file, common={**self.common, "gpus": gpus}, axes={**self.axes, **axes})


def read_request(path: str | Path, catalog: Catalog) -> Request:
    """The request in a file, or that of a design's neighbourhood; raises InputError with every mistake."""
    return request_of(yamlfile.read(path), catalog)


def parse_request(text: str, name: str, catalog: Catalog) -> Request:
    """The request in a text; `name` stands for the file in errors."""
    try:
        document = yamlfile.parse(text, name)
    except InputError as error:
        raise hinted(error, "") from None
    return request_of(document, catalog)


KEPT = ("other_hosts", "lengths_m", "spares_percent", "media", "floor", "cost")
"""Keys that every candidate has as the request states them."""


def request_of(document: Document, catalog: Catalog) -> Request:
    """The request in a document; raises InputError with every mistake."""
    design = _whole_design(document, catalog)
    if design is not None:
        document = _opened(document, design)
    names = _names(document)
    network = "compute" if "compute" in names or not names else names[0]
    try:
        return _request_of(document, design, names or [network], network, catalog)
    except InputError as error:
        raise hinted(error, network) from None


def _names(document: Document) -> list[str]:
    networks = document.value.get("networks")
    return list(map(str, networks)) if isinstance(networks, dict) else []


def _request_of(document: Document, design: Design | None, names: list[str], network: str, catalog: Catalog) -> Request:
    problems: list[Problem] = []
    value = _with_lists(document.value)
    file = _collected(problems, document, (), lambda: yamlfile.validated(RequestFile, document, value, ()))
    stated = _collected(problems, document, (), lambda: read_requirements(document, names)) or ()
    if file is None:
        raise InputError(sorted(problems, key=lambda p: p.line))
    problems += _wrong_parts(file, document, catalog)
    problems += _wrong_objectives(file, document)
    problems += _wrong_networks(file, document, network)
    axes, fixed, wrong = checked_axes(file.networks.get(network, {}), file.choose, document, network, catalog)
    problems += wrong
    if problems:
        raise InputError(sorted(problems, key=lambda p: p.line))
    assumed: list[str] = []
    open_keys = [axis for axis in axes if axis not in fixed and axis not in ("family", "switch")]
    idle = [axis for axis in open_keys if not _has(axes.get("family", bought()), axis)]
    assumed += [f"{axis}: of no family of the space, so it is not looked at" for axis in idle]
    if "family" not in axes:
        own = design.networks[0].params.family if design else ""
        axes["family"] = (own,) if own and families.get(own).own_routers else bought()
        if axes["family"] != (own,):
            left = ", ".join(name for name in spanning() if name not in bought())
            assumed.append(f"families: those of switches that are bought; {left} has to be named")
    requirements, asked = stated, [dict(entry) for entry in file.requirements]
    if not stated:
        asked = [{kind: {**keys, "network": network}} for entry in FLOOR for kind, keys in entry.items()]
        from topo.checks import requirements_from

        requirements = tuple(Requirement(r.id, r.kind, r.params, 0) for r in requirements_from(asked, [network]))
        assumed.append("requirements: endpoint all-to-all at 1.0 under adaptive routing, and every plane connected")
    objectives = file.objectives or ("cost_usd",)
    if not file.objectives:
        assumed.append("objectives: cost_usd")
    book = file.price_book
    if book is None and (file.stages or {"cost_usd", LIFETIME} & {*objectives} or file.limits.cost_usd is not None):
        book = DEFAULT_BOOK
        assumed.append(f"price_book: {DEFAULT_BOOK}, a calibration and no market prices")
    if file.stages and file.move_usd is None:
        assumed.append("move_usd: 0; links that move are counted, and cost nothing")
    common = {
        **{key: document.value[key] for key in KEPT if key in document.value},
        "gpus": file.gpus,
        "networks": {n: dict(v) for n, v in file.networks.items() if n != network},
        "requirements": asked,
        **({"price_book": book} if book else {}),
    }
    digest = hashlib.sha256(document.text.encode()).hexdigest()
    result = Request(
        document, file, catalog, network, axes, fixed, requirements, common, objectives, tuple(assumed), digest,
        design.name if design else "",
    )  # fmt: skip
    _refuse_odd_sizes(result)
    return result


def _has(names: Sequence[Any], key: str) -> bool:
    """Whether one of these families has a key."""
    return any(key in families.get(str(name)).params.model_fields for name in names)


def _with_lists(stated: Mapping[str, Any]) -> dict[str, Any]:
    """The keys with one host as a list of one, and the largest of the stages as the number of GPUs."""
    value = dict(stated)
    if isinstance(value.get("host"), str):
        value["host"] = [value["host"]]
    sizes = value.get("stages")
    if "gpus" not in value and isinstance(sizes, list) and sizes and all(type(n) is int for n in sizes):
        value["gpus"] = max(sizes)
    return value


def _whole_design(document: Document, catalog: Catalog) -> Design | None:
    """The design in the document, None where it is a request. A file with every key of a design and none of a request
    is a design, and its mistakes are those of a design."""
    value = document.value
    networks = value.get("networks")
    if {"choose", "objectives", "limits", "stages"} & set(value) or not isinstance(networks, dict) or not networks:
        return None
    whole = isinstance(value.get("host"), str) and "name" in value
    for entry in networks.values():
        whole &= isinstance(entry, dict) and isinstance(entry.get("family"), str) and "switch" in entry
        scalars = isinstance(entry, dict) and not any(
            isinstance(v, list) and k not in ("shape", "width", "leaves", "size") for k, v in entry.items()
        )
        whole &= scalars
    return parse_design(document.text, document.path, catalog) if whole else None


def _opened(document: Document, design: Design) -> Document:
    """The request for a design's neighbourhood: its hosts, requirements and switches; every family and size open."""
    main = design.networks[0]
    given = dict(document.value["networks"][main.name])
    parts = sorted({v for k, v in given.items() if k == "switch" or k.endswith("_switch")})
    kept = {k: v for k, v in given.items() if k in ("endpoint_gbps", "uplink_gbps", "link_gbps")}
    networks = {**document.value["networks"], main.name: {**kept, "switch": parts}}
    return replace(document, value={**document.value, "networks": networks})


def _collected(problems: list[Problem], document: Document, at: yamlfile.Keys, step: Any) -> Any:
    try:
        return step()
    except InputError as error:
        problems += placed(error, document, at).problems
        return None


def _wrong_parts(file: RequestFile, document: Document, catalog: Catalog) -> list[Problem]:
    problems: list[Problem] = []
    at: yamlfile.Keys
    for host in file.host:
        part = _collected(problems, document, (), partial(catalog.host, host, "host"))
        if part is not None and part.gpus == 0:
            with_gpus = ", ".join(i for i in catalog.ids("host") if catalog.host(i).gpus)
            problems.append(_problem(document, ("host",), "this host has no GPUs", host, with_gpus))
    known = catalog.ids("host")
    for i, other in enumerate(file.other_hosts):
        if other.host not in known:
            at, message = ("other_hosts", i, "host"), "no host with this id in the catalog"
            hint = nearest(other.host, known)
            problems.append(_problem(document, at, message, other.host, ", ".join(known), hint))
    if file.price_book:
        _collected(problems, document, ("price_book",), lambda: catalog.price_book(file.price_book or ""))
    for part_id in file.limits.parts:
        if part_id not in catalog.ids("switch"):
            known, hint = catalog.ids("switch"), nearest(part_id, catalog.ids("switch"))
            at = ("limits", "parts", part_id)
            message = "no switch with this id in the catalog"
            problems.append(_problem(document, at, message, part_id, ", ".join(known), hint))
    return problems


def _wrong_objectives(file: RequestFile, document: Document) -> list[Problem]:
    problems = []
    known = tuple(OBJECTIVES)
    for i, name in enumerate(file.objectives):
        at: yamlfile.Keys = ("objectives", i)
        if name not in known:
            problems.append(_problem(document, at, "unknown objective", name, ", ".join(known), nearest(name, known)))
        elif name in file.objectives[:i]:
            problems.append(_problem(document, at, "is given twice", name, "each once", "leave one of them out"))
    if LIFETIME in file.objectives and file.cost is None:
        at = ("objectives", file.objectives.index(LIFETIME))
        hint, money = "write cost: {years: 4, usd_per_kwh: 0.1, ...}", "cost_usd, or this with `cost`"
        problems.append(
            _problem(document, at, "needs the terms of a life beside prices: `cost`", LIFETIME, money, hint)
        )
    if file.stages:
        problems += _wrong_stages(file, document)
    else:
        hint, others = "write stages: [GPUs, GPUs, ...]", ", ".join(name for name in known if name != "moves")
        if "moves" in file.objectives:
            at = ("objectives", file.objectives.index("moves"))
            problems.append(_problem(document, at, "nothing moves without stages", "moves", others, hint))
        if file.move_usd is not None:
            at = ("move_usd",)
            problems.append(_problem(document, at, "nothing moves without stages", "", "only with stages", hint))
    return problems


def _wrong_stages(file: RequestFile, document: Document) -> list[Problem]:
    problems = []
    shown = ", ".join(f"{n:,}" for n in file.stages)
    if len(file.stages) < 2 or any(a >= b for a, b in pairwise(file.stages)):
        allowed = "two sizes or more, each larger than the one before"
        problems.append(_problem(document, ("stages",), "are no stages of growth", shown, allowed))
    elif file.gpus not in file.stages:
        problems.append(_problem(document, ("gpus",), "is none of the stages", f"{file.gpus:,}", shown))
    for i, name in enumerate(file.objectives):
        if name in OBJECTIVES and name not in STAGED:
            message, hint = "is no objective of a sequence of stages", "search a size by itself for it"
            problems.append(_problem(document, ("objectives", i), message, name, ", ".join(STAGED), hint))
    for key in ("power_w", "cost_usd"):
        if getattr(file.limits, key) is not None:
            message, hint = "belongs to one size, not to stages", "search a size by itself within it"
            allowed = "limits.parts and limits.racks"
            problems.append(_problem(document, ("limits", key), message, "", allowed, hint))
    return problems


def _wrong_networks(file: RequestFile, document: Document, network: str) -> list[Problem]:
    """Networks beside the searched one are part of every design alike."""
    problems = []
    for name, value in file.networks.items():
        if name == network:
            continue
        at: yamlfile.Keys = ("networks", name)
        if "family" not in value or value["family"] not in families.names():
            known = ", ".join(families.names())
            hint = f"only the {network} network is searched; the others are given in full"
            problems.append(
                _problem(document, (*at, "family"), "needs one family", str(value.get("family", "")), known, hint)
            )
            continue
        model = families.get(value["family"]).params
        _collected(problems, document, at, partial(yamlfile.validated, model, document, value, at))
    return problems


def _refuse_odd_sizes(request: Request) -> None:
    """Raises InputError where no host divides the number of GPUs."""
    hosts = [request.catalog.host(h) for h in request.file.host]
    key: yamlfile.Keys = ("gpus",) if not request.file.stages else ("stages",)
    for gpus in request.file.stages or (request.file.gpus,):
        if any(gpus % host.gpus == 0 for host in hosts):
            continue
        each = hosts[0].gpus
        low = gpus // each * each
        sizes = " or ".join(f"{size:,}" for size in (low, low + each) if size)
        message = f"the host has {amount(each, 'GPU')}; this is no whole number of hosts"
        raise InputError(_problem(request.document, key, message, f"{gpus:,}", sizes))


def _problem(
    document: Document, at: yamlfile.Keys, message: str, value: str = "", allowed: str = "", hint: str = ""
) -> Problem:
    return Problem(message, yamlfile.dotted(at), value, allowed, hint, document.path, document.line(at))


__all__ = ["FLOOR", "Limits", "Request", "RequestFile", "axis_name", "parse_request", "read_request", "request_of"]
