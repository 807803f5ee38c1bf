"""What is wrong in the catalog folders: every problem of every file at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from topo import yamlfile
from topo.catalog.forms import Forms
from topo.catalog.loader import Catalog
from topo.catalog.models import KINDS, Host, Part, PriceBook, Rack, Switch
from topo.catalog.ports import host_ports, misnamed, switch_ports
from topo.errors import InputError, Problem, nearest, shown
from topo.units import amount
from topo.yamlfile import Document, Keys

UNITS = ("_gbps", "_m", "_mm", "_w", "_usd", "_ns", "_us", "_kg", "_kg_per_m", "_ns_per_m", "_usd_per_port", "_bytes")
"""What the key of a measured number ends in (or is, without the underscore)."""


@dataclass(frozen=True)
class _File:
    """One file of a catalog; `part` is None where it could not be read as one."""

    kind: str
    path: Path
    document: Document
    part: Part | None


def lint(catalog: Catalog) -> list[Problem]:
    """Every problem of the catalog's folders, by file and line: files that are no parts, missing sources, numbers
    without a unit in their key, ids that are given twice or are not the file's name, references to nothing, and port
    counts that the cages cannot give. Empty where all is right; raises nothing."""
    problems: list[Problem] = []
    files: list[_File] = []
    try:
        forms = catalog.forms
    except InputError as error:
        return list(error.problems)
    for folder in catalog.folders:
        problems += _strays(folder)
        result = [
            _read(kind, path, problems, forms) for kind in KINDS for path in sorted((folder / kind).glob("*.yaml"))
        ]
        own = [file for file in result if file is not None]
        problems += _ids(own)
        files += own
    known = {kind: set(catalog.ids(kind)) for kind in KINDS}
    for file in files:
        if file.part is not None:
            problems += _doubts(file)
            problems += _references(file, file.part, known)
            problems += _ports(file, file.part, catalog)
    return sorted(set(problems), key=lambda p: (p.file, p.line, p.key, p.message))


def _strays(folder: Path) -> Iterator[Problem]:
    """Files and folders that hold no parts that a catalog would find."""
    for path in sorted(folder.glob("*")):
        if path.is_dir() and path.name not in KINDS and any(path.glob("*.yaml")):
            hint = nearest(path.name, tuple(KINDS))
            yield Problem("is no kind of part", value=path.name, allowed=", ".join(KINDS), hint=hint, file=str(path))
        if path.is_dir() and path.name in KINDS:
            for stray in sorted(path.glob("*.yml")):
                yield Problem(
                    "is not read: a part's file ends in .yaml", hint=f"rename it {stray.stem}.yaml", file=str(stray)
                )


def _read(kind: str, path: Path, problems: list[Problem], forms: Forms) -> _File | None:
    try:
        document = yamlfile.read(path)
    except InputError as error:
        problems += error.problems
        return None
    bare = {yamlfile.dotted(keys): keys for keys in _without_unit(document)}
    problems += [
        Problem(
            "a number whose key has no unit",
            key,
            allowed=f"an ending such as {', '.join(UNITS[:5])}",
            hint=nearest(str(keys[-1]), sorted(KINDS[kind].model_fields)),
            file=str(path),
            line=document.line(keys),
        )
        for key, keys in bare.items()
    ]
    part = None
    try:
        part = yamlfile.validated(KINDS[kind], document, forms=forms)
    except InputError as error:
        problems += [p for p in error.problems if not (p.message == "unknown key" and p.key in bare)]
    return _File(kind, path, document, part)


_COUNTS = {
    "links", "lanes", "ports", "cages", "count", "gpus", "rack_units", "connectors", "ports_per_cage", "nics_per_cage",
    "positions", "fibres", "electric_rack_switches", "rack_switches", "hosts_per_domain", "trees", "planes",
    "cages_each", "usd_per_unit", "hosts", "each", "line_cards", "trunk_legs", "id", "title", "remark", "document",
}  # fmt: skip
"""Keys of counts, rates and text, which need no unit."""


def _without_unit(document: Document) -> list[Keys]:
    """The keys of numbers that are no counts and end in no unit. Prices by part id are in US dollars by their table."""

    def search(value: object, keys: Keys) -> Iterator[Keys]:
        if isinstance(value, dict):
            for key, inner in value.items():
                yield from search(inner, (*keys, key))
        elif isinstance(value, list):
            for i, inner in enumerate(value):
                yield from search(inner, (*keys, i))
        elif isinstance(value, int | float) and not isinstance(value, bool):
            words = [str(key) for key in keys if isinstance(key, str)]
            if not any(word in _COUNTS or f"_{word}".endswith(UNITS) or "gbps_per" in word for word in words):
                yield keys

    return list(search(document.value, ()))


def _ids(files: list[_File]) -> Iterator[Problem]:
    """Ids that are not their file's name, and ids that one folder gives to two parts, of whatever kind."""
    first: dict[str, _File] = {}
    for file in files:
        given = file.document.value.get("id")
        if not isinstance(given, str):
            continue
        line = file.document.line(("id",))
        if given != file.path.stem:
            yield Problem(
                "the id is not the file's name", "id", shown(given), file.path.stem, file=str(file.path), line=line
            )
        if given in first:
            other = first[given].path
            hint = f"{other.parent.name}/{other.name} has it too"
            yield Problem("this id is given twice", "id", shown(given), hint=hint, file=str(file.path), line=line)
        first.setdefault(given, file)


def _doubts(file: _File) -> Iterator[Problem]:
    """Doubtful fields that the part does not have."""
    given = [str(key) for key in file.document.value]
    for i, name in enumerate(file.part.source.doubtful if file.part else ()):
        if name not in given:
            keys: Keys = ("source", "doubtful", i)
            yield _at(file, keys, "names a field that this part does not give", name, ", ".join(given))


def _references(file: _File, part: Part, known: dict[str, set[str]]) -> Iterator[Problem]:
    """Ids of parts that no file has."""
    if isinstance(part, Host):
        for i, nics in enumerate(part.nics):
            if nics.nic not in known["nic"]:
                yield _unknown(file, ("nics", i, "nic"), "no nic with this id in the catalog", nics.nic, known["nic"])
    if isinstance(part, Rack):
        for i, content in enumerate(part.contents):
            if content.holds and content.holds not in known["switch"]:
                at: Keys = ("contents", i, "holds")
                yield _unknown(file, at, "no switch with this id in the catalog", content.holds, known["switch"])
    if isinstance(part, PriceBook):
        keys: Keys
        every = set().union(*(ids for kind, ids in known.items() if kind != "price-book"))
        for i, part_id in enumerate(part.fitted_to.switches if part.fitted_to else ()):
            if part_id not in known["switch"]:
                keys = ("fitted_to", "switches", i)
                yield _unknown(file, keys, "was fitted to a switch that no catalog has", part_id, known["switch"])
        for part_id in part.parts_usd:
            if part_id not in every:
                keys = ("parts_usd", part_id)
                yield _unknown(file, keys, "prices a part that no catalog has", part_id, every)


def _ports(file: _File, part: Part, catalog: Catalog) -> Iterator[Problem]:
    """Ports that share a name, and NICs that do not fit the cage they share."""
    if isinstance(part, Switch):
        for breakout in part.breakouts:
            runs = [(g.cages, breakout if breakout in g.breakouts else g.breakouts[0]) for g in part.groups]
            twice = _repeated([port.name for port in switch_ports(part, runs)])
            if twice:
                message = f"gives two ports of a {breakout.ports} x {breakout.gbps:,g} Gb/s breakout the same name"
                yield _at(file, ("port_name",), message, twice, "a pattern with {cage} and {sub}, or {number}")
    if isinstance(part, Host):
        try:
            ports = host_ports(part, catalog.nic)
        except InputError:
            return
        twice = _repeated([port.name for port in ports])
        if twice:
            yield _at(file, ("nics",), "gives two ports of the host the same name", twice)
        system, name, wrong = misnamed(part, ports)
        if wrong:
            yield _at(file, ("port_names", system), wrong, name)
        for i, nics in enumerate(part.nics):
            nic = catalog.nic(nics.nic)
            lanes, room = nics.nics_per_cage * nic.lanes, catalog.forms.lanes(nic.cage)
            if nics.nics_per_cage > 1 and (nic.ports > 1 or lanes > room):
                message = (
                    f"{amount(nics.nics_per_cage, 'NIC')} of {nic.ports} x {amount(nic.lanes, 'lane')} do "
                    f"not share a cage of {room}"
                )
                yield _at(file, ("nics", i, "nics_per_cage"), message, str(nics.nics_per_cage))


def _repeated(names: list[str]) -> str:
    """The first name that a list holds twice, or an empty string."""
    return next((name for name, times in Counter(names).items() if times > 1), "")


def _at(file: _File, keys: Keys, message: str, value: str, allowed: str = "", hint: str = "") -> Problem:
    line = file.document.line(keys)
    return Problem(message, yamlfile.dotted(keys), shown(value), allowed, hint, str(file.path), line)


def _unknown(file: _File, keys: Keys, message: str, value: str, known: set[str]) -> Problem:
    ids = sorted(known)
    return _at(file, keys, message, value, ", ".join(ids) if len(ids) <= 20 else "", nearest(value, ids))
